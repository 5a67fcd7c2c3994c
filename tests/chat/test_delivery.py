"""Deliver over real sockets: order, pace, floods, outages, crashes, blocked chats (FF-85 to FF-90, FF-99, FF-101)."""
from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.chat.card import Card, press
from bot.chat.delivery import hear_again
from bot.chat.outbox import show
from bot.chat.prefs import Prefs, save_prefs, with_quiet
from bot.chat.render.text import card
from bot.domain import events as e
from bot.domain.ids import PersonId
from bot.domain.instrument import ProductLine
from bot.domain.refusal import Refusal
from bot.ports.ledger_rows import MessageState
from bot.ports.messenger import Button, Delivered, Message
from bot.sandbox.telegram.limits import TELEGRAM
from tests.chat.delivering import CHIP, OWNER, TRADER, Half, half
from tests.domain.builders import fill


def plain_card(words: str, **more: Any) -> Card:
    return replace(card(CHIP, words), **more)


async def queue(found: Half, *cards: Card, chat: int = OWNER, **more: Any) -> None:
    for one in cards:
        await found.ledger.transact(
            lambda tx, it=one: show(tx, chat, it, found.clock.now(), **more))  # type: ignore[misc]
    found.delivery.wake()


async def test_a_chat_keeps_its_order_and_another_chat_does_not_wait(tmp_path: Path) -> None:
    async with half(tmp_path) as found:
        found.fault("telegram_blocked", chat=TRADER)
        await queue(found, *(plain_card(f"number {n}") for n in range(5)), chat=TRADER)
        await queue(found, *(plain_card(f"number {n}") for n in range(3)))
        await found.until(lambda: len(found.texts()) == 3)
        assert [text.split(" ·")[0] for text in found.texts()] == ["number 0", "number 1", "number 2"]
        assert found.texts(TRADER) == []


async def test_a_card_is_edited_in_place_and_an_equal_one_changes_nothing(tmp_path: Path) -> None:
    async with half(tmp_path) as found:
        await queue(found, plain_card("first", key="proposal:1"))
        await found.until(lambda: found.texts() == ["first · 🧪 SANDBOX"])
        await queue(found, plain_card("second", key="proposal:1"), plain_card("second", key="proposal:1"))
        await found.until(lambda: found.texts() == ["second · 🧪 SANDBOX"])
        await found.quiet()
        assert found.emulator.calls["sendmessage"] == 1 and found.emulator.calls["editmessagetext"] == 1


async def test_an_unmodified_edit_counts_as_delivered(tmp_path: Path) -> None:
    """FF-101."""
    async with half(tmp_path, start=False) as found:
        message = Message(html="same", plain="same")
        sent = await found.messenger.tell(OWNER, message)
        assert isinstance(sent, Delivered)
        assert await found.messenger.retell(OWNER, sent.ref, message) == sent


async def test_refused_markup_goes_out_plain_at_once(tmp_path: Path) -> None:
    """FF-88."""
    async with half(tmp_path) as found:
        await queue(found, Card(html="PnL <-5%", plain="PnL <-5%"))
        await found.until(lambda: found.texts() == ["PnL <-5%"])


async def test_a_flood_wait_is_honoured_exactly_and_per_chat(tmp_path: Path) -> None:
    """FF-86."""
    async with half(tmp_path) as found:
        found.fault("telegram_flood", s=7, chat=OWNER)
        await queue(found, plain_card("late"))
        await queue(found, plain_card("at once"), chat=TRADER)
        await found.until(lambda: len(found.texts(TRADER)) == 1)
        await found.pass_time(6.5, step=0.5)
        assert found.texts() == [] and found.emulator.calls["sendmessage"] == 2
        await found.pass_time(1.5, step=0.5)
        await found.until(lambda: len(found.texts()) == 1)
        assert found.emulator.calls["sendmessage"] == 3


async def test_the_pace_stays_under_the_limits_of_the_service(tmp_path: Path) -> None:
    async with half(tmp_path, allowance=TELEGRAM) as found:
        for number in range(8):
            await queue(found, plain_card(f"number {number}"))
        await found.pass_time(12)
        await found.quiet()
        assert len(found.texts()) == 8
        assert found.emulator.calls["sendmessage"] == 8  # not one 429


async def test_thirty_minutes_without_telegram_lose_nothing(tmp_path: Path) -> None:
    """One digest, critical first, everything named (reliability I15, features 4 number 19)."""
    async with half(tmp_path) as found:
        found.fault("telegram_down")
        missed = []
        for number in range(29):
            amount = Decimal(number + 1) / 1000
            await found.happen(e.Transferred(line=ProductLine.USDT, coin="USDT", amount=amount * 10_000,
                                             words=f"line {number}", bill_id=str(number), at=found.clock.now()))
            missed.append(f"{amount * 10_000:,.2f}")
            if number == 20:
                await found.happen(e.KeyTrouble(what="The key was refused.", remedy="Make a new one."))
            await found.pass_time(62)
        assert found.texts() == []
        found.fault("clear")
        await found.pass_time(60)
        await found.quiet()
        texts = found.texts()
        first = next(n for n, text in enumerate(texts) if "key needs attention" in text)
        digests = [n for n, text in enumerate(texts) if "While the chat was away" in text]
        assert len(digests) == 1 and first < digests[0]
        assert all(f"+{amount}" in texts[digests[0]] for amount in missed)
        assert len([one for one in texts if "Transfer" in one.split("\n")[0]]) == 0


@pytest.mark.parametrize("lost", ["telegram_lost_answer", "telegram_lost_request"])
async def test_a_lost_answer_makes_at_most_a_copy_with_the_same_id(tmp_path: Path, lost: str) -> None:
    """FF-89, FF-90."""
    async with half(tmp_path) as found:
        found.fault(lost, method="sendMessage")
        await found.happen(e.StreamLost(line=ProductLine.USDT, why="silence"))
        await found.pass_time(30)
        await found.quiet()
        copies = [one for one in found.texts() if "Stream lost" in one]
        assert len(copies) == (2 if lost == "telegram_lost_answer" else 1)
        assert len({one.split("e-")[1] for one in copies}) == 1


async def test_answers_that_are_always_lost_make_three_copies_and_no_more(tmp_path: Path) -> None:
    async with half(tmp_path) as found:
        found.fault("telegram_lost_answer", method="sendMessage", times=50)
        await found.happen(e.Transferred(line=ProductLine.USDT, coin="USDT", amount=Decimal(1), words="x", bill_id="1",
                                         at=found.clock.now()))
        await found.pass_time(300)
        assert len(found.texts()) == 3
        dead = await found.rows(MessageState.DEAD)
        assert len(dead) == 1 and "may have arrived" in str(dead[0].why)


@pytest.mark.parametrize("at", ["claimed", "sent", "recorded"])
async def test_a_crash_at_any_step_of_sending_loses_nothing(tmp_path: Path, at: str) -> None:
    async with half(tmp_path, start=False) as found:
        tell, reached = found.messenger.tell, asyncio.Event()

        async def interrupted(chat: int, message: Message) -> Any:
            if at != "claimed":
                await tell(chat, message)
            reached.set()
            await asyncio.Event().wait()

        if at != "recorded":
            found.messenger.tell = interrupted  # type: ignore[method-assign,assignment]
        found.start()
        await queue(found, plain_card("once"))
        if at == "recorded":
            await found.until(lambda: len(found.texts()) == 1)
            await found.quiet()
        else:
            await asyncio.wait_for(reached.wait(), 4)
        await found.stop()
        found.messenger.tell = tell  # type: ignore[method-assign]
        found.reborn()
        await found.pass_time(5)
        await found.quiet()
        assert len(found.texts()) == (2 if at == "sent" else 1)
        assert [row.state for row in await found.rows()] == [MessageState.SENT]


async def test_a_blocked_chat_keeps_its_messages_and_is_told_of_once(tmp_path: Path) -> None:
    """FF-99: the others hear of it, and what was missed comes when the chat is back."""
    async with half(tmp_path) as found:
        found.fault("telegram_blocked", chat=TRADER)
        for number in range(4):
            await queue(found, plain_card(f"missed {number}"), chat=TRADER)
        await found.until(lambda: any("Cannot write" in one for one in found.texts()))
        await found.pass_time(900, step=10)
        assert sum("Cannot write" in one for one in found.texts()) == 1
        found.fault("clear")
        await found.ledger.transact(lambda tx: hear_again(tx, TRADER, found.clock.now()))
        found.delivery.wake()
        await found.quiet()
        assert all(f"missed {number}" in "".join(found.texts(TRADER)) for number in range(4))


async def test_a_deleted_card_is_sent_anew(tmp_path: Path) -> None:
    async with half(tmp_path) as found:
        await queue(found, plain_card("first", key="k"))
        await found.until(lambda: len(found.texts()) == 1)
        message = max(found.world.chats[OWNER].messages)
        found.world.chats[OWNER].messages[message].deleted = True
        await queue(found, plain_card("second", key="k"))
        await found.pass_time(3)
        await found.until(lambda: found.texts() == ["second · 🧪 SANDBOX"])


async def test_a_burst_becomes_one_message_and_a_ladder_one_card(tmp_path: Path) -> None:
    """Features 4 number 25: at most a handful of messages a minute, no critical one delayed."""
    async with half(tmp_path, allowance=TELEGRAM) as found:
        for number in range(40):
            await found.happen(e.FundingPaid(symbol=fill().symbol, amount=Decimal(number), coin="USDT",
                                             bill_id=str(number), at=found.clock.now()))
        await found.happen(e.KeyTrouble(what="Refused.", remedy="Renew."))
        await found.pass_time(20)
        await found.quiet()
        assert len(found.texts()) <= 6
        assert any("key needs attention" in one for one in found.texts()[:3])


async def test_quiet_hours_make_silence_and_critical_pierces_them(tmp_path: Path) -> None:
    async with half(tmp_path) as found:
        prefs = with_quiet(Prefs(), "11:00-13:00")
        assert not isinstance(prefs, Refusal)
        await found.ledger.transact(lambda tx: save_prefs(tx, PersonId(OWNER), prefs, found.clock.now()))
        await found.happen(e.StreamLost(line=ProductLine.USDT, why="silence"))
        await found.happen(e.KeyTrouble(what="Refused.", remedy="Renew."))
        await found.until(lambda: len(found.texts()) >= 2)
        shown = list(found.world.chats[OWNER].messages.values())
        loud = {one.text.split("\n")[0]: not one.silent for one in shown if one.kind != "service"}
        assert [loud[one] for one in loud if "Stream" in one] == [False]
        assert [loud[one] for one in loud if "key" in one] == [True]


async def test_buttons_reach_the_phone_with_their_styles(tmp_path: Path) -> None:
    async with half(tmp_path) as found:
        rows = ((Button(label="Go", data=press("p", "abc", "y", "12345678"), style="success"),
                 Button(label="Copy", copy="wd-1")),)
        await queue(found, plain_card("press", rows=rows))
        await found.until(lambda: len(found.texts()) == 1)
        message = list(found.world.chats[OWNER].messages.values())[-1]
        assert message.keyboard is not None
        shown = message.keyboard["inline_keyboard"][0]
        assert shown[0]["callback_data"] == "p:abc:y:12345678" and shown[0]["style"] == "success"
        assert shown[1]["copy_text"] == {"text": "wd-1"}




async def test_an_answer_is_told_by_itself_and_a_card_once_in_a_storm(tmp_path: Path) -> None:
    """Whoever asks gets the card first, however many alerts were queued before it (T18): a flood delays no answer."""
    async with half(tmp_path, start=False) as found:
        await queue(found, *(plain_card(f"News {n}") for n in range(14)), severity="NORMAL")
        await queue(found, *(plain_card(f"{n} of 3 filled", key="one") for n in range(3)), severity="NORMAL")
        soon = found.clock.now() + timedelta(seconds=60)
        await queue(found, plain_card("Buy 1 BTC"), until=soon.isoformat())
        found.start()
        await found.quiet()
        texts = found.texts()
        assert [one.split("\n")[0] for one in texts] == ["Buy 1 BTC · 🧪 SANDBOX",
                                                         "⏳ 15 messages at once · 🧪 SANDBOX"]
        assert "2 of 3 filled" in texts[1] and "1 of 3 filled" not in texts[1]
