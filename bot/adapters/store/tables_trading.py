"""Lay out what the trading core stores; every row belongs to an account."""
from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, UniqueConstraint

from bot.adapters.store.metadata import METADATA
from bot.adapters.store.types import DecimalText, EnumText, PlainText, RecordText, UtcMillis
from bot.domain.decision import Manner
from bot.domain.fill import Cause, Liquidity
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction, Effect, MarginMode, OrderKind, TimeInForce
from bot.domain.order import OrderState, Owner
from bot.domain.proposal import OriginKind, ProposalState, Terms
from bot.domain.protection import ProtectionState

orders = Table(
    "orders",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("client_order_id", Text, primary_key=True),
    Column("venue_order_id", Text),
    Column("executed_as", Text),
    Column("proposal_id", Text),
    Column("state", EnumText(OrderState), nullable=False),
    Column("owner", EnumText(Owner), nullable=False),
    Column("symbol", Text, nullable=False),
    Column("direction", EnumText(Direction), nullable=False),
    Column("effect", EnumText(Effect), nullable=False),
    Column("kind", EnumText(OrderKind), nullable=False),
    Column("size", DecimalText),
    Column("limit_price", DecimalText),
    Column("trigger", PlainText),
    Column("time_in_force", EnumText(TimeInForce), nullable=False),
    Column("attached", PlainText),
    Column("margin_mode", EnumText(MarginMode), nullable=False),
    Column("leverage", DecimalText),
    Column("filled_size", DecimalText, nullable=False),
    Column("reported_size", DecimalText, nullable=False),
    Column("average_price", DecimalText),
    Column("fees", DecimalText, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    Column("signed_at", UtcMillis),
    Column("cancel_requested_at", UtcMillis),
    Column("ended_at", UtcMillis),
    Column("settled_at", UtcMillis),
    Column("venue_updated_at", UtcMillis),
    Column("replaces", Text),
    Column("parent", Text),
    Column("reason", Text),
    Column("asked_absent", Integer, nullable=False),
    Column("last_absent_at", UtcMillis),
    Column("version", Integer, nullable=False),
    Index(None, "account", "state"),
    Index(None, "account", "venue_order_id"),
    Index(None, "account", "executed_as"),
    Index(None, "account", "proposal_id"),
    Index(None, "account", "parent"),
    Index(None, "account", "replaces"),
    Index(None, "account", "created_at"),
    Index(None, "account", "signed_at"),
    Index(None, "account", "settled_at"),
)

fills = Table(
    "fills",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("trade_id", Text, primary_key=True),
    Column("venue_order_id", Text, nullable=False),
    Column("client_order_id", Text),
    Column("symbol", Text, nullable=False),
    Column("direction", EnumText(Direction)),
    Column("effect", EnumText(Effect)),
    Column("size", DecimalText, nullable=False),
    Column("price", DecimalText, nullable=False),
    Column("fee", DecimalText, nullable=False),
    Column("fee_coin", Text, nullable=False),
    Column("realised", DecimalText, nullable=False),
    Column("liquidity", EnumText(Liquidity), nullable=False),
    Column("at", UtcMillis, nullable=False),
    Column("cause", EnumText(Cause), nullable=False),
    Column("inferred", Boolean, nullable=False),
    Column("claimed", DecimalText),
    # Trade ids of the real fills an inferred one yielded to; set once, and then the row no longer counts.
    Column("superseded_by", PlainText),
    Index(None, "account", "at"),
    Index(None, "account", "symbol", "at"),
    Index(None, "account", "client_order_id"),
    Index(None, "account", "venue_order_id"),
)

positions = Table(
    "positions",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("symbol", Text, primary_key=True),
    Column("direction", EnumText(Direction), primary_key=True),
    Column("size", DecimalText, nullable=False),
    Column("entry", DecimalText, nullable=False),
    Column("margin_mode", EnumText(MarginMode), nullable=False),
    Column("leverage", DecimalText, nullable=False),
    Column("margin_coin", Text, nullable=False),
    Column("liquidation", DecimalText),
    Column("realised", DecimalText, nullable=False),
    Column("as_of", UtcMillis, nullable=False),
)

protections = Table(
    "protections",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("symbol", Text, primary_key=True),
    Column("direction", EnumText(Direction), primary_key=True),
    Column("state", EnumText(ProtectionState), nullable=False),
    Column("stop", DecimalText),
    Column("stop_size", DecimalText),
    Column("stop_order", Text),
    Column("targets", PlainText, nullable=False),
    Column("verified_at", UtcMillis),
    Column("naked_since", UtcMillis),
    Column("waiver", PlainText),
    Column("break_even_at", DecimalText),
    Column("trail", DecimalText),
    Column("version", Integer, nullable=False),
)

proposals = Table(
    "proposals",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("request_key", Text, nullable=False),
    Column("state", EnumText(ProposalState), nullable=False),
    Column("origin_kind", EnumText(OriginKind), nullable=False),
    Column("origin_name", Text, nullable=False),
    Column("origin_person", BigInteger),
    Column("terms", RecordText(Terms), nullable=False),
    Column("reference_price", DecimalText),
    Column("drift_allowed", DecimalText),
    Column("drift_in_r", Boolean, nullable=False),
    Column("raised_at", UtcMillis, nullable=False),
    Column("expires_at", UtcMillis, nullable=False),
    Column("thesis", Text),
    Column("confidence", DecimalText),
    Column("reasons", PlainText, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("account", "request_key"),
    Index(None, "account", "state"),
    Index(None, "account", "raised_at"),
)

decisions = Table(
    "decisions",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("proposal_id", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    # The person's id, or the manner where nobody in person decided: one voter answers a revision once.
    Column("voter", Text, primary_key=True),
    Column("answer", Boolean, nullable=False),
    Column("manner", EnumText(Manner), nullable=False),
    Column("by", BigInteger),
    Column("at", UtcMillis, nullable=False),
    Column("digest", Text, nullable=False),
    Column("reason", Text),
    Index(None, "account", "at"),
)

bills = Table(
    "bills",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("bill_id", Text, primary_key=True),
    Column("line", EnumText(ProductLine), nullable=False),
    Column("coin", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("symbol", Text),
    Column("amount", DecimalText, nullable=False),
    Column("fee", DecimalText, nullable=False),
    Column("balance", DecimalText),
    Column("at", UtcMillis, nullable=False),
    Index(None, "account", "at"),
    Index(None, "account", "line", "at"),
)

equity_marks = Table(
    "equity_marks",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("line", EnumText(ProductLine), primary_key=True),
    Column("margin_coin", Text, primary_key=True),
    Column("at", UtcMillis, primary_key=True),
    Column("equity", DecimalText, nullable=False),
    Index(None, "account", "at"),
)

wallets = Table(
    "wallets",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("line", EnumText(ProductLine), primary_key=True),
    Column("margin_coin", Text, primary_key=True),
    Column("equity", DecimalText, nullable=False),
    Column("available", DecimalText, nullable=False),
    Column("in_use", DecimalText, nullable=False),
    Column("unrealised", DecimalText, nullable=False),
    Column("margin_ratio", DecimalText),
    Column("as_of", UtcMillis, nullable=False),
)
