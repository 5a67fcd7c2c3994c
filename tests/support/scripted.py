"""Set a desk on a real inline ledger before a venue and a market that do as they are told."""
from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bot.adapters.store.engine import InlineEngine
from bot.adapters.store.ledger import StoreLedger
from bot.desk.rules import Rules
from bot.desk.seat import Seat
from bot.domain.account import Account, PositionMode, World
from bot.domain.fill import Cause, Fill, Liquidity
from bot.domain.ids import AccountId, ClientOrderId, ProposalId, Symbol, TradeId, VenueOrderId, instance_tag
from bot.domain.instrument import Instrument, ProductLine, Tier
from bot.domain.intent import Attached, Direction, MarginMode
from bot.domain.order import Order
from bot.domain.reports import (
    Absent,
    Bill,
    KeyRights,
    OrderReport,
    PositionReport,
    Profile,
    VenueState,
)
from bot.domain.trading import Environment, Readiness
from bot.ports.ledger_rows import EquityMark, LeaseTaken
from bot.ports.market import Candle, Depth, Funding, MarketSilent, PriceKind, Ticker
from bot.ports.venue import (
    Accepted,
    CancelOutcome,
    CancelRequested,
    Changed,
    ChangeOutcome,
    CloseOutcome,
    Closing,
    OrderKey,
    Outcome,
    SymbolSettings,
    VenueEvent,
    VenueSilent,
)
from bot.runtime.halt_marks import HaltMarks
from tests.support.clock import FakeClock
from tests.support.ledgers import sqlite

ACCOUNT = AccountId("main")
BTC = Instrument(
    symbol=Symbol("BTCUSDT"), line=ProductLine.USDT, base="BTC", quote="USDT", margin_coin="USDT",
    price_step=Decimal("0.1"), size_step=Decimal("0.0001"), minimum_size=Decimal("0.0001"),
    minimum_notional=Decimal(5), funding_hours=8,
)
ETH = Instrument(
    symbol=Symbol("ETHUSDT"), line=ProductLine.USDT, base="ETH", quote="USDT", margin_coin="USDT",
    price_step=Decimal("0.01"), size_step=Decimal("0.01"), minimum_size=Decimal("0.01"),
    minimum_notional=Decimal(5), funding_hours=8,
)
COIN = Instrument(
    symbol=Symbol("BTCUSD"), line=ProductLine.COIN, base="BTC", quote="USD", margin_coin="BTC",
    price_step=Decimal("0.1"), size_step=Decimal("0.001"), minimum_size=Decimal("0.001"),
    minimum_notional=Decimal(5), funding_hours=8,
)
TIERS = (
    Tier(floor=Decimal(0), ceiling=Decimal(150_000), maximum_leverage=Decimal(125),
         maintenance_rate=Decimal("0.004")),
)
RIGHTS = KeyRights(user_id="1", read=True, trade=True, withdraw=False, transfer=False, ip_bound=True, lead_trader=False)


class ScriptedVenue:
    """Ports.venue that answers from scripts: each verb takes its next answer, else the plain good one.

    `sent` keeps every order that left; `known` what a question by client id finds; `silent` names reads that fail.
    """

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.answers: deque[Outcome] = deque()
        self.cancels: deque[CancelOutcome] = deque()
        self.changes: deque[ChangeOutcome] = deque()
        self.sent: list[Order] = []
        self.canceled: list[OrderKey] = []
        self.asked: list[OrderKey] = []
        self.amended: list[Order] = []
        self.known: dict[ClientOrderId | VenueOrderId, OrderReport] = {}
        self.books: list[OrderReport] = []
        self.plans: list[OrderReport] = []
        self.ended: list[OrderReport] = []
        self.trades: list[Fill] = []
        self.held: list[PositionReport] = []
        self.wallets: list[Account] = []
        self.lines: list[Bill] = []
        self.silent: set[str] = set()
        self.modes: dict[Symbol, SymbolSettings] = {}
        self.mode = PositionMode.HEDGE
        self.obeys = True
        self.gate: asyncio.Event | None = None
        self.pushed: asyncio.Queue[VenueEvent] = asyncio.Queue()

    def _heard(self, what: str) -> None:
        if what in self.silent or "all" in self.silent:
            raise VenueSilent(f"{what} was not answered")

    async def submit(self, order: Order) -> Outcome:
        """Take an order; waits for `gate` where there is one."""
        self.sent.append(order)
        if self.gate is not None:
            await self.gate.wait()
        if self.answers:
            return self.answers.popleft()
        return Accepted(venue_order_id=VenueOrderId(f"v{len(self.sent)}"))

    async def submit_batch(self, orders: Sequence[Order]) -> tuple[Outcome, ...]:
        """Take several."""
        return tuple([await self.submit(order) for order in orders])

    async def cancel(self, key: OrderKey) -> CancelOutcome:
        """Take a wish to cancel."""
        self.canceled.append(key)
        return self.cancels.popleft() if self.cancels else CancelRequested()

    async def cancel_all(self, line: ProductLine, symbol: Symbol | None) -> CancelOutcome:
        """Take a wish to cancel everything."""
        return CancelRequested()

    async def amend(self, old: OrderKey, new: Order) -> Outcome:
        """Take an amendment."""
        return Accepted(venue_order_id=None)

    async def amend_plan(self, key: OrderKey, new: Order) -> Outcome:
        """Change a plan in place."""
        self.amended.append(new)
        return self.answers.popleft() if self.answers else Accepted(venue_order_id=None)

    async def amend_attached(self, key: OrderKey, attached: Attached) -> Outcome:
        """Change what travels with an order."""
        return Accepted(venue_order_id=None)

    async def close_position(self, symbol: Symbol, direction: Direction | None) -> CloseOutcome:
        """Flash-close."""
        return Closing(orders=())

    async def order(self, key: OrderKey) -> OrderReport | Absent:
        """Find by either id."""
        self.asked.append(key)
        self._heard("order")
        for name in (key.client_order_id, key.venue_order_id):
            if name is not None and name in self.known:
                return self.known[name]
        return Absent(
            client_order_id=key.client_order_id, venue_order_id=key.venue_order_id, asked_at=self.clock.now()
        )

    async def open_orders(self, line: ProductLine) -> tuple[OrderReport, ...]:
        """List."""
        self._heard("open_orders")
        return tuple(self.books if line is ProductLine.USDT else ())

    async def open_plans(self, line: ProductLine) -> tuple[OrderReport, ...]:
        """List."""
        self._heard("open_plans")
        return tuple(self.plans if line is ProductLine.USDT else ())

    async def ended_orders(self, line: ProductLine, since: datetime) -> tuple[OrderReport, ...]:
        """List."""
        self._heard("ended_orders")
        return tuple(self.ended if line is ProductLine.USDT else ())

    async def ended_plans(self, line: ProductLine, since: datetime) -> tuple[OrderReport, ...]:
        """List."""
        self._heard("ended_plans")
        return ()

    async def fills(self, line: ProductLine, since: datetime, order: VenueOrderId | None = None) -> tuple[Fill, ...]:
        """List."""
        self._heard("fills")
        if order is not None:
            return tuple(fill for fill in self.trades if fill.venue_order_id == order)
        return tuple(fill for fill in self.trades if fill.at >= since)

    async def positions(self, line: ProductLine) -> tuple[PositionReport, ...]:
        """List."""
        self._heard("positions")
        return tuple(self.held if line is ProductLine.USDT else ())

    async def accounts(self, line: ProductLine) -> tuple[Account, ...]:
        """List."""
        self._heard("accounts")
        return tuple(self.wallets)

    async def bills(self, line: ProductLine, since: datetime) -> tuple[Bill, ...]:
        """List."""
        self._heard("bills")
        return tuple(one for one in self.lines if one.at >= since)

    async def profile(self) -> Profile:
        """Probe."""
        self._heard("profile")
        return Profile(
            world=World.CLASSIC, rights=RIGHTS, position_modes=dict.fromkeys(ProductLine, self.mode)
        )

    async def settings(self, symbol: Symbol) -> SymbolSettings:
        """Read."""
        self._heard("settings")
        return self.modes.get(symbol) or SymbolSettings(
            symbol=symbol, margin_mode=MarginMode.CROSSED, leverage_long=Decimal(10), leverage_short=Decimal(10)
        )

    async def set_leverage(self, symbol: Symbol, leverage: Decimal, direction: Direction | None) -> ChangeOutcome:
        """Set, where the venue obeys."""
        if self.obeys:
            old = await self.settings(symbol)
            self.modes[symbol] = SymbolSettings(
                symbol=symbol, margin_mode=old.margin_mode, leverage_long=leverage, leverage_short=leverage
            )
        return self.changes.popleft() if self.changes else Changed()

    async def set_margin_mode(self, symbol: Symbol, mode: MarginMode) -> ChangeOutcome:
        """Set, where the venue obeys."""
        if self.obeys:
            self.modes[symbol] = SymbolSettings(
                symbol=symbol, margin_mode=mode, leverage_long=Decimal(10), leverage_short=Decimal(10)
            )
        return self.changes.popleft() if self.changes else Changed()

    async def add_margin(self, symbol: Symbol, direction: Direction, amount: Decimal) -> ChangeOutcome:
        """Move margin."""
        return Changed()

    async def events(self) -> AsyncIterator[VenueEvent]:
        """Tell what was pushed."""
        while True:
            yield await self.pushed.get()


class ScriptedMarket:
    """Ports.market with prices set by hand."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.marks: dict[Symbol, Decimal] = {
            BTC.symbol: Decimal(60_000), ETH.symbol: Decimal(3_000), COIN.symbol: Decimal(60_000)
        }
        self.age = timedelta(0)
        self.funding_in: timedelta | None = None
        self.silent = False

    async def instruments(self, line: ProductLine) -> tuple[Instrument, ...]:
        """List."""
        return tuple(one for one in (BTC, ETH, COIN) if one.line is line)

    async def tiers(self, symbol: Symbol) -> tuple[Tier, ...]:
        """List."""
        return TIERS

    async def ticker(self, symbol: Symbol) -> Ticker:
        """Read."""
        if self.silent or symbol not in self.marks:
            raise MarketSilent(f"{symbol} has no price")
        mark, now = self.marks[symbol], self.clock.now()
        return Ticker(
            symbol=symbol, last=mark, mark=mark, index=mark, bid=mark, ask=mark, high_24h=None, low_24h=None,
            change_24h=None, volume_24h=None, turnover_24h=None, open_interest=None, funding_rate=Decimal("0.0001"),
            next_funding_at=None if self.funding_in is None else now + self.funding_in,
            at=now - self.age, received_at=now - self.age,
        )

    async def tickers(self, line: ProductLine) -> tuple[Ticker, ...]:
        """Read."""
        return tuple([await self.ticker(one.symbol) for one in await self.instruments(line)])

    async def candles(
        self, symbol: Symbol, granularity: str, limit: int, price: PriceKind = PriceKind.LAST
    ) -> tuple[Candle, ...]:
        """Read."""
        return ()

    async def history(
        self, symbol: Symbol, granularity: str, since: datetime, until: datetime, price: PriceKind = PriceKind.LAST
    ) -> AsyncIterator[tuple[Candle, ...]]:
        """Page."""
        for page in ():
            yield page

    async def funding(self, symbol: Symbol) -> Funding:
        """Read."""
        return Funding(symbol=symbol, rate=Decimal("0.0001"), hours=8, next_at=None)

    async def depth(self, symbol: Symbol, levels: int) -> Depth:
        """Read."""
        return Depth(symbol=symbol, bids=(), asks=(), at=self.clock.now())


class CountedIds:
    """Ports.clock.Ids that count."""

    def __init__(self) -> None:
        self.count = 0

    def new_proposal_id(self) -> ProposalId:
        """Count."""
        self.count += 1
        return ProposalId(f"P{self.count:09d}")

    def new_token(self, length: int) -> str:
        """Draw."""
        self.count += 1
        return "".join(random.Random(self.count).choices("0123456789abcdef", k=length))


class HandGate:
    """Ports.gate set by hand."""

    def __init__(self) -> None:
        self.now = Readiness.READY

    def readiness(self) -> Readiness:
        """Give it."""
        return self.now


class Bench:
    """A seat with its scripted counterparts; `seat` is what use cases take."""

    def __init__(self, directory: Path, rules: Rules | None = None) -> None:
        self.clock = FakeClock()
        self.venue, self.market, self.gate = ScriptedVenue(self.clock), ScriptedMarket(self.clock), HandGate()
        self.engine = InlineEngine(sqlite(directory), self.clock.monotonic)
        self.seat = Seat(
            account=ACCOUNT, environment=Environment.SANDBOX, tag=instance_tag("bench"),
            lines=(ProductLine.USDT, ProductLine.COIN), venue=self.venue, market=self.market,
            ledger=StoreLedger(ACCOUNT, self.engine), clock=self.clock, ids=CountedIds(), gate=self.gate,
            switch=HaltMarks(directory), rules=rules or Rules(),
        )

    async def open(self, equity: Decimal = Decimal(10_000)) -> Bench:
        """Take the lease, know the contracts, fill the wallets."""
        seat, now = self.seat, self.clock.now()
        seat.shelf.profile = await self.venue.profile()
        for one in (BTC, ETH, COIN):
            seat.shelf.instruments[one.symbol] = one

        def work(tx: object) -> None:
            taken = tx.lease.take(  # type: ignore[attr-defined]
                "bench", now, timedelta(days=30), dead=lambda _: True, validity=timedelta(0)
            )
            assert isinstance(taken, LeaseTaken)
            seat.fence.epoch = taken.epoch
            for line, coin, amount in ((ProductLine.USDT, "USDT", equity), (ProductLine.COIN, "BTC", Decimal(1))):
                wallet = self.wallet(line, coin, amount)
                tx.accounts.save(wallet)  # type: ignore[attr-defined]
                mark = EquityMark(line=line, margin_coin=coin, equity=amount, at=now - timedelta(days=2))
                tx.equity_marks.add(mark)  # type: ignore[attr-defined]

        await seat.ledger.transact(work)
        return self

    def wallet(self, line: ProductLine, coin: str, amount: Decimal) -> Account:
        """Build a wallet that holds an amount now."""
        return Account(
            line=line, margin_coin=coin, equity=amount, available=amount, in_use=Decimal(0), unrealised=Decimal(0),
            margin_ratio=None, as_of=self.clock.now(),
        )

    def report(self, order: Order, state: VenueState, filled: str = "0", **more: object) -> OrderReport:
        """Build what the venue would say of an order."""
        intent, now = order.intent, self.clock.now()
        values: dict[str, object] = {
            "venue_order_id": order.venue_order_id or VenueOrderId(f"v-{order.client_order_id}"),
            "client_order_id": order.client_order_id, "symbol": intent.symbol, "direction": intent.direction,
            "effect": intent.effect, "kind": intent.kind, "state": state, "raw_state": state.value.lower(),
            "size": intent.size, "filled": Decimal(filled), "average_price": None, "limit_price": intent.limit_price,
            "trigger": intent.trigger, "time_in_force": intent.time_in_force, "attached": intent.attached,
            "margin_mode": intent.margin_mode, "leverage": intent.leverage, "cancel_reason": None,
            "cause": Cause.ORDER, "executed_as": None, "created_at": order.created_at, "updated_at": now,
        }
        return OrderReport(**{**values, **more})  # type: ignore[arg-type]

    def fill(self, order: Order, size: str, price: str = "60000", trade: str = "t1", **more: object) -> Fill:
        """Build an execution of an order."""
        values: dict[str, object] = {
            "trade_id": TradeId(trade), "venue_order_id": order.venue_order_id or VenueOrderId("v1"),
            "client_order_id": order.client_order_id, "symbol": order.intent.symbol,
            "direction": order.intent.direction, "effect": order.intent.effect, "size": Decimal(size),
            "price": Decimal(price), "fee": Decimal("0.1"), "fee_coin": "USDT", "realised": Decimal(0),
            "liquidity": Liquidity.TAKER, "at": self.clock.now(),
        }
        return Fill(**{**values, **more})  # type: ignore[arg-type]

    async def close(self) -> None:
        """Close the ledger."""
        await self.engine.close()
