"""Real clients run against the emulator over real sockets: an echo bot with buttons, photo, edit and answer."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiogram
import pytest
import telebot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import BufferedInputFile
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TimedOut
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, filters
from telegram.request import HTTPXRequest

from bot.sandbox.telegram import groups, people
from bot.sandbox.telegram.people import Said, Tapped
from bot.sandbox.telegram.server import Served
from bot.sandbox.telegram.state import Message
from tests.sandbox.telegram.conftest import png, until


def _private(served: Served, name: str) -> list[Message]:
    world = served.emulator.world
    return list(world.chats[world.person_named(name).id].messages.values())


async def _story(served: Served) -> None:
    """What the owner does with any of the echo bots, and what must come of it."""
    world = served.emulator.world
    owner = world.person_named("owner").id
    said = people.say(world, owner, "/start now")
    assert isinstance(said, Said)
    await until(lambda: len(_private(served, "owner")) >= 3)
    card, picture = _private(served, "owner")[1:3]
    assert card.text == "Hello owner" and card.entities[0]["type"] == "bold"
    assert picture.kind == "photo" and picture.text == "a chart"
    assert (picture.photo[-1]["width"], picture.photo[-1]["height"]) == (200, 100)
    tapped = await people.tap(world, owner, card.id, label="Approve", seconds=4)
    assert tapped == Tapped(answered=True, text="Thanks", alert=True)
    await until(lambda: card.text == "Approved")
    assert card.keyboard is None and card.edit_date is not None


@contextlib.asynccontextmanager
async def ptb(served: Served) -> AsyncIterator[Application[Any, Any, Any, Any, Any, Any]]:
    token = served.emulator.world.bot.token
    requests = [HTTPXRequest(httpx_kwargs={"trust_env": False}) for _ in range(2)]
    app = (
        Application.builder()
        .token(token)
        .base_url(f"{served.root}/bot")
        .base_file_url(f"{served.root}/file/bot")
        .request(requests[0])
        .get_updates_request(requests[1])
        .build()
    )
    await app.initialize()
    await app.start()
    try:
        yield app
    finally:
        if app.updater is not None and app.updater.running:
            await app.updater.stop()
        await app.stop()
        await app.shutdown()


async def test_python_telegram_bot_serves_the_story(served: Served) -> None:
    async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None and update.effective_user is not None
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Approve", callback_data="ap:1", style="success")]])
        await update.message.reply_text(
            f"<b>Hello</b> {update.effective_user.first_name}",
            parse_mode="HTML",
            reply_markup=keyboard,
        )
        await update.message.reply_photo(png(200, 100), caption="a chart")

    async def press(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.callback_query is not None
        await update.callback_query.answer("Thanks", show_alert=True)
        await update.callback_query.edit_message_text("Approved")

    async with ptb(served) as app:
        app.add_handler(CommandHandler("start", start, filters=filters.UpdateType.MESSAGE))
        app.add_handler(CallbackQueryHandler(press))
        assert app.updater is not None
        await app.updater.start_polling(timeout=1)
        await _story(served)


async def test_aiogram_serves_the_story(served: Served) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(served.root))
    bot = aiogram.Bot(served.emulator.world.bot.token, session=session)
    dispatcher = aiogram.Dispatcher()

    @dispatcher.message(aiogram.filters.CommandStart())
    async def start(message: aiogram.types.Message) -> None:
        assert message.from_user is not None
        button = aiogram.types.InlineKeyboardButton(text="Approve", callback_data="ap:1")
        markup = aiogram.types.InlineKeyboardMarkup(inline_keyboard=[[button]])
        await message.answer(f"<b>Hello</b> {message.from_user.first_name}", parse_mode="HTML", reply_markup=markup)
        await message.answer_photo(BufferedInputFile(png(200, 100), "chart.png"), caption="a chart")

    @dispatcher.callback_query()
    async def press(query: aiogram.types.CallbackQuery) -> None:
        await query.answer("Thanks", show_alert=True)
        assert isinstance(query.message, aiogram.types.Message)
        await query.message.edit_text("Approved")

    polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, polling_timeout=1))
    try:
        await _story(served)
    finally:
        await dispatcher.stop_polling()
        await polling
        await bot.session.close()


async def test_pytelegrambotapi_serves_the_story(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(telebot.apihelper, "API_URL", served.root + "/bot{0}/{1}")
    bot = telebot.TeleBot(served.emulator.world.bot.token, threaded=False)

    @bot.message_handler(commands=["start"])
    def start(message: Any) -> None:
        markup = telebot.types.InlineKeyboardMarkup()
        markup.add(telebot.types.InlineKeyboardButton("Approve", callback_data="ap:1"))
        bot.send_message(
            message.chat.id,
            f"<b>Hello</b> {message.from_user.first_name}",
            parse_mode="HTML",
            reply_markup=markup,
        )
        bot.send_photo(message.chat.id, png(200, 100), caption="a chart")

    @bot.callback_query_handler(func=lambda query: True)
    def press(query: Any) -> None:
        bot.answer_callback_query(query.id, "Thanks", show_alert=True)
        bot.edit_message_text("Approved", query.message.chat.id, query.message.message_id)

    polling = threading.Thread(target=lambda: bot.infinity_polling(timeout=5, long_polling_timeout=1))
    polling.start()
    try:
        await _story(served)
    finally:
        bot.stop_polling()
        await asyncio.to_thread(polling.join)
        telebot.apihelper._get_req_session(reset=True).close()


async def test_python_telegram_bot_reads_every_refusal(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    world = served.emulator.world
    owner, stranger = world.person_named("owner").id, world.person_named("stranger").id
    async with ptb(served) as app:
        with pytest.raises(Forbidden, match="can't initiate conversation"):
            await app.bot.send_message(stranger, "hello")
        with pytest.raises(BadRequest, match=r"[Cc]hat not found"):
            await app.bot.send_message(99, "hello")
        people.set_mood(world, owner, "blocked")
        with pytest.raises(Forbidden, match="blocked by the user"):
            await app.bot.send_message(owner, "hello")
        people.set_mood(world, owner, "active")
        world.faults.set("telegram_flood", {"s": 7, "times": 1}, world.now())
        with pytest.raises(RetryAfter) as wait:
            await app.bot.send_message(owner, "hello")
        assert wait.value.retry_after == timedelta(seconds=7)
        old = groups.open_group(world, owner, "Desk", set(), supergroup=False)
        new = groups.upgrade(world, old.id, owner)  # type: ignore[union-attr]
        with pytest.raises(ChatMigrated) as moved:
            await app.bot.send_message(old.id, "hello")  # type: ignore[union-attr]
        assert moved.value.new_chat_id == new.id  # type: ignore[union-attr]
        world.faults.set("telegram_slow", {"ms": 300, "times": 1}, world.now())
        with pytest.raises(TimedOut):
            await app.bot.send_message(owner, "late", read_timeout=0.02)


async def test_python_telegram_bot_decodes_the_wide_shapes(served: Served) -> None:
    world = served.emulator.world
    owner = world.person_named("owner").id
    async with ptb(served) as app:
        bot = app.bot
        group = await bot.send_media_group(owner, [InputMediaPhoto(png(30, 20)), InputMediaPhoto(png(20, 30))])
        assert len({m.media_group_id for m in group}) == 1
        document = await bot.send_document(
            owner, b"a,b\n1,2\n", filename="trades é.csv", caption="<b>CSV</b>", parse_mode="HTML"
        )
        assert document.document is not None and document.document.file_name == "trades é.csv"
        kept = await bot.get_file(document.document.file_id)
        assert bytes(await kept.download_as_bytearray()) == b"a,b\n1,2\n"
        assert (await bot.pin_chat_message(owner, document.message_id)) is True
        chat = await bot.get_chat(owner)
        assert chat.pinned_message is not None and chat.pinned_message.message_id == document.message_id
        assert await bot.set_message_reaction(owner, document.message_id, "👀")
        await bot.set_my_commands([("dash", "Live dashboard")])
        assert [c.command for c in await bot.get_my_commands()] == ["dash"]
        assert (await bot.get_chat_member(owner, owner)).status == "member"
        edited = await bot.edit_message_media(InputMediaPhoto(png(9, 9), caption="new"), owner, group[0].message_id)
        assert isinstance(edited, type(document)) and edited.caption == "new"
        assert (await bot.get_webhook_info()).pending_update_count >= 1
