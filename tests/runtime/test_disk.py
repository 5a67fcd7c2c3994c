"""The disk: what is free, and a ballast to throw away."""
from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.runtime.disk import drop_ballast, free_bytes, load_ballast


def test_free_bytes_are_told_or_none(tmp_path: Path) -> None:
    assert (free_bytes(tmp_path) or 0) > 0
    assert free_bytes(tmp_path / "missing") is None


def test_the_ballast_takes_room_and_gives_it_back(tmp_path: Path) -> None:
    assert load_ballast(tmp_path, 100_000)
    assert load_ballast(tmp_path, 100_000)
    state = (tmp_path / "ballast").stat()
    assert (state.st_size, state.st_mode & 0o777) == (100_000, 0o600)
    assert drop_ballast(tmp_path)
    assert not drop_ballast(tmp_path)


def test_a_full_disk_leaves_no_ballast_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert not load_ballast(tmp_path)
    assert list(tmp_path.iterdir()) == []
