"""A chat as a person sees it, for `GET /people/{id}/chat` and the page."""
from __future__ import annotations

import itertools
from typing import Any

from bot.sandbox.telegram import wire
from bot.sandbox.telegram.markup import to_html
from bot.sandbox.telegram.state import Chat, Json, Message
from bot.sandbox.telegram.world import World


def chat(world: World, record: Chat, after: int = 0) -> Json:
    """Return the messages that changed after the cursor, by id, and the cursor to ask with next time."""
    changed = list(itertools.takewhile(lambda m: m.revision > after, reversed(record.latest.values())))
    changed.sort(key=lambda m: m.id)
    return {"cursor": world.revision, "messages": [_message(world, m) for m in changed]}


def _message(world: World, m: Message) -> Json:
    out: Json = {
        "message_id": m.id, "from": m.sender_id, "date": m.date, "text": m.text,
        "html": to_html(m.text, m.entities), "buttons": _buttons(m.keyboard), "edited": m.edit_date is not None,
        "deleted": m.deleted, "pinned": m.pinned, "silent": m.silent,
    }
    if m.deleted:
        return out | {"text": "", "html": "", "buttons": []}
    if m.entities:
        out["entities"] = wire.entities(world, m.entities)
    if m.photo:
        biggest = m.photo[-1]
        out["photo"] = {
            "url": f"telegram/files/{m.file_path}", "width": biggest["width"], "height": biggest["height"],
            "file_id": biggest["file_id"],
        }
    if m.document is not None:
        out["document"] = {"url": f"telegram/files/{m.file_path}"} | {
            k: m.document[k] for k in ("file_name", "mime_type", "file_size", "file_id")
        }
    return out | _extras(world, m)


def _extras(world: World, m: Message) -> Json:
    where = world.chats[m.chat_id]
    out: Json = {}
    answered = world.message(where, m.reply_to) if m.reply_to is not None else None
    if answered is not None:
        words = m.quote or answered.text
        out["reply_to"] = {"message_id": answered.id, "from": answered.sender_id, "text": words[:120]}
    if m.forward is not None:
        sender = m.forward.get("sender_user", {})
        out["forwarded_from"] = sender.get("first_name") or m.forward.get("sender_user_name", "")
    if m.kind == "service":
        out["service"] = _service(world, m)
    if m.media_group is not None:
        out["media_group_id"] = m.media_group
    if m.thread is not None:
        out["thread"] = m.thread
    if m.edit_date is not None:
        out["edit_date"] = m.edit_date
    shown = [r["emoji"] for given in m.reactions.values() for r in given if r.get("type") == "emoji"]
    if shown:
        out["reactions"] = shown
    for name in ("protected", "spoiler", "caption_above"):
        if getattr(m, name):
            out[name] = True
    return out


def _service(world: World, m: Message) -> str:
    who = wire.user(world, m.sender_id)["first_name"]
    if "pinned" in m.service:
        target = world.chats[m.chat_id].messages[m.service["pinned"]]
        first = target.text.partition("\n")[0][:40]
        return f"{who} pinned “{first}”" if first else f"{who} pinned a message"
    if "forum_topic_created" in m.service:
        return f"{who} opened the topic “{m.service['forum_topic_created']['name']}”"
    return f"{who} upgraded the group"


def _buttons(keyboard: Json | None) -> list[list[Json]]:
    return [[_button(b) for b in row] for row in (keyboard or {}).get("inline_keyboard", [])]


def _button(button: Json) -> Json:
    out: Json = {"text": button["text"]}
    if "callback_data" in button:
        out["data"] = button["callback_data"]
    if "url" in button:
        out["url"] = button["url"]
    if "copy_text" in button:
        out["copy"] = button["copy_text"]["text"]
    if "web_app" in button:
        out["web_app"] = button["web_app"]["url"]
    if "style" in button:
        out["style"] = button["style"]
    return out


def around(world: World, record: Chat, person_id: int) -> Json:
    """Return what a phone shows beside the messages: keyboard, what the bot is doing, commands, chats."""
    person = world.people[person_id]
    doing = record.action[0] if record.action is not None and record.action[1] > world.now() else None
    return {
        "chat": record.id, "title": world.bot.name if record.kind == "private" else record.title,
        "kind": record.kind, "bot": wire.bot_user(world), "keyboard": record.keyboard, "action": doing,
        "draft": record.draft, "blocked": person.blocked, "started": person.started,
        "commands": commands(world, record, person_id),
        "menu": world.bot.menu_buttons.get(person_id, world.bot.menu_buttons.get(None, {"type": "commands"})),
        "description": world.bot.descriptions.get("", ""),
        "topics": [{"thread": number, "name": name} for number, name in record.topics.items()],
        "people": people(world), "chats": chats(world, person_id), "now": world.now(),
        "faults": world.faults.list(world.now()),
    }


def commands(world: World, record: Chat, person_id: int) -> list[Json]:
    """Return the commands a person is offered: the narrowest scope that has any."""
    if record.kind == "private":
        scopes = [f"chat {record.id}", "all_private_chats", "default"]
    else:
        scopes = [f"chat_member {record.id} {person_id}", f"chat {record.id}", "all_group_chats", "default"]
    kept = world.bot.commands
    language = world.people[person_id].language
    found = next((kept[key] for s in scopes for key in ((s, language), (s, "")) if key in kept), [])
    return [{"command": c["command"], "description": c["description"]} for c in found]


def people(world: World) -> list[Json]:
    """Return everybody, with the bot's latest message to each, so that a page can mark what is unread."""
    return [{"id": p.id, "name": p.name, "last": _last_from_bot(world, p.id)} for p in world.people.values()]


def _last_from_bot(world: World, person_id: int) -> int:
    for m in reversed(world.chats[person_id].messages.values()):
        if m.sender_id == world.bot.id and not m.deleted and m.kind != "service":
            return m.id
    return 0


def chats(world: World, person_id: int) -> list[Json]:
    """Return the chats of a person, the private one first."""
    mine = [c for c in world.chats.values() if person_id in c.members and c.migrated_to is None]
    return [
        {"id": c.id, "title": world.bot.name if c.kind == "private" else c.title, "kind": c.kind} for c in mine
    ]


def said(result: Any) -> Json:
    """Return the answer of `say`."""
    return {"message_id": result.message_id, "update_id": result.update_id}


def tapped(result: Any) -> Json:
    """Return the answer of `tap`, optional fields left out."""
    out: Json = {"answered": result.answered}
    for name in ("text", "alert", "url", "copied"):
        value = getattr(result, name)
        if value is not None:
            out[name] = value
    return out
