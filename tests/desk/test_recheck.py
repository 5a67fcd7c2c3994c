"""The evidence is what the outcomes add up to, or it is corrected and told."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.adapters.advisors.assessor import LadderAssessor
from bot.desk.recheck import recheck
from bot.desk.score import GROUP
from bot.domain.events_proposals import EvidenceCorrected
from bot.domain.mandate import Rung
from bot.ports.lab_rows import RungRow
from bot.ports.ledger import Tx
from tests.adapters.advisors.test_assessor import T0, judged, many
from tests.desk.trade import kinds
from tests.support.scripted import Bench

JUDGE = LadderAssessor()
OUTCOMES = many(60, 4)


async def weighed(bench: Bench) -> None:
    """Store outcomes and weigh them in three parts, as they came."""
    def work(tx: Tx) -> None:
        row = None
        for idea, outcome in OUTCOMES:
            tx.lab_record.add_idea(idea)
            tx.lab_record.add_outcome(outcome)
        for part in (OUTCOMES[:20], OUTCOMES[:45], OUTCOMES):
            row = JUDGE.weigh(row, "M-1", GROUP, part, T0)
        assert row is not None
        tx.lab_record.save_evidence(row)

    await bench.seat.ledger.transact(work)


async def test_what_agrees_is_left_alone(bench: Bench) -> None:
    await weighed(bench)
    assert await recheck(bench.seat, JUDGE, ["M-1", "nobody"]) == ()
    assert "EvidenceCorrected" not in await kinds(bench)


async def test_what_differs_is_corrected_and_told_once(bench: Bench) -> None:
    await weighed(bench)

    def spoil(tx: Tx) -> None:
        stored = tx.lab_record.evidence("M-1", GROUP)
        assert stored is not None
        tx.lab_record.save_evidence(replace(stored, log_skill=Decimal("3.5")))

    await bench.seat.ledger.transact(spoil)
    (fact,) = await recheck(bench.seat, JUDGE, ["M-1"])
    assert isinstance(fact, EvidenceCorrected)
    assert fact.was_skill == Decimal("3.5")
    stored = await bench.seat.ledger.read(lambda tx: tx.lab_record.evidence("M-1", GROUP))
    assert stored is not None and stored.log_skill == fact.now_skill < 1
    assert (await kinds(bench)).count("EvidenceCorrected") == 1
    assert await recheck(bench.seat, JUDGE, ["M-1"]) == ()


async def test_evidence_that_harm_made_begin_anew_counts_from_there(bench: Bench) -> None:
    await weighed(bench)
    began = OUTCOMES[30][0].at

    def fell(tx: Tx) -> None:
        tx.lab_record.set_rung(RungRow(advisor="M-1", group=GROUP, edition=1, rung=Rung.SHADOW, by="auto",
                                       reason="harm evidence at 20", at=began))
        anew = JUDGE.anew("M-1", GROUP, began)
        tx.lab_record.save_evidence(JUDGE.weigh(anew, "M-1", GROUP, OUTCOMES, T0))

    await bench.seat.ledger.transact(fell)
    assert await recheck(bench.seat, JUDGE, ["M-1"]) == ()


async def test_nothing_counts_that_lies_behind_an_open_idea(bench: Bench) -> None:
    idea, _ = judged(0, "1")
    early = replace(idea, id="I-open", at=OUTCOMES[10][0].at)

    def work(tx: Tx) -> None:
        tx.lab_record.add_idea(early)
        for each, outcome in OUTCOMES:
            tx.lab_record.add_idea(each)
            tx.lab_record.add_outcome(outcome)
        tx.lab_record.save_evidence(JUDGE.weigh(None, "M-1", GROUP, OUTCOMES[:10], T0))

    await bench.seat.ledger.transact(work)
    assert await recheck(bench.seat, JUDGE, ["M-1"]) == ()
