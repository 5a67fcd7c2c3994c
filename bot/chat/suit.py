"""Suit a message to the person who gets it: sentences instead of tables, no amounts on a locked phone. Pure.

A locked phone shows the first line (chat_ux section 1), so with amounts hidden its figures become dots there and the
line follows whole at the end.
"""
from __future__ import annotations

import re
from dataclasses import replace
from html import escape

from bot.chat.prefs import Prefs
from bot.ports.messenger import Message

DOTS = "•••"
FIGURE = re.compile(r"[+\-−]?\$?\d[\d,]*(?:\.\d+)?%?")
# Tags and entities hold figures that are no amounts.
MARKUP = re.compile(r"(<[^>]*>|&#?\w+;)")


def suited(message: Message, prefs: Prefs, *, pushed: bool) -> Message:
    """Give the message as this person wants it; `pushed` means that nobody asked for it, so a phone may ring."""
    if prefs.plain:
        message = replace(message, html=escape(message.plain, quote=False))
    if prefs.hidden and pushed:
        message = replace(message, html=_veiled(message.html), plain=_veiled(message.plain))
    return message


def _veiled(text: str) -> str:
    first, _, rest = text.partition("\n")
    parts = MARKUP.split(first)
    dotted = "".join(one if MARKUP.fullmatch(one) else FIGURE.sub(DOTS, one) for one in parts)
    if dotted == first:
        return text
    return "\n".join(one for one in (dotted, rest, first) if one)
