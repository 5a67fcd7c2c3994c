"""Show words that a model, an agent or a stranger wrote so that they cannot pass for ours (security section 9). Pure.

On a phone a word is more than its letters: a slash makes it a command that one tap sends, a dot a link, a tick and
"approved" look like a receipt. All of that is taken away; what is left is only read.
"""
from __future__ import annotations

import re
import unicodedata

from bot.chat.render.text import clean, shorten

FOREIGN_MAX = 300
LEFT_OUT = "[…]"
# What our own receipts and questions say, and the badges of an environment.
OURS = re.compile(
    r"\b(?:approved|rejected|filled|executed|confirmed|verified|placed|cancelled|canceled|halted|resumed|authorised|"
    r"authorized|pin|passwords?|passcodes?)\b", re.IGNORECASE)
BADGES = re.compile(r"\b(?:LIVE|DEMO|SANDBOX|PAPER|HALTED|ACTIVE|REDUCE_ONLY)\b")
IDS = re.compile(r"\b(?:P-[0-9A-Z]{10}|wd-[0-9a-z-]{20,})")
# A slash between letters, as in BTC/USDT, is no command for a phone.
COMMAND, MENTION = re.compile(r"(?<![\w/<>])/(?=\w)"), re.compile(r"@(?=\w)")
LINK = re.compile(r"(?<=[^\W\d_])\.(?=[^\W\d_]{2})|://")
PICTURES = frozenset(("So", "Sk"))


def foreign(text: object, limit: int = FOREIGN_MAX) -> str:
    """Give outside words as one plain line: no pictures, no words of our receipts, nothing that can be tapped."""
    words = unicodedata.normalize("NFKC", clean(text, 4 * limit))
    words = "".join(" " if _picture(one) else one for one in words)
    for pattern in (OURS, BADGES, IDS):
        words = pattern.sub(LEFT_OUT, words)
    words = LINK.sub("·", MENTION.sub("＠", COMMAND.sub("∕", words)))
    return shorten(" ".join(words.split()), limit)


def _picture(letter: str) -> bool:
    """Tell a picture or what turns a letter into one: a tick, a coloured dot, a keycap, a variation selector."""
    return (
        unicodedata.category(letter) in PICTURES or 0x2500 <= ord(letter) < 0x2800 or ord(letter) >= 0x1F000
        or letter in "\u20e3\ufe0e\ufe0f"
    )
