"""Lay out what the desk around the orders stores: journal, chat, people, settings of people, the lease."""
from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from bot.adapters.store.metadata import METADATA
from bot.adapters.store.types import DecimalText, EnumText, PlainText, UtcMillis
from bot.domain.mandate import Rung
from bot.domain.trading import TradingState
from bot.ports.ledger_rows import MessageState, UpdateState

journal = Table(
    "journal",
    METADATA,
    Column("account", Text, primary_key=True),
    # Counted in Python, per account and without gaps: a missing number is a missing line.
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcMillis, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("cause", BigInteger),
    # Text, not parsed JSON: the hash is over these very characters.
    Column("body", Text, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index(None, "account", "subject", "seq"),
)

bookmarks = Table(
    "bookmarks",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

inbox = Table(
    "inbox",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("chat", BigInteger),
    Column("person", BigInteger),
    Column("body", PlainText, nullable=False),
    Column("received_at", UtcMillis, nullable=False),
    Column("state", EnumText(UpdateState), nullable=False),
    Column("done_at", UtcMillis),
    Column("note", Text),
    Index(None, "account", "state", "update_id"),
)

messages = Table(
    "messages",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("chat", BigInteger, nullable=False),
    Column("card", Text),
    Column("body", PlainText, nullable=False),
    Column("critical", Boolean, nullable=False),
    Column("cause", BigInteger),
    Column("state", EnumText(MessageState), nullable=False),
    Column("queued_at", UtcMillis, nullable=False),
    Column("due_at", UtcMillis, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("ref", BigInteger),
    Column("ended_at", UtcMillis),
    Column("why", Text),
    Index(None, "account", "state", "id"),
    Index(None, "account", "card", "id"),
    Index(None, "account", "chat", "ref"),
)

people = Table(
    "people",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("roles", PlainText, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("since", UtcMillis, nullable=False),
    Column("invited_by", BigInteger),
)

trading_states = Table(
    "trading_states",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("state", EnumText(TradingState), nullable=False),
    Column("at", UtcMillis, nullable=False),
)

mandates = Table(
    "mandates",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("advisor", Text, nullable=False),
    Column("rung", EnumText(Rung), nullable=False),
    Column("symbols", PlainText, nullable=False),
    Column("notional_per_trade", DecimalText, nullable=False),
    Column("notional_per_day", DecimalText, nullable=False),
    Column("trades_per_day", Integer, nullable=False),
    Column("minimum_confidence", DecimalText, nullable=False),
    Column("cool_down_s", Integer, nullable=False),
    Column("risk_per_trade", DecimalText),
    Column("risk_budget", DecimalText),
    Column("loss_per_day", DecimalText),
    Column("directions", PlainText),
    Column("granted_by", BigInteger),
    Column("granted_at", UtcMillis, nullable=False),
    Column("expires_at", UtcMillis, nullable=False),
    Column("revoked_at", UtcMillis),
    Column("version", Integer, nullable=False),
)

limits = Table(
    "limits",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    # The highest edition of a scope is in force; the others are its history.
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("body", PlainText, nullable=False),
    Column("by", BigInteger),
    Column("at", UtcMillis, nullable=False),
)

presets = Table(
    "presets",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("body", PlainText, nullable=False),
    Column("at", UtcMillis, nullable=False),
)

named_values = Table(
    "named_values",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("body", PlainText, nullable=False),
    Column("at", UtcMillis, nullable=False),
)

leases = Table(
    "leases",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("holder", Text),
    Column("epoch", BigInteger, nullable=False),
    Column("beaten_at", UtcMillis, nullable=False),
    Column("expires_at", UtcMillis, nullable=False),
)
