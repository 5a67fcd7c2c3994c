"""Somebody with a phone against the desk: roles that changed meanwhile, secrets typed late, others' alarms (T3, T5)."""
from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from bot.chat import questions
from bot.chat.alarms import open_alarms
from bot.desk.enter import write
from bot.domain.events_control import KeyTrouble
from bot.domain.ids import PersonId
from bot.domain.limits import Limits
from bot.domain.record import from_plain
from bot.sandbox.telegram import groups
from bot.sandbox.telegram.state import Chat
from tests.support import virtual_loop
from tests.support.talking import OWNER, PIN, TRADER, Talk

VIEWER = 7003
TWO_OWNERS = {OWNER: ["OWNER"], TRADER: ["OWNER"], VIEWER: ["VIEWER"]}


async def leverage(talk: Talk) -> Decimal | None:
    assert talk.life is not None
    rows = await talk.life.seat.ledger.read(lambda tx: tx.desk.limits())
    return next((from_plain(Limits, one.values).leverage for one in rows if one.scope == "account"), None)


def stored(directory: Path, words: str) -> list[str]:
    """Name the files below a directory that hold these words."""
    return [one.name for one in directory.rglob("*") if one.is_file() and words.encode() in one.read_bytes()]


def test_a_second_factor_counts_only_for_the_role_one_still_has(tmp_path: Path) -> None:
    """T3: asked as an owner, answered as a trader."""

    async def main() -> None:
        talk = Talk(tmp_path, 11, roles=TWO_OWNERS)
        await talk.begin()
        await talk.owner.ask("/halt", "halted")
        for words in ("/resume", "/role 7003 owner"):
            await talk.trader.ask(words, "Type your PIN")
        await talk.owner.ask(f"/role {TRADER} trader", "Type your PIN")
        await talk.owner.ask(PIN, "trader")
        late = talk.trader.say(PIN)
        await talk.trader.sees("Nobody asked for a PIN", late)
        assert talk.life is not None
        now = talk.clock.now()
        await talk.life.seat.ledger.transact(
            lambda tx: questions.put(tx, PersonId(TRADER), "pin", now, 60.0, act="resume", data={})
        )
        await talk.trader.ask(PIN, "does not allow it any more")
        assert (await talk.life.desk.status()).trading.value == "HALTED"
        people = await talk.life.seat.ledger.read(lambda tx: tx.people.all())
        assert {int(one.person): [role.value for role in one.roles] for one in people} == {
            OWNER: ["OWNER"], TRADER: ["TRADER"], VIEWER: ["VIEWER"]}
        await talk.end()

    virtual_loop.run(main, 11)


def test_a_looser_limit_dies_with_the_role_of_who_wished_it(tmp_path: Path) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 12, roles=TWO_OWNERS)
        await talk.begin()
        await talk.owner.ask("/limits set leverage=3", "Limits")
        await talk.trader.ask("/limits set leverage=50", "Loosen")
        await talk.trader.ask(PIN, "Looser limits wait")
        await talk.owner.ask(f"/revoke {TRADER}", "Type your PIN")
        await talk.owner.ask(PIN, "owner")
        await talk.clock.sleep(700)
        assert await leverage(talk) == 3
        await talk.end()

    virtual_loop.run(main, 12)


def test_a_pin_typed_too_late_is_not_kept_not_repeated_and_deleted(tmp_path: Path) -> None:
    """Security section 8: never echo a refused secret; delete it."""

    async def main() -> None:
        talk = Talk(tmp_path, 13)
        await talk.begin()
        number = talk.owner.say("739154")
        await talk.owner.sees("Nobody asked for a PIN", number)
        await talk.clock.sleep(2)
        assert talk.telegram.chats[OWNER].messages[number].deleted
        assert not [one for one in talk.owner.heard() if "739154" in one["text"]]
        await talk.end()

    virtual_loop.run(main, 13)
    assert stored(tmp_path, "739154") == []


def test_an_invitation_is_nowhere_but_in_the_message_that_shows_it(tmp_path: Path) -> None:
    async def main() -> list[str]:
        talk = Talk(tmp_path, 14)
        await talk.begin()
        await talk.owner.ask("/invite owner", "Type your PIN")
        shown = await talk.owner.ask(PIN, "Link for one owner")
        await talk.end()
        return [shown["text"].rpartition("/start ")[2].split()[0]]

    [code] = virtual_loop.run(main, 14)
    assert len(code) == 12 and stored(tmp_path, code) == []


def test_nobody_quiets_an_alarm_that_was_not_told_to_them(tmp_path: Path) -> None:
    """T3: a viewer with a forged press; the owners' alarm rings on."""

    async def main() -> None:
        talk = Talk(tmp_path, 15, roles=TWO_OWNERS)
        life = await talk.begin()
        now = talk.clock.now()
        trouble = KeyTrouble(what="The key was refused.", remedy="Look.")
        await life.seat.ledger.transact(lambda tx: write(tx, trouble, now, "venue"))
        alarm = await talk.owner.sees("key needs attention")
        seq = next(iter(await life.seat.ledger.read(open_alarms)))
        menu = await talk.stranger.ask("/me", "You are viewer")
        said = await talk.stranger.tap(menu, data=f"a:{seq}:ok")
        assert said.text is not None and "somebody else" in said.text
        assert seq in await life.seat.ledger.read(open_alarms)
        assert (await talk.owner.tap(alarm, "Got it")).text == "Noted."
        assert seq not in await life.seat.ledger.read(open_alarms)
        await talk.end()

    virtual_loop.run(main, 15)


def test_a_group_that_moved_has_to_be_opened_anew(tmp_path: Path) -> None:
    """FF-100: the new number of a group is another group."""

    async def main() -> None:
        talk = Talk(tmp_path, 16)
        await talk.begin()
        chat = groups.open_group(talk.telegram, OWNER, "Desk", {TRADER}, supergroup=False)
        assert isinstance(chat, Chat)
        talk.owner.say("/start", chat_id=chat.id)
        await talk.clock.sleep(2)
        talk.trader.say("/positions", chat_id=chat.id)
        await talk.clock.sleep(2)
        assert any("No open positions" in one.text for one in chat.messages.values())
        moved = groups.upgrade(talk.telegram, chat.id, OWNER)
        assert isinstance(moved, Chat)
        for words in ("/positions", "/long btc $100 sl 2%", "/halt"):
            talk.trader.say(words, chat_id=moved.id)
        await talk.clock.sleep(5)
        assert not [one.text for one in moved.messages.values() if one.sender_id == talk.telegram.bot.id]
        assert talk.orders() == 0
        await talk.end()

    virtual_loop.run(main, 16)
