"""Lay out what the advisors keep: history, trials, models, ideas, outcomes, evidence, paid calls (advisor 13)."""
from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from bot.adapters.store.metadata import METADATA
from bot.adapters.store.types import DecimalText, EnumText, UtcMillis
from bot.domain.mandate import Rung
from bot.ports.lab_rows import VersionState
from bot.ports.market import PriceKind

lab_candles = Table(
    "lab_candles",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("symbol", Text, primary_key=True),
    Column("timeframe", Text, primary_key=True),
    Column("price", EnumText(PriceKind), primary_key=True),
    Column("opened_at", UtcMillis, primary_key=True, autoincrement=False),
    # 1 is what was seen first, and wins; what the exchange changed later follows.
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("open", DecimalText, nullable=False),
    Column("high", DecimalText, nullable=False),
    Column("low", DecimalText, nullable=False),
    Column("close", DecimalText, nullable=False),
    Column("volume", DecimalText, nullable=False),
    Column("turnover", DecimalText, nullable=False),
    Column("received_at", UtcMillis, nullable=False),
)


def _moments(name: str, value: str) -> Table:
    return Table(
        name,
        METADATA,
        Column("account", Text, primary_key=True),
        Column("symbol", Text, primary_key=True),
        Column("at", UtcMillis, primary_key=True, autoincrement=False),
        Column(value, DecimalText, nullable=False),
        Column("received_at", UtcMillis, nullable=False),
    )


lab_funding = _moments("lab_funding", "rate")
lab_oi = _moments("lab_oi", "size")

lab_fills = Table(
    "lab_fills",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("symbol", Text, primary_key=True),
    Column("trade_id", Text, primary_key=True),
    Column("at", UtcMillis, nullable=False),
    Column("price", DecimalText, nullable=False),
    Column("size", DecimalText, nullable=False),
    Column("bought", Boolean, nullable=False),
    Column("received_at", UtcMillis, nullable=False),
    Index(None, "account", "symbol", "at"),
)

# From when to before when all public trades are stored: without it a quiet hour and a hole look the same.
lab_fill_spans = Table(
    "lab_fill_spans",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("symbol", Text, primary_key=True),
    Column("since", UtcMillis, primary_key=True, autoincrement=False),
    Column("until", UtcMillis, primary_key=True, autoincrement=False),
    Column("received_at", UtcMillis, nullable=False),
)

lab_trials = Table(
    "lab_trials",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("family", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("settings", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", UtcMillis, nullable=False),
    Column("result", Text),
    Index(None, "account", "family", "at"),
)

models = Table(
    "models",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("at", UtcMillis, nullable=False),
)

model_versions = Table(
    "model_versions",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("model", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("artefact", Text, nullable=False),
    Column("kernel", Text, nullable=False),
    Column("features_hash", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("data_from", UtcMillis, nullable=False),
    Column("data_to", UtcMillis, nullable=False),
    Column("data_sha256", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("versions", Text, nullable=False),
    Column("revision", Text, nullable=False),
    Column("metrics", Text, nullable=False),
    Column("report", Text),
    Column("trials", Integer, nullable=False),
    Column("parent", Text),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    Column("state", EnumText(VersionState), nullable=False),
    Index(None, "account", "created_at"),
)

calibrations = Table(
    "calibrations",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    Column("fitted_on", Integer, nullable=False),
    Column("fitted_from", UtcMillis, nullable=False),
    Column("fitted_to", UtcMillis, nullable=False),
    Column("at", UtcMillis, nullable=False),
)

advisors = Table(
    "advisors",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("at", UtcMillis, nullable=False),
)

rungs = Table(
    "rungs",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("advisor", Text, primary_key=True),
    Column("group", Text, primary_key=True),
    # The highest edition is in force; the others are its history.
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("rung", EnumText(Rung), nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcMillis, nullable=False),
)

predictions = Table(
    "predictions",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("advisor", Text, primary_key=True),
    Column("symbol", Text, primary_key=True),
    Column("timeframe", Text, primary_key=True),
    Column("bar_at", UtcMillis, primary_key=True, autoincrement=False),
    Column("side", Text, primary_key=True),
    Column("kernel", Text, nullable=False),
    Column("began_at", UtcMillis, nullable=False),
    Column("row", Text, nullable=False),
    Column("score", DecimalText, nullable=False),
    Column("distance", DecimalText, nullable=False),
    Column("at", UtcMillis, nullable=False),
    Index(None, "account", "bar_at"),
)

ideas = Table(
    "ideas",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("advisor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("direction", Text),
    Column("entry", DecimalText),
    Column("stop", DecimalText),
    Column("target", DecimalText),
    Column("valid_s", Integer, nullable=False),
    Column("horizon_s", Integer, nullable=False),
    Column("claim_bp", Integer),
    Column("chance_bp", Integer),
    Column("thesis", Text, nullable=False),
    Column("against", Text, nullable=False),
    Column("invalidation", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("fate", Text, nullable=False),
    Column("abstained", Text),
    Column("proposal", Text),
    Column("at", UtcMillis, nullable=False),
    Column("stood", DecimalText),
    Column("unit", DecimalText),
    Column("percent", Integer),
    Column("range_low", DecimalText),
    Column("range_high", DecimalText),
    Column("range_of", Integer),
    Index(None, "account", "at"),
    Index(None, "account", "advisor", "at"),
)

risk_scales = Table(
    "risk_scales",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("advisor", Text, primary_key=True),
    Column("symbol", Text, primary_key=True),
    # The highest edition is in force; the others are its history.
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("requested", Integer, nullable=False),
    Column("effective", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", UtcMillis, nullable=False),
)

outcomes = Table(
    "outcomes",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("idea", Text, primary_key=True),
    Column("filled", Boolean, nullable=False),
    Column("exit", Text, nullable=False),
    Column("gross_r", DecimalText, nullable=False),
    Column("net_r", DecimalText, nullable=False),
    Column("executed_r", DecimalText),
    Column("ai_cost_r", DecimalText, nullable=False),
    Column("entered_at", UtcMillis),
    Column("ended_at", UtcMillis),
    Column("resolved_at", UtcMillis, nullable=False),
    Index(None, "account", "resolved_at"),
)

evidence = Table(
    "evidence",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("advisor", Text, primary_key=True),
    Column("group", Text, primary_key=True),
    Column("log_skill", DecimalText, nullable=False),
    Column("log_harm", DecimalText, nullable=False),
    Column("blocks", Integer, nullable=False),
    Column("outcomes", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", UtcMillis, nullable=False),
)

llm_calls = Table(
    "llm_calls",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("advisor", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("request", Text),
    Column("reserved", DecimalText, nullable=False),
    Column("at", UtcMillis, nullable=False),
    Column("result", Text, nullable=False),
    Column("response", Text),
    Column("input_tokens", Integer),
    Column("output_tokens", Integer),
    Column("cost", DecimalText),
    Column("latency_ms", Integer),
    Column("settled_at", UtcMillis),
    Index(None, "account", "at"),
    Index(None, "account", "digest"),
)
