"""The key of sealed secrets: made once, for its owner alone, never replaced silently (T13)."""
from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bot.adapters.system.ids import SystemIds
from bot.compose.seal_key import seal_key


def test_a_key_is_made_once_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "seal.key"
    key = seal_key(file, SystemIds())
    assert len(key) == 32 and seal_key(file, SystemIds()) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert seal_key(tmp_path / "other.key", SystemIds()) != key


def test_a_broken_key_is_said_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "seal.key"
    file.write_text("short\n")
    with pytest.raises(ValueError, match="no key of this desk"):
        seal_key(file, SystemIds())
    assert file.read_text() == "short\n"
