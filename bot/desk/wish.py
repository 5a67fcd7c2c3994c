"""Say what is wanted, as typed, tapped or proposed: symbols and sizes still in people's words where they may be."""
from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from bot.domain.ids import ClientOrderId, Symbol
from bot.domain.intent import Direction, MarginMode, OrderKind, TimeInForce, TriggerBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A price as people write it: absolute, or a distance from the entry in percent; exactly one is set."""

    price: Decimal | None = None
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetWish:
    """One target and the share of the position it takes, in percent."""

    level: Level
    share: Decimal = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWish:
    """Open or add to a position.

    `amount` is the size as written (`0.05`, `$500`, `2%`, `r0.5%`). No `price` means market. `no_stop` carries the
    reason of a person who waives the stop; without it and without `stop` the default stop is attached.
    """

    symbol: str
    direction: Direction
    amount: str
    kind: OrderKind = OrderKind.MARKET
    price: Decimal | None = None
    trigger: Decimal | None = None
    callback: Decimal | None = None
    trigger_by: TriggerBy = TriggerBy.MARK
    time_in_force: TimeInForce = TimeInForce.GTC
    stop: Level | None = None
    targets: tuple[TargetWish, ...] = ()
    leverage: Decimal | None = None
    margin_mode: MarginMode | None = None
    no_stop: str | None = None


class Which(Enum):
    """Which positions a close means."""

    ONE = "ONE"
    ALL = "ALL"
    LONGS = "LONGS"
    SHORTS = "SHORTS"
    WINNERS = "WINNERS"
    LOSERS = "LOSERS"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseWish:
    """Reduce or close: a `share` in percent or an `amount`; at market unless a `price` is given."""

    which: Which
    symbol: str | None = None
    direction: Direction | None = None
    share: Decimal = Decimal(100)
    amount: str | None = None
    price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseWish:
    """Close a position and open the same size the other way."""

    symbol: str
    direction: Direction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelWish:
    """Cancel one order, all of a symbol, or all; guards are only touched when named."""

    order: ClientOrderId | None = None
    symbol: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendWish:
    """Change price or size of a waiting order; None keeps what it has."""

    order: ClientOrderId
    price: Decimal | None = None
    size: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectWish:
    """Move or set the guards of a position.

    `break_even` puts the stop to the entry including fees; `trail` follows at that many percent; `off` with a reason
    waives the stop; `targets` replaces all targets, an empty tuple removes them, None leaves them.
    """

    symbol: str
    direction: Direction | None = None
    stop: Level | None = None
    break_even: bool = False
    trail: Decimal | None = None
    activation: Decimal | None = None
    targets: tuple[TargetWish, ...] | None = None
    off: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverageWish:
    """Set the leverage of a symbol; of one direction where the account keeps two."""

    symbol: str
    leverage: Decimal
    direction: Direction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginModeWish:
    """Set the margin mode of a symbol."""

    symbol: str
    mode: MarginMode


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderWish:
    """Spread an opening over `steps` limit orders between two prices."""

    symbol: str
    direction: Direction
    amount: str
    first: Decimal
    last: Decimal
    steps: int
    stop: Level | None = None
    leverage: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TwapWish:
    """Spread an opening over `minutes` in `slices` equal market orders."""

    symbol: str
    direction: Direction
    amount: str
    minutes: int
    slices: int
    stop: Level | None = None
    leverage: Decimal | None = None


Wish = (
    OpenWish
    | CloseWish
    | ReverseWish
    | CancelWish
    | AmendWish
    | ProtectWish
    | LeverageWish
    | MarginModeWish
    | LadderWish
    | TwapWish
)


# How charts and libraries mark a perpetual contract: BTCUSDT.P, BTC-PERP, BTC/USDT:USDT, BITGET:BTCUSDT.
MARKS = re.compile(r"^BITGET:|\.P$|[-_.]PERP$|[-_]SWAP$|:(?:USDT|USDC|USD)$")


def symbol_words(text: str) -> Symbol:
    """Write a symbol as the venue does: upper case, without slash, dash or blank, and without marks of other tools."""
    bare = MARKS.sub("", text.strip().upper())
    return Symbol("".join(letter for letter in bare if letter.isalnum()))
