"""The table of further models: read whole, or refused with every sentence at once (advisor section 8)."""
from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Unusable, models_in

GOOD = """
[[model]]
name = "claude"
wire = "anthropic"
url = "https://models.example/v1"
model = "opus"
price_in = "3"
price_out = "15"
"""


def table(directory: Path, text: str) -> Path:
    file = directory / "models.toml"
    file.write_text(text)
    return file


def test_a_sound_table_is_read(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("sk")
    key.chmod(0o600)
    (made,) = models_in(table(tmp_path, f'{GOOD}key_file = "{key}"\ncutoff = 2026-01-31\n'))
    assert (made.name, made.wire, str(made.price_in), str(made.cutoff)) == ("claude", "anthropic", "3", "2026-01-31")
    assert models_in(None) == ()


@pytest.mark.parametrize(("text", "words"), [
    ("[[model", "cannot be read as TOML"),
    (GOOD.replace("claude", "rules"), "its name is taken"),
    (GOOD + GOOD, "its name is taken"),
    (GOOD.replace("https", "http"), "must be an https address"),
    (GOOD.replace('price_in = "3"', ""), "price_in and price_out are missing"),
    (GOOD + 'key = "sk-4711"', "model 1, key"),
    (GOOD.replace('"3"', '"-3"'), "model 1, price_in"),
    (GOOD + 'key_file = "/nowhere/key"', "is not there"),
])
def test_what_is_wrong_is_said_and_no_key_is_repeated(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(Unusable) as caught:
        models_in(table(tmp_path, text))
    assert words in str(caught.value)
    assert "sk-4711" not in str(caught.value)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("sk")
    key.chmod(0o644)
    with pytest.raises(Unusable, match="chmod 600"):
        models_in(table(tmp_path, f'{GOOD}key_file = "{key}"\n'))
    with pytest.raises(Unusable, match="cannot be read"):
        models_in(tmp_path / "missing.toml")
