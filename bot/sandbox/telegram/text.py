"""From what a caller sends to what a message holds: parse, clean, repair nesting, detect, count (bot_api.md 7.1)."""
from __future__ import annotations

import re

from bot.sandbox.telegram import html
from bot.sandbox.telegram.detect import detect, units
from bot.sandbox.telegram.errors import (
    CAPTION_TOO_LONG,
    PARSE_MODE,
    SOURCE_TOO_LONG,
    TEXT_BLANK,
    TEXT_EMPTY,
    TEXT_TOO_LONG,
    bad,
)
from bot.sandbox.telegram.html import Entity
from bot.sandbox.telegram.params import Params, whole

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
_SOURCE_BYTES = 32_768
_ENTITIES = 100
_REMOVED = re.compile("[\r\u2028-\u202e]")
_BLANKED = re.compile("[\x00-\x09\x0b-\x1f]")
_SPLITTABLE = ("bold", "italic", "underline", "strikethrough", "spoiler")
_QUOTES = ("blockquote", "expandable_blockquote")
_CODE = ("code", "pre")
_NEEDED = {"text_link": "url", "text_mention": "user_id", "custom_emoji": "custom_emoji_id", "date_time": "unix_time"}


def message_text(p: Params) -> tuple[str, list[Entity]]:
    """Read `text`; raises 400 for empty, blank, too long or unparsable."""
    source = p.text("text")
    if not source:
        raise bad(TEXT_EMPTY)
    text, entities = _formatted(p, source, "entities")
    if not text:
        raise bad(TEXT_BLANK)
    if units(text) > TEXT_UNITS:
        raise bad(TEXT_TOO_LONG)
    return text, entities


def caption_text(p: Params) -> tuple[str, list[Entity]]:
    """Read `caption`, which may be absent; raises 400 for too long or unparsable."""
    source = p.text("caption")
    if not source:
        return "", []
    text, entities = _formatted(p, source, "caption_entities")
    if units(text) > CAPTION_UNITS:
        raise bad(CAPTION_TOO_LONG)
    return text, entities


def plain_text(source: str) -> tuple[str, list[Entity]]:
    """Clean a person's typed text and find its entities."""
    return settle(source, [])


def _formatted(p: Params, source: str, entities_name: str) -> tuple[str, list[Entity]]:
    if len(source.encode("utf-8", "replace")) > _SOURCE_BYTES:
        raise bad(SOURCE_TOO_LONG)
    mode = p.text("parse_mode").lower()
    if mode == "html":
        return settle(*html.parse(source))
    if mode:
        raise bad(PARSE_MODE)
    given = p.array(entities_name) or []
    return settle(source, [_explicit(e, source) for e in given if isinstance(e, dict)])


def _explicit(given: Entity, source: str) -> Entity:
    kind = given.get("type")
    if not isinstance(kind, str) or "offset" not in given or "length" not in given:
        raise bad("can't parse MessageEntity: Field \"offset\", \"length\" or \"type\" is invalid")
    offset, length = whole(given["offset"]), whole(given["length"])
    total = units(source)
    if offset < 0 or length < 0 or offset + length > total:
        length = max(0, min(length, total - offset)) if offset >= 0 else 0
    entity: Entity = {"offset": max(0, offset), "length": length, "type": kind}
    for extra in ("url", "language", "custom_emoji_id", "date_time_format"):
        if isinstance(given.get(extra), str):
            entity[extra] = given[extra]
    if whole(given.get("unix_time")):
        entity["unix_time"] = whole(given["unix_time"])
    if isinstance(given.get("user"), dict) and whole(given["user"].get("id")):
        entity["user_id"] = whole(given["user"]["id"])
    needed = _NEEDED.get(kind)
    if needed is not None and needed not in entity:
        raise bad(f"can't parse MessageEntity: Can't find field \"{needed.removesuffix('_id')}\"")
    return entity


def settle(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Clean and trim the text, repair nesting, add what is detected; returns at most 100 entities."""
    entities = [e for e in entities if e["length"] > 0]
    text, entities = _cleaned(text, entities)
    text, entities = _trimmed(text, entities)
    kept = _nested(entities)
    solid = [e for e in kept if e["type"] not in _SPLITTABLE and e["type"] not in _QUOTES]
    kept += [e for e in detect(text) if not any(_meet(e, s) for s in solid)]
    kept.sort(key=html.order)
    for entity in kept:
        entity.pop("_language", None)
    return text, kept[:_ENTITIES]


def _meet(a: Entity, b: Entity) -> bool:
    return bool(a["offset"] < b["offset"] + b["length"] and b["offset"] < a["offset"] + a["length"])


def _cleaned(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    text = _BLANKED.sub(lambda m: "\r" if m[0] == "\r" else " ", text)
    gone = [units(text[:m.start()]) for m in _REMOVED.finditer(text)]
    if not gone:
        return text, entities
    return _REMOVED.sub("", text), [e for e in (_shifted(e, gone) for e in entities) if e["length"] > 0]


def _shifted(entity: Entity, gone: list[int]) -> Entity:
    start, end = entity["offset"], entity["offset"] + entity["length"]
    before = sum(g < start for g in gone)
    inside = sum(start <= g < end for g in gone)
    return entity | {"offset": start - before, "length": entity["length"] - inside}


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    text = text.rstrip(" \n")
    total = units(text)
    first = min((e["offset"] for e in entities), default=total)
    lead = min(len(text) - len(text.lstrip(" \n")), first)
    text = text[lead:]
    fitted = []
    for e in entities:
        start = e["offset"] - lead
        length = min(e["length"], total - lead - start)
        if length > 0:
            fitted.append(e | {"offset": start, "length": length})
    return text, fitted


def _nested(entities: list[Entity]) -> list[Entity]:
    """Keep quotes; of links, code and the like keep the outermost; cut the rest out of code, then merge."""
    solid: list[Entity] = []
    quotes: list[Entity] = []
    for entity in sorted(entities, key=html.order):
        if entity["type"] in _QUOTES:
            if not any(_meet(entity, q) for q in quotes):
                quotes.append(entity)
        elif entity["type"] not in _SPLITTABLE and not any(_meet(entity, s) for s in solid):
            solid.append(entity)
    code = [(e["offset"], e["offset"] + e["length"]) for e in solid if e["type"] in _CODE]
    soft: list[Entity] = []
    for kind in _SPLITTABLE:
        spans = [(e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] == kind]
        soft += [{"offset": a, "length": b - a, "type": kind} for a, b in _without(_joined(spans), code)]
    return quotes + solid + soft


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def _without(spans: list[tuple[int, int]], holes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    for a, b in sorted(holes):
        cut: list[tuple[int, int]] = []
        for start, end in spans:
            cut += [(s, e) for s, e in ((start, min(end, a)), (max(start, b), end)) if s < e]
        spans = cut
    return spans
