"""Stand an advisor on its rung: it falls by itself, at once and told; only people raise it (advisor section 11)."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from bot.desk.circumstances import AUTO, NO_MARKS, circumstances, stored_rung
from bot.desk.enter import write
from bot.desk.mandate import end_mandates, live_mandate, suspend, suspended
from bot.desk.score import GROUP
from bot.desk.seat import Seat
from bot.domain.events_proposals import RungChanged
from bot.domain.ids import PersonId, Symbol
from bot.domain.mandate import ALONE, Rung
from bot.domain.proposal import Origin
from bot.ports.assessor import Assessor, Circumstances, Falls
from bot.ports.lab_rows import EvidenceRow, RungRow
from bot.ports.ledger import Tx
from bot.ports.market import MarketSilent

ORDER = (Rung.OFF, Rung.SHADOW, Rung.PROPOSE, Rung.SEMI, Rung.AUTO)


def stands_on(tx: Tx, advisor: str, first: Rung) -> Rung:
    """Give the rung that is stored for an advisor, `first` where none ever was."""
    # The settings alone let nobody act alone: that takes an owner's mandate.
    return stored_rung(tx, advisor, first, ORDER)


def reaches(tx: Tx, advisor: str, first: Rung, now: datetime) -> Rung:
    """Give how far an advisor reaches now: without a live mandate nobody reaches beyond asking."""
    stored, held = stands_on(tx, advisor, first), suspended(tx, advisor)
    if held is not None:
        return min(held, stored, key=ORDER.index)
    if stored in ALONE and live_mandate(tx, advisor, now) is None:
        return Rung.PROPOSE
    return stored


def standing_of(
    tx: Tx, seat: Seat, origin: Origin, first: Rung, marks: Mapping[Symbol, Decimal] = NO_MARKS
) -> Circumstances:
    """Read what the desk knows of an advisor on the rung it stands on."""
    return circumstances(tx, seat, origin, stands_on(tx, origin.name, first), marks)


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
    marks = await _marks(seat, origin, first)

    def due(tx: Tx) -> Falls | None:
        about = standing_of(tx, seat, origin, first, marks)
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


async def _marks(seat: Seat, origin: Origin, first: Rung) -> Mapping[Symbol, Decimal]:
    """Give the price of what is held while an advisor acts alone; a silent market leaves its symbol out."""

    def held(tx: Tx) -> set[Symbol]:
        alone = stands_on(tx, origin.name, first) in ALONE
        return {one.symbol for one in tx.positions.held()} if alone else set()

    found: dict[Symbol, Decimal] = {}
    for symbol in sorted(await seat.ledger.read(held)):
        try:
            found[symbol] = (await seat.market.ticker(symbol)).mark
        except MarketSilent:
            continue
    return found


async def suspend_if_due(seat: Seat, assessor: Assessor, origin: Origin, first: Rung) -> Falls | None:
    """Keep an advisor that acts alone lower for as long as something passing says so; gives what does, None if nothing.

    The rung stays and its mandate goes on running out; both the beginning and the end of it are told.
    """

    def look(tx: Tx) -> tuple[Rung, Falls | None, Rung | None]:
        rung = stands_on(tx, origin.name, first)
        due = assessor.suspended(standing_of(tx, seat, origin, first)) if rung in ALONE else None
        return rung, due, suspended(tx, origin.name)

    def work(tx: Tx) -> Falls | None:
        rung, due, held = look(tx)
        to = None if due is None else due.to
        if to is held:
            return due
        suspend(tx, origin.name, to, seat.clock.now())
        if rung in ALONE:
            why, back = ("it is over", "") if due is None else (due.why, due.back)
            fact = RungChanged(advisor=origin.name, group=GROUP, was=held or rung, now=to or rung, by=None, why=why,
                               back=back)
            write(tx, fact, seat.clock.now(), "system:ladder")
        return due

    _, due, held = await seat.ledger.read(look)
    return due if (None if due is None else due.to) is held else await seat.ledger.transact(work)


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
