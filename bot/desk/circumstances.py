"""Read from the books what the desk knows of an advisor's standing (advisor section 11, falling)."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from bot.desk.brought import day_result
from bot.desk.control import trading_now
from bot.desk.mandate import lent_mandate, nobody_for, usage_of
from bot.desk.score import GROUP
from bot.desk.seat import Seat
from bot.domain.events_holdings import DriftFound
from bot.domain.ids import Symbol
from bot.domain.mandate import ALONE, Mandate, Rung, used_up
from bot.domain.numbers import ZERO
from bot.domain.order import Order, OrderState
from bot.domain.proposal import Origin
from bot.domain.protection import ProtectionState
from bot.domain.record import milliseconds, moment_of
from bot.domain.trading import Readiness, TradingState
from bot.ports.advisor import OUTSIDE
from bot.ports.assessor import Circumstances
from bot.ports.lab_rows import RungRow, VersionRow
from bot.ports.ledger import Tx

AUTO = "auto"
SILENT_FOR = timedelta(hours=24)
# A model of ours that is older has to be trained anew.
MODEL_LIFE = timedelta(days=45)
LOOK_BACK = timedelta(days=2)
DRIFT_LINES = 50
LOOKS = 50
# Named values that somebody else found out: the lab a skew, the model's own line that it is silent or has changed.
SKEWED, SILENT, CHANGED = "skew", "silent", "changed"
NO_MARKS: Mapping[Symbol, Decimal] = {}


def stored_rung(tx: Tx, advisor: str, first: Rung, order: Sequence[Rung]) -> Rung:
    """Give the rung that is stored for an advisor; where none ever was `first`, which lets nobody act alone."""
    row = tx.lab_record.rung(advisor, GROUP)
    return row.rung if row is not None else min(first, Rung.PROPOSE, key=order.index)


def circumstances(
    tx: Tx, seat: Seat, origin: Origin, rung: Rung, marks: Mapping[Symbol, Decimal] = NO_MARKS
) -> Circumstances:
    """Read what the desk knows of an advisor that stands on a rung; `marks` value what is still open of its trades."""
    now, alone = seat.clock.now(), rung in ALONE
    history = [one for one in tx.lab_record.rungs(origin.name) if one.group == GROUP]
    since = history[-1].at if history else None
    fell = next((one.at for one in reversed(history) if one.by == AUTO), None)
    version, mandate = tx.lab_models.version(origin.name), lent_mandate(tx, origin.name, now) if alone else None
    orders = _orders(tx, origin, max(now - LOOK_BACK, since or now - LOOK_BACK)) if alone else []
    return Circumstances(
        rung=rung, since=since, fell_at=fell, version=version,
        lease_over=alone and (mandate is None or used_up(mandate, usage_of(tx, mandate, now))),
        nobody_active_24h=alone and nobody_for(tx, SILENT_FOR, now),
        daily_loss_hit=mandate is not None and _lost_its_day(tx, seat, origin, mandate, marks, now),
        rejections_in_row=_rejected(orders), protection_unverified=_naked(tx, orders),
        drift=alone and _drifted(tx, orders, since), expired=_expired(version, now),
        skew=_found_out(tx, SKEWED, origin.name, history),
        circuit_open=any(
            _found_out(tx, what, origin.name, history) for what in (SILENT, CHANGED)),
        outliers=_outliers(tx, origin.name, since), halted=trading_now(tx, seat) is not TradingState.ACTIVE,
        stream_trouble=seat.gate.readiness() is not Readiness.READY,
    )


def _lost_its_day(
    tx: Tx, seat: Seat, origin: Origin, mandate: Mandate, marks: Mapping[Symbol, Decimal], now: datetime
) -> bool:
    """Tell whether its own trades of this mandate lost today (UTC) what they may in a day."""
    if mandate.loss_per_day is None:
        return False
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    result = day_result(tx, origin, seat.shelf.instruments, marks, day=day, since=mandate.granted_at)
    return result <= -mandate.loss_per_day


def _orders(tx: Tx, origin: Origin, since: datetime) -> list[Order]:
    mine = [one for one in tx.proposals.since(since) if one.origin == origin]
    found = [order for one in mine for order in tx.orders.of_proposal(one.id)]
    return sorted(found, key=lambda one: one.created_at)


def _rejected(orders: Sequence[Order]) -> int:
    count = 0
    for order in reversed(orders):
        if order.state is not OrderState.REJECTED:
            break
        count += 1
    return count


def _naked(tx: Tx, orders: Sequence[Order]) -> bool:
    """Tell whether a position of the advisor's has no stop at the exchange; one being placed has its deadline."""
    mine = {(one.intent.symbol, one.intent.direction) for one in orders}
    held = {(one.symbol, one.direction) for one in tx.positions.held()}
    return any(
        one.state is ProtectionState.NAKED and (one.symbol, one.direction) in mine & held
        for one in tx.protections.all()
    )


def _drifted(tx: Tx, orders: Sequence[Order], since: datetime | None) -> bool:
    """Tell whether the books and the exchange differed in a symbol of the advisor's since it stands here."""
    mine = {one.intent.symbol for one in orders}
    return any(
        isinstance(one.fact, DriftFound) and one.fact.symbol in mine and (since is None or one.at > since)
        for one in tx.journal.latest(DRIFT_LINES)
    )


def _expired(version: VersionRow | None, now: datetime) -> bool:
    return version is not None and now - version.created_at > MODEL_LIFE


def find_out(tx: Tx, what: str, advisor: str, why: str, now: datetime) -> None:
    """Remember what speaks against an advisor until it is over (`why` empty) or a person grants it a rung anew."""
    tx.desk.set_value(f"{what}:{advisor}", {"at": milliseconds(now), "why": why} if why else {}, now)


def found_out(tx: Tx, what: str, advisor: str) -> str | None:
    """Give what is remembered against an advisor; None where nothing is."""
    stored = tx.desk.value(f"{what}:{advisor}")
    return str(stored["why"]) if stored else None


def _found_out(tx: Tx, what: str, advisor: str, history: Sequence[RungRow]) -> bool:
    stored = tx.desk.value(f"{what}:{advisor}")
    if not stored:
        return False
    granted = max((one.at for one in history if one.by != AUTO), default=None)
    return granted is None or granted <= moment_of(stored["at"])


def _outliers(tx: Tx, advisor: str, since: datetime | None) -> Decimal:
    """Give the share of the last 50 looks from its rung in which the market was like nothing the model knows."""
    looks = [one for one in tx.lab_record.latest_ideas(advisor, LOOKS) if since is None or one.at >= since]
    if len(looks) < LOOKS:
        return ZERO
    return Decimal(sum((one.abstained or "").startswith(OUTSIDE) for one in looks)) / len(looks)
