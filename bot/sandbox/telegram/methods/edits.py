"""Change messages the bot has sent; an edit without reply_markup takes the inline keyboard away."""
from __future__ import annotations

from bot.sandbox.telegram import errors, keyboards, text, wire
from bot.sandbox.telegram.errors import bad
from bot.sandbox.telegram.methods import media, target
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.state import Chat, Json, Message
from bot.sandbox.telegram.world import World


def _markup(p: Params, chat: Chat) -> Json | None:
    return keyboards.read_inline(p, private=chat.kind == "private").value


def set_keyboard(m: Message, value: Json | None) -> None:
    """Replace the inline keyboard and remember the former one: a phone may not have redrawn yet."""
    if m.keyboard is not None and m.keyboard != value:
        m.former_keyboards.append(m.keyboard)
    m.keyboard = value


def _apply(world: World, chat: Chat, m: Message, keyboard: Json | None) -> None:
    world.limits.spend(chat.id, world.now())
    set_keyboard(m, keyboard)
    m.edit_date = int(world.now())
    world.touch(m)


def _unchanged(m: Message, words: str, entities: list[Json], keyboard: Json | None) -> bool:
    return (m.text, m.entities, m.keyboard) == (words, entities, keyboard)


def edit_message_text(world: World, p: Params) -> Json:
    """Replace the text; 400 `message is not modified` compares text, entities and keyboard after parsing."""
    words, entities = text.message_text(p)
    chat, m = target.own_message(world, p)
    if m.kind != "text":
        raise bad(errors.NO_TEXT_TO_EDIT)
    keyboard = _markup(p, chat)
    if _unchanged(m, words, entities, keyboard):
        raise bad(errors.NOT_MODIFIED)
    preview = p.json("link_preview_options", "link preview options")
    _apply(world, chat, m, keyboard)
    m.text, m.entities = words, entities
    m.link_preview = preview if isinstance(preview, dict) and preview else m.link_preview
    return wire.message(world, m)


def edit_message_caption(world: World, p: Params) -> Json:
    """Replace the caption of a photo or document; an absent one removes it."""
    words, entities = text.caption_text(p)
    chat, m = target.own_message(world, p)
    if m.kind == "text":
        raise bad(errors.NO_CAPTION_TO_EDIT)
    keyboard = _markup(p, chat)
    if _unchanged(m, words, entities, keyboard):
        raise bad(errors.NOT_MODIFIED)
    _apply(world, chat, m, keyboard)
    m.text, m.entities = words, entities
    return wire.message(world, m)


def edit_message_media(world: World, p: Params) -> Json:
    """Replace photo or document with its caption."""
    chat, m = target.own_message(world, p)
    given = p.json("media", "InputMedia")
    if not isinstance(given, dict):
        raise bad("can't parse InputMedia: Object expected")
    keyboard = _markup(p, chat)
    piece = media.input_media(world, p, given)
    same_file = (piece.unique_id == media.unique_id(m)) and m.kind == piece.kind
    if same_file and _unchanged(m, piece.text, piece.entities, keyboard):
        raise bad(errors.NOT_MODIFIED)
    _apply(world, chat, m, keyboard)
    media.fill(world, m, piece)
    return wire.message(world, m)


def edit_message_reply_markup(world: World, p: Params) -> Json:
    """Replace the inline keyboard alone; nothing or `{}` removes it."""
    chat, m = target.own_message(world, p)
    keyboard = _markup(p, chat)
    if m.keyboard == keyboard:
        raise bad(errors.NOT_MODIFIED)
    _apply(world, chat, m, keyboard)
    return wire.message(world, m)
