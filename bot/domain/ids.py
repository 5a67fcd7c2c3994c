"""Name things: identifiers that cannot be mixed up, and client order ids that prove whose they are."""
from __future__ import annotations

import hashlib
import re
from typing import NewType

AccountId = NewType("AccountId", str)
ProposalId = NewType("ProposalId", str)
ClientOrderId = NewType("ClientOrderId", str)
VenueOrderId = NewType("VenueOrderId", str)
TradeId = NewType("TradeId", str)
Symbol = NewType("Symbol", str)
PersonId = NewType("PersonId", int)
RequestKey = NewType("RequestKey", str)

PREFIX = "wd-"
TAG_LENGTH = 4
PART_LENGTH = 16
CHECK_LENGTH = 2
# Crockford's base 32 in lower case: no letter that a tired person mistakes for a digit.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LETTER = f"[{ALPHABET}]"
SHAPE = re.compile(
    rf"{PREFIX}({LETTER}{{{TAG_LENGTH}}})-({LETTER}{{{PART_LENGTH}}})({LETTER}{{{CHECK_LENGTH}}})"
)


def _letters(text: str, length: int) -> str:
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    return "".join(ALPHABET[(number >> 5 * place) & 31] for place in range(length))


def instance_tag(seed: str) -> str:
    """Derive the four letters that mark one installation's orders from its stored seed (security section 13)."""
    return _letters(f"tag|{seed}", TAG_LENGTH)


def client_order_id(tag: str, proposal: str, revision: int, child: str) -> ClientOrderId:
    """Build the client order id of one child of one proposal revision; equal inputs give the equal id (C7).

    `tag` is four letters from `instance_tag`. The result is 26 characters of `[a-z0-9-]`, at most the 32 that both
    account worlds accept. Raises ValueError for a tag of another shape.
    """
    if not re.fullmatch(rf"{LETTER}{{{TAG_LENGTH}}}", tag):
        raise ValueError(f"An instance tag is {TAG_LENGTH} letters of {ALPHABET}, not {tag!r}.")
    head = f"{PREFIX}{tag}-{_letters(f'{proposal}|{revision}|{child}', PART_LENGTH)}"
    return ClientOrderId(head + _letters(f"check|{head}", CHECK_LENGTH))


def tag_of(text: str) -> str | None:
    """Read the instance tag out of a client order id; None when the id is not one of ours or its checksum is off."""
    match = SHAPE.fullmatch(text)
    if match is None or _letters(f"check|{text[:-CHECK_LENGTH]}", CHECK_LENGTH) != match.group(3):
        return None
    return match.group(1)


def is_ours(text: str | None) -> bool:
    """Tell whether a client order id was made by any Wiredesk."""
    return text is not None and tag_of(text) is not None
