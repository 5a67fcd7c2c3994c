"""Who advises, how far, with what left; what everybody says of a symbol without anything being proposed."""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.desk.advise import ask
from bot.desk.council import furthest, members, retire, views
from bot.desk.score import GROUP
from bot.domain.mandate import Rung
from bot.domain.refusal import Refusal
from bot.ports.advisor import Abstained, Idea
from bot.ports.lab_rows import VersionState
from tests.adapters.store.test_lab import version
from tests.desk.leased import granted
from tests.desk.table import ANA, BTC, Scripted, advice, at_the_table, proposals
from tests.desk.test_advise import idea
from tests.support.simulated import Life, World


def test_members_show_rung_mandate_and_what_is_used(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        assert furthest(()) is Rung.OFF
        (before,) = await members(life.seat, (plan,))
        assert (before.rung, before.reach, before.mandate, before.last) == (Rung.PROPOSE, Rung.PROPOSE, None, None)
        await granted(life, plan)
        await ask(life.seat, plan, BTC)
        (after,) = found = await members(life.seat, (plan,))
        assert after.mandate is not None
        assert (after.reach, after.usage.trades, furthest(found)) == (Rung.AUTO, 1, Rung.AUTO)
        assert after.last is not None
        assert after.last.by == str(ANA)

    at_the_table(tmp_path, 1, play)


def test_views_propose_nothing_and_a_flawed_one_is_no_view(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        good, silent = advice(Scripted(idea)), advice(Scripted(lambda context: Abstained(reason="no trend")))
        bad = advice(Scripted(lambda context: idea(context, stop=context.mark * 2)))
        off = advice(Scripted(idea), rung=Rung.OFF)
        found = await views(life.seat, (good, silent, bad), BTC)
        assert not isinstance(found, Refusal)
        assert [type(one.says) for one in found] == [Idea, Abstained, Abstained]
        assert await views(life.seat, (off,), BTC) == ()
        assert await proposals(life) == []
        assert await life.seat.ledger.read(lambda tx: tx.lab_record.ideas()) == ()

    at_the_table(tmp_path, 1, play)


def test_a_retired_model_is_off_at_once(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        made = replace(version("M-1"), state=VersionState.REGISTERED)
        await life.seat.ledger.transact(lambda tx: tx.lab_models.add_version(made))
        assert not isinstance(await retire(life.seat, "M-1", ANA), Refusal)
        row = await life.seat.ledger.read(lambda tx: tx.lab_record.rung("M-1", GROUP))
        assert row is not None
        assert row.rung is Rung.OFF
        again = await retire(life.seat, "M-1", ANA)
        assert isinstance(again, Refusal)
        assert "retired" in str(again)
        assert isinstance(await retire(life.seat, "M-9", ANA), Refusal)

    at_the_table(tmp_path, 1, play)
