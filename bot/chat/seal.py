"""Seal small secrets before they are stored: a copy of the database alone opens none (security section 3). Pure.

Encrypt, then authenticate, both by HMAC-SHA256 of the one key under different labels: a keystream in counter mode, and
a tag over nonce and text. A nonce is used once.
"""
from __future__ import annotations

import hashlib
import hmac

VERSION, TAG_BYTES, BLOCK = "s1", 16, 32


class Unsealable(ValueError):
    """The sealed words were written with another key, or changed since."""


def seal(key: bytes, words: str, nonce: str) -> str:
    """Seal words; gives `s1.nonce.text.tag` in hex. Raises ValueError for an empty key or a nonce with a dot."""
    if not key or not nonce or "." in nonce:
        raise ValueError("Sealing needs a key and a nonce without dots.")
    hidden = _crossed(key, nonce, words.encode()).hex()
    return f"{VERSION}.{nonce}.{hidden}.{_tag(key, nonce, hidden)}"


def unseal(key: bytes, sealed: str) -> str:
    """Open sealed words; raises Unsealable."""
    parts = sealed.split(".")
    if len(parts) != 4 or parts[0] != VERSION:
        raise Unsealable("This is nothing that was sealed here.")
    _, nonce, hidden, tag = parts
    if not hmac.compare_digest(_tag(key, nonce, hidden), tag):
        raise Unsealable("It was sealed with another key, or changed since.")
    return _crossed(key, nonce, bytes.fromhex(hidden)).decode()


def _crossed(key: bytes, nonce: str, text: bytes) -> bytes:
    stream = b"".join(
        hmac.digest(key, f"stream {nonce} {number}".encode(), hashlib.sha256)
        for number in range(-(-len(text) // BLOCK))
    )
    return bytes(one ^ two for one, two in zip(text, stream, strict=False))


def _tag(key: bytes, nonce: str, hidden: str) -> str:
    return hmac.digest(key, f"tag {nonce} {hidden}".encode(), hashlib.sha256)[:TAG_BYTES].hex()
