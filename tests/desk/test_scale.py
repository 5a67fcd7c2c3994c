"""A model takes less of its risk at once, and more by small steps that people tap, one a day."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.desk.advise import look
from bot.desk.scale import allow, hear, pending, share_of
from bot.domain.events_proposals import RiskScaled
from bot.domain.refusal import Refusal
from bot.ports.advisor import Context, Scale
from tests.adapters.advisors.test_rules import bars, shown
from tests.desk.table import ANA, BTC, ETH, Scripted, advice, at_the_table, facts, numbers_of, proposals
from tests.desk.test_advise import idea
from tests.support.clock import FakeClock
from tests.support.scripted import Bench
from tests.support.simulated import Life, World

SEEN = shown(bars([104.0] * 5))
DAY = timedelta(days=1)


async def wish(bench: Bench, percent: int) -> tuple[int, int] | None:
    found = await hear(bench.seat, "rules", SEEN, Scale(percent=percent, why="wild"))
    return None if found is None else (found.now, found.asked)


async def step(bench: Bench, at: datetime | None = None) -> int | str:
    seat = bench.seat if at is None else replace(bench.seat, clock=FakeClock(at))
    found = await allow(seat, "rules", BTC, ANA, "person:7001")
    return found.now if isinstance(found, RiskScaled) else found.code


async def share(bench: Bench) -> int:
    return await bench.seat.ledger.read(lambda tx: share_of(tx, "rules", BTC))


async def test_less_counts_at_once_and_more_waits_for_people(bench: Bench) -> None:
    assert await share(bench) == 100
    assert await wish(bench, 100) is None
    assert await wish(bench, 40) == (40, 40)
    assert await share(bench) == 40
    assert await bench.seat.ledger.read(lambda tx: share_of(tx, "rules", ETH)) == 100
    assert await step(bench) == "not_asked"
    assert await wish(bench, 75) == (40, 75)
    assert await share(bench) == 40
    asked = await bench.seat.ledger.read(lambda tx: pending(tx, "rules", BTC))
    assert asked is not None and (asked.requested, asked.effective) == (75, 40)
    # It asks once a day; taking less is never held up.
    assert await wish(bench, 90) is None
    assert await wish(bench, 30) == (30, 30)
    assert await step(bench) == "not_asked"


async def test_a_step_is_ten_points_and_one_a_day(bench: Bench) -> None:
    await wish(bench, 40)
    await wish(bench, 55)
    assert await step(bench) == 50
    assert await step(bench) == "step_a_day"
    now = bench.clock.now()
    assert await step(bench, now + DAY - timedelta(seconds=1)) == "step_a_day"
    assert await step(bench, now + DAY) == 55
    assert await step(bench, now + DAY) == "not_asked"
    history = await bench.seat.ledger.read(lambda tx: tx.lab_record.scales("rules", BTC))
    assert [(one.requested, one.effective, one.by) for one in history] == [
        (40, 40, "advisor"), (55, 40, "advisor"), (55, 50, "7001"), (55, 55, "7001")]


@pytest.mark.parametrize("percent", [-1, 101, 10**6])
async def test_a_share_that_is_none_changes_nothing(bench: Bench, percent: int) -> None:
    assert await wish(bench, percent) is None
    assert await share(bench) == 100


async def test_a_wish_is_an_idea_that_nobody_follows(bench: Bench) -> None:
    await wish(bench, 40)
    (row,) = await bench.seat.ledger.read(lambda tx: tx.lab_record.ideas())
    assert (row.kind, row.percent, row.fate, row.thesis) == ("SCALE", 40, "scaled", "wild")
    assert await bench.seat.ledger.read(lambda tx: tx.lab_record.unresolved()) == ()


class Wild:
    """Wants less."""

    def scale(self, context: Context) -> Scale:
        """Say it."""
        return Scale(percent=40, why="3 times as wide")


def test_what_a_model_asks_for_shrinks_the_very_next_idea(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = replace(advice(Scripted(idea)), scaler=Wild())
        await look(life.seat, plan)
        (proposal,) = await proposals(life)
        numbers = await numbers_of(life, proposal)
        assert numbers.worst_loss_percent is not None
        assert numbers.worst_loss_percent <= Decimal("0.2")
        assert (await facts(life, "BTCUSDT"))[0] == "RiskScaled"
        assert not isinstance(await allow(life.seat, "nobody", BTC, ANA, "x"), RiskScaled)
        assert isinstance(await allow(life.seat, "scripted", BTC, ANA, "x"), Refusal)

    at_the_table(tmp_path, 1, play)
