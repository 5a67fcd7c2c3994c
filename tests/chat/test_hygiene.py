"""What may never be obeyed, on the running desk: strangers, edits, forwards, stale and replayed updates (T1, T2)."""
from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.sandbox.telegram import groups, people
from bot.sandbox.telegram.people import Said
from tests.chat.served import Served, served

pytestmark = pytest.mark.asyncio(loop_scope="module")
TRADE = "/long btc $100 5x sl 2%"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("desk")) as world:
        yield world


async def test_a_stranger_gets_one_line_an_hour_and_nothing_else(desk: Served) -> None:
    shown = await desk.stranger.ask("/start", "Your id is 7003")
    for text in (TRADE, "/halt", "/flat", "/start wrong", "/positions", "hello"):
        desk.stranger.say(text)
    ticket = await desk.owner.ask(TRADE, "Expires")
    forged = await desk.stranger.tap(shown, data=_yes(ticket), seconds=1.0)
    assert forged.text is None
    assert len(desk.stranger.heard()) == 1 and await desk.entries() == 0
    assert not any("halted" in one["text"].lower() for one in desk.owner.heard())
    await desk.owner.tap(ticket, "Cancel")


def _yes(ticket: dict[str, object]) -> str:
    rows: list[list[dict[str, str]]] = ticket["buttons"]  # type: ignore[assignment]
    return next(one["data"] for row in rows for one in row if one["text"] == "Place order")


async def test_edits_forwards_and_old_commands_do_nothing(desk: Served) -> None:
    """FF-93, FF-94, FF-103."""
    first = desk.owner.say("just a note")
    desk.owner.say(TRADE, edit_of=first)
    desk.owner.say(TRADE, forwarded=True)
    desk.owner.say("/flat", forwarded=desk.trader.id)
    old = await desk.owner.ask(TRADE, "You sent this", date=int(time.time()) - 94)
    assert "Send it again if you still mean it" in old["text"]
    assert await desk.entries() == 0
    assert not [one for one in desk.owner.heard(first) if "Expires" in one["text"] or "Close everything" in one["text"]]


async def test_halt_is_never_too_old(desk: Served) -> None:
    await desk.trader.ask("/halt", "halted", date=int(time.time()) - 3600)
    await desk.owner.ask("/resume", "Type your PIN")
    await desk.owner.ask("000000", "Trading resumed")


async def test_a_trader_decides_the_own_ticket_but_no_model_and_no_control(desk: Served) -> None:
    ticket = await desk.owner.ask(TRADE, "Expires")
    theirs = await desk.trader.ask("/positions", "No open positions")
    tapped = await desk.trader.tap(theirs, data=_yes(ticket))
    assert tapped.text is not None and "right to approve" in tapped.text
    for text in ("/role 7002 owner", "/invite owner", "/users", "/limits set leverage=20"):
        await desk.trader.ask(text, "needs the role owner")
    await desk.owner.tap(ticket, "Cancel")
    assert await desk.entries() == 0


async def test_forged_buttons_are_not_ours(desk: Served) -> None:
    shown = await desk.owner.ask("/me", "You are owner")
    for data in ("p:NOSUCHONE1:y:00000000", "x:1:2", "p:", "c:resume:now", "o:wd-none:x", "h:BTCUSDT.Q:100", "💥",
                 "a:x:ok"):
        tapped = await desk.owner.tap(shown, data=data)
        assert tapped.answered, data
    assert await desk.entries() == 0


async def test_a_group_reads_only_once_an_owner_opened_it(desk: Served) -> None:
    world = desk.sandbox.telegram.emulator.world
    from_group = {"chat_id": _group(desk)}
    before = len(world.chats[from_group["chat_id"]].messages)
    for text in ("/positions", TRADE, "/halt"):
        desk.trader.say(text, **from_group)
    await desk.owner.ask("/me", "You are owner")
    assert all(one.sender_id != world.bot.id for one in world.chats[from_group["chat_id"]].messages.values())
    desk.owner.say("/start", **from_group)
    await _in_group(desk, from_group["chat_id"], "This group may read")
    desk.trader.say("/positions", **from_group)
    await _in_group(desk, from_group["chat_id"], "No open positions")
    desk.trader.say(TRADE, **from_group)
    await _in_group(desk, from_group["chat_id"], "Groups only read")
    shown = next(number for number, one in world.chats[from_group["chat_id"]].messages.items()
                 if one.sender_id == world.bot.id)
    for data in ("c:lev:btc.5", "c:halt:now", "c:long:BTCUSDT", "c:notify:fill.off", "h:BTCUSDT.L:100"):
        tapped = await people.tap(world, desk.trader.id, shown, press_data=data, **from_group)
        assert isinstance(tapped, people.Tapped) and tapped.text is not None, data
        assert data.startswith("c:notify") or "Groups only read" in tapped.text, (data, tapped.text)
    assert before <= len(world.chats[from_group["chat_id"]].messages) and await desk.entries() == 0


def _group(desk: Served) -> int:
    chat = groups.open_group(desk.sandbox.telegram.emulator.world, desk.owner.id, "Desk", {desk.trader.id})
    assert not isinstance(chat, people.Unable)
    return chat.id


async def _in_group(desk: Served, chat: int, words: str) -> None:
    world = desk.sandbox.telegram.emulator.world
    for _ in range(500):
        if any(words in one.text for one in world.chats[chat].messages.values()):
            return
        await asyncio.sleep(0.02)
    raise AssertionError([one.text for one in world.chats[chat].messages.values()])


async def test_what_was_said_while_the_bot_was_down_is_met_after_the_restart(desk: Served) -> None:
    """FF-92, FF-93: an opening is refused as old where it is, a stop is obeyed at any age."""
    ticket = await desk.owner.ask(TRADE, "Expires")
    await desk.stop()
    desk.owner.say("/short eth $50 sl 2%", date=int(time.time()) - 60)
    pressed = asyncio.create_task(desk.owner.tap(ticket, "Place order"))
    halt = desk.trader.say("/halt", date=int(time.time()) - 60)
    await desk.start()
    await desk.trader.sees("halted", halt)
    await desk.owner.sees("You sent this", ticket["message_id"])
    assert (await pressed).answered
    assert await desk.entries() == 0


async def test_invited_people_come_in_once(desk: Served) -> None:
    world = desk.sandbox.telegram.emulator.world
    guest = world.add_person("guest", username="guest_local", started=True).id
    await desk.owner.ask("/invite viewer", "Type your PIN")
    link = await desk.owner.ask("000000", "Link for one viewer")
    token = link["text"].rpartition("/start ")[2].split()[0]
    said = people.say(world, guest, f"/start {token}")
    assert isinstance(said, Said)
    for _ in range(500):
        texts = [one.text for one in world.chats[guest].messages.values()]
        if any("Desk is ready" in one for one in texts):
            break
        await asyncio.sleep(0.02)
    assert any("Desk is ready" in one for one in texts), texts
    used = desk.stranger.say(f"/start {token}")
    await desk.owner.ask("/users", "guest")
    assert not desk.stranger.heard(used)
