"""Let a model act alone, as far as people wrote down and for as long as they said."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

from bot.domain.ids import AccountId, PersonId, Symbol
from bot.domain.intent import Direction, Effect
from bot.domain.numbers import ZERO, plain
from bot.domain.refusal import Reason


class Rung(Enum):
    """How far an advisor reaches (advisor section 11)."""

    OFF = "OFF"
    SHADOW = "SHADOW"
    PROPOSE = "PROPOSE"
    SEMI = "SEMI"
    AUTO = "AUTO"


BOTH = frozenset(Direction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """The written permission under which a model's yes counts; notionals, risks and losses in quote units.

    A risk is what is lost at the stop, fees included. `risk_budget` is for the whole life of the mandate and never
    comes back; `loss_per_day` is what its own trades may lose in a UTC day. None of these three are only mandates from
    before there were such bounds. SEMI and AUTO cannot be constructed without symbols, directions, notionals, a number
    of trades, a granting person and an end within 72 hours (advisor section 11): ValueError.
    """

    id: str
    account: AccountId
    advisor: str
    rung: Rung
    symbols: frozenset[Symbol]
    notional_per_trade: Decimal
    notional_per_day: Decimal
    trades_per_day: int
    minimum_confidence: Decimal
    cool_down_s: int
    granted_by: PersonId | None
    granted_at: datetime
    expires_at: datetime
    risk_per_trade: Decimal | None = None
    risk_budget: Decimal | None = None
    loss_per_day: Decimal | None = None
    directions: frozenset[Direction] = BOTH
    revoked_at: datetime | None = None
    version: int = 0

    def __post_init__(self) -> None:
        """Refuse autonomy without bounds."""
        if self.rung not in ALONE:
            return
        risks = [one for one in (self.risk_per_trade, self.risk_budget, self.loss_per_day) if one is not None]
        least = min(self.notional_per_trade, self.notional_per_day, Decimal(self.trades_per_day), *risks)
        if not self.symbols or not self.directions or least <= ZERO or self.granted_by is None:
            raise ValueError(f"{self.rung.value} needs symbols, directions, every bound and who granted it.")
        if not timedelta(0) < self.expires_at - self.granted_at <= LONGEST_MANDATE:
            raise ValueError(f"{self.rung.value} ends within {LONGEST_MANDATE} of its granting.")

    def live(self, now: datetime) -> bool:
        """Tell whether the mandate is neither revoked nor over."""
        return self.revoked_at is None and self.granted_at <= now < self.expires_at


ALONE = frozenset({Rung.SEMI, Rung.AUTO})
LONGEST_MANDATE = timedelta(hours=72)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was done under a mandate, read in the transaction that spends it; notional and risk in quote units.

    Trades and notional are today's, `risk` is that of its whole life. `refused` tells that an idea went beyond what
    is left.
    """

    trades: int = 0
    notional: Decimal = ZERO
    risk: Decimal = ZERO
    last_trade_at: datetime | None = None
    last_loss_at: datetime | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """What the mandate judges of a proposal: notional and risk in quote units, confidence 0 to 1.

    Without a stop the risk is the whole notional.
    """

    symbol: Symbol
    direction: Direction
    effect: Effect
    notional: Decimal
    risk: Decimal
    confidence: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permits:
    """The model's yes counts: decide with manner MANDATE."""

    mandate_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsHuman:
    """A card goes to people."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbids:
    """Nothing goes out; the idea is recorded and scored."""

    reasons: tuple[Reason, ...]


Ruling = Permits | NeedsHuman | Forbids


def used_up(mandate: Mandate, usage: Usage) -> bool:
    """Tell whether nothing is left of a mandate: its day's trades are done, or an idea went beyond day or budget."""
    return (usage.refused or usage.trades >= mandate.trades_per_day or usage.notional >= mandate.notional_per_day
            or (mandate.risk_budget is not None and usage.risk >= mandate.risk_budget))


def rule(mandate: Mandate, idea: Idea, usage: Usage, now: datetime) -> Ruling:
    """Judge an idea by the mandate: permitted alone, for people, or not at all (architecture 9(c), advisor 11).

    OFF and SHADOW forbid. PROPOSE, and an autonomous rung that is over or revoked, ask people. Reducing needs no
    bounds on autonomous rungs. Beyond a bound SEMI asks people, AUTO forbids; a symbol outside is forbidden to both.
    """
    if mandate.rung in (Rung.OFF, Rung.SHADOW):
        word = f"{mandate.advisor} is {mandate.rung.value}."
        return Forbids(reasons=(_reason("rung", mandate.rung.value, Rung.PROPOSE.value, word),))
    if mandate.rung is Rung.PROPOSE:
        word = "It proposes, people decide."
        return NeedsHuman(reasons=(_reason("rung", mandate.rung.value, Rung.SEMI.value, word),))
    if not mandate.live(now):
        ended = mandate.revoked_at or mandate.expires_at
        word = f"Its mandate ended {ended.isoformat()}."
        return NeedsHuman(reasons=(_reason("mandate_over", now.isoformat(), ended.isoformat(), word),))
    if idea.effect is Effect.CLOSE:
        return Permits(mandate_id=mandate.id)
    if idea.symbol not in mandate.symbols:
        allowed = ", ".join(sorted(mandate.symbols))
        word = f"{idea.symbol} is not in its mandate ({allowed})."
        return Forbids(reasons=(_reason("mandate_symbol", idea.symbol, allowed, word),))
    if idea.direction not in mandate.directions:
        only, word = idea.direction.other.value, f"{idea.direction.value} is not in its mandate."
        return Forbids(reasons=(_reason("mandate_direction", idea.direction.value, only, word),))
    reasons = _beyond(mandate, idea, usage, now)
    if not reasons:
        return Permits(mandate_id=mandate.id)
    return Forbids(reasons=reasons) if mandate.rung is Rung.AUTO else NeedsHuman(reasons=reasons)


def _beyond(mandate: Mandate, idea: Idea, usage: Usage, now: datetime) -> tuple[Reason, ...]:
    found: list[Reason] = []

    def bound(code: str, value: Decimal, limit: Decimal | None, what: str) -> None:
        if limit is not None and value > limit:
            found.append(_reason(code, plain(value), plain(limit), f"{what} {plain(value)}, above {plain(limit)}."))

    bound("mandate_trade", idea.notional, mandate.notional_per_trade, "The trade is worth")
    bound("mandate_day", usage.notional + idea.notional, mandate.notional_per_day, "Today's trades would be worth")
    bound("mandate_risk", idea.risk, mandate.risk_per_trade, "At its stop it would lose")
    bound("mandate_budget", usage.risk + idea.risk, mandate.risk_budget, "Its trades would have put at risk")
    bound("mandate_trades", Decimal(usage.trades + 1), Decimal(mandate.trades_per_day), "It would be today's trade")
    if mandate.minimum_confidence > ZERO and (idea.confidence or ZERO) < mandate.minimum_confidence:
        said, least = "none" if idea.confidence is None else plain(idea.confidence), plain(mandate.minimum_confidence)
        found.append(_reason("mandate_confidence", said, least, f"Its confidence is {said}, below {least}."))
    latest = max((at for at in (usage.last_trade_at, usage.last_loss_at) if at is not None), default=None)
    rest = timedelta(seconds=mandate.cool_down_s)
    if latest is not None and now - latest < rest:
        waited = (now - latest) // timedelta(seconds=1)
        word = f"Its last trade or loss was {waited} s ago; it rests {mandate.cool_down_s} s."
        found.append(_reason("mandate_cool_down", f"{waited} s", f"{mandate.cool_down_s} s", word))
    return tuple(found)


def _reason(code: str, value: str, limit: str, sentence: str) -> Reason:
    remedy = "An owner can change it with /auto."
    return Reason(code=code, value=value, limit=limit, remedy=remedy, sentence=sentence)
