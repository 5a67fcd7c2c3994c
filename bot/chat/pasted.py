"""Tell a pasted signal from talk, commands and mistyped trades. Pure."""
from __future__ import annotations

import re

from bot.chat.grammar import BY_NAME, Misunderstood, Spoken, Unclear
from bot.desk.signal_text import reads_as_signal

OPENING = frozenset({"long", "short"})
# What nobody types in a trade of his own: a mistyped one must get its hint, not a proposal.
LABELLED = re.compile(r"\b(?:entry|entries|targets?\s*:|leverage|stop[\s-]*loss\s*:|tp\s*\d\s*:)", re.IGNORECASE)


def spoken_signal(text: str) -> Spoken:
    """Give the command that reads a text as a signal: all that a forwarded message can ever be."""
    return Spoken(spec=BY_NAME["signal"], args=text, words=text)


def understood_anew(text: str, understood: Spoken | Unclear | Misunderstood) -> Spoken | Unclear | Misunderstood:
    """Take a message without a slash, which is no command, as a signal where it reads as one; else leave it as it is.

    What begins with a word for opening, or nearly with a command, has to look pasted: several lines, or labels.
    """
    if isinstance(understood, Spoken):
        return understood
    typed = isinstance(understood, Unclear) or understood.nearest is not None
    if isinstance(understood, Unclear) and understood.spec.name not in OPENING:
        return understood
    pasted = "\n" in text.strip() or LABELLED.search(text) is not None
    if (typed and not pasted) or not reads_as_signal(text):
        return understood
    return spoken_signal(text)
