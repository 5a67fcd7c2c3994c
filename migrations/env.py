"""Run migrations on the database the bot would open, with the bot's own connection and tables."""
from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from bot.adapters.store.address import Address, parse_address
from bot.adapters.store.link import make_private
from bot.adapters.store.tables import METADATA
from bot.settings import load


def address() -> Address:
    """Give the database: the one the program handed over, else that of the settings, read as the bot reads them."""
    handed: Address | None = context.config.attributes.get("address")
    return handed or parse_address(load().database.get_secret_value())


def migrate() -> None:
    """Run all steps in one transaction: a database is at one revision or at the other."""
    found = address()
    if found.file is not None:
        make_private(found)
    # SQLite's driver would begin only before the first changed row and leave the tables outside: we begin ourselves.
    level = "AUTOCOMMIT" if found.file is not None else "READ COMMITTED"
    engine = create_engine(found.url, poolclass=NullPool, isolation_level=level)
    with engine.connect() as connection:
        if found.file is not None:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context.configure(
            connection=connection, target_metadata=METADATA, render_as_batch=True, transactional_ddl=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


if context.is_offline_mode():
    raise SystemExit("Migrations run on a database, not into a script: leave --sql away.")
migrate()
