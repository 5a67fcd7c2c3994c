"""Draw words as a QR code that a phone reads from another screen."""
from __future__ import annotations

import io

import segno

SCALE, QUIET = 8, 4


def draw(words: str) -> bytes:
    """Draw a QR code, dark on white with the quiet zone the standard asks for; PNG. Raises ValueError when too long."""
    out = io.BytesIO()
    segno.make(words, micro=False, error="m").save(out, kind="png", scale=SCALE, border=QUIET)
    return out.getvalue()
