"""Every way in which no idea comes of asking is a line, and a row where a candle was looked at."""
from __future__ import annotations

from pathlib import Path

from bot.desk.abstain import abstain, failed, silent
from tests.desk.table import BTC, Scripted, advice, at_the_table, facts, raised
from tests.desk.test_advise import idea
from tests.support.simulated import Life, World


def test_silence_flaws_and_not_asking_are_told_apart(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        scripted = Scripted(idea)
        await raised(life, advice(scripted))
        context = scripted.asked[0]
        assert (await silent(life.seat, "one", context, "no trend")).reason == "no trend"
        assert (await failed(life.seat, "two", context, "no price")).reason == "no price"
        assert (await abstain(life.seat, "three", BTC, "nothing opens now")).reason == "nothing opens now"
        rows = await life.seat.ledger.read(lambda tx: tx.lab_record.ideas())
        told = {one.advisor: (one.abstained, one.fate) for one in rows if one.abstained is not None}
        assert told == {"one": ("no trend", "abstained"), "two": ("no price", "flawed")}
        assert (await facts(life, "BTCUSDT"))[-3:] == ["AdvisorAbstained", "AdvisorFailed", "AdvisorAbstained"]

    at_the_table(tmp_path, 1, play)
