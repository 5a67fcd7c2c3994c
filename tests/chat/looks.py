"""Judge a card as a phone and the chat service would: parsed by the emulator's rules, measured in columns."""
from __future__ import annotations

import re

from bot.chat.card import DATA_BYTES, Card
from bot.chat.render.text import COLUMNS, FIRST_LINE
from bot.sandbox.telegram.html import parse

PRE = re.compile(r"<pre>(.*?)</pre>", re.DOTALL)


def read(card: Card) -> str:
    """Give the text the service would show; raises when it would refuse the markup."""
    text, _ = parse(card.html)
    assert text.strip(), card
    assert len(text.encode("utf-16-le")) // 2 <= 4096, len(text)
    card.plain.encode()
    assert card.plain.strip()
    return text


def wrong(card: Card) -> list[str]:
    """List what is wrong with a card's looks."""
    text = read(card)
    found = []
    first = text.split("\n")[0]
    if len(first) > FIRST_LINE:
        found.append(f"first line has {len(first)} characters: {first}")
    if not any(one.isalnum() for one in first):
        found.append(f"first line says nothing: {first!r}")
    for block in PRE.findall(card.html):
        shown, _ = parse(block)
        for line in shown.split("\n"):
            if len(line) > COLUMNS:
                found.append(f"{len(line)} columns: {line!r}")
            if any(ord(one) > 0xFFFF for one in line):
                found.append(f"an emoji in a table: {line!r}")
    if "\t" in card.html:
        found.append("a tab")
    for row in card.rows:
        if len(row) > 3:
            found.append(f"{len(row)} buttons in a row")
        for button in row:
            if not button.label.strip() or len(button.label) > 18:
                found.append(f"label {button.label!r}")
            if button.data is not None and len(button.data.encode()) > DATA_BYTES:
                found.append(f"data {button.data!r}")
    return found
