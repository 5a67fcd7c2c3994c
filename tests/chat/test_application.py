"""Polling that is disturbed: a second poller is named once, openings stop, and it recovers by itself (FF-98)."""
from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bot.domain.trading import TradingState
from tests.support import virtual_loop
from tests.support.talking import PIN, Talk


def test_a_second_poller_is_named_once_and_polling_recovers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 4)
        life = await talk.begin()
        assert talk.telegram.faults.set("telegram_conflict", {"for": 120.0}, talk.telegram.now()) is None
        before = talk.emulator.calls["getupdates"]
        await talk.clock.sleep(119)
        tries = talk.emulator.calls["getupdates"] - before
        assert 3 <= tries <= 60, f"{tries} polls in two minutes: it backs off and does not give up"
        told = await talk.owner.sees("polls with this bot token")
        assert told["pinned"]
        halted = talk.owner.say("/halt now")
        await talk.owner.sees("halted", halted, within_s=60.0)
        kinds = [one.kind for one in await life.seat.ledger.read(lambda tx: tx.journal.latest(500))]
        assert kinds.count("ChatConflict") == 1
        assert (await life.desk.status()).trading is TradingState.HALTED
        await talk.owner.ask("/resume", "Type your PIN")
        await talk.owner.ask(PIN, "Trading resumed")
        await talk.end()

    with caplog.at_level(logging.ERROR, logger="bot.chat.application"):
        virtual_loop.run(main, 4)
    assert [one for one in caplog.messages if "Stop the other one" in one]
