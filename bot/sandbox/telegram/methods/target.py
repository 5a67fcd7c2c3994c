"""Where a send or edit goes, and whether it may go there (bot_api.md section 6)."""
from __future__ import annotations

from bot.sandbox.telegram import errors
from bot.sandbox.telegram.errors import bad, forbidden
from bot.sandbox.telegram.params import Params, whole
from bot.sandbox.telegram.state import Chat, Message
from bot.sandbox.telegram.world import World


def reachable(world: World, p: Params, *, name: str = "chat_id") -> Chat:
    """Return the chat the bot may write to; raises 400 or 403 with the reason."""
    chat = world.chat(p.text(name))
    if chat.migrated_to is not None:
        raise bad(errors.UPGRADED, {"migrate_to_chat_id": chat.migrated_to})
    if chat.kind == "private":
        person = world.people[chat.id]
        if person.deactivated:
            raise forbidden(errors.DEACTIVATED)
        if person.blocked:
            raise forbidden(errors.BLOCKED)
        if not person.started:
            raise forbidden(errors.NEVER_STARTED)
        return chat
    if chat.deleted:
        raise forbidden("the group chat was deleted")
    if chat.bot_status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    if chat.bot_status == "left":
        raise forbidden(f"bot is not a member of the {chat.kind} chat")
    return chat


def thread(world: World, chat: Chat, p: Params) -> int | None:
    """Return the topic a send names; raises 400 where there is none."""
    number = p.integer("message_thread_id")
    if not number or (number == 1 and chat.forum):
        return None
    if number not in chat.topics:
        raise bad(errors.THREAD_NOT_FOUND)
    return number


def answered(world: World, chat: Chat, p: Params) -> tuple[int | None, str | None]:
    """Return the message a send replies to, and the quoted words; raises 400 where it is gone."""
    given = p.json("reply_parameters", "reply parameters JSON object")
    if isinstance(given, dict):
        number = whole(given.get("message_id")) or None
        lenient = bool(given.get("allow_sending_without_reply"))
        quote = str(given["quote"]) if given.get("quote") else None
    else:
        number, quote = p.integer("reply_to_message_id") or None, None
        lenient = p.flag("allow_sending_without_reply")
    if number is None:
        return None, None
    found = world.message(chat, number)
    if found is None:
        if lenient:
            return None, None
        raise bad(errors.REPLY_NOT_FOUND)
    if quote is not None and quote not in found.text:
        raise bad("QUOTE_TEXT_INVALID")
    return found.id, quote


def own_message(world: World, p: Params) -> tuple[Chat, Message]:
    """Return the message an edit means; raises 400 where it is missing, gone, or not the bot's."""
    if p.text("inline_message_id"):
        raise bad("MESSAGE_ID_INVALID")
    chat = reachable(world, p)
    number = p.integer("message_id")
    if number <= 0:
        raise bad(errors.NO_IDENTIFIER)
    found = world.message(chat, number)
    if found is None:
        raise bad(errors.EDIT_NOT_FOUND)
    if found.sender_id != world.bot.id or found.kind == "service":
        raise bad(errors.EDIT_REFUSED)
    return chat, found


def any_message(world: World, chat: Chat, p: Params, missing: str) -> Message:
    """Return any message of the chat; raises 400 with the given sentence where it is missing."""
    number = p.integer("message_id")
    if number <= 0:
        raise bad(errors.NO_IDENTIFIER)
    found = world.message(chat, number)
    if found is None:
        raise bad(missing)
    return found
