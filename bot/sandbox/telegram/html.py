"""HTML parse mode: source to text and entities, offsets in UTF-16 units (bot_api.md 7.2, html_vectors.json).

Works on the UTF-8 bytes of the source, because the offsets in the error sentences are bytes.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram import links
from bot.sandbox.telegram.errors import Refusal, bad

Entity = dict[str, Any]

_SIMPLE = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler",
}
_TAGS = frozenset(_SIMPLE) | {"a", "code", "pre", "blockquote", "tg-emoji", "tg-time"}
_NAMED = {b"lt": 60, b"gt": 62, b"amp": 38, b"quot": 34}
_SPACE = b" \t\r\n\v\0"
_NAME_END = b" \t\r\n\v\0=>/\"'"
_DATE_FORMAT = re.compile(r"r|w?[dD]?[tT]?")
_PRIORITY = {
    "blockquote": 0, "expandable_blockquote": 0, "pre": 10, "code": 20, "text_link": 49, "text_mention": 49,
    "date_time": 60, "bold": 90, "italic": 91, "underline": 92, "strikethrough": 93, "spoiler": 94, "custom_emoji": 99,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    name: str
    attributes: dict[str, str]
    offset: int
    begin: int


def order(entity: Entity) -> tuple[int, int, int]:
    """Give the sort key of entities: position, longest first, then the outer kind."""
    return entity["offset"], -entity["length"], _PRIORITY.get(entity["type"], 50)


def parse(source: str) -> tuple[str, list[Entity]]:
    """Parse HTML into text and sorted entities; raises `Refusal` with TDLib's own sentence."""
    return _Parser(source).run()


def _refuse(sentence: str) -> Refusal:
    return bad(f"can't parse entities: {sentence}")


class _Parser:
    def __init__(self, source: str) -> None:
        self.text = source.encode("utf-8", "replace").replace(b"\0", b" ") + b"\0"
        self.at = 0
        self.out = bytearray()
        self.offset = 0
        self.nested: list[_Open] = []
        self.entities: list[Entity] = []

    def run(self) -> tuple[str, list[Entity]]:
        end = len(self.text) - 1
        while self.at < end:
            c = self.text[self.at]
            if c == 0x26:
                code = self._reference()
                if code:
                    self.offset += 1 + (code > 0xFFFF)
                    self.out += chr(code).encode()
                    continue
            if c != 0x3C:
                if c & 0xC0 != 0x80:
                    self.offset += 1 + (c >= 0xF0)
                self.out.append(c)
                self.at += 1
                continue
            if self.text[self.at + 1] == 0x2F:
                self._end_tag()
            else:
                self._start_tag()
        if self.nested:
            raise _refuse(f"Can't find end tag corresponding to start tag \"{self.nested[-1].name}\"")
        return self.out.decode(), sorted(self.entities, key=order)

    def _reference(self) -> int:
        text, pos = self.text, self.at
        if text[pos + 1] == 0x23:
            found = re.compile(rb"x([0-9a-fA-F]*)|([0-9]*)").match(text, pos + 2)
            assert found is not None
            code = int(found[1] or b"0", 16) if found[1] is not None else int(found[2] or b"0")
            end = found.end()
            if code == 0 or code >= 0x10FFFF or end - pos >= 10 or 0xD800 <= code <= 0xDFFF:
                return 0
        else:
            found = re.compile(rb"[a-zA-Z]*").match(text, pos + 1)
            assert found is not None
            code, end = _NAMED.get(found[0], 0), found.end()
            if not code:
                return 0
        self.at = end + (text[end] == 0x3B)
        return code

    def _skip(self, stop: bytes) -> None:
        while self.text[self.at] not in stop:
            self.at += 1

    def _blanks(self) -> None:
        while self.text[self.at] in _SPACE and self.text[self.at] != 0:
            self.at += 1

    def _word(self, begin: int) -> str:
        return self.text[begin:self.at].decode("utf-8", "replace").lower()

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        self._skip(_SPACE + b">")
        if self.text[self.at] == 0:
            raise _refuse(f"Unclosed start tag at byte offset {begin}")
        name = self._word(begin + 1)
        if name not in _TAGS:
            raise _refuse(f'Unsupported start tag "{name}" at byte offset {begin}')
        attributes: dict[str, str] = {}
        while True:
            self._blanks()
            if self.text[self.at] == 0x3E:
                break
            self._attribute(name, begin, attributes)
        self.at += 1
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _refuse(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.nested.append(_Open(name=name, attributes=attributes, offset=self.offset, begin=len(self.out)))

    def _attribute(self, tag: str, begin: int, attributes: dict[str, str]) -> None:
        start = self.at
        self._skip(_NAME_END)
        name = self._word(start)
        if not name:
            if self.text[self.at] == 0:
                raise _refuse(f"Unclosed start tag at byte offset {begin}")
            raise _refuse(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self._blanks()
        if self.text[self.at] != 0x3D:
            if self.text[self.at] == 0:
                raise _refuse(f"Unclosed start tag at byte offset {begin}")
            attributes[name] = ""
            return
        self.at += 1
        self._blanks()
        if self.text[self.at] in b"\"'":
            attributes[name] = self._quoted()
        else:
            start = self.at
            while re.match(rb"[a-zA-Z0-9.-]", self.text[self.at:self.at + 1]):
                self.at += 1
            attributes[name] = self._word(start)
            if self.text[self.at] not in _SPACE + b">":
                raise _refuse(f"Unexpected end of name token at byte offset {start}")
        if self.text[self.at] == 0:
            raise _refuse(f"Unclosed start tag at byte offset {begin}")

    def _quoted(self) -> str:
        quote = self.text[self.at]
        self.at += 1
        value = bytearray()
        while self.text[self.at] not in (quote, 0):
            if self.text[self.at] == 0x26:
                code = self._reference()
                if code:
                    value += chr(code).encode()
                    continue
            value.append(self.text[self.at])
            self.at += 1
        if self.text[self.at] == quote:
            self.at += 1
        return value.decode("utf-8", "replace")

    def _end_tag(self) -> None:
        begin = self.at
        if not self.nested:
            raise _refuse(f"Unexpected end tag at byte offset {begin}")
        self.at += 2
        self._skip(_SPACE + b">")
        name = self._word(begin + 2)
        self._blanks()
        if self.text[self.at] != 0x3E:
            raise _refuse(f"Unclosed end tag at byte offset {begin}")
        self.at += 1
        opened = self.nested.pop()
        if name and name != opened.name:
            raise _refuse(
                f'Unmatched end tag at byte offset {begin}, expected "</{opened.name}>", found "</{name}>"'
            )
        if self.offset > opened.offset or opened.name in ("tg-emoji", "tg-time"):
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity: Entity = {"offset": opened.offset, "length": self.offset - opened.offset}
        name, given = opened.name, opened.attributes
        if name in _SIMPLE:
            entity["type"] = _SIMPLE[name]
        elif name == "blockquote":
            entity["type"] = "expandable_blockquote" if "expandable" in given else "blockquote"
        elif name in ("code", "pre"):
            self._code(entity, name, given)
            return
        elif name == "a":
            if not self._link(entity, given.get("href") or self.out[opened.begin:].decode()):
                return
        elif name == "tg-emoji":
            if not re.fullmatch(r"-?[1-9]\d{0,18}", given.get("emoji-id", "")):
                raise _refuse("Invalid custom emoji identifier specified")
            entity |= {"type": "custom_emoji", "custom_emoji_id": given["emoji-id"]}
        elif not self._date(entity, given):
            return
        if entity["length"]:
            self.entities.append(entity)

    def _code(self, entity: Entity, name: str, given: dict[str, str]) -> None:
        """A `pre` and a `code` with a language over the same text are one entity, whichever is outside."""
        wanted = given.get("class", "") if name == "code" else ""
        language = wanted[9:] if wanted.startswith("language-") else ""
        last = self.entities[-1] if self.entities else {}
        other = "pre" if name == "code" else "code"
        same = last.get("type") == other and (last["offset"], last["length"]) == (entity["offset"], entity["length"])
        if same and name == "code" and language:
            last["language"] = language
        elif same and name == "pre" and last.get("_language"):
            last["type"], last["language"] = "pre", last.pop("_language")
        else:
            entity["type"] = name
            if language:
                entity["_language"] = language
            self.entities.append(entity)

    @staticmethod
    def _link(entity: Entity, url: str) -> bool:
        user = links.mentioned_user(url)
        if user is not None:
            entity |= {"type": "text_mention", "user_id": user}
            return True
        address = links.checked(url)
        if address is None:
            return False
        entity |= {"type": "text_link", "url": address}
        return True

    @staticmethod
    def _date(entity: Entity, given: dict[str, str]) -> bool:
        wanted = given.get("format", "")
        letters = set(wanted)
        ordered = "".join(c for c in "wdDtT" if c in letters) if wanted != "r" else "r"
        if len(ordered) != len(wanted) or not _DATE_FORMAT.fullmatch(ordered):
            raise _refuse("Invalid date format used")
        if not re.fullmatch(r"\d{1,12}", given.get("unix", "")):
            return False
        entity |= {"type": "date_time", "unix_time": int(given["unix"]), "date_time_format": ordered}
        return True
