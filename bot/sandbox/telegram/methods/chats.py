"""Chats, pins, reactions, topics."""
from __future__ import annotations

from typing import Any

from bot.sandbox.telegram import errors, happenings, wire
from bot.sandbox.telegram.errors import bad
from bot.sandbox.telegram.methods import target
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.state import Chat, Json, Message
from bot.sandbox.telegram.world import World

_KNOWN = (
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤\u200d🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 "
    "💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 "
    "😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ 😡 "
)
REACTIONS = frozenset(_KNOWN.split())
_COLORS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)


def service(world: World, chat: Chat, sender_id: int, what: Json, thread: int | None = None) -> Message:
    """Post a service message and tell the bot of it."""
    m = Message(
        id=world.new_id(chat), chat_id=chat.id, sender_id=sender_id, date=int(world.now()), kind="service",
        service=what, thread=thread,
    )
    world.post(chat, m)
    happenings.message(world, m)
    return m


def get_chat(world: World, p: Params) -> Json:
    """Return a chat in full."""
    return wire.full_chat(world, world.chat(p.text("chat_id")))


def _member(world: World, chat: Chat, user_id: int) -> Json:
    if user_id == world.bot.id:
        return wire.bot_member(world, "member" if chat.kind == "private" else chat.bot_status)
    if user_id not in world.people:
        raise bad("PARTICIPANT_ID_INVALID")
    present = user_id in chat.members
    first = chat.kind != "private" and present and user_id == min(chat.members)
    out: Json = {"user": wire.user(world, user_id)}
    if first:
        return out | {"status": "creator", "is_anonymous": False}
    return out | {"status": "member" if present else "left"}


def get_chat_member(world: World, p: Params) -> Json:
    """Return how somebody stands in a chat."""
    chat = world.chat(p.text("chat_id"))
    user_id = p.integer("user_id")
    if user_id <= 0:
        raise bad("invalid user_id specified")
    return _member(world, chat, user_id)


def get_chat_administrators(world: World, p: Params) -> list[Json]:
    """Return the group's creator and, where it is one, the bot."""
    chat = target.reachable(world, p)
    if chat.kind == "private":
        raise bad("there are no administrators in the private chat")
    out = [_member(world, chat, min(chat.members))] if chat.members else []
    return out + ([_member(world, chat, world.bot.id)] if chat.bot_status == "administrator" else [])


def get_chat_member_count(world: World, p: Params) -> int:
    """Return how many there are, the bot included."""
    return len(world.chat(p.text("chat_id")).members) + 1


def leave_chat(world: World, p: Params) -> bool:
    """Leave a group."""
    chat = target.reachable(world, p)
    if chat.kind == "private":
        raise bad("chat member status can't be changed in private chats")
    old, chat.bot_status = chat.bot_status, "left"
    happenings.membership(world, chat, world.bot.id, old, "left")
    world.touch()
    return True


def pin_chat_message(world: World, p: Params) -> bool:
    """Pin a message; the service message it makes comes back to the bot as an update."""
    chat = target.reachable(world, p)
    m = target.any_message(world, chat, p, errors.PIN_NOT_FOUND)
    if m.kind == "service":
        raise bad(errors.PIN_NOT_FOUND)
    if chat.kind != "private" and chat.bot_status != "administrator":
        raise bad("not enough rights to manage pinned messages in the chat")
    if m.pinned:
        return True
    world.limits.spend(chat.id, world.now())
    m.pinned = True
    world.touch(m)
    made = service(world, chat, world.bot.id, {"pinned": m.id}, m.thread)
    made.silent = chat.kind == "private" or p.flag("disable_notification")
    return True


def unpin_chat_message(world: World, p: Params) -> bool:
    """Unpin one message, by default the one pinned last."""
    chat = target.reachable(world, p)
    number = p.integer("message_id")
    pinned = [m for m in chat.messages.values() if m.pinned and not m.deleted]
    chosen = [m for m in pinned if m.id == number] if number else pinned[-1:]
    if not chosen:
        raise bad(errors.UNPIN_NOT_FOUND)
    chosen[0].pinned = False
    world.touch(chosen[0])
    return True


def unpin_all_chat_messages(world: World, p: Params) -> bool:
    """Unpin everything."""
    chat = target.reachable(world, p)
    for m in chat.messages.values():
        if m.pinned:
            m.pinned = False
            world.touch(m)
    return True


def _reaction(given: Any) -> Json:
    kind = given.get("type") if isinstance(given, dict) else None
    if kind == "emoji" and isinstance(given.get("emoji"), str) and given["emoji"] in REACTIONS:
        return {"type": "emoji", "emoji": given["emoji"]}
    raise bad("REACTION_INVALID")


def set_message_reaction(world: World, p: Params) -> bool:
    """Set the bot's one reaction, or take it back with an empty list."""
    chat = target.reachable(world, p)
    m = target.any_message(world, chat, p, errors.REACT_NOT_FOUND)
    chosen = [_reaction(r) for r in p.array("reaction") or []]
    if len(chosen) > 1:
        raise bad("REACTIONS_TOO_MANY")
    if m.reactions.get(world.bot.id, []) != chosen:
        m.reactions[world.bot.id] = chosen
        world.touch(m)
    return True


def create_forum_topic(world: World, p: Params) -> Json:
    """Open a topic; counts as sending a message."""
    chat = target.reachable(world, p)
    if not (chat.forum or (chat.kind == "private" and world.bot.topics_enabled)):
        raise bad("the chat is not a forum")
    name = p.text("name").strip()
    if not 1 <= len(name) <= 128:
        raise bad("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_INVALID")
    color = p.integer("icon_color", _COLORS[0])
    world.limits.spend(chat.id, world.now())
    made = service(world, chat, world.bot.id, {"forum_topic_created": {"name": name, "icon_color": color}})
    made.thread = made.id
    chat.topics[made.id] = name
    return {"message_thread_id": made.id, "name": name, "icon_color": color}
