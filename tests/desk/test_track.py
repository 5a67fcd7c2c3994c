"""The record on a card is that of ideas alike, from thirty of them on; before that nobody pretends."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.desk.track import Track, spoken, spread, track_of
from bot.domain.intent import Direction
from bot.ports.ledger import Tx
from tests.adapters.advisors.test_assessor import judged
from tests.support.scripted import Bench


def store(tx: Tx, number: int, *, hit: bool, claim: int | None = 6000, direction: str = "LONG") -> None:
    idea, outcome = judged(number, "1.9" if hit else "-1.1")
    tx.lab_record.add_idea(replace(idea, claim_bp=claim, direction=direction))
    tx.lab_record.add_outcome(outcome)


async def test_only_ideas_alike_count(bench: Bench) -> None:
    def fill(tx: Tx) -> None:
        for number in range(40):
            store(tx, number, hit=number % 2 == 0, claim=6000 + number)
        store(tx, 50, hit=True, claim=7000)
        store(tx, 51, hit=True, claim=None)
        store(tx, 52, hit=True, direction="SHORT")
        idea, outcome = judged(53, "1.9", filled=False)
        tx.lab_record.add_idea(idea)
        tx.lab_record.add_outcome(outcome)

    now = judged(400, "1")[0].at
    await bench.seat.ledger.transact(fill)

    async def track(claim: int | None, direction: Direction = Direction.LONG) -> tuple[int, int]:
        found = await bench.seat.ledger.read(lambda tx: track_of(tx, "M-1", direction, claim, now))
        return found.hits, len(found.ended)

    assert await track(6999) == (20, 40)
    assert await track(7000) == (1, 1)
    assert await track(None) == (1, 1)
    assert await track(6000, Direction.SHORT) == (1, 1)
    assert await track(100) == (0, 0)


def test_words_grow_with_the_record() -> None:
    ended = tuple(sorted([Decimal("1.9")] * 24 + [Decimal("-1.1")] * 28))
    assert spoken(Track(hits=0, ended=()), None) == ("no record yet (0 of 30)",)
    assert spoken(Track(hits=12, ended=ended[:29]), Decimal("1.9")) == (
        "no record yet (29 of 30)", "it pays from 34% on")
    assert spoken(Track(hits=24, ended=ended), None) == (
        "35–57% reach the target (52 like this: 24 did, +0.3R on average)",
        "8 of 10 ended between -1.1R and +1.9R")
    assert len(spoken(Track(hits=24, ended=ended[:49]), None)) == 1


def test_the_spread_leaves_a_tenth_on_each_side() -> None:
    hundred = tuple(Decimal(number) for number in range(1, 100))
    assert spread(hundred) == (10, 90)
