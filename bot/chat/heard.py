"""Hear what an update says: a typed message or a press by a real person, or why it may never be obeyed. Pure.

These are checks 2 to 4 of security section 2: edits, channel posts, forwards, messages through bots, anonymous
admins and machines carry no commands (FF-94, FF-103, FF-105). What a person forwards is heard as that and nothing
else: it can become a proposal, never a command or an answer.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from telegram import (
    Message,
    MessageEntity,
    MessageOrigin,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
    Update,
)
from telegram.constants import ChatType

from bot.domain.ids import PersonId

# GroupAnonymousBot, Channel_Bot and Telegram's own account: never a person (FF-105).
NOBODIES = frozenset({1087968824, 136817688, 777000})
ALLOWED_UPDATES = ("message", "callback_query", "my_chat_member")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A person wrote `text` at `at`; `command` tells that it begins with a command meant for this bot."""

    update: int
    person: PersonId
    name: str
    chat: int
    private: bool
    message: int
    text: str
    at: datetime
    command: bool
    quoted: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """A person passed on somebody else's `text` at `at`; `source` names whose words they are, as the service shows."""

    update: int
    person: PersonId
    name: str
    chat: int
    private: bool
    message: int
    text: str
    at: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A person pressed a button; `message` is the card's number, None where the service does not say."""

    update: int
    person: PersonId
    name: str
    chat: int | None
    private: bool
    message: int | None
    query: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """Not to be obeyed; `why` in a few words for the inbox."""

    update: int
    why: str
    person: int | None = None
    chat: int | None = None


Heard = Said | Forwarded | Pressed


def hear(update: Update, bot_name: str) -> Heard | Unheard:
    """Read an update; only an original message of a person, a press, or what a person forwards is heard."""
    if update.callback_query is not None:
        return _press(update)
    if update.message is None:
        kind = next((name for name in update.to_dict() if name != "update_id"), "an unknown kind")
        return Unheard(update=update.update_id, why=f"{kind.replace('_', ' ')} carries no command")
    message = update.message
    sender = message.from_user
    why = _unfit(message)
    if why is not None or sender is None:
        return Unheard(
            update=update.update_id, why=why or "without a sender", person=sender.id if sender else None,
            chat=message.chat_id,
        )
    if message.forward_origin is not None:
        return Forwarded(
            update=update.update_id, person=PersonId(sender.id), name=sender.full_name, chat=message.chat_id,
            private=_private(message), message=message.message_id, text=message.text or message.caption or "",
            at=message.date, source=_source(message.forward_origin),
        )
    command = _is_command(message, bot_name)
    if command is None:
        return Unheard(
            update=update.update_id, why="meant for another bot", person=sender.id, chat=message.chat_id
        )
    quoted = message.reply_to_message.text if message.reply_to_message is not None else None
    return Said(
        update=update.update_id,
        person=PersonId(sender.id),
        name=sender.full_name,
        chat=message.chat_id,
        private=_private(message),
        message=message.message_id,
        text=message.text or "",
        at=message.date,
        command=command,
        quoted=quoted,
    )


def _unfit(message: Message) -> str | None:
    sender = message.from_user
    if message.sender_chat is not None or sender is None:
        return "sent in the name of a chat"
    if sender.is_bot or sender.id in NOBODIES:
        return "sent by a machine or nobody in particular"
    if message.is_automatic_forward or message.via_bot is not None:
        return "sent through another bot"
    if message.text is None and (message.forward_origin is None or message.caption is None):
        return "without text"
    return None


def _private(message: Message) -> bool:
    sender = message.from_user
    return message.chat.type == ChatType.PRIVATE and sender is not None and message.chat_id == sender.id


def _source(origin: MessageOrigin) -> str:
    """Name whose words were forwarded; the name is outside text and proves nothing."""
    if isinstance(origin, MessageOriginChannel):
        return origin.chat.title or "a channel"
    if isinstance(origin, MessageOriginChat):
        return origin.sender_chat.title or "a chat"
    if isinstance(origin, MessageOriginUser):
        return origin.sender_user.full_name
    return origin.sender_user_name if isinstance(origin, MessageOriginHiddenUser) else "somebody"


def _is_command(message: Message, bot_name: str) -> bool | None:
    """Tell whether a message is a command for this bot; None for one addressed to another bot."""
    first = message.entities[0] if message.entities else None
    if first is None or first.type != MessageEntity.BOT_COMMAND or first.offset != 0:
        return False
    name = (message.text or "")[: first.length]
    _, _, addressed = name.partition("@")
    return None if addressed and addressed.lower() != bot_name.lower() else True


def _press(update: Update) -> Pressed | Unheard:
    query = update.callback_query
    assert query is not None
    chat = query.message.chat if query.message is not None else None
    if query.from_user.is_bot or query.from_user.id in NOBODIES or query.data is None:
        return Unheard(update=update.update_id, why="pressed by nobody in particular", person=query.from_user.id)
    return Pressed(
        update=update.update_id,
        person=PersonId(query.from_user.id),
        name=query.from_user.full_name,
        chat=chat.id if chat is not None else None,
        private=chat is not None and chat.type == ChatType.PRIVATE and chat.id == query.from_user.id,
        message=query.message.message_id if query.message is not None else None,
        query=query.id,
        data=query.data,
    )
