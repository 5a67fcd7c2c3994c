"""Entities Telegram finds by itself: commands, mentions, hashtags, cashtags, addresses (bot_api.md 7.3)."""
from __future__ import annotations

import re

from bot.sandbox.telegram import links
from bot.sandbox.telegram.html import Entity

_COMMAND = re.compile(r"(?<![\w/<>@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/@])")
_MENTION = re.compile(r"(?<![\w@])@[A-Za-z0-9_]{4,32}(?!\w)")
_HASHTAG = re.compile(r"(?<![\w#@])#(?=\w*[^\W\d_])\w{1,256}(?![\w#])")
_CASHTAG = re.compile(r"(?<![\w$])\$(?:1INCH|[A-Z]{1,8})(?![\w$])")
_EMAIL = re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}@(?:[\w-]+\.)+[^\W\d_]{2,24}(?![\w@])")
_SCHEMED = re.compile(r"(?<!\w)(?:tg|ton|tonsite)://[^\s<>\"]+", re.I)
_URL = re.compile(
    r"(?<![\w@.$#/:-])(?P<scheme>https?://)?(?P<host>(?:[\w-]+\.)+[\w-]+|localhost)(?P<port>:\d{1,5})?"
    r"(?P<tail>[/?#][^\s<>\"]*)?", re.I,
)


def units(text: str) -> int:
    """Count UTF-16 code units."""
    return len(text) + sum(c > "\uffff" for c in text)


def detect(text: str) -> list[Entity]:
    """Return what is found in plain text, sorted, never overlapping; offsets in UTF-16 units."""
    found: list[tuple[int, int, str]] = []
    for kind, pattern in (("email", _EMAIL), ("url", _SCHEMED)):
        found += [(m.start(), m.end(), kind) for m in pattern.finditer(text)]
    found += _urls(text)
    for kind, pattern in (
        ("bot_command", _COMMAND), ("mention", _MENTION), ("hashtag", _HASHTAG), ("cashtag", _CASHTAG),
    ):
        found += [(m.start(), m.end(), kind) for m in pattern.finditer(text)]
    taken: list[tuple[int, int, str]] = []
    for start, end, kind in found:
        if all(end <= s or start >= e for s, e, _ in taken):
            taken.append((start, end, kind))
    return [
        {"offset": units(text[:start]), "length": units(text[start:end]), "type": kind}
        for start, end, kind in sorted(taken)
    ]


def _urls(text: str) -> list[tuple[int, int, str]]:
    found = []
    for m in _URL.finditer(text):
        host = m["host"]
        last = host.rpartition(".")[2]
        known = links.is_ip(host) or (last.lower() in links.TOP_LEVEL and (last.islower() or last.isupper()))
        if not known or (not m["scheme"] and m.end() < len(text) and text[m.end()] == "@"):
            continue
        if not m["tail"] and m.end() < len(text) and re.match(r"\w", text[m.end()]):
            continue
        whole = _untrail(m[0])
        found.append((m.start(), m.start() + len(whole), "url"))
    return found


def _untrail(url: str) -> str:
    while url and (url[-1] in ".,:;!?'" or (url[-1] == ")" and url.count(")") > url.count("("))):
        url = url[:-1]
    return url
