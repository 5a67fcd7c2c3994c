"""What the emulator writes, against the published names and types (bot_api_schema_10_2.json)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from bot.sandbox.telegram import groups, people
from bot.sandbox.telegram.methods.table import METHODS
from bot.sandbox.telegram.params import Upload
from bot.sandbox.telegram.state import Chat
from bot.sandbox.telegram.world import World
from tests.sandbox.telegram.conftest import Caller, png

SCHEMA = json.loads((Path(__file__).parents[2] / "data" / "telegram" / "bot_api_schema_10_2.json").read_text("utf-8"))
TYPES: dict[str, dict[str, str]] = SCHEMA["types"]
UNIONS = {
    "MaybeInaccessibleMessage": ("Message", "InaccessibleMessage"),
    "ChatMember": (
        "ChatMemberOwner",
        "ChatMemberAdministrator",
        "ChatMemberMember",
        "ChatMemberLeft",
        "ChatMemberBanned",
    ),
    "MessageOrigin": ("MessageOriginUser", "MessageOriginHiddenUser"),
    "ReactionType": ("ReactionTypeEmoji",),
}
PLAIN: dict[str, Any] = {"Integer": int, "String": str, "Boolean": bool, "True": bool, "Float": (int, float)}


def problems(value: Any, kind: str, where: str) -> list[str]:
    """List what differs from the published shape."""
    kind = kind.removesuffix("?")
    if listed := re.fullmatch(r"Array of (.+)", kind):
        if not isinstance(value, list):
            return [f"{where}: not a list"]
        return [p for n, item in enumerate(value) for p in problems(item, listed[1], f"{where}[{n}]")]
    if kind in PLAIN:
        right = isinstance(value, PLAIN[kind]) and (kind in ("Boolean", "True")) == isinstance(value, bool)
        return [] if right else [f"{where}: {value!r} is no {kind}"]
    if kind in UNIONS:
        return min((problems(value, one, where) for one in UNIONS[kind]), key=len)
    fields = TYPES[kind]
    found = [f"{where}: unknown {name}" for name in value if name not in fields]
    found += [f"{where}: {n} missing" for n, t in fields.items() if not t.endswith("?") and n not in value]
    for name, item in value.items():
        if name in fields:
            found += problems(item, fields[name], f"{where}.{name}")
    return found


def test_every_method_is_published() -> None:
    published = {name.lower() for name in SCHEMA["methods"]}
    assert set(METHODS) - published == set()


async def test_results_and_updates_have_the_published_shape(api: Caller, world: World) -> None:
    owner = 7001
    await api.ok(
        "getUpdates",
        allowed_updates=[
            "message",
            "edited_message",
            "callback_query",
            "my_chat_member",
            "message_reaction",
        ],
    )
    card = await api.ok(
        "sendMessage",
        chat_id=owner,
        parse_mode="HTML",
        text=(
            "<b>a</b> <pre><code class='language-py'>x</code></pre> <tg-time unix='1' format='r'>s</tg-time> "
            "<a href='tg://user?id=7002'>t</a> <a href='https://example.org'>l</a> "
            "<blockquote expandable>q</blockquote>"
        ),
        reply_markup={"inline_keyboard": [[{"text": "A", "callback_data": "a", "style": "danger"}]]},
        link_preview_options={"is_disabled": True},
        protect_content=True,
        message_effect_id="5104841245755180586",
    )
    photo = await api.ok(
        "sendPhoto",
        {"photo": Upload(name="", content=png(900, 400))},
        chat_id=owner,
        has_spoiler=True,
        caption="c",
        reply_parameters={"message_id": card["message_id"]},
    )
    document = await api.ok(
        "sendDocument",
        {
            "document": Upload(name="a.csv", content=b"a"),
            "thumbnail": Upload(name="t", content=png(9, 9)),
        },
        chat_id=owner,
    )
    for m in (card, photo, document):
        assert problems(m, "Message", "message") == []
    await api.ok("pinChatMessage", chat_id=owner, message_id=card["message_id"])
    people.say(world, owner, "/dash", reply_to=card["message_id"])
    people.say(world, owner, "seen elsewhere", forwarded=7002)
    people.say(world, owner, "hidden", forwarded=True)
    await people.tap(world, owner, card["message_id"], label="A", seconds=0)
    people.react(world, owner, card["message_id"], "👍")
    people.set_mood(world, owner, "blocked")
    people.set_mood(world, owner, "active")
    chat = groups.open_group(world, owner, "Desk", set(), forum=True)
    assert isinstance(chat, Chat)
    groups.set_bot_status(world, chat.id, owner, "administrator")
    groups.open_topic(world, chat.id, owner, "Trades")
    updates = await api.ok("getUpdates")
    assert {list(u)[1] for u in updates} == {"message", "callback_query", "my_chat_member", "message_reaction"}
    for update in updates:
        assert problems(update, "Update", "update") == []
    assert problems(await api.ok("getMe"), "User", "me") == []
    assert problems(await api.ok("getChat", chat_id=owner), "ChatFullInfo", "chat") == []
    assert problems(await api.ok("getChat", chat_id=chat.id), "ChatFullInfo", "chat") == []
    assert problems(await api.ok("getWebhookInfo"), "WebhookInfo", "webhook") == []
    file_id = document["document"]["file_id"]
    assert problems(await api.ok("getFile", file_id=file_id), "File", "file") == []
    member = await api.ok("getChatMember", chat_id=chat.id, user_id=owner)
    assert problems(member, "ChatMember", "member") == []
