"""The daily digest: on demand, at the chosen hour once a day, across restarts (features 5)."""
from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.chat.daily import drawdown
from tests.sandbox.telegram.conftest import png
from tests.support import virtual_loop
from tests.support.talking import Talk

D = Decimal


@pytest.mark.parametrize(("values", "deepest"), [
    ([], None), ([D(100)], None), ([D(100), D(110)], D(0)), ([D(100), D(120), D(90), D(130)], D(-25)),
])
def test_a_drawdown_is_the_deepest_fall_from_a_top(values: list[Decimal], deepest: Decimal | None) -> None:
    assert drawdown(values) == deepest


def test_the_digest_comes_at_its_hour_once_a_day_and_not_again_after_a_restart(tmp_path: Path) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 1)
        await talk.begin()  # at noon UTC
        wrong = await talk.owner.ask("/digest at teatime", "is no hour")
        now = await talk.owner.ask("/digest", "Mon 5 Jan")
        assert "Trades / won" in now["text"] and "SANDBOX" in now["text"]
        said = await talk.owner.ask("/digest on 12:05", "Your day comes at 12:05")
        assert wrong["message_id"] < said["message_id"]
        await talk.clock.sleep(200)
        assert not _digests(talk, said["message_id"])
        await talk.clock.sleep(150)
        assert len(_digests(talk, said["message_id"])) == 1
        assert not [one for one in talk.trader.heard() if "Trades / won" in one["text"]], "nobody else asked for it"
        await talk.stop()
        await talk.start()
        await talk.clock.sleep(90)
        assert len(_digests(talk, said["message_id"])) == 1
        await talk.owner.ask("/digest off", "No daily digest")
        await talk.end()

    virtual_loop.run(main, 1)


def _digests(talk: Talk, after: int) -> list[dict[str, Any]]:
    return [one for one in talk.owner.heard(after) if "Trades / won" in one["text"]]


def test_equity_and_profit_by_day_come_as_pictures_and_without_one_as_words(tmp_path: Path) -> None:
    async def main() -> None:
        talk, asked = Talk(tmp_path, 1), []

        async def curve(kind: str, title: str, badge: str, points: Any) -> bytes | None:
            asked.append((kind, len(points)))
            return png() if kind == "equity" else b"no picture at all"

        talk.curve = curve
        await talk.begin()
        ticket = await talk.owner.ask("/long btc $200 sl 3%", "Expires")
        await talk.owner.tap(ticket, "Place order")
        await talk.owner.sees("Filled", ticket["message_id"] - 1)
        await talk.owner.ask("/close btc", "Filled")
        await talk.clock.sleep(700)
        shown = [await talk.owner.ask("/equity 7", "Equity"), await talk.owner.ask("/pnl 7d", "7 days")]
        assert [kind for kind, _ in asked] == ["equity", "days"] and asked[1][1] == 7 and asked[0][1] > 1, shown
        chat = talk.telegram.chats[talk.owner.id]
        assert [bool(chat.messages[one["message_id"]].photo) for one in shown] == [True, False]
        assert "Net" in shown[1]["text"], "a picture that is refused leaves its words"
        await talk.end()

    virtual_loop.run(main, 1)
