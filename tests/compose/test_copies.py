"""What is taken out of the ledger is for its owner alone, whatever lay there before (T13)."""
from __future__ import annotations

import stat
from pathlib import Path

from bot.compose.copies import export
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
