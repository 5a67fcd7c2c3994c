"""Keep the market as seen: candles with their revisions, funding, open interest."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, bindparam, func, insert, select

from bot.adapters.store.lab_statements import insert_new
from bot.adapters.store.link import Link
from bot.adapters.store.statements import mine, pick
from bot.adapters.store.tables_lab import lab_candles, lab_fill_spans, lab_fills, lab_funding, lab_oi
from bot.domain.ids import AccountId, Symbol
from bot.ports.lab_rows import Series, Span
from bot.ports.market import Candle, Stretch, Trade

KEYS = ("symbol", "timeframe", "price")
VALUES = ("open", "high", "low", "close", "volume", "turnover")
AT = lab_candles.c.opened_at
OURS = mine(lab_candles, *KEYS)
BETWEEN = (bindparam("since", type_=AT.type) <= AT) & (bindparam("until", type_=AT.type) > AT)
FIRST_SEEN = (select(lab_candles).where(OURS, BETWEEN, lab_candles.c.revision == 1).order_by(AT)
              .limit(bindparam("most")))
LATEST = select(lab_candles).where(OURS, BETWEEN).order_by(AT, lab_candles.c.revision)
SPAN = select(func.min(AT), func.max(AT), func.count()).where(OURS, lab_candles.c.revision == 1)
SERIES = (select(*(lab_candles.c[name] for name in KEYS)).where(mine(lab_candles)).distinct()
          .order_by(*(lab_candles.c[name] for name in KEYS)))
INSERT = insert(lab_candles)
PRINTED = lab_fills.c.at
PRINTED_BETWEEN = (mine(lab_fills, "symbol"), bindparam("since", type_=PRINTED.type) <= PRINTED,
                   bindparam("until", type_=PRINTED.type) > PRINTED)
TRADES = select(lab_fills).where(*PRINTED_BETWEEN).order_by(PRINTED, lab_fills.c.trade_id)
ANY_TRADE = select(PRINTED).where(*PRINTED_BETWEEN).limit(1)
FILL_SPANS = pick(lab_fill_spans, "symbol").order_by(lab_fill_spans.c.since)
BEGINNING = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
END = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


class StoredLabHistory:
    """The repository behind `ports.lab.LabHistory`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def add_candles(self, series: Series, candles: Sequence[Candle], at: datetime) -> int:
        """Store closed candles; equal ones are skipped, others become revisions. Gives how many rows were written."""
        closed = [candle for candle in candles if not candle.forming]
        if not closed:
            return 0
        moments = [candle.opened_at for candle in closed]
        known: dict[datetime, tuple[int, tuple[Decimal, ...]]] = {}
        span = {"since": min(moments), "until": max(moments) + timedelta(milliseconds=1)}
        for row in self._link.run(LATEST, {**self._keys(series), **span}):
            known[row.opened_at] = (row.revision, tuple(getattr(row, name) for name in VALUES))
        rows = []
        for candle in closed:
            values = tuple(getattr(candle, name) for name in VALUES)
            revision, before = known.get(candle.opened_at, (0, None))
            if values == before:
                continue
            known[candle.opened_at] = (revision + 1, values)
            rows.append({"account": self._account, "symbol": series.symbol, "timeframe": series.timeframe,
                         "price": series.price, "opened_at": candle.opened_at, "revision": revision + 1,
                         **dict(zip(VALUES, values, strict=True)), "received_at": at})
        self._link.run_many(INSERT, rows)
        return len(rows)

    def candles(
        self, series: Series, since: datetime | None = None, until: datetime | None = None, limit: int = 1_000_000
    ) -> tuple[Candle, ...]:
        """List candles as first seen, oldest first."""
        values = {**self._keys(series), "since": since or BEGINNING, "until": until or END, "most": limit}
        return tuple(
            Candle(opened_at=row.opened_at, open=row.open, high=row.high, low=row.low, close=row.close,
                   volume=row.volume, turnover=row.turnover)
            for row in self._link.run(FIRST_SEEN, values)
        )

    def span(self, series: Series) -> Span | None:
        """Tell first, last and how many; None where nothing is stored."""
        row: Any = self._link.run(SPAN, self._keys(series)).one()
        return Span(first=row[0], last=row[1], count=row[2]) if row[2] else None

    def series(self) -> tuple[Series, ...]:
        """List what is stored."""
        rows = self._link.run(SERIES, {"key_account": self._account})
        return tuple(Series(symbol=row.symbol, timeframe=row.timeframe, price=row.price) for row in rows)

    def add_funding(self, symbol: Symbol, rates: Sequence[tuple[datetime, Decimal]], at: datetime) -> int:
        """Store funding rates; known moments are skipped."""
        return self._add(lab_funding, symbol, "rate", rates, at)

    def funding(self, symbol: Symbol) -> tuple[tuple[datetime, Decimal], ...]:
        """List all rates, oldest first."""
        return self._moments(lab_funding, symbol, "rate")

    def add_trades(self, symbol: Symbol, stretch: Stretch, at: datetime) -> int:
        """Store public trades and the span they are all of; known ones are skipped."""
        key = {"account": self._account, "symbol": symbol}
        between = {"key_account": self._account, "key_symbol": symbol, "since": stretch.since, "until": stretch.until}
        known = {row.trade_id for row in self._link.run(TRADES, between)}
        rows = [{**key, "trade_id": each.id, "at": each.at, "price": each.price, "size": each.size,
                 "bought": each.bought, "received_at": at} for each in stretch.trades if each.id not in known]
        self._new(lab_fills, rows)
        self._new(lab_fill_spans, [{**key, "since": stretch.since, "until": stretch.until, "received_at": at}])
        return len(rows)

    def trades(self, symbol: Symbol, since: datetime, until: datetime) -> tuple[Trade, ...]:
        """List stored public trades, oldest first."""
        between = {"key_account": self._account, "key_symbol": symbol, "since": since, "until": until}
        return tuple(Trade(id=row.trade_id, price=row.price, size=row.size, bought=row.bought, at=row.at)
                     for row in self._link.run(TRADES, between))

    def traded(self, symbol: Symbol, since: datetime, until: datetime) -> bool:
        """Tell whether any public trade is stored in a span."""
        between = {"key_account": self._account, "key_symbol": symbol, "since": since, "until": until}
        return self._link.run(ANY_TRADE, between).first() is not None

    def trade_spans(self, symbol: Symbol) -> tuple[tuple[datetime, datetime], ...]:
        """List from when to before when all public trades are stored, joined."""
        joined: list[tuple[datetime, datetime]] = []
        for row in self._link.run(FILL_SPANS, {"key_account": self._account, "key_symbol": symbol}):
            if joined and row.since <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], row.until))
            else:
                joined.append((row.since, row.until))
        return tuple(joined)

    def add_interest(self, symbol: Symbol, points: Sequence[tuple[datetime, Decimal]], at: datetime) -> int:
        """Store open interest; known moments are skipped."""
        return self._add(lab_oi, symbol, "size", points, at)

    def interest(self, symbol: Symbol) -> tuple[tuple[datetime, Decimal], ...]:
        """List open interest, oldest first."""
        return self._moments(lab_oi, symbol, "size")

    def _keys(self, series: Series) -> dict[str, Any]:
        return {"key_account": self._account, "key_symbol": series.symbol, "key_timeframe": series.timeframe,
                "key_price": series.price}

    def _add(
        self, table: Table, symbol: Symbol, name: str, points: Sequence[tuple[datetime, Decimal]], at: datetime
    ) -> int:
        known = {moment for moment, _ in self._moments(table, symbol, name)}
        fresh = {moment: value for moment, value in points if moment not in known}
        rows = [{"account": self._account, "symbol": symbol, "at": moment, name: value, "received_at": at}
                for moment, value in fresh.items()]
        self._new(table, rows)
        return len(rows)

    def _new(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        self._link.run_many(insert_new(table)[0 if self._link.sqlite else 1], rows)

    def _moments(self, table: Table, symbol: Symbol, name: str) -> tuple[tuple[datetime, Decimal], ...]:
        rows = self._link.run(pick(table, "symbol").order_by(table.c.at),
                              {"key_account": self._account, "key_symbol": symbol})
        return tuple((row.at, getattr(row, name)) for row in rows)
