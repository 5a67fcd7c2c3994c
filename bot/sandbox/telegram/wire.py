"""Records as the Bot API writes them: key order of the original, optional fields left out (bot_api.md section 8)."""
from __future__ import annotations

from bot.sandbox.telegram.html import Entity
from bot.sandbox.telegram.state import Chat, Json, Message, Person
from bot.sandbox.telegram.world import World

_RIGHTS = (
    "can_manage_chat", "can_change_info", "can_delete_messages", "can_invite_users", "can_restrict_members",
    "can_pin_messages", "can_manage_topics", "can_promote_members", "can_manage_video_chats", "can_post_stories",
    "can_edit_stories", "can_delete_stories",
)


def bot_user(world: World) -> Json:
    """Return the bot as a sender."""
    bot = world.bot
    return {"id": bot.id, "is_bot": True, "first_name": bot.name, "username": bot.username}


def person_user(person: Person) -> Json:
    """Return a person as a sender."""
    out: Json = {"id": person.id, "is_bot": False, "first_name": person.name}
    if person.username:
        out["username"] = person.username
    return out | {"language_code": person.language}


def user(world: World, user_id: int) -> Json:
    """Return whoever has that id."""
    if user_id == world.bot.id:
        return bot_user(world)
    person = world.people.get(user_id)
    return person_user(person) if person else {"id": user_id, "is_bot": False, "first_name": "Deleted Account"}


def chat(world: World, record: Chat) -> Json:
    """Return the short form of a chat."""
    if record.kind == "private":
        person = world.people[record.id]
        out: Json = {"id": record.id, "first_name": person.name}
        if person.username:
            out["username"] = person.username
        return out | {"type": "private"}
    out = {"id": record.id, "title": record.title}
    if record.forum:
        out["is_forum"] = True
    return out | {"type": record.kind}


def entities(world: World, given: list[Entity]) -> list[Json]:
    """Return entities in wire form; a mention carries its whole user."""
    out = []
    for entity in given:
        shown = {k: v for k, v in entity.items() if k != "user_id"}
        if "user_id" in entity:
            shown["user"] = user(world, entity["user_id"])
        if shown["type"] == "date_time" and not shown.get("date_time_format"):
            shown.pop("date_time_format", None)
        out.append(shown)
    return out


def message(world: World, m: Message, *, with_reply: bool = True) -> Json:
    """Return a message, with the one it answers but no deeper."""
    where = world.chats[m.chat_id]
    out: Json = {"message_id": m.id}
    if m.sender_chat is not None:
        out["from"] = {
            "id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot",
        }
        out["sender_chat"] = chat(world, world.chats[m.sender_chat])
    elif where.kind != "channel":
        out["from"] = user(world, m.sender_id)
    out |= {"chat": chat(world, where), "date": m.date}
    if m.edit_date is not None:
        out["edit_date"] = m.edit_date
    if m.thread is not None:
        out |= {"message_thread_id": m.thread, "is_topic_message": True}
    if m.forward is not None:
        out["forward_origin"] = m.forward
    if m.via_bot:
        out["via_bot"] = bot_user(world)
    answered = world.message(where, m.reply_to) if m.reply_to is not None else None
    if answered is not None and with_reply:
        out["reply_to_message"] = message(world, answered, with_reply=False)
        if m.quote:
            out["quote"] = {"text": m.quote, "position": max(0, answered.text.find(m.quote)), "is_manual": True}
    if m.media_group is not None:
        out["media_group_id"] = m.media_group
    out |= _content(world, m)
    if m.effect is not None:
        out["effect_id"] = m.effect
    if m.protected:
        out["has_protected_content"] = True
    if m.keyboard is not None:
        out["reply_markup"] = m.keyboard
    return out


def _content(world: World, m: Message) -> Json:
    if m.kind == "service":
        pinned = m.service.get("pinned")
        if pinned is None:
            return dict(m.service)
        target = world.chats[m.chat_id].messages[pinned]
        return {"pinned_message": message(world, target, with_reply=False)}
    out: Json = {}
    if m.kind == "text":
        out["text"] = m.text
        if m.entities:
            out["entities"] = entities(world, m.entities)
        if m.link_preview is not None:
            out["link_preview_options"] = m.link_preview
        return out
    if m.kind == "photo":
        out["photo"] = m.photo
    elif m.document is not None:
        out["document"] = m.document
    if m.text:
        out["caption"] = m.text
        if m.entities:
            out["caption_entities"] = entities(world, m.entities)
    if m.caption_above:
        out["show_caption_above_media"] = True
    if m.spoiler:
        out["has_media_spoiler"] = True
    return out


def inaccessible(world: World, m: Message) -> Json:
    """Return a card that can no longer be read."""
    return {"message_id": m.id, "chat": chat(world, world.chats[m.chat_id]), "date": 0}


def bot_member(world: World, status: str) -> Json:
    """Return the bot's own membership; an administrator has every right."""
    out: Json = {"user": bot_user(world), "status": status}
    if status == "kicked":
        out["until_date"] = 0
    if status == "administrator":
        out |= {"can_be_edited": False, "is_anonymous": False} | dict.fromkeys(_RIGHTS, True)
    return out


def full_chat(world: World, record: Chat) -> Json:
    """Return what getChat tells."""
    out = chat(world, record) | {"accent_color_id": record.id % 7, "max_reaction_count": 11}
    if record.kind == "private":
        person = world.people[record.id]
        if person.username:
            out["active_usernames"] = [person.username]
    else:
        out["permissions"] = dict.fromkeys((
            "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
            "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
            "can_add_web_page_previews", "can_change_info", "can_invite_users", "can_pin_messages",
        ), True)
    out["accepted_gift_types"] = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False,
    )
    pinned = [m for m in record.messages.values() if m.pinned and not m.deleted]
    if pinned:
        out["pinned_message"] = message(world, pinned[-1], with_reply=False)
    return out
