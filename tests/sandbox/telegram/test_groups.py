"""Groups: privacy mode, topics, upgrade, being thrown out, identifiers."""

from __future__ import annotations

from bot.sandbox.telegram import groups, people
from bot.sandbox.telegram.people import Said
from bot.sandbox.telegram.state import Chat
from bot.sandbox.telegram.world import World
from tests.sandbox.telegram.conftest import Caller

OWNER, TRADER = 7001, 7002


def group(world: World, **more: bool) -> Chat:
    chat = groups.open_group(world, OWNER, "Desk", {TRADER}, **more)
    assert isinstance(chat, Chat)
    return chat


def told(world: World, chat: Chat, words: str, reply_to: int | None = None) -> bool:
    said = people.say(world, TRADER, words, chat_id=chat.id, reply_to=reply_to)
    assert isinstance(said, Said)
    return said.update_id is not None


async def test_privacy_mode_hides_what_is_not_for_the_bot(api: Caller, world: World) -> None:
    chat = group(world)
    assert str(chat.id).startswith("-100")
    m = await api.ok("sendMessage", chat_id=chat.id, text="card")
    assert m["message_id"] == 1 and m["chat"]["type"] == "supergroup"
    assert not told(world, chat, "just talking")
    assert told(world, chat, "/status") and told(world, chat, "/status@desk_local_bot now")
    assert not told(world, chat, "/status@another_bot")
    assert told(world, chat, "yes", reply_to=m["message_id"])
    groups.set_bot_status(world, chat.id, OWNER, "administrator")
    assert told(world, chat, "just talking")


async def test_an_upgraded_group_names_its_successor(api: Caller, world: World) -> None:
    old = group(world, supergroup=False)
    assert -(10**12) < old.id < 0
    new = groups.upgrade(world, old.id, OWNER)
    assert isinstance(new, Chat)
    refusal = await api.raw("sendMessage", chat_id=old.id, text="x")
    assert refusal["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert refusal["parameters"] == {"migrate_to_chat_id": new.id}
    updates = [u["message"] for u in await api.ok("getUpdates") if "message" in u]
    assert [u.get("migrate_to_chat_id", u.get("migrate_from_chat_id")) for u in updates] == [new.id, old.id]


async def test_thrown_out(api: Caller, world: World) -> None:
    chat = group(world)
    groups.set_bot_status(world, chat.id, OWNER, "kicked")
    assert await api.refused("sendMessage", chat_id=chat.id, text="x") == (
        "Forbidden: bot was kicked from the supergroup chat"
    )
    groups.set_bot_status(world, chat.id, OWNER, "member")
    assert await api.ok("leaveChat", chat_id=chat.id)
    assert await api.refused("sendMessage", chat_id=chat.id, text="x") == (
        "Forbidden: bot is not a member of the supergroup chat"
    )


async def test_topics(api: Caller, world: World) -> None:
    chat = group(world, forum=True)
    topic = await api.ok("createForumTopic", chat_id=chat.id, name="Alerts")
    m = await api.ok("sendMessage", chat_id=chat.id, text="x", message_thread_id=topic["message_thread_id"])
    assert m["is_topic_message"] is True and m["chat"]["is_forum"] is True
    assert await api.refused("sendMessage", chat_id=chat.id, text="x", message_thread_id=99) == (
        "Bad Request: message thread not found"
    )
    opened = groups.open_topic(world, chat.id, OWNER, "Trades")
    assert isinstance(opened, int)


async def test_members(api: Caller, world: World) -> None:
    chat = group(world)
    status = {u: (await api.ok("getChatMember", chat_id=chat.id, user_id=u))["status"] for u in (OWNER, TRADER, 7003)}
    assert status == {OWNER: "creator", TRADER: "member", 7003: "left"}
    assert "invalid user_id specified" in await api.refused("getChatMember", chat_id=chat.id)
    assert "PARTICIPANT_ID_INVALID" in await api.refused("getChatMember", chat_id=chat.id, user_id=5)
    pinning = {"chat_id": chat.id, "message_id": (await api.ok("sendMessage", chat_id=chat.id, text="x"))["message_id"]}
    assert "not enough rights" in await api.refused("pinChatMessage", **pinning)


async def test_reactions_are_told_only_when_asked_for(api: Caller, world: World) -> None:
    m = await api.ok("sendMessage", chat_id=OWNER, text="x")
    silent = people.react(world, OWNER, m["message_id"], "👍")
    assert isinstance(silent, Said) and silent.update_id is None
    await api.ok("getUpdates", allowed_updates=["message_reaction"])
    told_now = people.react(world, OWNER, m["message_id"], None)
    assert isinstance(told_now, Said) and told_now.update_id is not None
    [update] = await api.ok("getUpdates")
    reaction = update["message_reaction"]
    assert (reaction["old_reaction"], reaction["new_reaction"]) == ([{"type": "emoji", "emoji": "👍"}], [])
