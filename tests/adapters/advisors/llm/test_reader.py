"""The reader turns strangers' texts into enumerations, whatever the texts order a colluding model to answer (A13)."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.adapters.advisors.llm.prompt import Mention
from bot.adapters.advisors.llm.reader import Newsroom, mentions
from bot.domain.ids import Symbol
from bot.ports.reader import Reading, Unread
from tests.adapters.advisors.llm.voices import voice

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
BTC, ETH = Symbol("BTCUSDT"), Symbol("ETHUSDT")


async def test_a_text_becomes_a_topic_a_number_and_our_symbols_and_is_heard_of(tmp_path: Path) -> None:
    async with voice(tmp_path) as found:
        room = Newsroom(found.client, [BTC, ETH])
        found.mood("saying", text='{"topic":"hack","sentiment":-2,"symbols":["ETHUSDT","EVILUSDT"]}')
        reading = await room.read("A bridge was drained.")
        assert isinstance(reading, Reading)
        assert (reading.topic, reading.sentiment, reading.symbols) == ("hack", -2, (ETH,))
        assert "A bridge was drained." in str(found.model.calls[0]["asked"])
        assert room.heard(ETH) == (Mention(topic="hack", sentiment=-2, age_minutes=0),)
        assert room.heard(BTC) == ()
        anew = Newsroom(found.client, [BTC, ETH])
        assert anew.heard(ETH) == ()
        await anew.restore()
        assert anew.heard(ETH) == room.heard(ETH)
        assert len(found.model.calls) == 1


async def test_what_is_no_reading_is_unread_and_never_heard_of(tmp_path: Path) -> None:
    async with voice(tmp_path) as found:
        room = Newsroom(found.client, [BTC])
        for number, mood in enumerate(("hostile", "bad", "cut")):
            found.mood(mood)
            assert isinstance(await room.read(f"text {number}\ud800"), Unread)
        assert room.heard(BTC) == ()
        await room.restore()
        assert room.heard(BTC) == ()


def test_mentions_are_of_a_symbol_and_of_a_day() -> None:
    ages = (5, 90, 25 * 60, -1)
    readings = [Reading(topic="flows", sentiment=1, symbols=(BTC,), at=NOW - timedelta(minutes=age)) for age in ages]
    assert mentions(readings, BTC, NOW) == (Mention(topic="flows", sentiment=1, age_minutes=5),
                                            Mention(topic="flows", sentiment=1, age_minutes=90))
    assert mentions(readings, ETH, NOW) == ()
