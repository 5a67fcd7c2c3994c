"""Bound what a mandate may put at risk, and keep the range an idea named (advisor sections 10, 11)."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ADDED = (
    ("mandates", ("risk_per_trade", "risk_budget", "loss_per_day", "directions")),
    ("ideas", ("range_low", "range_high")),
)


def upgrade() -> None:
    """Widen the tables; what is stored already has no such bounds and no range."""
    for table, names in ADDED:
        for name in names:
            op.add_column(table, sa.Column(name, sa.Text()))
    op.add_column("ideas", sa.Column("range_of", sa.Integer()))


def downgrade() -> None:
    """Remove the columns: what is stored goes with them."""
    op.drop_column("ideas", "range_of")
    for table, names in reversed(ADDED):
        for name in reversed(names):
            op.drop_column(table, name)
