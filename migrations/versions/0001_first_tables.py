"""Lay the first tables."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "leases",
    "named_values",
    "presets",
    "limits",
    "mandates",
    "trading_states",
    "people",
    "messages",
    "inbox",
    "bookmarks",
    "journal",
    "wallets",
    "equity_marks",
    "bills",
    "decisions",
    "proposals",
    "protections",
    "positions",
    "fills",
    "orders",
)


def upgrade() -> None:
    """Create the tables."""
    _orders()
    _executions()
    _proposals()
    _money()
    _journal()
    _chat()
    _desk_state()


def downgrade() -> None:
    """Remove them all: what is stored goes with them."""
    for table in TABLES:
        op.drop_table(table)


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("client_order_id", sa.Text(), nullable=False),
        sa.Column("venue_order_id", sa.Text()),
        sa.Column("executed_as", sa.Text()),
        sa.Column("proposal_id", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", sa.Text()),
        sa.Column("limit_price", sa.Text()),
        sa.Column("trigger", sa.Text()),
        sa.Column("time_in_force", sa.Text(), nullable=False),
        sa.Column("attached", sa.Text()),
        sa.Column("margin_mode", sa.Text(), nullable=False),
        sa.Column("leverage", sa.Text()),
        sa.Column("filled_size", sa.Text(), nullable=False),
        sa.Column("reported_size", sa.Text(), nullable=False),
        sa.Column("average_price", sa.Text()),
        sa.Column("fees", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("signed_at", sa.BigInteger()),
        sa.Column("cancel_requested_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("settled_at", sa.BigInteger()),
        sa.Column("venue_updated_at", sa.BigInteger()),
        sa.Column("replaces", sa.Text()),
        sa.Column("parent", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("asked_absent", sa.Integer(), nullable=False),
        sa.Column("last_absent_at", sa.BigInteger()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "client_order_id", name="pk_orders"),
    )
    op.create_index("ix_orders_account_created_at", "orders", ["account", "created_at"])
    op.create_index("ix_orders_account_executed_as", "orders", ["account", "executed_as"])
    op.create_index("ix_orders_account_parent", "orders", ["account", "parent"])
    op.create_index("ix_orders_account_proposal_id", "orders", ["account", "proposal_id"])
    op.create_index("ix_orders_account_replaces", "orders", ["account", "replaces"])
    op.create_index("ix_orders_account_settled_at", "orders", ["account", "settled_at"])
    op.create_index("ix_orders_account_signed_at", "orders", ["account", "signed_at"])
    op.create_index("ix_orders_account_state", "orders", ["account", "state"])
    op.create_index("ix_orders_account_venue_order_id", "orders", ["account", "venue_order_id"])


def _executions() -> None:
    op.create_table(
        "fills",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("trade_id", sa.Text(), nullable=False),
        sa.Column("venue_order_id", sa.Text(), nullable=False),
        sa.Column("client_order_id", sa.Text()),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text()),
        sa.Column("effect", sa.Text()),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("fee", sa.Text(), nullable=False),
        sa.Column("fee_coin", sa.Text(), nullable=False),
        sa.Column("realised", sa.Text(), nullable=False),
        sa.Column("liquidity", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("inferred", sa.Boolean(), nullable=False),
        sa.Column("claimed", sa.Text()),
        sa.Column("superseded_by", sa.Text()),
        sa.PrimaryKeyConstraint("account", "trade_id", name="pk_fills"),
    )
    op.create_index("ix_fills_account_at", "fills", ["account", "at"])
    op.create_index("ix_fills_account_client_order_id", "fills", ["account", "client_order_id"])
    op.create_index("ix_fills_account_symbol_at", "fills", ["account", "symbol", "at"])
    op.create_index("ix_fills_account_venue_order_id", "fills", ["account", "venue_order_id"])
    op.create_table(
        "positions",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("margin_mode", sa.Text(), nullable=False),
        sa.Column("leverage", sa.Text(), nullable=False),
        sa.Column("margin_coin", sa.Text(), nullable=False),
        sa.Column("liquidation", sa.Text()),
        sa.Column("realised", sa.Text(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "symbol", "direction", name="pk_positions"),
    )
    op.create_table(
        "protections",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stop", sa.Text()),
        sa.Column("stop_size", sa.Text()),
        sa.Column("stop_order", sa.Text()),
        sa.Column("targets", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.BigInteger()),
        sa.Column("naked_since", sa.BigInteger()),
        sa.Column("waiver", sa.Text()),
        sa.Column("break_even_at", sa.Text()),
        sa.Column("trail", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "symbol", "direction", name="pk_protections"),
    )


def _proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin_kind", sa.Text(), nullable=False),
        sa.Column("origin_name", sa.Text(), nullable=False),
        sa.Column("origin_person", sa.BigInteger()),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("reference_price", sa.Text()),
        sa.Column("drift_allowed", sa.Text()),
        sa.Column("drift_in_r", sa.Boolean(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("thesis", sa.Text()),
        sa.Column("confidence", sa.Text()),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "id", name="pk_proposals"),
        sa.UniqueConstraint("account", "request_key", name="uq_proposals_account_request_key"),
    )
    op.create_index("ix_proposals_account_raised_at", "proposals", ["account", "raised_at"])
    op.create_index("ix_proposals_account_state", "proposals", ["account", "state"])
    op.create_table(
        "decisions",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("proposal_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("voter", sa.Text(), nullable=False),
        sa.Column("answer", sa.Boolean(), nullable=False),
        sa.Column("manner", sa.Text(), nullable=False),
        sa.Column("by", sa.BigInteger()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("account", "proposal_id", "revision", "voter", name="pk_decisions"),
    )
    op.create_index("ix_decisions_account_at", "decisions", ["account", "at"])


def _money() -> None:
    op.create_table(
        "bills",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("bill_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("coin", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text()),
        sa.Column("amount", sa.Text(), nullable=False),
        sa.Column("fee", sa.Text(), nullable=False),
        sa.Column("balance", sa.Text()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "bill_id", name="pk_bills"),
    )
    op.create_index("ix_bills_account_at", "bills", ["account", "at"])
    op.create_index("ix_bills_account_line_at", "bills", ["account", "line", "at"])
    op.create_table(
        "equity_marks",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("margin_coin", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("equity", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "line", "margin_coin", "at", name="pk_equity_marks"),
    )
    op.create_index("ix_equity_marks_account_at", "equity_marks", ["account", "at"])
    op.create_table(
        "wallets",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("margin_coin", sa.Text(), nullable=False),
        sa.Column("equity", sa.Text(), nullable=False),
        sa.Column("available", sa.Text(), nullable=False),
        sa.Column("in_use", sa.Text(), nullable=False),
        sa.Column("unrealised", sa.Text(), nullable=False),
        sa.Column("margin_ratio", sa.Text()),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "line", "margin_coin", name="pk_wallets"),
    )


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("cause", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "seq", name="pk_journal"),
    )
    op.create_index("ix_journal_account_subject_seq", "journal", ["account", "subject", "seq"])
    op.create_table(
        "bookmarks",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "name", name="pk_bookmarks"),
    )


def _chat() -> None:
    op.create_table(
        "inbox",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("chat", sa.BigInteger()),
        sa.Column("person", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done_at", sa.BigInteger()),
        sa.Column("note", sa.Text()),
        sa.PrimaryKeyConstraint("account", "update_id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_account_state_update_id", "inbox", ["account", "state", "update_id"])
    op.create_table(
        "messages",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("card", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("critical", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.BigInteger()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ref", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("why", sa.Text()),
        sa.PrimaryKeyConstraint("account", "id", name="pk_messages"),
    )
    op.create_index("ix_messages_account_card_id", "messages", ["account", "card", "id"])
    op.create_index("ix_messages_account_chat_ref", "messages", ["account", "chat", "ref"])
    op.create_index("ix_messages_account_state_id", "messages", ["account", "state", "id"])
    op.create_table(
        "people",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("invited_by", sa.BigInteger()),
        sa.PrimaryKeyConstraint("account", "person", name="pk_people"),
    )


def _desk_state() -> None:
    op.create_table(
        "trading_states",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_trading_states"),
    )
    op.create_table(
        "mandates",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("advisor", sa.Text(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("symbols", sa.Text(), nullable=False),
        sa.Column("notional_per_trade", sa.Text(), nullable=False),
        sa.Column("notional_per_day", sa.Text(), nullable=False),
        sa.Column("trades_per_day", sa.Integer(), nullable=False),
        sa.Column("minimum_confidence", sa.Text(), nullable=False),
        sa.Column("cool_down_s", sa.Integer(), nullable=False),
        sa.Column("granted_by", sa.BigInteger()),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "id", name="pk_mandates"),
    )
    op.create_table(
        "limits",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("by", sa.BigInteger()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "scope", "edition", name="pk_limits"),
    )
    op.create_table(
        "presets",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "person", name="pk_presets"),
    )
    op.create_table(
        "named_values",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "name", name="pk_named_values"),
    )
    op.create_table(
        "leases",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text()),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("beaten_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_leases"),
    )
