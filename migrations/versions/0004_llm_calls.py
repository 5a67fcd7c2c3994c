"""Add the questions to language models: reserved, settled once, their texts dropped after a while (advisor 8, 13)."""
from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FACTS = ("advisor", "purpose", "model", "context", "digest", "reserved", "at")
RESULTS = ("result", "input_tokens", "output_tokens", "cost", "latency_ms", "settled_at")


def upgrade() -> None:
    """Create the table and what the database itself refuses in it."""
    op.create_table(
        "llm_calls",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("advisor", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("request", sa.Text()),
        sa.Column("reserved", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("response", sa.Text()),
        sa.Column("input_tokens", sa.Integer()),
        sa.Column("output_tokens", sa.Integer()),
        sa.Column("cost", sa.Text()),
        sa.Column("latency_ms", sa.Integer()),
        sa.Column("settled_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("account", "id", name="pk_llm_calls"),
    )
    op.create_index("ix_llm_calls_account_at", "llm_calls", ["account", "at"])
    op.create_index("ix_llm_calls_account_digest", "llm_calls", ["account", "digest"])
    for name, event, when, message in guards():
        op.execute(_trigger(name, event, when, message))
    if _postgres():
        op.execute(
            "CREATE TRIGGER guard_llm_calls_truncate BEFORE TRUNCATE ON llm_calls"
            " EXECUTE FUNCTION wiredesk_refuse('Nothing is ever deleted from llm_calls.')"
        )


def downgrade() -> None:
    """Remove it: what was asked, answered and paid goes with it."""
    for name, _, _, _ in guards():
        op.execute(f"DROP TRIGGER guard_llm_calls_{name}" + (" ON llm_calls" if _postgres() else ""))
    op.drop_table("llm_calls")


def guards() -> list[tuple[str, str, str, str]]:
    """List name, event, condition and sentence of every trigger."""
    texts = " OR ".join(
        f"(NEW.{name} IS NOT NULL AND ({_differs((name,))}))" for name in ("request", "response")
    )
    return [
        ("delete", "DELETE", "", "Nothing is ever deleted from llm_calls."),
        ("fact", "UPDATE", _differs(FACTS), "What was asked never changes."),
        ("settled", "UPDATE", f"OLD.settled_at IS NOT NULL AND ({_differs(RESULTS)})", "A question is settled once."),
        ("text", "UPDATE", f"OLD.settled_at IS NOT NULL AND ({texts})", "A text may go, it never changes."),
    ]


def _differs(columns: Sequence[str]) -> str:
    return " OR ".join(f"NEW.{name} <> OLD.{name} OR (NEW.{name} IS NULL) <> (OLD.{name} IS NULL)" for name in columns)


def _trigger(name: str, event: str, when: str, message: str) -> str:
    head = f"CREATE TRIGGER guard_llm_calls_{name} BEFORE {event} ON llm_calls FOR EACH ROW"
    condition = f" WHEN ({when})" if when else ""
    if _postgres():
        return f"{head}{condition} EXECUTE FUNCTION wiredesk_refuse('{message}')"
    return f"{head}{condition} BEGIN SELECT RAISE(ABORT, 'impossible: {message}'); END"


def _postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"
