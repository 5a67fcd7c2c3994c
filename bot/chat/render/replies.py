"""Draw short answers that have no card of their own: a sentence, a question for typed words, a list to pick from."""
from __future__ import annotations

from collections.abc import Sequence

from bot.chat.card import Card, press
from bot.chat.render.text import Chip, Part, card
from bot.ports.messenger import Button

NO = Button(label="Cancel", data=press("c", "cancel", "no"))


def said(chip: Chip, head: str, *blocks: Part | None, emoji: str = "", protect: bool = False) -> Card:
    """Say something short."""
    return card(chip, head, *blocks, emoji=emoji, protect=protect)


def typed(chip: Chip, head: str, *blocks: Part | None) -> Card:
    """Ask for typed words; the person's next message is the answer."""
    return card(chip, head, *blocks, rows=((NO,),))


def picks(chip: Chip, head: str, choices: Sequence[tuple[str, str]], *blocks: Part | None, a_row: int = 1) -> Card:
    """Offer choices as (label, data), and a way out."""
    buttons = [Button(label=label, data=data) for label, data in choices]
    rows = [tuple(buttons[place : place + a_row]) for place in range(0, len(buttons), a_row)]
    return card(chip, head, *blocks, rows=(*rows, (NO,)))


def late_secret(chip: Chip) -> Card:
    """Answer digits that look like a PIN nobody asks for now, without repeating them."""
    words = "Nothing was done, and your message is deleted. Send the command again; it asks."
    return said(chip, "Nobody asked for a PIN", words)
