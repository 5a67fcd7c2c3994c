from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

import bot.adapters.store.schema as schema
from bot.adapters.store.address import Address, in_directory
from bot.adapters.store.link import Link
from bot.adapters.store.schema import HEAD, MIGRATIONS, REVISIONS, create, exists, prepare, require_head, revision
from bot.adapters.store.tables import ALL, METADATA
from bot.ports.ledger_rows import NotStored, SchemaFromTheFuture, SchemaNotAtHead
from tests.support import postgres
from tests.support.ledgers import KINDS

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=KINDS)
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Address]:
    """A database without tables."""
    if request.param == "sqlite":
        yield in_directory(tmp_path / "desk")
        return
    if postgres.server() is None:
        pytest.skip("There is no PostgreSQL here.")
    address = postgres.empty()
    yield address
    postgres.drop(address)


def alembic(address: Address) -> Config:
    found = Config()
    found.set_main_option("script_location", str(MIGRATIONS))
    found.attributes["address"] = address
    return found


def differences(address: Address) -> list[Any]:
    engine = create_engine(address.url, poolclass=NullPool)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA)
    engine.dispose()
    return found


def objects(address: Address) -> list[tuple[Any, ...]]:
    """List everything the schema made: tables, indexes, triggers, functions."""
    link = Link(address)
    if link.sqlite:
        found = link.plainly("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%'"
                             " AND name NOT LIKE 'sqlite_autoindex_alembic%' ORDER BY name")
    else:
        found = link.plainly("SELECT 'trigger', tgname::text, tgrelid::regclass::text FROM pg_trigger"
                             " UNION SELECT 'index', indexname::text, indexdef FROM pg_indexes"
                             " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
                             " UNION SELECT 'function', proname::text, '' FROM pg_proc WHERE proname LIKE 'wiredesk%%'"
                             " ORDER BY 2, 3")
    link.close()
    return found


def test_the_program_knows_every_revision() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert tuple(reversed([step.revision for step in script.walk_revisions()])) == REVISIONS
    assert script.get_current_head() == HEAD


def test_up_equals_the_tables_down_leaves_nothing_and_up_again_is_the_same(blank: Address) -> None:
    command.upgrade(alembic(blank), "head")
    assert differences(blank) == []
    first = objects(blank)
    assert sum(kind == "trigger" for kind, *_ in first) > 30
    command.downgrade(alembic(blank), "0001")
    assert sum(kind == "trigger" for kind, *_ in objects(blank)) == 0
    command.upgrade(alembic(blank), "head")
    assert objects(blank) == first
    command.downgrade(alembic(blank), "base")
    assert objects(blank) == []
    command.upgrade(alembic(blank), "head")
    assert objects(blank) == first


def test_a_step_that_fails_changes_nothing(blank: Address) -> None:
    command.upgrade(alembic(blank), "0001")
    before = objects(blank)
    link = Link(blank)
    link.plainly("CREATE TRIGGER guard_leases_epoch BEFORE UPDATE ON leases BEGIN SELECT 1; END" if link.sqlite
                 else "CREATE FUNCTION wiredesk_refuse() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    link.close()
    with pytest.raises(NotStored, match="cannot be created"):
        create(blank)
    assert revision(blank) == "0001"
    assert len(objects(blank)) == len(before) + 1


def test_a_new_database_is_created_at_head(blank: Address) -> None:
    assert not exists(blank)
    prepare(blank)
    assert exists(blank)
    require_head(blank)
    prepare(blank)
    engine = create_engine(blank.url, poolclass=NullPool)
    assert set(inspect(engine).get_table_names()) == {table.name for table in ALL} | {"alembic_version"}
    engine.dispose()


def test_an_older_database_is_refused_with_the_command(blank: Address) -> None:
    command.upgrade(alembic(blank), "0001")
    with pytest.raises(SchemaNotAtHead, match=f"at revision 0001, this Wiredesk needs {HEAD}.*alembic upgrade head"):
        prepare(blank)
    assert revision(blank) == "0001"


def test_a_database_from_the_future_is_refused(blank: Address) -> None:
    create(blank)
    link = Link(blank)
    link.plainly("UPDATE alembic_version SET version_num = '9999'")
    link.close()
    with pytest.raises(SchemaFromTheFuture, match=f"revision 9999; this one knows up to {HEAD}"):
        prepare(blank)


def test_somebody_elses_file_is_left_alone(tmp_path: Path) -> None:
    address = in_directory(tmp_path)
    link = Link(address)
    link.plainly("CREATE TABLE recipes (name)")
    link.close()
    assert address.file is not None
    with pytest.raises(NotStored, match=r"a database of something else .it holds recipes"):
        prepare(address)


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "wiredesk.db").write_text("these are not the bytes you are looking for" * 100)
    with pytest.raises(NotStored, match=r"cannot be .*not a database"):
        prepare(in_directory(tmp_path))


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    (tmp_path / "wiredesk.db").touch()
    prepare(in_directory(tmp_path))
    require_head(in_directory(tmp_path))


def test_missing_migrations_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", tmp_path / "none")
    with pytest.raises(NotStored, match="install Wiredesk whole"):
        create(in_directory(tmp_path))


def test_the_command_line_upgrades_the_database_of_the_settings(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WIREDESK_")}
    environment |= {"WIREDESK_DATA": str(tmp_path / "desk"), "WIREDESK_ENVIRONMENT": "sandbox"}
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini"), "upgrade", "head"], cwd=tmp_path,
        env=environment, capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stderr
    require_head(in_directory(tmp_path / "desk"))


@pytest.mark.skipif(shutil.which("uv") is None, reason="uv builds the wheel, and it is not here")
def test_the_wheel_carries_the_migrations(tmp_path: Path) -> None:
    done = subprocess.run(
        ["uv", "build", "--wheel", "--offline", "--out-dir", str(tmp_path), str(ROOT)], capture_output=True, text=True,
        check=False, cwd=ROOT,
    )
    if done.returncode != 0 and "offline" in done.stderr.lower():
        pytest.skip("The build back end is not here and the network is closed.")
    assert done.returncode == 0, done.stderr
    names = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    wanted = {str(file.relative_to(ROOT)) for file in MIGRATIONS.rglob("*.py")}
    assert "migrations/env.py" in wanted
    assert wanted <= names
