"""Turn pushed positions, wallets and deleveraging notices into reports."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from bot.adapters.bitget.classic.stream_events import Pushed
from bot.adapters.bitget.classic.topic import ALL
from bot.adapters.bitget.classic.wire_push import AccountRow, DeleveragedRow, PositionRow
from bot.adapters.bitget.classic.wire_value import (
    Notes,
    Unreadable,
    figures,
    need_number,
    need_text,
    shown,
    text,
)
from bot.adapters.bitget.classic.words import HELD, SIDES, above_zero, lower, margin_mode, told
from bot.adapters.bitget.mint import mint
from bot.domain.account import Account
from bot.domain.ids import Symbol
from bot.domain.intent import Direction, MarginMode
from bot.domain.numbers import ZERO
from bot.domain.reports import AccountReport, Deleveraged, PositionReport, PositionsReport

OPEN_POSITION = mint(PositionReport)
OPEN_POSITIONS = mint(PositionsReport)
MOVING = figures("markPrice", "liquidationPrice", "marginSize", "unrealizedPL", "marginRate")
STANDING = attrgetter(
    "instId", "holdSide", "marginMode", "leverage", "marginCoin", "total", "available", "frozen", "openPriceAvg",
    "achievedProfits", "totalFee",
)  # fmt: skip
STANDING_REMEMBERED = 1_024
SIDE_WORDS = HELD | SIDES


class Standing(NamedTuple):
    """What names a position and what only executions and funding change; `notes` holds what was odd about it."""

    symbol: Symbol
    direction: Direction
    margin_mode: MarginMode
    leverage: Decimal
    margin_coin: str
    size: Decimal
    available: Decimal
    entry: Decimal
    realised: Decimal | None
    funding: Decimal | None
    notes: Notes


def _net(side: object, total: Decimal) -> Direction:
    if lower(side) == "net":
        return Direction.LONG if total > ZERO else Direction.SHORT
    raise Unreadable(f"holdSide: expected long or short, found {shown(side)}")


def _standing(
    symbol: object, side: object, mode: object, leverage: object, coin: object, total: object, available: object,
    frozen: object, entry: object, realised: object, funding: object,
) -> Standing | None:  # fmt: skip
    notes, held = Notes(), need_number("total", total)
    if not held:
        return None
    free = notes.number("available", available)
    if free is None:
        free = max(ZERO, abs(held) - (notes.number("frozen", frozen) or ZERO))
    return Standing(
        symbol=Symbol(need_text("instId", symbol)),
        direction=told(SIDE_WORDS, side) or _net(side, held),
        margin_mode=margin_mode(mode, notes),
        leverage=need_number("leverage", leverage),
        margin_coin=text(coin) or "",
        size=abs(held),
        available=abs(free),
        entry=need_number("openPriceAvg", entry),
        realised=notes.number("achievedProfits", realised),
        # `totalFee` is funding here, `deductedFee` the trading fee (README section 7, fact 8).
        funding=notes.number("totalFee", funding),
        notes=notes,
    )


# A position is pushed with every move of its mark, and most of what it says is what it said before.
_remembered_standing = lru_cache(maxsize=STANDING_REMEMBERED, typed=True)(_standing)


def _standing_of(row: PositionRow) -> Standing | None:
    raws = STANDING(row)
    try:
        return _remembered_standing(*raws)
    except TypeError:
        # A list or an object cannot be remembered, and is no value.
        return _standing(*raws)


def position(row: PositionRow, sent_at: datetime, notes: Notes) -> PositionReport | None:
    """Read one `positions` row; None for a size of zero, which is flat.

    Raises Unreadable where symbol, side, size, entry or leverage is off.
    """
    standing = _standing_of(row)
    if standing is None:
        return None
    held: Any = OPEN_POSITION()
    (
        held.symbol, held.direction, held.margin_mode, held.leverage, held.margin_coin, held.size, held.available,
        held.entry, held.realised, held.funding, odd,
    ) = standing  # fmt: skip
    if odd.odd:
        notes.odd += odd.odd
    held.mark, liquidation, held.margin, held.unrealised, held.margin_ratio = MOVING(row, notes)
    # Zero and below mean that there is no such price (semantics section 12).
    held.liquidation = above_zero(liquidation)
    held.as_of = notes.recurring_moment("uTime", row.uTime) or sent_at
    held.__class__ = PositionReport
    finished: PositionReport = held
    return finished


def positions(rows: Iterable[PositionRow], pushed: Pushed, notes: Notes) -> PositionsReport:
    """Read a whole `positions` push of one product line: what it does not list is flat (FF-30, FF-31).

    Raises Unreadable when any row is, because a list with a hole would tell that a position had been closed.
    """
    sent_at = pushed.sent_at
    read = [position(row, sent_at, notes) for row in rows]
    held = tuple(row for row in read if row is not None)
    report: Any = OPEN_POSITIONS()
    report.line, report.positions, report.as_of = pushed.topic.line, held, sent_at
    report.__class__ = PositionsReport
    finished: PositionsReport = report
    return finished


def account(row: AccountRow, pushed: Pushed, notes: Notes) -> AccountReport:
    """Read one `account` row; raises Unreadable where coin, equity or available balance is off."""
    return AccountReport(
        account=Account(
            line=pushed.topic.line,
            margin_coin=need_text("marginCoin", row.marginCoin),
            equity=need_number("equity", row.equity),
            available=need_number("available", row.available),
            in_use=notes.number("frozen", row.frozen) or ZERO,
            unrealised=notes.number("unrealizedPL", row.unrealizedPL) or ZERO,
            margin_ratio=notes.number("crossedRiskRate", row.crossedRiskRate),
            as_of=pushed.sent_at,
        )
    )


def deleveraged(row: DeleveragedRow, pushed: Pushed, notes: Notes) -> Deleveraged:
    """Read one `adl-noti` row; raises Unreadable where symbol, price or amount is off.

    The direction stays untold: no source says whether `side` is the position or the trade; positions follow at once.
    """
    symbol = text(row.symbol) or (pushed.topic.symbol if pushed.topic.symbol != ALL else None)
    return Deleveraged(
        symbol=Symbol(need_text("symbol", symbol)),
        direction=None,
        price=need_number("price", row.price),
        size=need_number("amount", row.amount),
        at=notes.moment("ts", row.ts) or pushed.sent_at,
    )
