"""Draw answers that are no cards of their own: refusals, hints, questions, confirmations. Pure."""
from __future__ import annotations

from collections.abc import Sequence

from bot.chat.card import DANGER, Card, press
from bot.chat.commands_table import CommandSpec
from bot.chat.render.text import Chip, Part, card, clean, code, lines, rich
from bot.domain.refusal import Refusal
from bot.ports.messenger import Button

Choice = tuple[str, str, str | None]


def refused(no: Refusal, chip: Chip, *, what: str = "Not done", spec: CommandSpec | None = None) -> Card:
    """Say what did not happen, why, and the nearest thing that would work (chat_ux section 9)."""
    first, *others = no.reasons
    head = f"{what}: {clean(first.code.replace('_', ' '), 40)}"
    return card(
        chip,
        head,
        *(lines(clean(one.sentence, 400), clean(one.remedy, 300)) for one in (first, *others)),
        rich("Example: ", code(spec.example)) if spec is not None and spec.example else None,
        f"More: /help_{spec.name}" if spec is not None else None,
    )


def misunderstood(word: str, nearest: CommandSpec | None, chip: Chip) -> Card:
    """Offer the nearest command as a button; never carry it out (chat_ux section 4)."""
    if nearest is None:
        return card(chip, "I do not know this", "Nothing was done. Every command with an example is in /help.")
    buttons = ((Button(label=f"/{nearest.name}", data=press("c", "help", nearest.name)),),)
    return card(
        chip, f"No command {clean(word, 16)}", rich("Nothing was done. Did you mean ", code(f"/{nearest.name}"), "?"),
        rich("Example: ", code(nearest.example)) if nearest.example else None, rows=buttons,
    )


def said(chip: Chip, head: str, *blocks: Part | None, emoji: str = "", choices: Sequence[Sequence[Choice]] = (),
         key: str | None = None) -> Card:
    """Say something short; `choices` are rows of (label, data, style)."""
    rows = tuple(tuple(Button(label=label, data=data, style=style) for label, data, style in row) for row in choices)
    return card(chip, head, *blocks, emoji=emoji, rows=rows, key=key)


def question(chip: Chip, head: str, *blocks: Part | None) -> Card:
    """Ask for typed words; the next message of the person is the answer."""
    cancel = Button(label="Cancel", data=press("c", "menu", "no"))
    return card(chip, head, *blocks, rows=((cancel,),))


def confirm(chip: Chip, head: str, *blocks: Part | None, label: str, data: str, key: str | None = None) -> Card:
    """Ask for one press before something large."""
    go, no = Button(label=label, data=data, style=DANGER), Button(label="Cancel", data=press("c", "menu", "no"))
    return card(chip, head, *blocks, rows=((go, no),), key=key)


def neutral(person: int) -> Card:
    """Say to somebody unknown their number and nothing else (features section 5)."""
    text = f"This is a private desk. Your number is {person}; an owner can invite you with it."
    return Card(html=text, plain=text, line=text)


def mishap(reference: str, chip: Chip) -> Card:
    """Apologise with a reference; details are in the log (chat_ux section 9)."""
    return card(
        chip, "Something went wrong", "Look at /orders and /positions before you repeat it.",
        rich("Reference ", code(reference)),
    )
