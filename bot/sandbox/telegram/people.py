"""What people do on their phones: say, edit, tap, react, forward, block (C10)."""
from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram import happenings, text, wire
from bot.sandbox.telegram.detect import units
from bot.sandbox.telegram.state import Callback, Chat, Json, Message, Person
from bot.sandbox.telegram.world import World

TAP_SECONDS = 15.0
_TEXT_UNITS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Unable:
    """A person's wish that cannot be met: one sentence, and the HTTP status that says so."""

    sentence: str
    status: int = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message was sent or edited; `update_id` is None where the bot is not told."""

    message_id: int
    update_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tapped:
    """A press and its answer; `url` or `copied` where the phone itself acted."""

    answered: bool
    text: str | None = None
    alert: bool | None = None
    url: str | None = None
    copied: str | None = None


def find(world: World, person_id: int, chat_id: int | None) -> tuple[Person, Chat] | Unable:
    """Return the person and the chat meant, by default the private one with the bot."""
    person = world.people.get(person_id)
    if person is None:
        return Unable(sentence=f"There is no person {person_id}.", status=404)
    chat = world.chats.get(person_id if chat_id is None else chat_id)
    if chat is None or (person_id not in chat.members):
        return Unable(sentence=f"{person.name} is in no chat {chat_id}.", status=404)
    return person, chat


def say(
    world: World, person_id: int, words: str, *, chat_id: int | None = None, reply_to: int | None = None,
    edit_of: int | None = None, forwarded: bool | int = False, date: int | None = None, thread: int | None = None,
) -> Said | Unable:
    """Send or edit a text as a person.

    `forwarded` true means by somebody hidden, a number by that person; `date` is Unix seconds (default: now).
    """
    found = find(world, person_id, chat_id)
    if isinstance(found, Unable):
        return found
    person, chat = found
    if chat.kind == "private" and person.blocked:
        return Unable(sentence=f"{person.name} has blocked the bot; unblock it before writing.", status=409)
    if person.deactivated:
        return Unable(sentence=f"{person.name} is deactivated.", status=409)
    clean, entities = text.plain_text(words)
    if not clean:
        return Unable(sentence="A message needs text that is not blank.")
    if units(clean) > _TEXT_UNITS:
        return Unable(sentence=f"A message has at most {_TEXT_UNITS} UTF-16 units, found {units(clean)}.")
    if edit_of is not None:
        return _edit(world, person, chat, edit_of, clean, entities)
    if reply_to is not None and world.message(chat, reply_to) is None:
        return Unable(sentence=f"There is no message {reply_to} to reply to.", status=404)
    if thread is not None and thread not in chat.topics:
        return Unable(sentence=f"There is no topic {thread} in this chat.", status=404)
    moment = int(world.now()) if date is None else date
    m = Message(
        id=world.new_id(chat), chat_id=chat.id, sender_id=person.id, date=moment, text=clean, entities=entities,
        reply_to=reply_to, thread=thread, forward=_origin(world, forwarded, moment),
    )
    return _sent(world, person, chat, m)


def _sent(world: World, person: Person, chat: Chat, m: Message) -> Said:
    if chat.kind == "private":
        person.started = True
    if chat.keyboard is not None and (chat.keyboard.get("one_time_keyboard") or chat.keyboard.get("force_reply")):
        chat.keyboard = None
    world.post(chat, m)
    return Said(message_id=m.id, update_id=happenings.message(world, m))


def _origin(world: World, forwarded: bool | int, moment: int) -> Json | None:
    if forwarded is False:
        return None
    if forwarded is not True and (forwarded in world.people or forwarded == world.bot.id):
        return {"type": "user", "sender_user": wire.user(world, forwarded), "date": moment}
    return {"type": "hidden_user", "sender_user_name": "Somebody", "date": moment}


def _edit(
    world: World, person: Person, chat: Chat, number: int, words: str, entities: list[Json],
) -> Said | Unable:
    m = world.message(chat, number)
    if m is None or m.sender_id != person.id or m.forward is not None:
        return Unable(sentence=f"{person.name} has no message {number} to edit.", status=404)
    if world.now() - m.date > world.rules.person_edit_age:
        return Unable(sentence="A message can be edited for 48 hours; this one is older.", status=409)
    if (m.text, m.entities) == (words, entities):
        return Said(message_id=m.id, update_id=None)
    m.text, m.entities, m.edit_date = words, entities, int(world.now())
    world.touch(m)
    return Said(message_id=m.id, update_id=happenings.message(world, m, edited=True))


def forward(world: World, person_id: int, message_id: int, *, chat_id: int | None, to: int | None) -> Said | Unable:
    """Forward a message of one chat to another (default: the private chat with the bot)."""
    found, goal = find(world, person_id, chat_id), find(world, person_id, to)
    if isinstance(found, Unable):
        return found
    if isinstance(goal, Unable):
        return goal
    person, target = goal
    source = world.message(found[1], message_id)
    if source is None or source.kind == "service":
        return Unable(sentence=f"There is no message {message_id} to forward.", status=404)
    if source.protected:
        return Unable(sentence="This message is protected and cannot be forwarded.", status=409)
    if target.kind == "private" and person.blocked:
        return Unable(sentence=f"{person.name} has blocked the bot; unblock it before writing.", status=409)
    origin = source.forward or {
        "type": "user", "sender_user": wire.user(world, source.sender_id), "date": source.date,
    }
    m = Message(
        id=world.new_id(target), chat_id=target.id, sender_id=person.id, date=int(world.now()), kind=source.kind,
        text=source.text, entities=source.entities, photo=source.photo, document=source.document,
        file_path=source.file_path, forward=origin,
    )
    return _sent(world, person, target, m)


def buttons_of(keyboard: Json | None) -> list[Json]:
    """Return all buttons of an inline keyboard."""
    return [button for row in (keyboard or {}).get("inline_keyboard", []) for button in row]


def _labelled(m: Message, label: str) -> Json | Unable:
    """Find a button by its whole text, else the only one containing it; a former keyboard counts too."""
    names: list[str] = []
    for keyboard in [m.keyboard, *reversed(m.former_keyboards)]:
        buttons = buttons_of(keyboard)
        exact = [b for b in buttons if b["text"] == label]
        loose = exact or [b for b in buttons if label.casefold() in b["text"].casefold()]
        if exact or len(loose) == 1:
            return loose[0]
        if len(loose) > 1:
            return Unable(sentence=f"{label!r} is on several buttons: {', '.join(b['text'] for b in loose)}.")
        names = names or [b["text"] for b in buttons]
    shown = ", ".join(names) or "none"
    return Unable(sentence=f"Message {m.id} has no button {label!r}; its buttons: {shown}.", status=404)


async def tap(
    world: World, person_id: int, message_id: int, *, label: str | None = None, press_data: str | None = None,
    chat_id: int | None = None, seconds: float = TAP_SECONDS,
) -> Tapped | Unable:
    """Press a button and wait for its answer.

    `press_data` is sent as it is, so forged and outdated presses can be tried; `label` finds the button, also on a
    keyboard the message had before, because a phone may not have redrawn yet. A press on a deleted message or in a
    blocked chat reaches nobody: `answered` is false at once.
    """
    found = find(world, person_id, chat_id)
    if isinstance(found, Unable):
        return found
    person, chat = found
    m = chat.messages.get(message_id)
    if m is None:
        return Unable(sentence=f"There is no message {message_id} in this chat.", status=404)
    if label is not None:
        button = _labelled(m, label)
        if isinstance(button, Unable):
            return button
        if "url" in button:
            return Tapped(answered=True, url=button["url"])
        if "copy_text" in button:
            return Tapped(answered=True, copied=button["copy_text"]["text"])
        if "web_app" in button:
            return Tapped(answered=True, url=button["web_app"]["url"])
        press_data = button.get("callback_data")
    if press_data is None or not 1 <= len(press_data.encode()) <= 64:
        return Unable(sentence="A press carries 1 to 64 bytes of data.")
    gone = m.deleted or chat.bot_status in ("left", "kicked") or (chat.kind == "private" and person.blocked)
    if gone or m.sender_id != world.bot.id:
        return Tapped(answered=False)
    return await _pressed(world, person, m, press_data, seconds)


async def _pressed(world: World, person: Person, m: Message, press_data: str, seconds: float) -> Tapped:
    query = Callback(
        id=world.long_number(), person_id=person.id, date=world.now(),
        answer=asyncio.get_running_loop().create_future(),
    )
    world.callbacks[query.id] = query
    happenings.press(world, query.id, person.id, m, press_data)
    try:
        answer = await asyncio.wait_for(asyncio.shield(query.answer), seconds)
    except TimeoutError:
        return Tapped(answered=False)
    finally:
        _forget_old(world)
    return Tapped(
        answered=True, text=answer["text"] or None, alert=answer["alert"] or None, url=answer["url"] or None,
    )


def _forget_old(world: World) -> None:
    limit = world.now() - 2 * world.rules.press_age
    for query_id in [q.id for q in world.callbacks.values() if q.date < limit]:
        del world.callbacks[query_id]


def react(
    world: World, person_id: int, message_id: int, emoji: str | None, *, chat_id: int | None = None,
) -> Said | Unable:
    """Set or take back a person's reaction."""
    found = find(world, person_id, chat_id)
    if isinstance(found, Unable):
        return found
    m = world.message(found[1], message_id)
    if m is None:
        return Unable(sentence=f"There is no message {message_id} in this chat.", status=404)
    old = m.reactions.get(person_id, [])
    new: list[Json] = [{"type": "emoji", "emoji": emoji}] if emoji else []
    m.reactions[person_id] = new
    world.touch(m)
    return Said(message_id=m.id, update_id=happenings.reaction(world, m, person_id, old, new))


def delete(world: World, person_id: int, message_id: int, *, chat_id: int | None = None) -> Said | Unable:
    """Delete a message for everybody; the bot is not told, as on the original."""
    found = find(world, person_id, chat_id)
    if isinstance(found, Unable):
        return found
    m = world.message(found[1], message_id)
    if m is None or (found[1].kind != "private" and m.sender_id != person_id):
        return Unable(sentence=f"There is no message {message_id} to delete.", status=404)
    m.deleted, m.pinned = True, False
    world.touch(m)
    return Said(message_id=m.id, update_id=None)


def set_mood(world: World, person_id: int, mood: str) -> Any:
    """Block or unblock the bot, start it, or leave Telegram: `blocked`, `active`, `deactivated`."""
    person = world.people.get(person_id)
    if person is None:
        return Unable(sentence=f"There is no person {person_id}.", status=404)
    if mood not in ("active", "blocked", "deactivated"):
        return Unable(sentence=f"A mood is active, blocked or deactivated, found {mood!r}.")
    before, after = person.blocked, mood == "blocked"
    person.deactivated = mood == "deactivated"
    person.blocked = after
    world.touch()
    if before == after:
        return None
    old, new = ("member", "kicked") if after else ("kicked", "member")
    return happenings.membership(world, world.chats[person_id], person_id, old, new)
