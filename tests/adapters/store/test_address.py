from __future__ import annotations

from pathlib import Path

import pytest

from bot.adapters.store.address import in_directory, parse_address


def test_a_file_is_named_by_directory_or_address(tmp_path: Path) -> None:
    assert in_directory(tmp_path) == parse_address(f"sqlite:///{tmp_path / 'wiredesk.db'}")
    assert str(in_directory(tmp_path).url) == f"sqlite:///{tmp_path / 'wiredesk.db'}"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_server_is_spoken_to_by_psycopg(scheme: str) -> None:
    address = parse_address(f"{scheme}://desk:geheim@db.example/wd?sslmode=require")
    assert address.file is None
    assert address.url.drivername == "postgresql+psycopg"
    assert address.url.query == {"sslmode": "require"}
    assert "geheim" not in address.text
    assert address.text == "postgresql+psycopg://desk:***@db.example/wd?sslmode=require"


@pytest.mark.parametrize("text", ["sqlite://", "sqlite:///:memory:", "sqlite:///x.db?mode=memory"])
def test_a_database_that_forgets_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="names a file"):
        parse_address(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [("mysql://a:geheim@b/c", "not mysql"), ("geheim", "could not be read"), ("", "could not be read"),
     ("postgresql+asyncpg://a:geheim@b/c", "not postgresql")],
)
def test_other_addresses_are_refused_without_repeating_a_password(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        parse_address(text)
    assert "geheim" not in str(refused.value)
