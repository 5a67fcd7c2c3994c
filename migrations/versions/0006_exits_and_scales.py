"""Add what ideas about open trades say, and how much of the granted risk models ask for (advisor 9, 13)."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ADDED = (("stood", sa.Text()), ("unit", sa.Text()), ("percent", sa.Integer()))
GUARDS = (("delete", "DELETE", "Nothing is ever deleted from risk_scales."),
          ("update", "UPDATE", "A row of risk_scales is written once."))


def upgrade() -> None:
    """Widen the ideas and create the table."""
    for name, kind in ADDED:
        op.add_column("ideas", sa.Column(name, kind))
    op.create_table(
        "risk_scales",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("advisor", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("requested", sa.Integer(), nullable=False),
        sa.Column("effective", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "advisor", "symbol", "edition", name="pk_risk_scales"),
    )
    for name, event, message in GUARDS:
        op.execute(_trigger(name, event, message))
    if _postgres():
        op.execute(
            "CREATE TRIGGER guard_risk_scales_truncate BEFORE TRUNCATE ON risk_scales"
            " EXECUTE FUNCTION wiredesk_refuse('Nothing is ever deleted from risk_scales.')"
        )


def downgrade() -> None:
    """Remove them: what is stored goes with them."""
    for name, _, _ in GUARDS:
        op.execute(f"DROP TRIGGER guard_risk_scales_{name}" + (" ON risk_scales" if _postgres() else ""))
    op.drop_table("risk_scales")
    for name, _ in reversed(ADDED):
        op.drop_column("ideas", name)


def _trigger(name: str, event: str, message: str) -> str:
    head = f"CREATE TRIGGER guard_risk_scales_{name} BEFORE {event} ON risk_scales FOR EACH ROW"
    if _postgres():
        return f"{head} EXECUTE FUNCTION wiredesk_refuse('{message}')"
    return f"{head} BEGIN SELECT RAISE(ABORT, 'impossible: {message}'); END"


def _postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"
