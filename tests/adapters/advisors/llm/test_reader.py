"""The reader turns strangers' texts into enumerations, whatever the texts order a colluding model to answer (A13)."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.prompt import Mention
from bot.adapters.advisors.llm.reader import Reading, mentions, read_text
from bot.domain.ids import Symbol
from tests.adapters.advisors.llm.voices import voice

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
BTC, ETH = Symbol("BTCUSDT"), Symbol("ETHUSDT")


async def test_a_text_becomes_a_topic_a_number_and_our_symbols(tmp_path: Path) -> None:
    async with voice(tmp_path) as found:
        found.mood("saying", text='{"topic":"hack","sentiment":-2,"symbols":["ETHUSDT","EVILUSDT"]}')
        reading = await read_text(found.client, "A bridge was drained.", [BTC, ETH], NOW)
        assert reading == Reading(topic="hack", sentiment=-2, symbols=(ETH,), at=NOW)
        assert "A bridge was drained." in str(found.model.calls[0]["asked"])


async def test_what_is_no_reading_is_a_failure(tmp_path: Path) -> None:
    async with voice(tmp_path) as found:
        for number, mood in enumerate(("hostile", "bad", "cut")):
            found.mood(mood)
            assert isinstance(await read_text(found.client, f"text {number}\ud800", [BTC], NOW), Failure)


def test_mentions_are_of_a_symbol_and_of_a_day() -> None:
    ages = (5, 90, 25 * 60, -1)
    readings = [Reading(topic="flows", sentiment=1, symbols=(BTC,), at=NOW - timedelta(minutes=age)) for age in ages]
    assert mentions(readings, BTC, NOW) == (Mention(topic="flows", sentiment=1, age_minutes=5),
                                            Mention(topic="flows", sentiment=1, age_minutes=90))
    assert mentions(readings, ETH, NOW) == ()
