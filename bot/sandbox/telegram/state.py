"""What exists: people, chats, messages, callback queries, the bot's own card. Plain mutable records."""
from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
ChatKind = Literal["private", "group", "supergroup", "channel"]


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody with a phone. `started` means the bot may write to them."""

    id: int
    name: str
    username: str | None = None
    language: str = "en"
    started: bool = False
    blocked: bool = False
    deactivated: bool = False


@dataclass(slots=True, kw_only=True)
class Message:
    """One message; `text` and `entities` are the caption where there is a photo or document."""

    id: int
    chat_id: int
    sender_id: int
    date: int
    kind: Literal["text", "photo", "document", "service"] = "text"
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    photo: list[Json] = field(default_factory=list)
    document: Json | None = None
    file_path: str | None = None
    service: Json = field(default_factory=dict)
    keyboard: Json | None = None
    former_keyboards: list[Json] = field(default_factory=list)
    edit_date: int | None = None
    thread: int | None = None
    media_group: str | None = None
    reply_to: int | None = None
    quote: str | None = None
    forward: Json | None = None
    sender_chat: int | None = None
    via_bot: bool = False
    silent: bool = False
    protected: bool = False
    spoiler: bool = False
    caption_above: bool = False
    link_preview: Json | None = None
    effect: str | None = None
    reactions: dict[int, list[Json]] = field(default_factory=dict)
    pinned: bool = False
    deleted: bool = False
    revision: int = 0


@dataclass(slots=True, kw_only=True)
class Chat:
    """A private chat (its id is the person's), a group, a supergroup or a channel.

    `latest` holds the messages in the order of their last change.
    """

    id: int
    kind: ChatKind
    title: str = ""
    forum: bool = False
    members: set[int] = field(default_factory=set)
    bot_status: Literal["member", "administrator", "left", "kicked"] = "member"
    deleted: bool = False
    migrated_to: int | None = None
    topics: dict[int, str] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    latest: dict[int, Message] = field(default_factory=dict)
    next_id: int = 1
    keyboard: Json | None = None
    action: tuple[str, float] | None = None
    draft: str = ""
    instance: str = ""


@dataclass(slots=True, kw_only=True)
class Callback:
    """One press of a button, waiting for answerCallbackQuery."""

    id: str
    person_id: int
    date: float
    answer: asyncio.Future[Json]


@dataclass(slots=True, kw_only=True)
class Webhook:
    """Where updates are pushed; an empty address means nobody pushes."""

    url: str = ""
    secret: str = ""
    certificate: bool = False
    max_connections: int = 40
    ip_address: str | None = None
    error_date: int | None = None
    error: str | None = None


@dataclass(slots=True, kw_only=True)
class BotCard:
    """The bot's account: names, commands by scope and language, menu buttons."""

    id: int
    token: str
    name: str = "Desk"
    username: str = "desk_local_bot"
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    menu_buttons: dict[int | None, Json] = field(default_factory=dict)
    topics_enabled: bool = False
    reads_groups: bool = False
    logged_out: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Ages and delays in seconds; the original's own, but for what the package lists as deviations."""

    answer_age: float = 15.0
    press_age: float = 150.0
    update_age: float = 86_400.0
    delete_age: float = 172_800.0
    person_edit_age: float = 172_800.0
    conflict_delay: float = 3.0
    anti_spin: bool = False
    webhook_retry: float = 1.0
    close_age: float = 600.0
