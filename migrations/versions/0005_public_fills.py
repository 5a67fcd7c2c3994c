"""Add the public tape as seen, and the spans of which all of it is stored (advisor 13; issue 5, data)."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("lab_fills", "lab_fill_spans")


def upgrade() -> None:
    """Create the tables and what the database itself refuses in them."""
    op.create_table(
        "lab_fills",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("trade_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("bought", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "symbol", "trade_id", name="pk_lab_fills"),
    )
    op.create_index("ix_lab_fills_account_symbol_at", "lab_fills", ["account", "symbol", "at"])
    op.create_table(
        "lab_fill_spans",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("until", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "symbol", "since", "until", name="pk_lab_fill_spans"),
    )
    for table in TABLES:
        op.execute(_trigger(table, "delete", "DELETE", f"Nothing is ever deleted from {table}."))
        op.execute(_trigger(table, "update", "UPDATE", f"A row of {table} is written once."))
        if _postgres():
            op.execute(
                f"CREATE TRIGGER guard_{table}_truncate BEFORE TRUNCATE ON {table}"
                f" EXECUTE FUNCTION wiredesk_refuse('Nothing is ever deleted from {table}.')"
            )


def downgrade() -> None:
    """Remove them: what is stored goes with them."""
    for table in reversed(TABLES):
        for name in ("delete", "update"):
            op.execute(f"DROP TRIGGER guard_{table}_{name}" + (f" ON {table}" if _postgres() else ""))
        op.drop_table(table)


def _trigger(table: str, name: str, event: str, message: str) -> str:
    head = f"CREATE TRIGGER guard_{table}_{name} BEFORE {event} ON {table} FOR EACH ROW"
    if _postgres():
        return f"{head} EXECUTE FUNCTION wiredesk_refuse('{message}')"
    return f"{head} BEGIN SELECT RAISE(ABORT, 'impossible: {message}'); END"


def _postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"
