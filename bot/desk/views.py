"""Show what is: read models for people and programs, made of values; they change nothing."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bot.desk.control import trading_now
from bot.desk.seat import Seat
from bot.domain.account import Account
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument, ProductLine
from bot.domain.intent import Direction
from bot.domain.numbers import HUNDRED, ZERO
from bot.domain.order import Order, Owner
from bot.domain.position import Position, liquidation_distance, unrealised
from bot.domain.protection import Protection, guarded
from bot.domain.trading import TradingState
from bot.ports.ledger import Tx
from bot.ports.market import MarketSilent, Ticker


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingView:
    """One position as a card shows it; prices are None where the market is silent, money is in the margin coin.

    `net_if_closed` is the open profit less the taker fee of closing; `loss_if_stopped` counts from the entry with
    fees, `loss_percent` is that in percent of equity; `distance` is to liquidation in percent of the mark; `age_s` is
    the age of the mark; `goals` are the prices of the targets, the nearest first.
    """

    position: Position
    instrument: Instrument
    protection: Protection | None
    guarded: bool
    mark: Decimal | None
    age_s: Decimal | None
    unrealised: Decimal | None
    percent_of_equity: Decimal | None
    return_on_margin: Decimal | None
    net_if_closed: Decimal | None
    loss_if_stopped: Decimal | None
    distance: Decimal | None
    funding_rate: Decimal | None
    next_funding_at: datetime | None
    loss_percent: Decimal | None = None
    goals: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """The wallets and what is open on them."""

    accounts: tuple[Account, ...]
    positions: int
    orders: int
    trading: TradingState


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitView:
    """What a period brought, per margin coin: price profit, fees, funding (signed), and their sum."""

    coin: str
    line: ProductLine
    since: datetime
    until: datetime
    price: Decimal
    fees: Decimal
    funding: Decimal
    trades: int
    won: int

    @property
    def net(self) -> Decimal:
        """Give price profit less fees plus funding."""
        return self.price - self.fees + self.funding


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """How the desk is: what operators and `status --json` see (C5)."""

    trading: TradingState
    unresolved: int
    unprotected: int
    positions: int
    orders: int
    foreign: int
    in_doubt: tuple[Order, ...]


def in_order(accounts: tuple[Account, ...]) -> tuple[Account, ...]:
    """Put the wallets that hold something first to last as people think of them: USDT, USDC, then coins."""
    lines = list(ProductLine)
    holding = tuple(one for one in accounts if one.equity != ZERO) or accounts
    return tuple(sorted(holding, key=lambda one: (lines.index(one.line), one.margin_coin)))


async def account_view(seat: Seat) -> AccountView:
    """Read wallets and counts."""

    def read(tx: Tx) -> AccountView:
        live = [order for order in tx.orders.live() if not order.intent.kind.is_guard]
        return AccountView(
            accounts=in_order(tx.accounts.all()),
            positions=len(tx.positions.held()),
            orders=len(live),
            trading=trading_now(tx, seat),
        )

    return await seat.ledger.read(read)


Held = tuple[Symbol, Direction]
Read = tuple[tuple[Position, ...], dict[Held, Protection], tuple[Account, ...], dict[Held, tuple[Decimal, ...]]]


async def holdings(seat: Seat) -> tuple[HoldingView, ...]:
    """Read every open position with its guard, its mark and what it would come to."""

    def read(tx: Tx) -> Read:
        guards = {(one.symbol, one.direction): one for one in tx.protections.all()}
        return tx.positions.held(), guards, tx.accounts.all(), {key: _goals(tx, one) for key, one in guards.items()}

    held, protections, accounts, goals = await seat.ledger.read(read)
    found = []
    for position in held:
        instrument = seat.shelf.instruments.get(position.symbol)
        if instrument is None:
            continue
        try:
            ticker: Ticker | None = await seat.market.ticker(position.symbol)
        except MarketSilent:
            ticker = None
        protection = protections.get((position.symbol, position.direction))
        equity = next((one.equity for one in accounts if one.margin_coin == instrument.margin_coin), ZERO)
        one = holding(position, instrument, protection, ticker, equity, seat.clock.now())
        found.append(replace(one, goals=goals.get((position.symbol, position.direction), ())))
    return tuple(found)


def _goals(tx: Tx, guard: Protection) -> tuple[Decimal, ...]:
    """Read the prices of the targets that wait, the nearest to the entry first."""
    orders = [tx.orders.get(name) for name in guard.targets]
    prices = [one.intent.trigger.price for one in orders if one is not None and one.intent.trigger is not None]
    return tuple(sorted(prices, reverse=guard.direction is Direction.SHORT))


def holding(
    position: Position,
    instrument: Instrument,
    protection: Protection | None,
    ticker: Ticker | None,
    equity: Decimal,
    now: datetime,
) -> HoldingView:
    """Work out one position's numbers at a ticker."""
    mark = ticker.mark if ticker is not None else None
    profit = net = ratio = share = distance = None
    if mark is not None:
        profit = unrealised(position, mark, inverse=instrument.inverse)
        net = profit - instrument.margin_value(position.size, mark) * instrument.taker_fee
        margin = instrument.margin_value(position.size, position.entry) / position.leverage
        ratio = profit / margin * HUNDRED if margin > ZERO else None
        share = profit / equity * HUNDRED if equity > ZERO else None
        distance = liquidation_distance(position, mark)
    stop = protection.stop if protection is not None and guarded(protection, now) else None
    lost = _at_stop(position, instrument, stop)
    return HoldingView(
        position=position,
        instrument=instrument,
        protection=protection,
        guarded=protection is not None and guarded(protection, now),
        mark=mark,
        age_s=Decimal(str((now - ticker.received_at).total_seconds())) if ticker is not None else None,
        unrealised=profit,
        percent_of_equity=share,
        return_on_margin=ratio,
        net_if_closed=net,
        loss_if_stopped=lost,
        loss_percent=lost / equity * HUNDRED if lost is not None and equity > ZERO else None,
        distance=distance,
        funding_rate=ticker.funding_rate if ticker is not None else None,
        next_funding_at=ticker.next_funding_at if ticker is not None else None,
    )


def _at_stop(position: Position, instrument: Instrument, stop: Decimal | None) -> Decimal | None:
    """Give what the position brings when its stop fills at its price, both taker fees paid."""
    if stop is None:
        return None
    fees = instrument.margin_value(position.size, position.entry) + instrument.margin_value(position.size, stop)
    return unrealised(position, stop, inverse=instrument.inverse) - fees * instrument.taker_fee


async def profits(seat: Seat, since: datetime, until: datetime | None = None) -> tuple[ProfitView, ...]:
    """Add up fills and funding of a period, per product line and margin coin; fees are what we paid."""

    def read(tx: Tx) -> tuple[ProfitView, ...]:
        end = until or seat.clock.now()
        sums: dict[tuple[ProductLine, str], list[Decimal]] = {}
        counts: dict[tuple[ProductLine, str], list[int]] = {}
        for fill in tx.fills.since(since):
            instrument = seat.shelf.instruments.get(fill.symbol)
            if instrument is None or fill.at > end:
                continue
            key = (instrument.line, instrument.margin_coin)
            row = sums.setdefault(key, [ZERO, ZERO, ZERO])
            row[0] += fill.realised
            row[1] += fill.fee
            if fill.realised != ZERO:
                count = counts.setdefault(key, [0, 0])
                count[0] += 1
                count[1] += fill.realised > ZERO
        for bill in tx.bills.since(since):
            if "settle_fee" in bill.kind and bill.at <= end:
                sums.setdefault((bill.line, bill.coin), [ZERO, ZERO, ZERO])[2] += bill.amount
        return tuple(
            ProfitView(
                coin=coin,
                line=line,
                since=since,
                until=end,
                price=row[0],
                fees=row[1],
                funding=row[2],
                trades=counts.get((line, coin), [0, 0])[0],
                won=counts.get((line, coin), [0, 0])[1],
            )
            for (line, coin), row in sorted(sums.items(), key=lambda item: (item[0][0].value, item[0][1]))
        )

    return await seat.ledger.read(read)


async def status_view(seat: Seat) -> StatusView:
    """Read the counts that say whether something needs a person."""

    def read(tx: Tx) -> StatusView:
        now = seat.clock.now()
        live = tx.orders.live()
        guards = {(one.symbol, one.direction): one for one in tx.protections.all()}
        held = tx.positions.held()
        safe = [guards.get((one.symbol, one.direction)) for one in held]
        return StatusView(
            trading=trading_now(tx, seat),
            unresolved=len(tx.orders.unresolved()),
            unprotected=sum(1 for one in safe if one is None or not guarded(one, now)),
            positions=len(held),
            orders=sum(1 for order in live if not order.intent.kind.is_guard),
            foreign=sum(1 for order in live if order.owner is Owner.FOREIGN),
            in_doubt=tuple(order for order in live if order.state.unresolved),
        )

    return await seat.ledger.read(read)


async def open_orders(seat: Seat) -> tuple[Order, ...]:
    """List every order that is not settled, guards included, oldest first."""
    return await seat.ledger.read(lambda tx: tx.orders.live())
