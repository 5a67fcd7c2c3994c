"""Keep what people and breakers set: trading state, mandates, limits, presets, small named values."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, Row, Update, bindparam, insert

from bot.adapters.store.link import Link
from bot.adapters.store.statements import change, pick
from bot.adapters.store.tables_desk import limits, mandates, named_values, presets, trading_states
from bot.domain.ids import AccountId, PersonId, Symbol
from bot.domain.intent import Direction
from bot.domain.mandate import BOTH, Mandate
from bot.domain.trading import TradingState
from bot.ports.ledger_rows import ImpossibleChange, Plain, ScopedLimits, StaleVersion

STATE_GET = pick(trading_states)
STATE_INSERT = insert(trading_states)
STATE_CHANGE = change(trading_states)
MANDATE_GET = pick(mandates, "id")
MANDATES = pick(mandates).order_by(mandates.c.granted_at.desc(), mandates.c.id)
MANDATE_INSERT = insert(mandates)
MANDATE_CHANGE = change(mandates, "id", "version")
LIMITS = pick(limits).order_by(limits.c.scope, limits.c.edition)
LIMITS_LAST = pick(limits, "scope").order_by(limits.c.edition.desc()).limit(1)
LIMITS_INSERT = insert(limits)
PRESET_GET = pick(presets, "person")
PRESET_INSERT = insert(presets)
PRESET_CHANGE = change(presets, "person")
VALUE_GET = pick(named_values, "name")
VALUE_INSERT = insert(named_values)
VALUE_CHANGE = change(named_values, "name")
VALUES = (
    pick(named_values)
    .where(named_values.c.name >= bindparam("first"), named_values.c.name < bindparam("beyond"))
    .order_by(named_values.c.name)
)


def mandate_to_row(mandate: Mandate) -> dict[str, Any]:
    """Lay a mandate out in columns."""
    return {
        "account": mandate.account,
        "id": mandate.id,
        "advisor": mandate.advisor,
        "rung": mandate.rung,
        "symbols": sorted(mandate.symbols),
        "notional_per_trade": mandate.notional_per_trade,
        "notional_per_day": mandate.notional_per_day,
        "trades_per_day": mandate.trades_per_day,
        "minimum_confidence": mandate.minimum_confidence,
        "cool_down_s": mandate.cool_down_s,
        "risk_per_trade": mandate.risk_per_trade,
        "risk_budget": mandate.risk_budget,
        "loss_per_day": mandate.loss_per_day,
        "directions": sorted(one.value for one in mandate.directions),
        "granted_by": mandate.granted_by,
        "granted_at": mandate.granted_at,
        "expires_at": mandate.expires_at,
        "revoked_at": mandate.revoked_at,
        "version": mandate.version,
    }


def mandate_from_row(row: Row[Any]) -> Mandate:
    """Read a mandate back."""
    return Mandate(
        id=row.id,
        account=row.account,
        advisor=row.advisor,
        rung=row.rung,
        symbols=frozenset(Symbol(symbol) for symbol in row.symbols),
        notional_per_trade=row.notional_per_trade,
        notional_per_day=row.notional_per_day,
        trades_per_day=row.trades_per_day,
        minimum_confidence=row.minimum_confidence,
        cool_down_s=row.cool_down_s,
        risk_per_trade=row.risk_per_trade,
        risk_budget=row.risk_budget,
        loss_per_day=row.loss_per_day,
        directions=BOTH if row.directions is None else frozenset(Direction(one) for one in row.directions),
        granted_by=row.granted_by,
        granted_at=row.granted_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        version=row.version,
    )


class StoredDeskState:
    """The repository behind `ports.ledger_desk.DeskState`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def trading_state(self) -> TradingState:
        """Give the persisted state; ACTIVE when none was ever set."""
        row = self._link.run(STATE_GET, {"key_account": self._account}).first()
        return TradingState.ACTIVE if row is None else row.state

    def set_trading_state(self, state: TradingState, at: datetime) -> None:
        """Store the state."""
        self._put(STATE_CHANGE, STATE_INSERT, {}, {"state": state, "at": at})

    def mandates(self) -> tuple[Mandate, ...]:
        """List all mandates, newest first."""
        return tuple(mandate_from_row(row) for row in self._link.run(MANDATES, {"key_account": self._account}))

    def mandate(self, mandate_id: str) -> Mandate | None:
        """Find one by id."""
        row = self._link.run(MANDATE_GET, {"key_account": self._account, "key_id": mandate_id}).first()
        return None if row is None else mandate_from_row(row)

    def save_mandate(self, before: Mandate | None, after: Mandate) -> Mandate:
        """Store a mandate (new: `before` is None); give it as stored. Raises StaleVersion."""
        if after.account != self._account:
            raise ImpossibleChange(f"A mandate of {after.account} cannot be stored for {self._account}.")
        if before is None:
            if self.mandate(after.id) is not None:
                raise StaleVersion(f"Mandate {after.id} exists already: read it first.")
            self._link.run(MANDATE_INSERT, mandate_to_row(after))
            return after
        if after.version <= before.version:
            after = replace(after, version=before.version + 1)
        keys = {"key_account": self._account, "key_id": before.id, "key_version": before.version}
        if self._link.run(MANDATE_CHANGE, {**mandate_to_row(after), **keys}).rowcount != 1:
            raise StaleVersion(f"Mandate {before.id} is no longer at version {before.version}: read it again.")
        return after

    def limits(self) -> tuple[ScopedLimits, ...]:
        """List the limits in force, by scope."""
        latest: dict[str, ScopedLimits] = {}
        for row in self._link.run(LIMITS, {"key_account": self._account}):
            latest[row.scope] = ScopedLimits(scope=row.scope, values=row.body, by=row.by, at=row.at)
        return tuple(latest.values())

    def set_limits(self, scope: str, values: Plain, by: PersonId | None, at: datetime) -> None:
        """Store the limits of a scope as its next edition."""
        last = self._link.run(LIMITS_LAST, {"key_account": self._account, "key_scope": scope}).first()
        row = {
            "account": self._account, "scope": scope, "edition": 1 if last is None else last.edition + 1,
            "body": values, "by": by, "at": at,
        }
        self._link.run(LIMITS_INSERT, row)

    def preset(self, person: PersonId) -> Plain | None:
        """Give a person's presets."""
        row = self._link.run(PRESET_GET, {"key_account": self._account, "key_person": person}).first()
        return None if row is None else row.body

    def set_preset(self, person: PersonId, values: Plain, at: datetime) -> None:
        """Store a person's presets."""
        self._put(PRESET_CHANGE, PRESET_INSERT, {"person": person}, {"body": values, "at": at})

    def value(self, name: str) -> Plain | None:
        """Read a small named value; it is never exported."""
        row = self._link.run(VALUE_GET, {"key_account": self._account, "key_name": name}).first()
        return None if row is None else row.body

    def set_value(self, name: str, value: Plain, at: datetime) -> None:
        """Store a small named value."""
        self._put(VALUE_CHANGE, VALUE_INSERT, {"name": name}, {"body": value, "at": at})

    def values(self, prefix: str) -> dict[str, Plain]:
        """List the named values whose name begins so."""
        keys = {"key_account": self._account, "first": prefix, "beyond": prefix + "\U0010ffff"}
        return {row.name: row.body for row in self._link.run(VALUES, keys)}

    def _put(self, change_it: Update, insert_it: Insert, keys: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        found = {"key_account": self._account, **{f"key_{name}": value for name, value in keys.items()}}
        if self._link.run(change_it, {**values, **found}).rowcount == 0:
            self._link.run(insert_it, {"account": self._account, **keys, **values})
