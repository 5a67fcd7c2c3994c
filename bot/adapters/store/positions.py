"""Keep positions and what guards them, one row per symbol and direction."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, insert

from bot.adapters.store.link import Link
from bot.adapters.store.statements import change, pick
from bot.adapters.store.tables_trading import positions, protections
from bot.domain.ids import AccountId, ClientOrderId, Symbol
from bot.domain.intent import Direction
from bot.domain.numbers import ZERO
from bot.domain.position import Position
from bot.domain.protection import Protection, Waiver
from bot.domain.record import from_plain, to_plain
from bot.ports.ledger_rows import ImpossibleChange, StaleVersion

KEY = ("symbol", "direction")
INSERT = insert(positions)
CHANGE = change(positions, *KEY)
GET = pick(positions, *KEY)
ALL = pick(positions).order_by(positions.c.symbol, positions.c.direction)
GUARD_INSERT = insert(protections)
GUARD_CHANGE = change(protections, *KEY, "version")
GUARD_GET = pick(protections, *KEY)
GUARD_ALL = pick(protections).order_by(protections.c.symbol, protections.c.direction)


def to_row(account: AccountId, position: Position) -> dict[str, Any]:
    """Lay a position out in columns."""
    return {
        "account": account,
        "symbol": position.symbol,
        "direction": position.direction,
        "size": position.size,
        "entry": position.entry,
        "margin_mode": position.margin_mode,
        "leverage": position.leverage,
        "margin_coin": position.margin_coin,
        "liquidation": position.liquidation,
        "realised": position.realised,
        "as_of": position.as_of,
    }


def from_row(row: Row[Any]) -> Position:
    """Read a position back."""
    return Position(
        symbol=row.symbol,
        direction=row.direction,
        size=row.size,
        entry=row.entry,
        margin_mode=row.margin_mode,
        leverage=row.leverage,
        margin_coin=row.margin_coin,
        liquidation=row.liquidation,
        realised=row.realised,
        as_of=row.as_of,
    )


def guard_to_row(guard: Protection) -> dict[str, Any]:
    """Lay a protection out in columns."""
    return {
        "account": guard.account,
        "symbol": guard.symbol,
        "direction": guard.direction,
        "state": guard.state,
        "stop": guard.stop,
        "stop_size": guard.stop_size,
        "stop_order": guard.stop_order,
        "targets": list(guard.targets),
        "verified_at": guard.verified_at,
        "naked_since": guard.naked_since,
        "waiver": None if guard.waiver is None else to_plain(guard.waiver),
        "break_even_at": guard.break_even_at,
        "trail": guard.trail,
        "version": guard.version,
    }


def guard_from_row(row: Row[Any]) -> Protection:
    """Read a protection back."""
    return Protection(
        account=row.account,
        symbol=row.symbol,
        direction=row.direction,
        state=row.state,
        stop=row.stop,
        stop_size=row.stop_size,
        stop_order=row.stop_order,
        targets=tuple(ClientOrderId(target) for target in row.targets),
        verified_at=row.verified_at,
        naked_since=row.naked_since,
        waiver=None if row.waiver is None else from_plain(Waiver, row.waiver),
        break_even_at=row.break_even_at,
        trail=row.trail,
        version=row.version,
    )


class StoredPositions:
    """The repository behind `ports.ledger_trading.Positions`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def save(self, position: Position) -> None:
        """Store the position."""
        row = to_row(self._account, position)
        keys = _keys(self._account, position.symbol, position.direction)
        if self._link.run(CHANGE, {**row, **keys}).rowcount == 0:
            self._link.run(INSERT, row)

    def get(self, symbol: Symbol, direction: Direction) -> Position | None:
        """Find one."""
        found = self._link.values(GET, _keys(self._account, symbol, direction), from_row)
        return found[0] if found else None

    def held(self) -> tuple[Position, ...]:
        """List the positions of a size above zero, by symbol."""
        found = self._link.values(ALL, {"key_account": self._account}, from_row)
        return tuple(position for position in found if position.size > ZERO)


class StoredProtections:
    """The repository behind `ports.ledger_trading.Protections`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def save(self, before: Protection | None, after: Protection) -> Protection:
        """Store a change of `before`, or the first one; give it as stored. Raises StaleVersion."""
        if after.account != self._account:
            raise ImpossibleChange(f"A protection of {after.account} cannot be stored for {self._account}.")
        if before is None:
            if self.get(after.symbol, after.direction) is not None:
                raise StaleVersion(f"The protection of {after.symbol} {after.direction.value} exists: read it first.")
            self._link.run(GUARD_INSERT, guard_to_row(after))
            return after
        if after.version <= before.version:
            after = replace(after, version=before.version + 1)
        keys = {**_keys(self._account, before.symbol, before.direction), "key_version": before.version}
        if self._link.run(GUARD_CHANGE, {**guard_to_row(after), **keys}).rowcount != 1:
            raise StaleVersion(f"The protection of {after.symbol} {after.direction.value} changed: read it again.")
        return after

    def get(self, symbol: Symbol, direction: Direction) -> Protection | None:
        """Find one."""
        found = self._link.values(GUARD_GET, _keys(self._account, symbol, direction), guard_from_row)
        return found[0] if found else None

    def all(self) -> tuple[Protection, ...]:
        """List all, by symbol."""
        return tuple(self._link.values(GUARD_ALL, {"key_account": self._account}, guard_from_row))


def _keys(account: AccountId, symbol: Symbol, direction: Direction) -> dict[str, Any]:
    return {"key_account": account, "key_symbol": symbol, "key_direction": direction}
