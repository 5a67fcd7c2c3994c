"""Send, copy, forward and delete messages; answer presses."""
from __future__ import annotations

from bot.sandbox.telegram import errors, keyboards, text, wire
from bot.sandbox.telegram.errors import bad
from bot.sandbox.telegram.keyboards import Markup
from bot.sandbox.telegram.methods import target
from bot.sandbox.telegram.params import Params, whole
from bot.sandbox.telegram.state import Chat, Json, Message
from bot.sandbox.telegram.world import World

_ACTIONS = frozenset({
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
})


def start(world: World, chat: Chat, p: Params, markup: Markup) -> Message:
    """Build the bot's next message from what all sends share; the flood limit is spent here, last."""
    reply_to, quote = target.answered(world, chat, p)
    thread = target.thread(world, chat, p)
    if p.text("message_effect_id") and chat.kind != "private":
        raise bad("MESSAGE_EFFECT_INVALID")
    preview = p.json("link_preview_options", "link preview options")
    world.limits.spend(chat.id, world.now())
    return Message(
        id=world.new_id(chat), chat_id=chat.id, sender_id=world.bot.id, date=int(world.now()), thread=thread,
        reply_to=reply_to, quote=quote, silent=p.flag("disable_notification"), protected=p.flag("protect_content"),
        link_preview=preview if isinstance(preview, dict) and preview else None,
        effect=p.text("message_effect_id") or None, keyboard=markup.value if markup.kind == "inline" else None,
    )


def finish(world: World, chat: Chat, m: Message, markup: Markup) -> Json:
    """Post the message, put up or take down the reply keyboard, and return it."""
    if markup.kind in ("reply", "force"):
        chat.keyboard = markup.value
    elif markup.kind == "remove":
        chat.keyboard = None
    return wire.message(world, world.post(chat, m))


def send_message(world: World, p: Params) -> Json:
    """Send a text."""
    words, entities = text.message_text(p)
    chat = target.reachable(world, p)
    markup = keyboards.read(p, private=chat.kind == "private")
    m = start(world, chat, p, markup)
    m.text, m.entities = words, entities
    return finish(world, chat, m, markup)


def send_message_draft(world: World, p: Params) -> bool:
    """Show a text that is still being written; it leaves no message."""
    chat = target.reachable(world, p)
    if chat.kind != "private" or not p.integer("draft_id"):
        raise bad("DRAFT_ID_INVALID" if chat.kind == "private" else "CHAT_ID_INVALID")
    chat.draft = text.message_text(p)[0] if p.text("text") else "…"
    world.touch()
    return True


def copy_message(world: World, p: Params) -> Json:
    """Send a copy without its origin; returns only the id."""
    return {"message_id": _again(world, p, errors.COPY_NOT_FOUND, origin=False)["message_id"]}


def forward_message(world: World, p: Params) -> Json:
    """Send a copy that names its origin."""
    return _again(world, p, errors.FORWARD_NOT_FOUND, origin=True)


def _again(world: World, p: Params, missing: str, *, origin: bool) -> Json:
    chat = target.reachable(world, p)
    source = target.any_message(world, world.chat(p.text("from_chat_id")), p, missing)
    if source.kind == "service" or (source.protected and origin):
        raise bad("message can't be forwarded" if origin else "message can't be copied")
    markup = keyboards.NONE if origin else keyboards.read(p, private=chat.kind == "private")
    m = start(world, chat, p, markup)
    m.kind, m.text, m.entities = source.kind, source.text, source.entities
    m.photo, m.document, m.file_path = source.photo, source.document, source.file_path
    if not origin and p.has("caption"):
        m.text, m.entities = text.caption_text(p)
    if origin:
        m.forward = source.forward or {
            "type": "user", "sender_user": wire.user(world, source.sender_id), "date": source.date,
        }
    return finish(world, chat, m, markup)


def remove(world: World, m: Message) -> None:
    """Delete a message for everybody; what was pinned is pinned no more."""
    m.deleted, m.pinned = True, False
    world.touch(m)


def _may_delete(world: World, chat: Chat, m: Message) -> bool:
    if world.now() - m.date > world.rules.delete_age and chat.bot_status != "administrator":
        return False
    return chat.kind == "private" or m.sender_id == world.bot.id or chat.bot_status == "administrator"


def delete_message(world: World, p: Params) -> bool:
    """Delete one message, at most 48 h old; in a private chat also the person's."""
    chat = target.reachable(world, p)
    m = target.any_message(world, chat, p, errors.DELETE_NOT_FOUND)
    if not _may_delete(world, chat, m):
        raise bad(errors.DELETE_REFUSED)
    remove(world, m)
    return True


def delete_messages(world: World, p: Params) -> bool:
    """Delete up to 100; those missing are skipped."""
    chat = target.reachable(world, p)
    numbers = p.array("message_ids")
    if not numbers:
        raise bad("message identifiers are not specified")
    if len(numbers) > 100:
        raise bad("too many message identifiers specified")
    for number in numbers:
        m = world.message(chat, whole(number))
        if m is not None and _may_delete(world, chat, m):
            remove(world, m)
    return True


def send_chat_action(world: World, p: Params) -> bool:
    """Show what the bot is doing, for 5 s or until its next message."""
    action = p.text("action")
    if action not in _ACTIONS:
        raise bad("wrong parameter action in request")
    chat = target.reachable(world, p)
    chat.action = (action, world.now() + 5)
    world.touch()
    return True


def answer_callback_query(world: World, p: Params) -> bool:
    """Answer a press once, while the phone still waits for it."""
    words = p.text("text")
    if len(words) > 200:
        raise bad("MESSAGE_TOO_LONG")
    callback = world.callbacks.get(p.text("callback_query_id"))
    old = callback is None or world.now() - callback.date > world.rules.answer_age
    if callback is None or old or callback.answer.done():
        raise bad(errors.QUERY_TOO_OLD)
    callback.answer.set_result({"text": words, "alert": p.flag("show_alert"), "url": p.text("url")})
    return True
