"""Turn a model's words into text that cannot act: no control, no direction marks, no links, commands or receipts."""
from __future__ import annotations

import re
import unicodedata

# Invisible, private, half and pictured letters: whatever steers a display or imitates our own marks.
DROPPED = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "So", "Sk", "Zl", "Zp"})
MARKED_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
TAG = re.compile(r"<[^<>]*>")
# Bounded, so that a text of dots costs its length and not the square of it.
LINK = re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://\S*|\b(?:[\w-]{1,63}\.){1,8}[a-z]{2,}(?:/\S*)?", re.IGNORECASE)
# A slash, at-sign or hash before a word is something to tap in a chat.
TAPPABLE = re.compile(r"(?<![\w/@#$])[/@#$]+(?=\w)")
RECEIPTS = re.compile(r"\b(?:APPROVED|FILLED|REJECTED|EXECUTED|CONFIRMED|CANCELED|HALTED|OWNER|SYSTEM)\b")


def spoken(text: str, most: int) -> str:
    """Give at most `most` characters of one line of plain words."""
    shown = unicodedata.normalize("NFKC", text[: 8 * most])
    shown = "".join(" " if letter.isspace() else letter for letter in shown
                    if letter.isspace() or unicodedata.category(letter) not in DROPPED)
    for pattern, instead in ((MARKED_LINK, r"\1"), (TAG, " "), (LINK, "…"), (TAPPABLE, "")):
        shown = pattern.sub(instead, shown)
    shown = RECEIPTS.sub(lambda found: found[0].lower(), shown)
    words = " ".join(shown.split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
