"""Speak to people by the Bot API: cards as messages, and every failure sorted into what may be done about it.

Not sent (connect, pool) → Later; unknown (read timeout, 5xx) → Doubtful; refused (400) → plain text once, then
Refused; 403 → Unreachable; wait (429) → Later, exactly as told (FF-86, FF-88, FF-90, bot_api.md section 6).
"""
from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

from telegram import (
    Bot,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaPhoto,
    LinkPreviewOptions,
)
from telegram import Message as Sent
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.ports.messenger import (
    Button,
    Delivered,
    Delivery,
    Doubtful,
    Gone,
    Later,
    Message,
    Moved,
    Refused,
    Unreachable,
)

log = logging.getLogger(__name__)

AGAIN_S = 2.0
TOKEN_AGAIN_S = 60.0
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
UNSENT = ("no connection", "connection pool", "pool timeout", "connecterror", "connecttimeout")
GONE = ("message to edit not found", "message can't be edited", "no text in the message", "no caption in the message",
        "message_id_invalid", "message identifier is not specified")


class TelegramMessenger:
    """The messenger behind `ports.messenger.Messenger`."""

    def __init__(self, bot: Bot) -> None:
        """Bind to an initialised bot, whose owner shuts it down."""
        self._bot = bot
        self._pinned: dict[int, int] = {}

    async def tell(self, chat: int, message: Message) -> Delivery:
        """Send a message; refused markup goes out plain at once, a refused picture's caption alone (FF-88)."""
        told = await self._meet(lambda plain: self._send(chat, message, plain))
        if isinstance(told, Refused) and message.photo is not None:
            log.error("A picture was refused, sending its words: %s", told.why)
            bare = replace(message, photo=None)
            return await self._meet(lambda plain: self._send(chat, bare, plain))
        return told

    async def retell(self, chat: int, ref: int, message: Message) -> Delivery:
        """Edit a message in place; an unchanged one counts as delivered (FF-101)."""

        async def edit(plain: bool) -> int:
            await self._edit(chat, ref, message, plain)
            return ref

        return await self._meet(edit, ref=ref)

    async def pin(self, chat: int, ref: int) -> Delivery:
        """Pin silently and unpin what was pinned before by this process."""

        async def pinned(plain: bool) -> int:
            await self._bot.pin_chat_message(chat, ref, disable_notification=True)
            before = self._pinned.get(chat)
            if before is not None and before != ref:
                await self._bot.unpin_chat_message(chat, before)
            self._pinned[chat] = ref
            return ref

        return await self._meet(pinned, ref=ref)

    async def alive(self) -> bool:
        """Ask who we are: the cheapest call there is."""
        try:
            await self._bot.get_me()
        except TelegramError:
            return False
        return True

    async def _send(self, chat: int, message: Message, plain: bool) -> int:
        words: dict[str, Any] = {
            "reply_markup": keyboard(message.buttons),
            "disable_notification": message.silent,
            "protect_content": message.protect or None,
            "message_thread_id": message.topic,
        }
        text, mode = _words(message, plain)
        sent: Sent
        if message.photo is not None:
            sent = await self._bot.send_photo(chat, InputFile(message.photo, filename="chart.png"), caption=text,
                                              parse_mode=mode, **words)
        elif message.document is not None:
            file = InputFile(message.document, filename=message.file_name or "wiredesk.csv")
            sent = await self._bot.send_document(chat, file, caption=text, parse_mode=mode, **words)
        else:
            sent = await self._bot.send_message(chat, text, parse_mode=mode, link_preview_options=NO_PREVIEW, **words)
        return sent.message_id

    async def _edit(self, chat: int, ref: int, message: Message, plain: bool) -> None:
        text, mode = _words(message, plain)
        markup = keyboard(message.buttons)
        if message.photo is not None:
            media = InputMediaPhoto(message.photo, caption=text, parse_mode=mode)
            await self._bot.edit_message_media(media, chat, ref, reply_markup=markup)
        else:
            await self._bot.edit_message_text(text, chat, ref, parse_mode=mode, reply_markup=markup,
                                              link_preview_options=NO_PREVIEW)

    async def _meet(self, act: Any, ref: int = 0) -> Delivery:
        """Carry out and sort what went wrong; the order of the clauses is that of the library's classes."""
        try:
            return Delivered(ref=await act(False))
        except BadRequest as refused:
            if "can't parse" not in refused.message.lower():
                return sort(refused, ref)
            log.error("Our markup was refused, sending plain: %s", refused.message)
        except TelegramError as fault:
            return sort(fault, ref)
        try:
            return Delivered(ref=await act(True))
        except TelegramError as fault:
            return sort(fault, ref)


def sort(fault: TelegramError, ref: int = 0) -> Delivery:
    """Say what a failure means; "not modified" is a success."""
    words = fault.message or type(fault).__name__
    lower = words.lower()
    if isinstance(fault, RetryAfter):
        wait = fault.retry_after
        seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
        return Later(seconds=seconds, why=words, flood=True)
    if isinstance(fault, ChatMigrated):
        return Moved(chat=fault.new_chat_id)
    if isinstance(fault, Forbidden) or (isinstance(fault, BadRequest) and "chat not found" in lower):
        return Unreachable(why=words)
    if isinstance(fault, InvalidToken):
        return Later(seconds=TOKEN_AGAIN_S, why="the bot token is not accepted")
    if isinstance(fault, BadRequest):
        if "not modified" in lower:
            return Delivered(ref=ref)
        if any(word in lower for word in GONE):
            return Gone(why=words)
        return Refused(why=words)
    if isinstance(fault, NetworkError):
        unsent = any(word in lower for word in UNSENT) or "Connect" in type(fault.__cause__).__name__
        if unsent:
            return Later(seconds=AGAIN_S, why=words)
        if "too many requests" in lower:
            return Later(seconds=AGAIN_S, why=words, flood=True)
        return Doubtful(why="no answer in time" if isinstance(fault, TimedOut) else words)
    return Doubtful(why=words)


def keyboard(rows: tuple[tuple[Button, ...], ...]) -> InlineKeyboardMarkup | None:
    """Build the rows of buttons; None for none, which on an edit takes the old ones away."""
    if not rows:
        return None
    return InlineKeyboardMarkup([[_button(one) for one in row] for row in rows])


def _button(button: Button) -> InlineKeyboardButton:
    if button.copy is not None:
        return InlineKeyboardButton(button.label, copy_text=CopyTextButton(button.copy), style=button.style)
    return InlineKeyboardButton(button.label, callback_data=button.data, url=button.url, style=button.style)


def _words(message: Message, plain: bool) -> tuple[str, str | None]:
    return (message.plain, None) if plain else (message.html, ParseMode.HTML)
