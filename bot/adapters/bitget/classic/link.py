"""Share what every verb of the classic venue needs: the calls, the clock, the modes read so far, page by page reads."""
from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot.adapters.bitget.classic import endpoints
from bot.adapters.bitget.classic.map_account import position_mode
from bot.adapters.bitget.classic.rows import items, one
from bot.adapters.bitget.classic.wire_account import AccountRow
from bot.adapters.bitget.classic.wire_value import Unreadable, shown, text
from bot.adapters.bitget.classic.words import LINE_WORDS, line_of, margin_coin_of
from bot.adapters.bitget.http import Call, Endpoint, Http, ReadFailed
from bot.adapters.bitget.throttle import Lane
from bot.domain.account import PositionMode
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument, ProductLine
from bot.ports.clock import Clock
from bot.ports.venue import VenueSilent

PAGE = "100"
PAGES_MAX = 500
KEPT = timedelta(days=90)
# The symbols whose account answers are read for the mode of a whole product line.
PROBED = {
    ProductLine.USDT: Symbol("BTCUSDT"),
    ProductLine.USDC: Symbol("BTCPERP"),
    ProductLine.COIN: Symbol("BTCUSD"),
}


@contextmanager
def known(what: str) -> Iterator[None]:
    """Turn a read that failed, or an answer with an unreadable part, into VenueSilent naming `what` (R6)."""
    try:
        yield
    except ReadFailed as error:
        raise VenueSilent(f"{what} could not be read: {error}") from error
    except Unreadable as error:
        raise VenueSilent(f"{what} could not be read whole: {error}") from error


class Link:
    """The way to one classic account; position modes are kept until `forget_modes`."""

    def __init__(self, http: Http, clock: Clock) -> None:
        self.http = http
        self.clock = clock
        self._modes: dict[ProductLine, PositionMode] = {}
        self._margin_coins: dict[Symbol, str] = {}

    def learn(self, instruments: tuple[Instrument, ...]) -> None:
        """Take the margin coins from the contracts; without them they follow from the symbol's name."""
        self._margin_coins |= {instrument.symbol: instrument.margin_coin for instrument in instruments}

    def margin_coin(self, symbol: Symbol) -> str:
        """Give the coin a symbol is margined in."""
        return self._margin_coins.get(symbol) or margin_coin_of(symbol)

    def place(self, symbol: Symbol) -> dict[str, str]:
        """Write which contract and wallet is meant."""
        return {
            "symbol": str(symbol),
            "productType": LINE_WORDS[line_of(symbol)],
            "marginCoin": self.margin_coin(symbol),
        }

    def forget_modes(self, line: ProductLine | None = None) -> None:
        """Read position modes again before the next order: after a reconnect or a refused mode (FF-45)."""
        for known_line in [line] if line is not None else list(self._modes):
            self._modes.pop(known_line, None)

    def note_mode(self, line: ProductLine, mode: PositionMode) -> None:
        """Keep a mode that was just read or set."""
        self._modes[line] = mode

    async def mode(self, line: ProductLine) -> PositionMode:
        """Give the position mode of a product line, read once. Raises ReadFailed or Unreadable."""
        mode = self._modes.get(line)
        if mode is None:
            mode = position_mode(await self.account(PROBED[line]))
            self._modes[line] = mode
        return mode

    async def account(self, symbol: Symbol) -> AccountRow:
        """Read the wallet of a symbol with its settings (rest.md 3.1). Raises ReadFailed or Unreadable."""
        return one(await self.ask(endpoints.ACCOUNT, self.place(symbol)), AccountRow, "account")

    async def ask(self, endpoint: Endpoint, query: Mapping[str, str]) -> object:
        """Read one answer. Raises ReadFailed."""
        return await self.http.read(Call(endpoint=endpoint, lane=Lane.ASK, query=query))

    async def collect(
        self, endpoint: Endpoint, query: Mapping[str, str], listed: str, named: str
    ) -> list[dict[str, object]]:
        """Read every page of a list, each row once by its id (FF-28).

        Ends on an empty page, on one without an `endId`, or on one that holds nothing new: a short page alone proves
        nothing. Raises ReadFailed, or Unreadable for a row that is not an object or has no id.
        """
        rows: dict[str, dict[str, object]] = {}
        cursor: str | None = None
        for _ in range(PAGES_MAX):
            page = dict(query) | {"limit": PAGE} | ({"idLessThan": cursor} if cursor is not None else {})
            data = await self.ask(endpoint, page)
            if type(data) is not dict or listed not in data:
                raise Unreadable(f"{endpoint.path}: expected an object with {listed}, found {shown(data)}")
            found = items(data[listed], listed)
            fresh = len(rows)
            for row in found:
                row_id = text(row.get(named)) if type(row) is dict else None
                if row_id is None or type(row) is not dict:
                    raise Unreadable(f"{endpoint.path}: expected a row with {named}, found {shown(row)}")
                rows[row_id] = row
            end = text(data.get("endId"))
            if not found or end is None or end == cursor or len(rows) == fresh:
                return list(rows.values())
            cursor = end
        raise Unreadable(f"{endpoint.path}: more than {PAGES_MAX} pages")

    async def collect_since(
        self,
        endpoint: Endpoint,
        query: Mapping[str, str],
        since: datetime,
        window: timedelta,
        listed: str,
        named: str,
    ) -> list[dict[str, object]]:
        """Read every page of every window from `since` until now, each row once (rest.md 0.5).

        Raises ReadFailed or Unreadable; Unreadable too when `since` lies beyond what the venue keeps.
        """
        rows: dict[str, dict[str, object]] = {}
        now_ms = self.http.venue_ms()
        since_ms = int(since.timestamp() * 1000)
        if now_ms - since_ms > KEPT / timedelta(milliseconds=1):
            raise Unreadable(f"{endpoint.path}: asked back to {since:%Y-%m-%d}, and the venue keeps {KEPT.days} days")
        for start, end in windows(since_ms, now_ms, int(window / timedelta(milliseconds=1))):
            times = {"startTime": str(start), "endTime": str(end)}
            for row in await self.collect(endpoint, dict(query) | times, listed, named):
                rows[str(row[named])] = row
        return list(rows.values())


def windows(start_ms: int, end_ms: int, length_ms: int) -> list[tuple[int, int]]:
    """Cut a span into windows of at most `length_ms`, oldest first, ends touching; one empty one for no span."""
    end_ms = max(start_ms, end_ms)
    cuts = [*range(start_ms, end_ms, length_ms), end_ms]
    return list(itertools.pairwise(cuts)) or [(start_ms, end_ms)]
