"""What is taken out of the ledger is for its owner alone, whatever lay there before (T13)."""
from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bot.compose.copies import SEAL_KEY, backup, export, restore
from bot.settings import Settings
from tests.support.ledgers import sqlite


def test_an_export_takes_the_rights_of_others_away(tmp_path: Path) -> None:
    sqlite(tmp_path)
    settings = Settings(environment="sandbox", data=tmp_path, _env_file=None)  # type: ignore[call-arg]
    file = tmp_path / "all.json"
    file.write_text("{}")
    file.chmod(0o644)
    assert export(settings, str(file)) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and len(file.read_text()) > 10


def test_a_copy_is_without_the_key_of_second_factors_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """D53: a copy of the database opens nothing; who restores it elsewhere must know what is missing."""
    home, other = tmp_path / "here", tmp_path / "there"
    home.mkdir()
    other.mkdir(mode=0o700)
    sqlite(home)
    here, there = (
        Settings(environment="sandbox", data=one, _env_file=None)  # type: ignore[call-arg]
        for one in (home, other)
    )
    assert backup(here, tmp_path / "one.db") == 0
    assert SEAL_KEY not in capsys.readouterr().out
    (home / SEAL_KEY).write_text("k" * 52)
    assert backup(here, tmp_path / "two.db") == 0
    assert str(home / SEAL_KEY) in capsys.readouterr().out
    assert b"k" * 52 not in (tmp_path / "two.db").read_bytes()
    assert restore(there, tmp_path / "two.db") == 0
    assert f"{SEAL_KEY} is not in {other}" in capsys.readouterr().out
