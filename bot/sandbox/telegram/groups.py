"""Groups as people run them: open, add the bot, throw it out, make it an administrator, upgrade, topics."""
from __future__ import annotations

from bot.sandbox.telegram import happenings
from bot.sandbox.telegram.methods.chats import service
from bot.sandbox.telegram.people import Unable
from bot.sandbox.telegram.state import Chat
from bot.sandbox.telegram.world import World


def open_group(
    world: World, founder: int, title: str, members: set[int], *, supergroup: bool = True, forum: bool = False,
) -> Chat | Unable:
    """Open a group with the bot in it; the bot is told of its membership."""
    missing = (members | {founder}) - world.people.keys()
    if missing:
        return Unable(sentence=f"There is no person {min(missing)}.", status=404)
    chat = world.add_group(title, members | {founder}, supergroup=supergroup, forum=forum)
    happenings.membership(world, chat, founder, "left", "member")
    return chat


def set_bot_status(world: World, chat_id: int, by: int, status: str) -> int | Unable | None:
    """Set how the bot stands: member, administrator, left or kicked; returns the update's id."""
    chat = world.chats.get(chat_id)
    if chat is None or chat.kind == "private":
        return Unable(sentence=f"There is no group {chat_id}.", status=404)
    if status not in ("member", "administrator", "left", "kicked"):
        return Unable(sentence=f"A status is member, administrator, left or kicked, found {status!r}.")
    old = chat.bot_status
    chat.bot_status = status  # type: ignore[assignment]
    world.touch()
    return happenings.membership(world, chat, by, old, status)


def upgrade(world: World, chat_id: int, by: int) -> Chat | Unable:
    """Turn a basic group into a supergroup: the old id answers with `migrate_to_chat_id` from now on."""
    old = world.chats.get(chat_id)
    if old is None or old.kind != "group":
        return Unable(sentence=f"There is no basic group {chat_id}.", status=404)
    new = world.add_group(old.title, old.members)
    new.bot_status = old.bot_status
    service(world, old, by, {"migrate_to_chat_id": new.id})
    service(world, new, by, {"migrate_from_chat_id": old.id})
    old.migrated_to = new.id
    return new


def open_topic(world: World, chat_id: int, by: int, name: str) -> int | Unable:
    """Open a topic as a person; returns its message_thread_id."""
    chat = world.chats.get(chat_id)
    if chat is None or not chat.forum:
        return Unable(sentence=f"There is no forum {chat_id}.", status=404)
    made = service(world, chat, by, {"forum_topic_created": {"name": name, "icon_color": 7322096}})
    made.thread = made.id
    chat.topics[made.id] = name
    return made.id
