"""What the bot is told: each happening becomes an update, if the bot may see it."""
from __future__ import annotations

from bot.sandbox.telegram import wire
from bot.sandbox.telegram.state import Chat, Json, Message
from bot.sandbox.telegram.world import World


def _sees(world: World, chat: Chat, m: Message) -> bool:
    """Privacy mode: in groups the bot sees commands, replies to it and service messages (bot_api.md 7.4)."""
    if chat.kind == "private":
        return not world.people[chat.id].blocked
    if chat.bot_status in ("left", "kicked"):
        return False
    if world.bot.reads_groups or chat.bot_status == "administrator" or m.kind == "service" or chat.kind == "channel":
        return True
    answered = world.message(chat, m.reply_to) if m.reply_to is not None else None
    if answered is not None and answered.sender_id == world.bot.id:
        return True
    return any(_addressed(world, m, e) for e in m.entities)


def _addressed(world: World, m: Message, entity: Json) -> bool:
    raw = m.text.encode("utf-16-le")
    word = raw[entity["offset"] * 2:(entity["offset"] + entity["length"]) * 2].decode("utf-16-le").lower()
    if entity["type"] == "bot_command":
        _, at, target = word.partition("@")
        return not at or target == world.bot.username.lower()
    return bool(entity["type"] == "mention" and word == f"@{world.bot.username.lower()}")


def message(world: World, m: Message, *, edited: bool = False) -> int | None:
    """Tell of a new or edited message; returns the update's id, or None where the bot is not told."""
    chat = world.chats[m.chat_id]
    if not _sees(world, chat, m):
        return None
    kind = "channel_post" if chat.kind == "channel" else "message"
    return world.updates.put(f"edited_{kind}" if edited else kind, wire.message(world, m), chat.id, m.date)


def membership(world: World, chat: Chat, person_id: int, old: str, new: str) -> int | None:
    """Tell that the bot's own standing in a chat changed (blocking is `kicked` in a private chat)."""
    payload = {
        "chat": wire.chat(world, chat), "from": wire.user(world, person_id), "date": int(world.now()),
        "old_chat_member": wire.bot_member(world, old), "new_chat_member": wire.bot_member(world, new),
    }
    return world.updates.put("my_chat_member", payload, chat.id)


def press(world: World, query_id: str, person_id: int, m: Message, data: str) -> int | None:
    """Tell of a pressed button."""
    chat = world.chats[m.chat_id]
    payload = {
        "id": query_id, "from": wire.user(world, person_id), "message": wire.message(world, m),
        "chat_instance": chat.instance, "data": data,
    }
    return world.updates.put("callback_query", payload, chat.id)


def reaction(world: World, m: Message, person_id: int, old: list[Json], new: list[Json]) -> int | None:
    """Tell that a person's reaction to a message changed."""
    payload = {
        "chat": wire.chat(world, world.chats[m.chat_id]), "message_id": m.id, "user": wire.user(world, person_id),
        "date": int(world.now()), "old_reaction": old, "new_reaction": new,
    }
    return world.updates.put("message_reaction", payload, m.chat_id)
