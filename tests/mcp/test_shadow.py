"""A new agent is watched first: noted, scored, bounded, and asking nobody before an owner says so (advisor 12)."""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.adapters.advisors.assessor import LadderAssessor
from bot.desk.agent import FIRST
from bot.desk.ladder import fall_if_due, stands_on
from bot.domain.mandate import Rung
from bot.domain.proposal import Origin, OriginKind
from bot.ports.ledger import Tx
from tests.adapters.advisors.test_assessor import IDEA as ROW
from tests.adapters.advisors.test_assessor import judged
from tests.desk.test_protect import held
from tests.mcp.test_contract import rule, world_of

AGENT = Origin(kind=OriginKind.ADVISOR, name="mcp:research-bot")


async def test_a_new_agent_is_scored_and_not_shown_until_an_owner_lets_it_ask(tmp_path: Path) -> None:
    async with world_of(tmp_path, asks=False) as world:
        answer = await world.propose("key-0001", chance_percent=62)
        assert answer["state"] == "shadow" and answer["id"] is None and not await world.proposals()
        record = await world.call("get_track_record")
        assert record["advisor"] == "mcp:research-bot" and record["ideas"] == 1
        told = await world.call("get_capabilities")
        assert "SHADOW" in told["switched_off"][0] and told["rung"] == "SHADOW"
        await held(world.bench)
        close = await world.call("propose_close", symbol="BTCUSDT", reason="late", idempotency_key="key-0002")
        assert rule(close) == "rung" and not await world.proposals()
        rows = await world.bench.seat.ledger.read(lambda tx: tx.lab_record.ideas(advisor="mcp:research-bot"))
        assert [(one.fate, one.claim_bp) for one in rows] == [("shadow", 6200)]
        await world.stand(Rung.PROPOSE)
        assert (await world.call("get_capabilities"))["rung"] == "PROPOSE"
        await world.stand(Rung.OFF)
        assert (await world.propose("key-0003"))["state"] == "shadow"


async def test_what_is_only_watched_is_bounded_a_day_too(tmp_path: Path) -> None:
    async with world_of(tmp_path, asks=False) as world:
        now = world.bench.clock.now()

        def many(tx: Tx) -> None:
            for number in range(20):
                tx.lab_record.add_idea(replace(ROW, id=f"I-{number}", advisor="mcp:research-bot", at=now))

        await world.bench.seat.ledger.transact(many)
        assert rule(await world.propose("key-0001")) == "day_most"


async def test_one_that_does_harm_falls_back_to_being_watched(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        seat, judge = world.bench.seat, LadderAssessor()
        assert await fall_if_due(seat, judge, AGENT, FIRST, {}) is None
        losing = judge.weigh(None, AGENT.name, "all", [judged(n, "-1.1", every=300) for n in range(60)],
                             world.bench.clock.now())
        await seat.ledger.transact(lambda tx: tx.lab_record.save_evidence(losing))
        falls = await fall_if_due(seat, judge, AGENT, FIRST, {})
        assert falls is not None and falls.to is Rung.SHADOW
        assert await seat.ledger.read(lambda tx: stands_on(tx, AGENT.name, FIRST)) is Rung.SHADOW
        assert (await world.propose("key-0001"))["state"] == "shadow"
