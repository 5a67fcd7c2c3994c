"""Keep the key that seals second factors in a file of its own, so that copies of the database do not open them."""
from __future__ import annotations

import hashlib
import os
from pathlib import Path

from bot.ports.clock import Ids

LETTERS = 52  # of 32: 260 bits


def seal_key(file: Path, ids: Ids) -> bytes:
    """Read the key, or make it where there is none; the file is for its owner alone.

    Raises OSError where it can neither be read nor made, and ValueError for a file that is no key: without it codes of
    authenticator apps no longer count, PINs do.
    """
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        words = file.read_text(encoding="ascii").strip()
        if len(words) < LETTERS:
            raise ValueError(f"{file} is no key of this desk; restore it, or remove it to begin anew.") from None
        return hashlib.sha256(words.encode()).digest()
    with os.fdopen(handle, "w", encoding="ascii") as out:
        words = ids.new_token(LETTERS)
        out.write(words + "\n")
    return hashlib.sha256(words.encode()).digest()
