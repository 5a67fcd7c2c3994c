"""Gather every table: the only source of the schema, for migrations and for whoever walks over all of them."""
from __future__ import annotations

from bot.adapters.store import tables_desk, tables_lab, tables_trading
from bot.adapters.store.metadata import METADATA

TRADING = (
    tables_trading.orders,
    tables_trading.fills,
    tables_trading.positions,
    tables_trading.protections,
    tables_trading.proposals,
    tables_trading.decisions,
    tables_trading.bills,
    tables_trading.equity_marks,
    tables_trading.wallets,
)
DESK = (
    tables_desk.journal,
    tables_desk.bookmarks,
    tables_desk.inbox,
    tables_desk.messages,
    tables_desk.people,
    tables_desk.trading_states,
    tables_desk.mandates,
    tables_desk.limits,
    tables_desk.presets,
    tables_desk.named_values,
    tables_desk.leases,
)
LAB = (
    tables_lab.lab_candles,
    tables_lab.lab_funding,
    tables_lab.lab_oi,
    tables_lab.lab_fills,
    tables_lab.lab_fill_spans,
    tables_lab.lab_trials,
    tables_lab.models,
    tables_lab.model_versions,
    tables_lab.calibrations,
    tables_lab.advisors,
    tables_lab.rungs,
    tables_lab.predictions,
    tables_lab.ideas,
    tables_lab.risk_scales,
    tables_lab.outcomes,
    tables_lab.evidence,
    tables_lab.llm_calls,
)
ALL = TRADING + DESK + LAB

__all__ = ["ALL", "DESK", "LAB", "METADATA", "TRADING"]
