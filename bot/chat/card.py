"""Hold a card: what one message of the chat shows, built by bot/chat/render and kept in the ledger as a row.

Buttons carry `kind:id:verb[:digest]`, at most 64 bytes (`press`). Kinds: p proposal, h holding, o order, c command,
a alert to acknowledge, w wizard, d dashboard, l alert a person set. The keys of cards that are edited in place:
`proposal:{id}` for one order from ticket to outcome, `position:{symbol}:{direction}`, `dash:{chat}`.
"""
from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from typing import Any

from bot.ports.ledger_rows import Plain
from bot.ports.messenger import Button, Message

DATA_BYTES = 64
NAME = re.compile(r"[\w.\-]{1,40}")
SUCCESS, DANGER, PRIMARY = "success", "danger", "primary"

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One message: its HTML and its plain text, rows of buttons, and how it behaves.

    `key` names what it shows, None for an answer that is never edited. `critical` pierces quiet hours and is told
    again until somebody acknowledges it; `silent` makes no sound. `line` is the card in one sentence, for digests.
    """

    html: str
    plain: str
    rows: Rows = ()
    key: str | None = None
    critical: bool = False
    silent: bool = False
    pin: bool = False
    protect: bool = False
    photo: bytes | None = None
    document: bytes | None = None
    file_name: str | None = None
    line: str = ""


def press(kind: str, subject: object, verb: str, digest: str = "") -> str:
    """Write the data of a button; empty where an outside name does not fit one: such a button is not drawn.

    A name may hold the letters of any script (contracts are called so), digits, `_`, `.` and `-`, up to 40.
    """
    text = f"{kind}:{subject}:{verb}" + (f":{digest}" if digest else "")
    fits = NAME.fullmatch(str(subject)) is not None and len(text.encode("utf-8", "replace")) <= DATA_BYTES
    return text if fits else ""


def proposal_key(proposal: str) -> str:
    """Name the card of a proposal and its orders."""
    return f"proposal:{proposal}"


def to_body(card: Card, **more: Any) -> Plain:
    """Write a card as the body of a message row; `more` adds what delivery must know (severity, anew, lines)."""
    body: Plain = {"html": card.html, "plain": card.plain}
    if card.rows:
        body["rows"] = [[_button(one) for one in row] for row in card.rows]
    for name in ("silent", "pin", "protect", "file_name", "line"):
        if getattr(card, name):
            body[name] = getattr(card, name)
    for name in ("photo", "document"):
        if getattr(card, name) is not None:
            body[name] = b64encode(getattr(card, name)).decode()
    return body | more


def to_message(body: Plain) -> Message:
    """Read what a message row shows."""
    photo, document = body.get("photo"), body.get("document")
    return Message(
        html=body["html"],
        plain=body["plain"],
        buttons=tuple(tuple(Button(**one) for one in row) for row in body.get("rows", ())),
        photo=b64decode(photo) if photo else None,
        document=b64decode(document) if document else None,
        file_name=body.get("file_name"),
        silent=bool(body.get("silent")),
        pin=bool(body.get("pin")),
        protect=bool(body.get("protect")),
        topic=body.get("topic"),
    )


def without_buttons(card: Card) -> Card:
    """Give the card with nothing left to press."""
    return replace(card, rows=())


def _button(button: Button) -> dict[str, str]:
    named = {"data": button.data, "url": button.url, "copy": button.copy, "style": button.style}
    return {"label": button.label} | {name: value for name, value in named.items() if value is not None}
