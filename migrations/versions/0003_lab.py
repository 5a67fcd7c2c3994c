"""Add what the advisors keep: market history, trials, models, ideas, outcomes, evidence (advisor section 13)."""
from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = (
    "lab_candles",
    "lab_funding",
    "lab_oi",
    "lab_trials",
    "models",
    "model_versions",
    "calibrations",
    "advisors",
    "rungs",
    "predictions",
    "ideas",
    "outcomes",
    "evidence",
)
# Predictions go after their 90 days; everything else stays for good.
KEPT = tuple(table for table in TABLES if table != "predictions")
# Written once and for all.
FIXED = ("lab_candles", "lab_funding", "lab_oi", "lab_trials", "models", "calibrations", "advisors", "rungs",
         "predictions", "outcomes")
VERSION_STATES = (("CANDIDATE", "REGISTERED"), ("CANDIDATE", "RETIRED"), ("CANDIDATE", "REVOKED"),
                  ("REGISTERED", "RETIRED"), ("REGISTERED", "REVOKED"), ("RETIRED", "REGISTERED"),
                  ("RETIRED", "REVOKED"))
VERSION_FACTS = ("model", "kind", "sha256", "artefact", "kernel", "features_hash", "label", "data_from", "data_to",
                 "data_sha256", "rows", "seed", "trials", "created_at")
IDEA_FACTS = ("advisor", "kind", "symbol", "direction", "entry", "stop", "target", "claim_bp", "context", "at")


def upgrade() -> None:
    """Create the tables and what the database itself refuses in them."""
    _history()
    _models()
    _record()
    _outcomes()
    for table, name, event, when, message in guards():
        op.execute(_trigger(table, name, event, when, message))
    if _postgres():
        for table in KEPT:
            op.execute(
                f"CREATE TRIGGER guard_{table}_truncate BEFORE TRUNCATE ON {table}"
                f" EXECUTE FUNCTION wiredesk_refuse('Nothing is ever deleted from {table}.')"
            )


def downgrade() -> None:
    """Remove them all: what is stored goes with them."""
    for table, name, _, _, _ in guards():
        op.execute(f"DROP TRIGGER guard_{table}_{name}" + (f" ON {table}" if _postgres() else ""))
    for table in reversed(TABLES):
        op.drop_table(table)


def guards() -> list[tuple[str, str, str, str, str]]:
    """List table, name, event, condition and sentence of every trigger."""
    found = [(table, "delete", "DELETE", "", f"Nothing is ever deleted from {table}.") for table in KEPT]
    found += [(table, "update", "UPDATE", "", f"A row of {table} is written once.") for table in FIXED]
    steps = " OR ".join(f"(OLD.state = '{old}' AND NEW.state = '{new}')" for old, new in VERSION_STATES)
    return [
        *found,
        ("model_versions", "state", "UPDATE", f"NEW.state <> OLD.state AND NOT ({steps})",
         "A revoked model stays revoked, and none becomes a candidate again."),
        ("model_versions", "fact", "UPDATE", _differs(VERSION_FACTS), "What a model is never changes."),
        ("ideas", "fact", "UPDATE", _differs(IDEA_FACTS), "What an idea was never changes."),
    ]


def _differs(columns: Sequence[str]) -> str:
    return " OR ".join(f"NEW.{name} <> OLD.{name} OR (NEW.{name} IS NULL) <> (OLD.{name} IS NULL)" for name in columns)


def _trigger(table: str, name: str, event: str, when: str, message: str) -> str:
    head = f"CREATE TRIGGER guard_{table}_{name} BEFORE {event} ON {table} FOR EACH ROW"
    condition = f" WHEN ({when})" if when else ""
    if _postgres():
        return f"{head}{condition} EXECUTE FUNCTION wiredesk_refuse('{message}')"
    return f"{head}{condition} BEGIN SELECT RAISE(ABORT, 'impossible: {message}'); END"


def _postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _history() -> None:
    op.create_table(
        "lab_candles",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("timeframe", sa.Text(), nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("revision", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("open", sa.Text(), nullable=False),
        sa.Column("high", sa.Text(), nullable=False),
        sa.Column("low", sa.Text(), nullable=False),
        sa.Column("close", sa.Text(), nullable=False),
        sa.Column("volume", sa.Text(), nullable=False),
        sa.Column("turnover", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "account", "symbol", "timeframe", "price", "opened_at", "revision", name="pk_lab_candles",
        ),
    )
    op.create_table(
        "lab_funding",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "symbol", "at", name="pk_lab_funding"),
    )
    op.create_table(
        "lab_oi",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "symbol", "at", name="pk_lab_oi"),
    )


def _models() -> None:
    op.create_table(
        "lab_trials",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.Text()),
        sa.PrimaryKeyConstraint("account", "id", name="pk_lab_trials"),
    )
    op.create_index("ix_lab_trials_account_family_at", "lab_trials", ["account", "family", "at"])
    op.create_table(
        "models",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "name", name="pk_models"),
    )
    op.create_table(
        "model_versions",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("artefact", sa.Text(), nullable=False),
        sa.Column("kernel", sa.Text(), nullable=False),
        sa.Column("features_hash", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("data_from", sa.BigInteger(), nullable=False),
        sa.Column("data_to", sa.BigInteger(), nullable=False),
        sa.Column("data_sha256", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("versions", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("metrics", sa.Text(), nullable=False),
        sa.Column("report", sa.Text()),
        sa.Column("trials", sa.Integer(), nullable=False),
        sa.Column("parent", sa.Text()),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "id", name="pk_model_versions"),
    )
    op.create_index("ix_model_versions_account_created_at", "model_versions", ["account", "created_at"])
    op.create_table(
        "calibrations",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("fitted_on", sa.Integer(), nullable=False),
        sa.Column("fitted_from", sa.BigInteger(), nullable=False),
        sa.Column("fitted_to", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "version", "edition", name="pk_calibrations"),
    )


def _record() -> None:
    op.create_table(
        "advisors",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "id", name="pk_advisors"),
    )
    op.create_table(
        "rungs",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("advisor", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "advisor", "group", "edition", name="pk_rungs"),
    )
    op.create_table(
        "predictions",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("advisor", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("timeframe", sa.Text(), nullable=False),
        sa.Column("bar_at", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("kernel", sa.Text(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("score", sa.Text(), nullable=False),
        sa.Column("distance", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "advisor", "symbol", "timeframe", "bar_at", "side", name="pk_predictions"),
    )
    op.create_index("ix_predictions_account_bar_at", "predictions", ["account", "bar_at"])


def _outcomes() -> None:
    op.create_table(
        "ideas",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("advisor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text()),
        sa.Column("entry", sa.Text()),
        sa.Column("stop", sa.Text()),
        sa.Column("target", sa.Text()),
        sa.Column("valid_s", sa.Integer(), nullable=False),
        sa.Column("horizon_s", sa.Integer(), nullable=False),
        sa.Column("claim_bp", sa.Integer()),
        sa.Column("chance_bp", sa.Integer()),
        sa.Column("thesis", sa.Text(), nullable=False),
        sa.Column("against", sa.Text(), nullable=False),
        sa.Column("invalidation", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("abstained", sa.Text()),
        sa.Column("proposal", sa.Text()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "id", name="pk_ideas"),
    )
    op.create_index("ix_ideas_account_at", "ideas", ["account", "at"])
    op.create_index("ix_ideas_account_advisor_at", "ideas", ["account", "advisor", "at"])
    op.create_table(
        "outcomes",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("idea", sa.Text(), nullable=False),
        sa.Column("filled", sa.Boolean(), nullable=False),
        sa.Column("exit", sa.Text(), nullable=False),
        sa.Column("gross_r", sa.Text(), nullable=False),
        sa.Column("net_r", sa.Text(), nullable=False),
        sa.Column("executed_r", sa.Text()),
        sa.Column("ai_cost_r", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("resolved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "idea", name="pk_outcomes"),
    )
    op.create_index("ix_outcomes_account_resolved_at", "outcomes", ["account", "resolved_at"])
    op.create_table(
        "evidence",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("advisor", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("log_skill", sa.Text(), nullable=False),
        sa.Column("log_harm", sa.Text(), nullable=False),
        sa.Column("blocks", sa.Integer(), nullable=False),
        sa.Column("outcomes", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "advisor", "group", name="pk_evidence"),
    )
