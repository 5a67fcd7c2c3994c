"""Sealed secrets open with their own key only, and not after any change."""
from __future__ import annotations

import pytest

from bot.chat.seal import Unsealable, seal, unseal

KEY, SECRET = b"k" * 32, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def test_what_is_sealed_opens_again_and_shows_nothing() -> None:
    sealed = seal(KEY, SECRET, "n1")
    assert unseal(KEY, sealed) == SECRET
    assert SECRET not in sealed and SECRET.encode().hex() not in sealed
    assert seal(KEY, SECRET, "n2").split(".")[2] != sealed.split(".")[2], "another nonce, another text"
    assert seal(b"l" * 32, SECRET, "n1").split(".")[2] != sealed.split(".")[2], "another key, another text"


def test_long_words_use_no_part_of_the_stream_twice() -> None:
    hidden = bytes.fromhex(seal(KEY, "0" * 96, "n").split(".")[2])
    assert len({hidden[place : place + 32] for place in (0, 32, 64)}) == 3


def test_another_key_or_any_change_is_noticed() -> None:
    sealed = seal(KEY, SECRET, "n1")
    with pytest.raises(Unsealable, match="another key"):
        unseal(b"l" * 32, sealed)
    for place in range(len(sealed)):
        changed = sealed[:place] + ("0" if sealed[place] != "0" else "1") + sealed[place + 1 :]
        with pytest.raises(Unsealable):
            unseal(KEY, changed)
    for nonsense in ("", "s1", "s1.a.b.c", "s1..."):
        with pytest.raises(Unsealable):
            unseal(KEY, nonsense)


def test_sealing_needs_a_key_and_a_nonce() -> None:
    for key, nonce in ((b"", "n"), (KEY, ""), (KEY, "a.b")):
        with pytest.raises(ValueError, match="needs a key"):
            seal(key, SECRET, nonce)
