"""Keep fills: a set keyed by trade id that only grows (R10)."""
from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select

from bot.adapters.store.link import Link
from bot.adapters.store.statements import change, mine, pick
from bot.adapters.store.tables_trading import fills
from bot.domain.fill import Fill
from bot.domain.ids import AccountId, ClientOrderId, Symbol, TradeId, VenueOrderId
from bot.ports.ledger_rows import ImpossibleChange

COUNTS = fills.c.superseded_by.is_(None)
INSERT = insert(fills)
GET = pick(fills, "trade_id")
OF_ORDER = pick(fills, "client_order_id").where(COUNTS)
OF_VENUE_ORDER = pick(fills, "venue_order_id").where(COUNTS)
SINCE = pick(fills).where(fills.c.at >= bindparam("moment"), COUNTS).order_by(fills.c.at)
SYMBOL_SINCE = pick(fills, "symbol").where(fills.c.at >= bindparam("moment"), COUNTS).order_by(fills.c.at)
RECENT = pick(fills).where(COUNTS).order_by(fills.c.at.desc()).limit(bindparam("most"))
LATEST_REAL = (
    select(fills.c.at).where(mine(fills), fills.c.inferred.is_(False)).order_by(fills.c.at.desc()).limit(1)
)
SUPERSEDE = change(fills, "trade_id")


def to_row(account: AccountId, fill: Fill) -> dict[str, Any]:
    """Lay a fill out in columns."""
    return {
        "account": account,
        "trade_id": fill.trade_id,
        "venue_order_id": fill.venue_order_id,
        "client_order_id": fill.client_order_id,
        "symbol": fill.symbol,
        "direction": fill.direction,
        "effect": fill.effect,
        "size": fill.size,
        "price": fill.price,
        "fee": fill.fee,
        "fee_coin": fill.fee_coin,
        "realised": fill.realised,
        "liquidity": fill.liquidity,
        "at": fill.at,
        "cause": fill.cause,
        "inferred": fill.inferred,
        "claimed": fill.claimed,
        "superseded_by": None,
    }


def from_row(row: Row[Any]) -> Fill:
    """Read a fill back."""
    return Fill(
        trade_id=row.trade_id,
        venue_order_id=row.venue_order_id,
        client_order_id=row.client_order_id,
        symbol=row.symbol,
        direction=row.direction,
        effect=row.effect,
        size=row.size,
        price=row.price,
        fee=row.fee,
        fee_coin=row.fee_coin,
        realised=row.realised,
        liquidity=row.liquidity,
        at=row.at,
        cause=row.cause,
        inferred=row.inferred,
        claimed=row.claimed,
    )


class StoredFills:
    """The repository behind `ports.ledger_trading.Fills`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def insert(self, fill: Fill) -> bool:
        """Store a fill; False when its trade id is known. Raises ImpossibleChange for a trade id used twice."""
        known = self.get(fill.trade_id)
        if known is None:
            self._link.run(INSERT, to_row(self._account, fill))
            return True
        if known.symbol != fill.symbol or known.venue_order_id != fill.venue_order_id:
            raise ImpossibleChange(
                f"Trade {fill.trade_id} is known of {known.symbol} order {known.venue_order_id} and now told of"
                f" {fill.symbol} order {fill.venue_order_id}: one of them would be lost. Reconcile."
            )
        return False

    def get(self, trade_id: TradeId) -> Fill | None:
        """Find by trade id."""
        row = self._link.run(GET, {"key_account": self._account, "key_trade_id": trade_id}).first()
        return None if row is None else from_row(row)

    def of_order(self, client_order_id: ClientOrderId) -> tuple[Fill, ...]:
        """List the fills of one order that count, oldest first."""
        return _by_time(self._many(OF_ORDER, key_client_order_id=client_order_id))

    def of_venue_order(self, venue_order_id: VenueOrderId) -> tuple[Fill, ...]:
        """List the fills that count of one order by the venue's id, oldest first."""
        return _by_time(self._many(OF_VENUE_ORDER, key_venue_order_id=venue_order_id))

    def since(self, moment: datetime, symbol: Symbol | None = None) -> tuple[Fill, ...]:
        """List the fills that count, at or after a moment, oldest first."""
        if symbol is None:
            return self._many(SINCE, moment=moment)
        return self._many(SYMBOL_SINCE, moment=moment, key_symbol=symbol)

    def recent(self, limit: int) -> tuple[Fill, ...]:
        """List the latest fills that count, newest first."""
        return self._many(RECENT, most=limit)

    def latest_at(self) -> datetime | None:
        """Give the moment of the latest real fill."""
        found: datetime | None = self._link.run(LATEST_REAL, {"key_account": self._account}).scalar()
        return found

    def supersede(self, inferred: TradeId, by: Collection[TradeId]) -> None:
        """Let an inferred fill yield; raises ImpossibleChange where it is real, unknown or yielded before."""
        known = self.get(inferred)
        if known is None or not known.inferred or not by:
            raise ImpossibleChange(f"Only an inferred fill yields, and to real ones; {inferred} does not.")
        self._link.run(
            SUPERSEDE,
            {"key_account": self._account, "key_trade_id": inferred, "superseded_by": sorted(by)},
        )

    def _many(self, statement: Select[Any], **values: Any) -> tuple[Fill, ...]:
        return tuple(self._link.values(statement, {"key_account": self._account, **values}, from_row))


def _by_time(found: tuple[Fill, ...]) -> tuple[Fill, ...]:
    return tuple(sorted(found, key=lambda fill: (fill.at, fill.trade_id)))
