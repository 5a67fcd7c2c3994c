"""Raise an advisor or lower it, as an owner says: what is unmet is listed, and nothing exceeds the settings."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from bot.desk.enter import write
from bot.desk.ladder import ORDER, evidence_of, standing_of, stands_on, step
from bot.desk.layers import lowest
from bot.desk.mandate import active, end_mandates, usage_of
from bot.desk.seat import Seat
from bot.domain.events_proposals import MandateChanged
from bot.domain.ids import PersonId, Symbol
from bot.domain.intent import Direction
from bot.domain.mandate import ALONE, BOTH, Mandate, Rung
from bot.domain.numbers import plain
from bot.domain.proposal import Origin
from bot.domain.refusal import Refusal, refuse
from bot.domain.trading import Environment
from bot.ports.assessor import Assessor
from bot.ports.ledger import Tx

FIRST_HOURS = 24
OVERRIDE_SHARE = Decimal("0.25")
# The bounds that are money; where evidence is skipped with real money a quarter of them is left.
AMOUNTS = ("notional_per_trade", "notional_per_day", "risk_per_trade", "risk_budget", "loss_per_day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The most that a grant may give, of the settings or asked for: quote units, trades a day, hours.

    `risk_per_trade` is what one trade may lose at its stop, `risk_budget` what all of them may put at risk until the
    end, `loss_per_day` what they may lose in a UTC day before it has to ask again.
    """

    notional_per_trade: Decimal
    notional_per_day: Decimal
    trades_per_day: int
    hours: int
    risk_per_trade: Decimal
    risk_budget: Decimal
    loss_per_day: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What is asked for: an advisor on a rung; bounds count from SEMI on. `override` is the reason to skip evidence."""

    origin: Origin
    first: Rung
    rung: Rung
    symbols: tuple[Symbol, ...]
    bounds: Bounds
    directions: frozenset[Direction] = BOTH
    cool_down_s: int = 0
    override: str | None = None


class Ranked(Protocol):
    """Whoever stands on the ladder: who it is, where it stood before anybody said so, and what it looks at."""

    @property
    def origin(self) -> Origin:
        """Name it as who raises proposals."""
        ...

    @property
    def rung(self) -> Rung:
        """Give its first rung."""
        ...

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """List what it looks at."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody on the ladder whom the desk never asks."""

    origin: Origin
    rung: Rung
    symbols: tuple[Symbol, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What a grant would come to: the rung now, what is unmet, and the bounds after every layer."""

    was: Rung
    unmet: tuple[str, ...]
    bounds: Bounds


def shrunk(asked: Bounds, most: Bounds, *, first_time: bool, overridden_live: bool) -> Bounds:
    """Give the effective bounds: of what is asked, of the settings, and of what the ladder allows, the least.

    A first mandate lasts a day at most; one that skips evidence with real money a day, and a quarter of the amounts.
    """
    share = OVERRIDE_SHARE if overridden_live else Decimal(1)
    day = first_time or overridden_live
    amounts = {name: min(getattr(asked, name), getattr(most, name) * share) for name in AMOUNTS}
    return Bounds(
        **amounts,
        trades_per_day=min(asked.trades_per_day, most.trades_per_day),
        hours=min(asked.hours, most.hours, *((FIRST_HOURS,) if day else ())),
    )


def weigh(tx: Tx, seat: Seat, assessor: Assessor, wanted: Grant, most: Bounds) -> Weighed:
    """Say what a grant would come to now."""
    about = standing_of(tx, seat, wanted.origin, wanted.first)
    name = wanted.origin.name
    unmet = assessor.unmet(wanted.rung, about, evidence_of(tx, name), tx.lab_record.outcomes(name))
    before = any(one.advisor == name and one.rung in ALONE for one in tx.desk.mandates())
    live = seat.environment is Environment.LIVE and wanted.override is not None and bool(unmet)
    bounds = shrunk(wanted.bounds, most, first_time=not before, overridden_live=live)
    return Weighed(was=about.rung, unmet=unmet, bounds=bounds)


async def grant(
    seat: Seat, assessor: Assessor, wanted: Grant, most: Bounds, by: PersonId, actor: str
) -> Weighed | Refusal:
    """Put an advisor onto a rung; a Refusal that lists every unmet condition unless they are overridden with a reason.

    Falling needs no reason and no evidence. Whether the person may do it is the chat's question, asked before.
    """

    def work(tx: Tx) -> Weighed | Refusal:
        now, name = seat.clock.now(), wanted.origin.name
        found = weigh(tx, seat, assessor, wanted, most)
        if found.unmet and wanted.override is None:
            return unmet_refusal(wanted.rung, found.unmet)
        why = f"overridden: {wanted.override}" if found.unmet else "granted"
        active(tx, now)
        if wanted.rung in ALONE:
            end_mandates(tx, name, by, "a newer one takes its place", now, actor)
        if stands_on(tx, name, wanted.first) is not wanted.rung:
            step(tx, name, wanted.first, wanted.rung, by, why, now)
        if wanted.rung in ALONE:
            made = tx.desk.save_mandate(None, _mandate(seat, wanted, found.bounds, by, now))
            write(tx, MandateChanged(was=None, now=made, by=by, why=why), now, actor)
        return found

    return await seat.ledger.transact(work)


def _mandate(seat: Seat, wanted: Grant, bounds: Bounds, by: PersonId, now: datetime) -> Mandate:
    return Mandate(
        id=f"L-{seat.ids.new_token(8)}", account=seat.account, advisor=wanted.origin.name, rung=wanted.rung,
        symbols=frozenset(wanted.symbols), notional_per_trade=bounds.notional_per_trade,
        notional_per_day=bounds.notional_per_day, trades_per_day=bounds.trades_per_day,
        risk_per_trade=bounds.risk_per_trade, risk_budget=bounds.risk_budget, loss_per_day=bounds.loss_per_day,
        directions=wanted.directions, minimum_confidence=Decimal(0), cool_down_s=wanted.cool_down_s, granted_by=by,
        granted_at=now,
        expires_at=now + timedelta(hours=bounds.hours),
    )


def unmet_refusal(rung: Rung, unmet: Sequence[str]) -> Refusal:
    """Say no with every condition that is not met."""
    reasons = [refuse("rung_unmet", one, "", value="not met", limit=rung.value).reasons[0] for one in unmet]
    return Refusal(reasons=tuple(reasons))


async def lower(seat: Seat, origin: Origin, first: Rung, to: Rung, by: PersonId, why: str) -> Rung:
    """Put an advisor lower, at once; gives where it stood. One that stands as low already stays."""

    def work(tx: Tx) -> Rung:
        was = stands_on(tx, origin.name, first)
        if ORDER.index(to) < ORDER.index(was):
            step(tx, origin.name, first, to, by, why, seat.clock.now())
        return was

    return await seat.ledger.transact(work)


def renewed(mandate: Mandate, most: Bounds) -> Bounds:
    """Give the bounds of a mandate that is to be renewed, below the settings as they are now."""
    hours = int((mandate.expires_at - mandate.granted_at) / timedelta(hours=1))
    amounts = {name: lowest(getattr(mandate, name), getattr(most, name)) for name in AMOUNTS}
    return Bounds(
        **{name: amount or getattr(most, name) for name, amount in amounts.items()},
        trades_per_day=min(mandate.trades_per_day, most.trades_per_day), hours=max(1, min(hours, most.hours)),
    )


def since_last(tx: Tx, mandate: Mandate) -> str:
    """Say for its renewal what an advisor did under a mandate: its trades, what they and all its ideas brought."""
    ended = [outcome for idea, outcome in tx.lab_record.outcomes(mandate.advisor, mandate.granted_at) if outcome.filled]
    traded = [one.executed_r for one in ended if one.executed_r is not None]
    used = usage_of(tx, mandate, mandate.granted_at)
    most = mandate.risk_budget
    risk = "" if most is None else f", {plain(round(used.risk, 2))} of {plain(most)} risked"
    mean = sum((one.net_r for one in ended), Decimal(0)) / len(ended) if ended else Decimal(0)
    return (f"Since {mandate.granted_at:%d %b %H:%M}: {len(traded)} trades over, "
            f"{sum(traded, Decimal(0)):+.2f}R{risk}; {len(ended)} ideas ended, {mean:+.2f}R each")


def spoken(bounds: Bounds) -> str:
    """Say bounds in words."""
    return (f"{plain(bounds.notional_per_trade)} a trade, {plain(bounds.notional_per_day)} and "
            f"{bounds.trades_per_day} trades a day, for {bounds.hours} h; at risk {plain(bounds.risk_per_trade)} a "
            f"trade, {plain(bounds.risk_budget)} in all, and after {plain(bounds.loss_per_day)} lost in a day it asks")
