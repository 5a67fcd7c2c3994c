"""README.md and .env.example say what bot/settings/fields.py says."""
from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import PREFIX, Settings, load
from tests.house.settings_table import BEGIN, END, example, main, readme, table
from tests.house.tree import ROOT

AGAIN = "; run: uv run python -m tests.house.settings_table"


def test_the_readme_lists_every_setting() -> None:
    text = (ROOT / "README.md").read_text()
    assert BEGIN in text and END in text
    assert readme(text) == text, "README.md differs from bot/settings/fields.py" + AGAIN


def test_the_example_lists_every_setting() -> None:
    assert (ROOT / ".env.example").read_text() == example(), ".env.example differs from bot/settings/fields.py" + AGAIN


def test_every_setting_has_its_meaning() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
    assert all(f"`{PREFIX}{name.upper()}`" in table() for name in Settings.model_fields)


def test_the_examples_defaults_are_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("\n".join(line.removeprefix("#") for line in example().splitlines()
                              if line.startswith("#" + PREFIX)))
    file.chmod(0o600)
    assert load(file) == load(None)


def test_the_generator_rewrites_both(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(f"a\n{BEGIN}\nstale-words\n{END}\nb\n")
    assert main(tmp_path) == 0
    text = (tmp_path / "README.md").read_text()
    assert "stale-words" not in text and "WIREDESK_BITGET_KEY" in text
    assert text.startswith("a\n") and text.endswith("b\n")
