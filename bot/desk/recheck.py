"""Compute the evidence of every advisor anew from its outcomes, and correct what differs (advisor section 13)."""
from __future__ import annotations

from collections.abc import Sequence

from bot.desk.enter import write
from bot.desk.score import AT_ONCE, GROUP
from bot.desk.seat import Seat
from bot.domain.events_proposals import EvidenceCorrected
from bot.ports.assessor import Assessor
from bot.ports.lab_rows import EvidenceRow
from bot.ports.ledger import Tx

AUTO, HARM = "auto", "harm"


async def recheck(seat: Seat, assessor: Assessor, advisors: Sequence[str]) -> tuple[EvidenceCorrected, ...]:
    """Compare what is stored with what the outcomes add up to; gives what had to be corrected, told in the journal."""
    found = []
    for name in advisors:
        wrong = await seat.ledger.read(lambda tx, one=name: _wrong(tx, seat, assessor, one))  # type: ignore[misc]
        if wrong is not None:
            fact = await seat.ledger.transact(lambda tx, one=name: _correct(tx, seat, assessor, one))  # type: ignore[misc]
            found += [] if fact is None else [fact]
    return tuple(found)


def _wrong(tx: Tx, seat: Seat, assessor: Assessor, advisor: str) -> tuple[EvidenceRow, EvidenceRow] | None:
    """Give stored and recomputed evidence where they differ; None where they agree or nothing was weighed yet."""
    stored = tx.lab_record.evidence(advisor, GROUP)
    if stored is None:
        return None
    anew = _recomputed(tx, assessor, advisor, stored, seat)
    same = (anew.log_skill, anew.log_harm, anew.blocks, anew.outcomes) == (
        stored.log_skill, stored.log_harm, stored.blocks, stored.outcomes)
    return None if same else (stored, anew)


def _recomputed(tx: Tx, assessor: Assessor, advisor: str, stored: EvidenceRow, seat: Seat) -> EvidenceRow:
    """Weigh all ripe outcomes since the evidence began: at its start, or when harm made it begin anew."""
    falls = [one for one in tx.lab_record.rungs(advisor)
             if one.group == GROUP and one.by == AUTO and one.reason.startswith(HARM)]
    start = assessor.anew(advisor, GROUP, falls[-1].at) if falls else None
    open_since = min((one.at for one in tx.lab_record.unresolved(AT_ONCE)
                      if one.advisor == advisor and one.kind == "OPEN"), default=None)
    ripe = [each for each in tx.lab_record.outcomes(advisor) if open_since is None or each[0].at < open_since]
    return assessor.weigh(start, advisor, GROUP, ripe, seat.clock.now())


def _correct(tx: Tx, seat: Seat, assessor: Assessor, advisor: str) -> EvidenceCorrected | None:
    found = _wrong(tx, seat, assessor, advisor)
    if found is None:
        return None
    stored, anew = found
    tx.lab_record.save_evidence(anew)
    fact = EvidenceCorrected(
        advisor=advisor, group=GROUP, was_skill=stored.log_skill, now_skill=anew.log_skill,
        was_outcomes=stored.outcomes, now_outcomes=anew.outcomes,
    )
    write(tx, fact, seat.clock.now(), "system:recheck")
    return fact
