"""Photos, documents and media groups; downloads."""
from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Literal

from bot.sandbox.telegram import files, keyboards, text
from bot.sandbox.telegram.errors import bad
from bot.sandbox.telegram.methods import messages, target
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.state import Json, Message
from bot.sandbox.telegram.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A photo or document ready to be put into a message."""

    kind: Literal["photo", "document"]
    stored: files.Stored
    photo: tuple[Json, ...] = ()
    document: Json | None = None
    text: str
    entities: list[Json]
    spoiler: bool = False
    above: bool = False

    @property
    def unique_id(self) -> str:
        """The id that depends on the bytes alone."""
        return self.stored.unique_id


def unique_id(m: Message) -> str:
    """Return the id of a message's file, or an empty string."""
    if m.kind == "photo" and m.photo:
        return str(m.photo[0]["file_unique_id"])[:-1]
    return str(m.document["file_unique_id"]) if m.document else ""


def _piece(world: World, p: Params, kind: Literal["photo", "document"], name: str) -> Piece:
    words, entities = text.caption_text(p)
    if kind == "photo":
        stored = world.files.wanted(p, name, "photos")
        return Piece(
            kind=kind, stored=stored, photo=tuple(world.files.photo(stored)), text=words, entities=entities,
            spoiler=p.flag("has_spoiler"), above=p.flag("show_caption_above_media"),
        )
    stored = world.files.wanted(p, name, "documents")
    thumb = p.upload("thumbnail")
    thumbnail = world.files.store(thumb, "thumbnails") if thumb else None
    return Piece(
        kind=kind, stored=stored, document=world.files.document(stored, thumbnail), text=words, entities=entities,
    )


def input_media(world: World, p: Params, given: Json) -> Piece:
    """Read one InputMedia object; its file is `attach://name` or a file_id."""
    kind = given.get("type")
    if kind not in ("photo", "document"):
        raise bad(f'can\'t parse InputMedia: type "{kind}" is unsupported')
    values = {k: v if isinstance(v, str) else json.dumps(v) for k, v in given.items()}
    return _piece(world, replace(p, values=values), "photo" if kind == "photo" else "document", "media")


def fill(world: World, m: Message, piece: Piece) -> None:
    """Put the piece into a message."""
    m.kind, m.photo, m.document = piece.kind, list(piece.photo), piece.document
    m.text, m.entities, m.file_path = piece.text, piece.entities, piece.stored.path
    m.spoiler, m.caption_above = piece.spoiler, piece.above


def _send(world: World, p: Params, kind: Literal["photo", "document"]) -> Json:
    chat = target.reachable(world, p)
    markup = keyboards.read(p, private=chat.kind == "private")
    piece = _piece(world, p, kind, kind)
    m = messages.start(world, chat, p, markup)
    fill(world, m, piece)
    return messages.finish(world, chat, m, markup)


def send_photo(world: World, p: Params) -> Json:
    """Send a picture, by upload or file_id."""
    return _send(world, p, "photo")


def send_document(world: World, p: Params) -> Json:
    """Send a file, by upload or file_id."""
    return _send(world, p, "document")


def send_media_group(world: World, p: Params) -> list[Json]:
    """Send 2 to 10 photos or documents as one group; they count as that many sends."""
    chat = target.reachable(world, p)
    given = p.array("media")
    if given is None:
        raise bad("can't parse media JSON object")
    if not 2 <= len(given) <= 10:
        raise bad(f"group of {len(given)} media can't be sent" if len(given) > 10 else
                  "there are no enough messages to send" if given else "media group must include 2-10 items")
    pieces = [input_media(world, p, item if isinstance(item, dict) else {}) for item in given]
    if len({piece.kind for piece in pieces}) > 1:
        raise bad("document can't be mixed with other media types")
    group = world.long_number()
    out = []
    for piece in pieces:
        m = messages.start(world, chat, p, keyboards.NONE)
        fill(world, m, piece)
        m.media_group = group
        out.append(messages.finish(world, chat, m, keyboards.NONE))
    return out


def get_file(world: World, p: Params) -> Json:
    """Return where a file can be fetched; raises 400 for unknown ids and for more than 20 MB."""
    file_id = p.text("file_id")
    if not file_id:
        raise bad("file_id not specified")
    stored = world.files.by_id(file_id)
    if stored is None:
        raise bad("invalid file_id")
    if len(stored.content) > files.DOWNLOAD_BYTES:
        raise bad("file is too big")
    return {
        "file_id": file_id, "file_unique_id": stored.unique_id, "file_size": len(stored.content),
        "file_path": stored.path,
    }
