"""Looser limits wait ten minutes or for a second owner; tighter ones are in force at once (security section 3)."""
from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from bot.domain.limits import Limits
from bot.domain.record import from_plain
from tests.support import virtual_loop
from tests.support.talking import OWNER, PIN, TRADER, Talk


async def leverage(talk: Talk) -> Decimal | None:
    assert talk.life is not None
    rows = await talk.life.seat.ledger.read(lambda tx: tx.desk.limits())
    return next((from_plain(Limits, one.values).leverage for one in rows if one.scope == "account"), None)


async def asked(talk: Talk, number: int) -> None:
    """Ask for a leverage above what binds now."""
    await talk.owner.ask(f"/limits set leverage={number}", "Loosen")
    await talk.owner.ask(PIN, "Looser limits wait")


def test_a_solo_owner_waits_ten_minutes_and_a_restart_changes_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 8)
        await talk.begin()
        await talk.owner.ask("/limits set leverage=3", "Limits")
        assert await leverage(talk) == 3, "tightening asks for nothing and waits for nothing"
        await asked(talk, 5)
        await talk.clock.sleep(300)
        await talk.stop()
        await talk.start()
        assert await leverage(talk) == 3
        await talk.clock.sleep(280)
        assert await leverage(talk) == 3
        await talk.clock.sleep(30)
        assert await leverage(talk) == 5
        await talk.owner.sees("Looser limits are in force")
        await talk.end()

    virtual_loop.run(main, 8)


def test_it_is_stopped_by_a_tap_and_a_new_wish_replaces_the_one_before(tmp_path: Path) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 8)
        await talk.begin()
        await talk.owner.ask("/limits set leverage=3", "Limits")
        await asked(talk, 20)
        old = await talk.owner.sees("leverage 3 → 20")
        await asked(talk, 5)
        gone = await talk.owner.tap(old, "Stop it")
        assert gone.text is not None and "decided already" in gone.text
        card = await talk.owner.sees("leverage 3 → 5")
        assert [one["text"] for row in card["buttons"] for one in row] == ["Stop it"], "nobody confirms their own"
        assert (await talk.owner.tap(card, "Stop it")).text == "Stopped; the limits stay."
        await talk.clock.sleep(700)
        assert await leverage(talk) == 3
        await talk.end()

    virtual_loop.run(main, 8)


def test_a_second_owner_confirms_at_once_and_nobody_else(tmp_path: Path) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 8, roles={OWNER: ["OWNER"], TRADER: ["OWNER"], 7003: ["TRADER"]})
        await talk.begin()
        await talk.owner.ask("/limits set leverage=3", "Limits")
        await asked(talk, 5)
        card = await talk.trader.sees("leverage 3 → 5")
        own = await talk.owner.sees("leverage 3 → 5")
        yes = next(one["data"] for row in card["buttons"] for one in row if one["text"] == "Confirm now")
        mine = await talk.owner.tap(own, data=yes)
        assert mine.text is not None and "your own wish" in mine.text
        note = await talk.stranger.ask("/me", "You are trader")
        theirs = await talk.stranger.tap(note, data=yes)
        assert theirs.text is not None and "role owner" in theirs.text
        assert await leverage(talk) == 3
        assert (await talk.trader.tap(card, "Confirm now")).text == "In force now."
        assert await leverage(talk) == 5
        assert (await talk.trader.tap(card, data=yes)).text is not None
        await talk.owner.sees("Looser limits are in force")
        await talk.end()

    virtual_loop.run(main, 8)
