"""The matching engine's front: accounts, prices in, depth and events out, work that is due later.

Pure and synchronous; every random choice comes from the seed, every wall-clock stamp from ``now_ms``.
Orders, plans and settings are functions of the modules beside this one, reached by the REST tables.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.sandbox.exchange import adl, funding, liquidation, pushes, triggers
from bot.sandbox.exchange.book import Book
from bot.sandbox.exchange.matching import sweep_resting
from bot.sandbox.exchange.specs import PRODUCTS, SPECS, Spec
from bot.sandbox.exchange.state import ZERO, Account, Bill, Event, Order, Plan, Trade, Wallet

MAIN_BALANCES: Mapping[str, str] = {"USDT": "10000", "USDC": "10000", "BTC": "1", "ETH": "10"}
EPOCH_SHIFT = 20


@dataclass(slots=True, kw_only=True)
class Quote:
    """Prices of a symbol now: last trade, mark, index."""

    last: Decimal
    mark: Decimal
    index: Decimal


class Engine:
    """Hold all accounts and books of the exchange."""

    def __init__(self, now_ms: Callable[[], int], seed: int) -> None:
        self.now_ms = now_ms
        self.seed = seed
        self.accounts: dict[str, Account] = {}
        self.quotes: dict[str, Quote] = {}
        self.books: dict[str, Book] = {s: Book(spec, seed) for s, spec in SPECS.items()}
        self.plans: dict[str, dict[int, Plan]] = {s: {} for s in SPECS}
        self.market_ms = now_ms()
        # Faults that concern matching: the next order fills in that many pieces; the next cancels lose to a fill.
        self.chunks_next = 0
        self.fill_on_cancel = 0
        self.modify_fails = 0
        self.adl_until: dict[str, int] = {}
        self.insurance: dict[str, Decimal] = {}
        self.insurance_start = Decimal(20_000)
        self.lost: list[dict[str, str]] = []
        # What a listener does not want is not rendered.
        self.wants: Callable[[str, str], bool] = lambda _account, _channel: True
        self._last_id = 0
        self._due: list[tuple[int, int, Callable[[], Any]]] = []
        self._due_seq = 0
        self._listeners: list[Callable[[Event], None]] = []
        self._trade_listeners: list[Callable[[Trade], None]] = []
        self._dirty: dict[tuple[str, str], set[str]] = {}

    # Accounts

    def add_account(self, name: str, *, world: str = "classic", environment: str = "live",
                    balances: Mapping[str, str] | None = None) -> Account:
        """Open an account with balances by coin and return it. Raises ValueError when the name is taken.

        USDT goes to USDT-FUTURES, USDC to USDC-FUTURES, other coins to COIN-FUTURES (C10).
        """
        if name in self.accounts:
            raise ValueError(f"There is already an account named {name!r}. Choose another name.")
        account = Account(name=name, uid=str(1_000_000_001 + len(self.accounts)), world=world, environment=environment)
        for spec in SPECS.values():
            account.wallet(spec)
        for coin, amount in (MAIN_BALANCES if balances is None else balances).items():
            product = {"USDT": "USDT-FUTURES", "USDC": "USDC-FUTURES"}.get(coin, "COIN-FUTURES")
            account.wallet_of(product, coin).balance = Decimal(amount)
        self.accounts[name] = account
        return account

    # Prices in, depth out

    def price(self, symbol: str, last: Decimal | str, mark: Decimal | str, index: Decimal | str) -> None:
        """Take new prices: fill what they cross, fire plans, check margins. Last is put on the tick."""
        spec = SPECS[symbol]
        tick = spec.tick
        last = (Decimal(last) / tick).to_integral_value() * tick
        quote = Quote(last=last, mark=Decimal(mark), index=Decimal(index))
        self.quotes[symbol] = quote
        self.books[symbol].move(last)
        self.run_due()
        sweep_resting(self, spec)
        triggers.check(self, spec)
        liquidation.check(self, spec)
        self.flush()

    def market_time(self, ms: int) -> None:
        """Let market time reach ``ms``: funding whose hour has passed is settled."""
        funding.advance(self, ms)
        self.flush()

    def depth(self, symbol: str, most: int | None = None) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return at most ``most`` bids and asks, best first, as (price, size) strings, own resting orders included."""
        return self.books[symbol].depth(most)

    def last(self, spec: Spec) -> Decimal:
        """Return the last traded price."""
        return self.quotes[spec.symbol].last

    def mark(self, spec: Spec) -> Decimal:
        """Return the mark price."""
        return self.quotes[spec.symbol].mark

    def funding_rate(self, symbol: str, at_ms: int | None = None) -> Decimal:
        """Return the rate that settles at the end of the interval holding this market time (default: now)."""
        return funding.rate(self.seed, SPECS[symbol], self.market_ms if at_ms is None else at_ms)

    def next_funding_ms(self, symbol: str, at_ms: int | None = None) -> int:
        """Return the market time of the next settlement."""
        return funding.next_ms(SPECS[symbol], self.market_ms if at_ms is None else at_ms)

    def open_interest(self, symbol: str) -> Decimal:
        """Return the size of all long positions here plus a crowd's that never moves."""
        spec = SPECS[symbol]
        own = sum((p.size for a in self.accounts.values() for p in a.positions.values()
                   if p.spec is spec and p.long), ZERO)
        return own + spec.max_limit * 10

    def bankrupt(self, spec: Spec, deficit: Decimal, size: Decimal, long: bool) -> None:
        """Carry a loss in margin coin that exceeds what stood behind a position."""
        adl.carry(self, spec, deficit, size, long=long)

    # Events out

    def listen(self, callback: Callable[[Event], None]) -> None:
        """Call back with every private event."""
        self._listeners.append(callback)

    def on_trade(self, callback: Callable[[Trade], None]) -> None:
        """Call back with every public print that orders here cause; the tape's own prints are not ours."""
        self._trade_listeners.append(callback)

    def emit(self, account: Account, channel: str, spec: Spec, row: dict[str, Any]) -> None:
        """Tell listeners one row."""
        event = Event(account=account.name, channel=channel, product=spec.product, symbol=spec.symbol, rows=(row,))
        for callback in self._listeners:
            callback(event)

    def listened(self, account: Account, channel: str) -> bool:
        """Return whether rendering a row of this channel is worth it."""
        return bool(self._listeners) and self.wants(account.name, channel)

    def printed(self, trade: Trade) -> None:
        """Tell listeners a public trade."""
        for callback in self._trade_listeners:
            callback(trade)

    def touch(self, account: Account, product: str, *channels: str) -> None:
        """Remember that positions or account of a product changed; ``flush`` tells them once."""
        self._dirty.setdefault((account.name, product), set()).update(channels)

    def flush(self) -> None:
        """Push what was touched: positions as a full list, account, equity."""
        if not self._dirty:
            return
        dirty, self._dirty = self._dirty, {}
        for (name, product), channels in dirty.items():
            account = self.accounts[name]
            for channel in ("positions", "account", "equity"):
                if channel not in channels or not self.listened(account, channel):
                    continue
                event = Event(account=name, channel=channel, product=product, symbol="",
                              rows=tuple(pushes.state_rows(self, account, product, channel)))
                for callback in self._listeners:
                    callback(event)

    def state_rows(self, account: str, product: str, channel: str) -> list[dict[str, Any]]:
        """Return what a subscriber of positions, account or equity sees first."""
        return pushes.state_rows(self, self.accounts[account], product, channel)

    # Later

    def submit_later(self, delay_ms: int, work: Callable[[], Any]) -> None:
        """Do something once the wall clock has moved on by ``delay_ms`` (driven by ``run_due``)."""
        self._due_seq += 1
        heapq.heappush(self._due, (self.now_ms() + delay_ms, self._due_seq, work))

    def run_due(self) -> None:
        """Do what is due by now; call before every request and on every step."""
        while self._due and self._due[0][0] <= self.now_ms():
            heapq.heappop(self._due)[2]()
            self.flush()

    def next_due_ms(self) -> int | None:
        """Return when the next due work is due, or None."""
        return self._due[0][0] if self._due else None

    # Ids and bills

    def new_id(self) -> int:
        """Return a fresh id of 19 digits, greater than all before."""
        self._last_id = max(self._last_id + 1, self.now_ms() << EPOCH_SHIFT)
        return self._last_id

    def bill(self, account: Account, wallet: Wallet, symbol: str, kind: str, *, amount: Decimal = ZERO,
             fee: Decimal = ZERO, ms: int = 0, moves_cash: bool = True) -> None:
        """Write a bill and change the wallet; margin moves are written without changing it (rest.md 3.9)."""
        if moves_cash:
            wallet.balance += amount + fee
        account.bills[wallet.product].append(Bill(
            id=self.new_id(), product=wallet.product, symbol=symbol, coin=wallet.coin, kind=kind, amount=amount,
            fee=fee, balance=wallet.balance, ms=ms or self.now_ms(),
        ))
        self.touch(account, wallet.product, "account", "equity")

    def order_of(self, account: Account, order_id: str, oid: str) -> Order | None:
        """Return an order by id, else by clientOid (the id wins when both are given)."""
        return account.by_id.get(order_id) if order_id else account.by_oid.get(oid)


__all__ = ["MAIN_BALANCES", "PRODUCTS", "Engine", "Quote"]
