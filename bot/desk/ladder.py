"""Stand an advisor on its rung: it falls by itself, at once and told; only people raise it (advisor section 11)."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.desk.enter import write
from bot.desk.mandate import end_mandates, live_mandate, nobody_for, usage_of
from bot.desk.score import GROUP
from bot.desk.seat import Seat
from bot.domain.events_holdings import DriftFound
from bot.domain.events_proposals import RungChanged
from bot.domain.ids import PersonId
from bot.domain.mandate import ALONE, Rung, used_up
from bot.domain.order import Order, OrderState
from bot.domain.proposal import Origin
from bot.domain.protection import ProtectionState
from bot.ports.assessor import Assessor, Circumstances, Falls
from bot.ports.lab_rows import EvidenceRow, RungRow, VersionRow
from bot.ports.ledger import Tx

AUTO = "auto"
SILENT_FOR = timedelta(hours=24)
# A model of ours that is older has to be trained anew.
MODEL_LIFE = timedelta(days=45)
LOOK_BACK = timedelta(days=2)
DRIFT_LINES = 50
ORDER = (Rung.OFF, Rung.SHADOW, Rung.PROPOSE, Rung.SEMI, Rung.AUTO)


def stands_on(tx: Tx, advisor: str, first: Rung) -> Rung:
    """Give the rung that is stored for an advisor, `first` where none ever was."""
    row = tx.lab_record.rung(advisor, GROUP)
    # The settings alone let nobody act alone: that takes an owner's mandate.
    return row.rung if row is not None else min(first, Rung.PROPOSE, key=ORDER.index)


def reaches(tx: Tx, advisor: str, first: Rung, now: datetime) -> Rung:
    """Give how far an advisor reaches now: without a live mandate nobody reaches beyond asking."""
    stored = stands_on(tx, advisor, first)
    if stored in ALONE and live_mandate(tx, advisor, now) is None:
        return Rung.PROPOSE
    return stored


def circumstances(tx: Tx, seat: Seat, origin: Origin, first: Rung) -> Circumstances:
    """Read what the desk knows of an advisor's standing."""
    now, rung = seat.clock.now(), stands_on(tx, origin.name, first)
    history = [one for one in tx.lab_record.rungs(origin.name) if one.group == GROUP]
    since = history[-1].at if history else None
    fell = next((one.at for one in reversed(history) if one.by == AUTO), None)
    version = tx.lab_models.version(origin.name)
    alone = rung in ALONE
    orders = _orders(tx, origin, max(now - LOOK_BACK, since or now - LOOK_BACK)) if alone else []
    return Circumstances(
        rung=rung, since=since, fell_at=fell, version=version,
        lease_over=alone and _over(tx, origin.name, now),
        nobody_active_24h=alone and nobody_for(tx, SILENT_FOR, now),
        rejections_in_row=_rejected(orders), protection_unverified=_naked(tx, orders),
        drift=alone and _drifted(tx, orders, since), expired=_expired(version, now),
    )


def _over(tx: Tx, advisor: str, now: datetime) -> bool:
    mandate = live_mandate(tx, advisor, now)
    return mandate is None or used_up(mandate, usage_of(tx, mandate, now))


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


def evidence_of(tx: Tx, advisor: str) -> EvidenceRow | None:
    """Give where an advisor's evidence stands."""
    return tx.lab_record.evidence(advisor, GROUP)


async def fall_if_due(
    seat: Seat, assessor: Assessor, origin: Origin, first: Rung, judged: dict[str, datetime]
) -> Falls | None:
    """Let an advisor fall when something says so; gives the fall, None while it stands.

    The rung, the end of its mandates, evidence that begins anew, and the lines that tell it are one transaction.
    `judged` remembers up to which weighing its outcomes were looked at: they are read again only after a newer one.
    """

    def due(tx: Tx) -> Falls | None:
        about = circumstances(tx, seat, origin, first)
        if about.rung in (Rung.OFF, Rung.SHADOW):
            return None
        evidence = evidence_of(tx, origin.name)
        fresh = evidence is not None and judged.get(origin.name) != evidence.at
        outcomes = tx.lab_record.outcomes(origin.name) if fresh else ()
        falls = assessor.fall(about, evidence, outcomes)
        if falls is None and evidence is not None:
            judged[origin.name] = evidence.at
        return falls

    def work(tx: Tx) -> Falls | None:
        falls = due(tx)
        if falls is not None:
            now = seat.clock.now()
            step(tx, origin.name, first, falls.to, None, falls.why, now, back=falls.back)
            if falls.anew:
                tx.lab_record.save_evidence(assessor.anew(origin.name, GROUP, now))
        return falls

    return await seat.ledger.transact(work) if await seat.ledger.read(due) is not None else None


def step(
    tx: Tx, advisor: str, first: Rung, to: Rung, by: PersonId | None, why: str, now: datetime, *, back: str = ""
) -> None:
    """Put an advisor onto a rung; below SEMI its mandates end with it."""
    was = stands_on(tx, advisor, first)
    stored = tx.lab_record.rung(advisor, GROUP)
    edition = 1 if stored is None else stored.edition + 1
    who = AUTO if by is None else str(by)
    tx.lab_record.set_rung(RungRow(
        advisor=advisor, group=GROUP, edition=edition, rung=to, by=who, reason=why, at=now,
    ))
    actor = "system:ladder" if by is None else f"person:{by}"
    if to not in ALONE:
        end_mandates(tx, advisor, by, why, now, actor)
    write(tx, RungChanged(advisor=advisor, group=GROUP, was=was, now=to, by=by, why=why, back=back), now, actor)
