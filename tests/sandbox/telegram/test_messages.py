"""Sending, editing, deleting, pinning, answering: results, effects and exact refusals."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.sandbox.telegram import people
from bot.sandbox.telegram.errors import NOT_MODIFIED, QUERY_TOO_OLD
from bot.sandbox.telegram.params import Upload
from bot.sandbox.telegram.people import Said, Tapped
from bot.sandbox.telegram.world import World
from tests.sandbox.telegram.conftest import Caller, Clock, png

OWNER, STRANGER = 7001, 7003
BUTTON = {"inline_keyboard": [[{"text": "Approve", "callback_data": "ap:1"}]]}


async def card(api: Caller, **more: Any) -> Any:
    return await api.ok(
        "sendMessage", chat_id=OWNER, text="<b>Card</b> x", parse_mode="HTML", reply_markup=BUTTON, **more
    )


async def test_key_order_and_absent_fields_are_the_servers(api: Caller) -> None:
    m = await card(api, disable_notification="true")
    assert list(m) == ["message_id", "from", "chat", "date", "text", "entities", "reply_markup"]
    assert m["from"] == {"id": 4242424242, "is_bot": True, "first_name": "Desk", "username": "desk_local_bot"}
    assert m["date"] == 1_763_800_000


async def test_the_same_content_is_not_a_modification(api: Caller) -> None:
    m = await card(api)
    same = {"chat_id": OWNER, "message_id": m["message_id"], "text": "<strong>Card</strong> x ", "parse_mode": "HTML"}
    assert await api.refused("editMessageText", reply_markup=BUTTON, **same) == f"Bad Request: {NOT_MODIFIED}"
    edited = await api.ok("editMessageText", **same)
    assert "reply_markup" not in edited and edited["edit_date"] == 1_763_800_000


@pytest.mark.parametrize("empty", [{}, {"reply_markup": {}}, {"reply_markup": {"inline_keyboard": []}}])
async def test_no_markup_removes_the_keyboard(api: Caller, empty: dict[str, Any]) -> None:
    m = await card(api)
    edited = await api.ok("editMessageReplyMarkup", chat_id=OWNER, message_id=m["message_id"], **empty)
    assert "reply_markup" not in edited
    again = await api.refused("editMessageReplyMarkup", chat_id=OWNER, message_id=m["message_id"], **empty)
    assert "message is not modified" in again


async def test_edit_targets(api: Caller, world: World) -> None:
    photo = await api.ok("sendPhoto", {"photo": Upload(name="x", content=png())}, chat_id=OWNER, caption="c")
    own = people.say(world, OWNER, "mine")
    assert isinstance(own, Said)

    async def edit(method: str = "editMessageText", **more: Any) -> str:
        return (await api.refused(method, **{"chat_id": OWNER, "text": "y", "caption": "y"} | more)).removeprefix(
            "Bad Request: "
        )

    assert await edit() == "message identifier is not specified"
    assert await edit(message_id=99_999) == "message to edit not found"
    assert await edit(message_id=own.message_id) == "message can't be edited"
    assert await edit(message_id=photo["message_id"]) == "there is no text in the message to edit"
    m = await card(api)
    assert await edit("editMessageCaption", message_id=m["message_id"]) == "there is no caption in the message to edit"
    await api.ok("deleteMessage", chat_id=OWNER, message_id=m["message_id"])
    assert await edit(message_id=m["message_id"]) == "message to edit not found"


@pytest.mark.parametrize(
    ("chat_id", "description"),
    [
        ("", "Bad Request: chat_id is empty"),
        ("99", "Bad Request: chat not found"),
        ("@nobody", "Bad Request: chat not found"),
        (str(STRANGER), "Forbidden: bot can't initiate conversation with a user"),
    ],
)
async def test_unreachable_chats(api: Caller, chat_id: str, description: str) -> None:
    assert await api.refused("sendMessage", chat_id=chat_id, text="x") == description


async def test_blocked_and_deactivated(api: Caller, world: World) -> None:
    people.set_mood(world, OWNER, "blocked")
    assert await api.refused("sendMessage", chat_id=OWNER, text="x") == "Forbidden: bot was blocked by the user"
    [update] = await api.ok("getUpdates")
    member = update["my_chat_member"]
    assert (member["old_chat_member"]["status"], member["new_chat_member"]["status"]) == ("member", "kicked")
    assert member["new_chat_member"]["until_date"] == 0
    people.set_mood(world, OWNER, "deactivated")
    assert await api.refused("sendMessage", chat_id=OWNER, text="x") == "Forbidden: user is deactivated"


async def test_deletion_has_an_age_limit(api: Caller, clock: Clock, world: World) -> None:
    m = await card(api)
    said = people.say(world, OWNER, "a secret key")
    assert isinstance(said, Said)
    assert await api.ok("deleteMessage", chat_id=OWNER, message_id=said.message_id)
    clock.now += 48 * 3600 + 1
    sentence = await api.refused("deleteMessage", chat_id=OWNER, message_id=m["message_id"])
    assert sentence == "Bad Request: message can't be deleted for everyone"
    assert await api.refused("deleteMessage", chat_id=OWNER, message_id=5) == "Bad Request: message to delete not found"
    assert (await api.ok("editMessageText", chat_id=OWNER, message_id=m["message_id"], text="old but mine"))["text"]


async def test_a_pin_tells_the_bot_of_its_own_service_message(api: Caller) -> None:
    m = await card(api)
    assert await api.ok("pinChatMessage", chat_id=OWNER, message_id=m["message_id"], disable_notification=True)
    [update] = await api.ok("getUpdates")
    assert update["message"]["pinned_message"]["message_id"] == m["message_id"]
    assert update["message"]["from"]["is_bot"] is True
    assert await api.ok("unpinChatMessage", chat_id=OWNER)
    assert await api.refused("unpinChatMessage", chat_id=OWNER) == "Bad Request: message to unpin not found"


async def pressing(world: World, message_id: int, **more: Any) -> tuple[asyncio.Task[Any], dict[str, Any]]:
    task = asyncio.create_task(people.tap(world, OWNER, message_id, **more))
    await asyncio.sleep(0)
    return task, world.updates.pending[-1].wire()["callback_query"]


async def test_a_press_is_answered_once_and_in_time(api: Caller, world: World, clock: Clock) -> None:
    m = await card(api)
    task, query = await pressing(world, m["message_id"], label="approve")
    assert query["data"] == "ap:1" and isinstance(query["id"], str) and isinstance(query["chat_instance"], str)
    assert query["message"]["reply_markup"] == BUTTON
    await api.ok("answerCallbackQuery", callback_query_id=query["id"], text="Done")
    assert await task == Tapped(answered=True, text="Done")
    twice = await api.refused("answerCallbackQuery", callback_query_id=query["id"])
    assert twice == f"Bad Request: {QUERY_TOO_OLD}"
    task, query = await pressing(world, m["message_id"], label="Approve", seconds=0.01)
    clock.now += 16
    assert await api.refused("answerCallbackQuery", callback_query_id=query["id"]) == f"Bad Request: {QUERY_TOO_OLD}"
    assert await task == Tapped(answered=False)
    assert await api.refused("answerCallbackQuery", callback_query_id="1") == f"Bad Request: {QUERY_TOO_OLD}"


async def test_presses_on_what_is_gone_reach_nobody(api: Caller, world: World) -> None:
    m = await card(api)
    people.set_mood(world, OWNER, "blocked")
    world.updates.clear()
    assert await people.tap(world, OWNER, m["message_id"], press_data="ap:1") == Tapped(answered=False)
    people.set_mood(world, OWNER, "active")
    world.updates.clear()
    await api.ok("deleteMessage", chat_id=OWNER, message_id=m["message_id"])
    assert await people.tap(world, OWNER, m["message_id"], press_data="ap:1") == Tapped(answered=False)
    assert not world.updates.pending


async def test_a_phone_that_has_not_redrawn_still_presses(api: Caller, world: World) -> None:
    m = await card(api)
    await api.ok("editMessageText", chat_id=OWNER, message_id=m["message_id"], text="Expired")
    task, query = await pressing(world, m["message_id"], label="Approve", seconds=0.01)
    assert query["data"] == "ap:1" and "reply_markup" not in query["message"]
    await task


async def test_replies_reactions_copies_and_forwards(api: Caller, world: World) -> None:
    m = await card(api)
    number = m["message_id"]
    reply = await api.ok("sendMessage", chat_id=OWNER, text="r", reply_parameters={"message_id": number})
    assert reply["reply_to_message"]["message_id"] == number
    deeper = await api.ok("sendMessage", chat_id=OWNER, text="r", reply_parameters={"message_id": reply["message_id"]})
    assert "reply_to_message" not in deeper["reply_to_message"]
    gone = {"message_id": 9, "allow_sending_without_reply": False}
    assert "message to be replied not found" in await api.refused(
        "sendMessage", chat_id=OWNER, text="r", reply_parameters=gone
    )
    assert await api.ok(
        "sendMessage", chat_id=OWNER, text="r", reply_parameters=gone | {"allow_sending_without_reply": True}
    )
    thumb = [{"type": "emoji", "emoji": "👀"}]
    assert await api.ok("setMessageReaction", chat_id=OWNER, message_id=number, reaction=thumb)
    bad_emoji = [{"type": "emoji", "emoji": "🧪"}]
    assert "REACTION_INVALID" in await api.refused(
        "setMessageReaction", chat_id=OWNER, message_id=number, reaction=bad_emoji
    )
    copied = await api.ok("copyMessage", chat_id=OWNER, from_chat_id=OWNER, message_id=number)
    assert list(copied) == ["message_id"]
    forwarded = await api.ok("forwardMessage", chat_id=OWNER, from_chat_id=OWNER, message_id=number)
    assert forwarded["forward_origin"]["type"] == "user" and "reply_markup" not in forwarded


async def test_media(api: Caller, world: World) -> None:
    photo = await api.ok(
        "sendPhoto", {"p": Upload(name="x", content=png(1000, 500))}, chat_id=OWNER, photo="attach://p"
    )
    assert [s["width"] for s in photo["photo"]] == [90, 320, 800, 1000]
    again = await api.ok("sendPhoto", chat_id=OWNER, photo=photo["photo"][-1]["file_id"])
    assert again["photo"][-1]["width"] == 1000
    thin = {"photo": Upload(name="x", content=png(2100, 100))}
    assert "PHOTO_INVALID_DIMENSIONS" in await api.refused("sendPhoto", thin, chat_id=OWNER)
    assert "there is no photo in the request" in await api.refused("sendPhoto", chat_id=OWNER)
    assert "invalid file_id" in await api.refused("getFile", file_id="nothing")
    files = {"a": Upload(name="a", content=png(9, 9)), "b": Upload(name="b", content=png(8, 8))}
    pieces = [
        {"type": "photo", "media": "attach://a", "caption": "<b>one</b>", "parse_mode": "HTML"},
        {"type": "photo", "media": "attach://b"},
    ]
    group = await api.ok("sendMediaGroup", files, chat_id=OWNER, media=pieces)
    assert group[0]["caption"] == "one" and isinstance(group[0]["media_group_id"], str)
    same = await api.refused(
        "editMessageMedia", {"a": files["a"]}, chat_id=OWNER, message_id=group[0]["message_id"], media=pieces[0]
    )
    assert "message is not modified" in same
    caption = "x" * 1025
    too_long = await api.refused("sendDocument", {"document": files["a"]}, chat_id=OWNER, caption=caption)
    assert too_long == "Bad Request: message caption is too long"


async def test_commands_by_scope(api: Caller) -> None:
    commands = [{"command": "/dash", "description": "Live dashboard"}]
    scope = {"type": "chat", "chat_id": OWNER}
    assert await api.ok("setMyCommands", commands=commands, scope=scope)
    assert await api.ok("getMyCommands", scope=scope) == [{"command": "dash", "description": "Live dashboard"}]
    assert await api.ok("getMyCommands") == []
    assert await api.ok("deleteMyCommands", scope=scope)
    assert await api.ok("getMyCommands", scope=scope) == []
    for bad, sentence in (
        ({"command": "", "description": "x"}, "command must be non-empty"),
        ({"command": "Dash", "description": "x"}, "BOT_COMMAND_INVALID"),
        ({"command": "d" * 33, "description": "x"}, "command length must not exceed 32"),
        ({"command": "d", "description": ""}, "command description must be non-empty"),
    ):
        assert await api.refused("setMyCommands", commands=[bad]) == f"Bad Request: {sentence}"
    unknown = await api.refused("setMyCommands", commands=commands, scope={"type": "planet"})
    assert unknown == "Bad Request: can't parse BotCommandScope: Unsupported type specified"


async def test_menu_button_and_names(api: Caller) -> None:
    http = {"type": "web_app", "text": "Open", "web_app": {"url": "http://example.org"}}
    assert await api.refused("setChatMenuButton", menu_button=http) == (
        "Bad Request: menu button Web App URL 'http://example.org' is invalid: Only HTTPS links are allowed"
    )
    assert await api.ok("setChatMenuButton", menu_button={"type": "commands"})
    assert await api.ok("getChatMenuButton", chat_id=OWNER) == {"type": "commands"}
    assert await api.ok("setMyName", name="Wire")
    assert (await api.ok("getMe"))["first_name"] == "Wire"
    assert "description is too long" in await api.refused("setMyDescription", description="x" * 513)


async def test_unknown_methods_tokens_and_leaving(api: Caller) -> None:
    assert await api.refused("sendPoll", chat_id=OWNER) == "Not Found: method not found"
    assert (await api.raw("SENDMESSAGE", chat_id=OWNER, text="x"))["ok"]
    assert "retry after" in await api.refused("close")
    assert await api.ok("logOut")
    assert await api.refused("getMe") == "Logged out"
