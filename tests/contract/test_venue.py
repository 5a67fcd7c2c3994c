"""What every Venue promises, kept over real sockets by the client of the real exchange."""
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from bot.domain.account import PositionMode, World
from bot.domain.ids import ClientOrderId, Symbol
from bot.domain.instrument import ProductLine
from bot.domain.intent import Attached, Direction, Effect, MarginMode, OrderKind, TimeInForce, Trigger
from bot.domain.reports import Absent, OrderReport, PositionReport, VenueState
from bot.ports.market import PriceKind
from bot.ports.venue import (
    Accepted,
    AlreadyEnded,
    CancelRequested,
    Changed,
    Closing,
    NeverLeft,
    OrderKey,
    Rejected,
    StreamUp,
    Unknown,
)
from tests.contract.conftest import BTC, SIZE, Floor, key_of

USDT = ProductLine.USDT


async def until(ask: Callable[[], Awaitable[object]], seconds: float = 5.0) -> object:
    """Ask until the answer is true."""
    for _ in range(int(seconds / 0.04)):
        if answer := await ask():
            return answer
        await asyncio.sleep(0.04)
    raise AssertionError(f"not so within {seconds} s")


async def state(floor: Floor, order: object, wanted: VenueState) -> OrderReport:
    async def ask() -> OrderReport | None:
        report = await floor.venue.order(key_of(order))  # type: ignore[arg-type]
        return report if isinstance(report, OrderReport) and report.state is wanted else None

    found = await until(ask)
    assert isinstance(found, OrderReport)
    return found


async def holding(floor: Floor, size: Decimal) -> tuple[PositionReport, ...]:
    async def ask() -> tuple[PositionReport, ...] | None:
        found = await floor.venue.positions(USDT)
        return (found or (None,)) if sum((report.size for report in found), Decimal(0)) == size else None  # type: ignore[return-value]

    found = await until(ask)
    assert isinstance(found, tuple)
    return tuple(report for report in found if report is not None)


async def test_profile_says_what_the_account_is(floor: Floor) -> None:
    profile = await floor.venue.profile()
    assert profile.world is World.CLASSIC
    assert profile.rights is not None and profile.rights.trade and not profile.rights.withdraw
    assert profile.position_modes[USDT] is PositionMode.HEDGE
    assert abs(profile.clock_offset_ms) < 1000


async def test_wallets_and_emptiness(floor: Floor) -> None:
    wallets = await floor.venue.accounts(USDT)
    assert [(wallet.margin_coin, wallet.equity) for wallet in wallets] == [("USDT", Decimal(10_000))]
    for line in ProductLine:
        assert await floor.venue.accounts(line)
        assert await floor.venue.positions(line) == ()
        assert await floor.venue.open_orders(line) == ()
        assert await floor.venue.open_plans(line) == ()
    since = floor.clock.now() - timedelta(days=80)
    assert await floor.venue.fills(USDT, since) == ()
    assert await floor.venue.ended_orders(USDT, since) == ()
    assert await floor.venue.ended_plans(USDT, since) == ()
    assert len(await floor.venue.bills(USDT, since)) <= 1


async def test_order_that_never_was_is_absent(floor: Floor) -> None:
    for kind in OrderKind:
        key = OrderKey(symbol=BTC, kind=kind, client_order_id=ClientOrderId("wd-nobody"), venue_order_id=None)
        assert isinstance(await floor.venue.order(key), Absent)


async def test_market_order_opens_and_closes_in_hedge_mode(floor: Floor) -> None:
    since = floor.clock.now() - timedelta(seconds=5)
    opening = floor.order()
    assert isinstance(await floor.venue.submit(opening), Accepted)
    filled = await state(floor, opening, VenueState.FILLED)
    assert (filled.filled, filled.direction, filled.effect) == (SIZE, Direction.LONG, Effect.OPEN)
    (position,) = await holding(floor, SIZE)
    assert (position.direction, position.margin_coin) == (Direction.LONG, "USDT")
    closing = floor.order(effect=Effect.CLOSE)
    assert isinstance(await floor.venue.submit(closing), Accepted)
    closed = await state(floor, closing, VenueState.FILLED)
    assert (closed.direction, closed.effect) == (Direction.LONG, Effect.CLOSE)
    assert await holding(floor, Decimal(0)) == ()
    fills = await floor.venue.fills(USDT, since)
    assert sum(fill.size for fill in fills if fill.effect is Effect.OPEN) == SIZE
    assert sum(fill.size for fill in fills if fill.effect is Effect.CLOSE) == SIZE
    assert all(fill.direction is Direction.LONG and fill.fee > 0 for fill in fills)
    only = await floor.venue.fills(USDT, since, closed.venue_order_id)
    assert {fill.venue_order_id for fill in only} == {closed.venue_order_id}
    assert {"open_long", "close_long"} <= {bill.kind for bill in await floor.venue.bills(USDT, since)}


async def test_one_way_mode_opens_and_closes(floor: Floor) -> None:
    assert await floor.venue.set_position_mode(USDT, PositionMode.ONE_WAY) == Changed()
    opening = floor.order(direction=Direction.SHORT)
    assert isinstance(await floor.venue.submit(opening), Accepted)
    (position,) = await holding(floor, SIZE)
    assert position.direction is Direction.SHORT
    closing = floor.order(direction=Direction.SHORT, effect=Effect.CLOSE)
    assert isinstance(await floor.venue.submit(closing), Accepted)
    report = await state(floor, closing, VenueState.FILLED)
    assert (report.direction, report.effect) == (Direction.SHORT, Effect.CLOSE)
    assert await holding(floor, Decimal(0)) == ()


@pytest.mark.parametrize("force", [TimeInForce.GTC, TimeInForce.POST_ONLY])
async def test_limit_order_rests_is_listed_and_cancelled(floor: Floor, force: TimeInForce) -> None:
    order = floor.order(kind=OrderKind.LIMIT, limit_price=await floor.far_below(), time_in_force=force)
    assert isinstance(await floor.venue.submit(order), Accepted)
    report = await state(floor, order, VenueState.LIVE)
    assert (report.time_in_force, report.limit_price) == (force, order.intent.limit_price)
    listed = await floor.venue.open_orders(USDT)
    assert [found.client_order_id for found in listed] == [order.client_order_id]
    assert await floor.venue.cancel(key_of(order)) == CancelRequested()
    await state(floor, order, VenueState.CANCELED)
    ended = await floor.venue.ended_orders(USDT, floor.clock.now() - timedelta(minutes=1))
    assert order.client_order_id in {found.client_order_id for found in ended}
    await asyncio.sleep(1.05)  # the venue takes one cancel per order and second (errors.md, 45129)
    assert isinstance(await floor.venue.cancel(key_of(order)), AlreadyEnded)


@pytest.mark.parametrize("force", [TimeInForce.IOC, TimeInForce.FOK])
async def test_impatient_limit_order_that_finds_nobody_is_cancelled(floor: Floor, force: TimeInForce) -> None:
    order = floor.order(kind=OrderKind.LIMIT, limit_price=await floor.far_below(), time_in_force=force)
    assert isinstance(await floor.venue.submit(order), Accepted)
    report = await state(floor, order, VenueState.CANCELED)
    assert report.filled == 0


async def test_amended_order_ends_and_its_successor_lives(floor: Floor) -> None:
    price = await floor.far_below()
    old = floor.order(kind=OrderKind.LIMIT, limit_price=price)
    await floor.venue.submit(old)
    new = floor.order(kind=OrderKind.LIMIT, limit_price=price - 10, size=SIZE * 2)
    assert await floor.venue.amend(key_of(old), new) == Accepted(venue_order_id=None)
    await state(floor, old, VenueState.CANCELED)
    report = await state(floor, new, VenueState.LIVE)
    assert (report.size, report.limit_price) == (SIZE * 2, price - 10)


async def test_batch_succeeds_in_part(floor: Floor) -> None:
    price = await floor.far_below()
    good = floor.order(kind=OrderKind.LIMIT, limit_price=price)
    small = floor.order(kind=OrderKind.LIMIT, limit_price=price, size=Decimal("0.0000001"))
    outcomes = await floor.venue.submit_batch([good, small])
    assert [type(outcome) for outcome in outcomes] == [Accepted, Rejected]
    assert await floor.venue.cancel_all(USDT, BTC) == CancelRequested()
    await state(floor, good, VenueState.CANCELED)
    assert isinstance(await floor.venue.cancel_all(USDT, None), AlreadyEnded)


async def test_refusals_and_doubts(floor: Floor) -> None:
    order = floor.order(size=Decimal(1000))
    assert isinstance(await floor.venue.submit(order), Rejected)
    order = floor.order(symbol=Symbol("NOPEUSDT"))
    assert isinstance(await floor.venue.submit(order), Rejected)
    order = floor.order(kind=OrderKind.LIMIT, limit_price=await floor.far_below())
    assert isinstance(await floor.venue.submit(order), Accepted)
    assert isinstance(await floor.venue.submit(order), Unknown)  # the same id again is asked about (R7)


async def test_entry_brings_its_stop_and_target(floor: Floor) -> None:
    mark = (await floor.market.ticker(BTC)).mark
    stop, target = (mark * Decimal("0.9")).quantize(Decimal(1)), (mark * Decimal("1.1")).quantize(Decimal(1))
    await floor.venue.submit(floor.order(attached=Attached(stop=stop, target=target)))

    async def both() -> object:
        plans = await floor.venue.open_plans(USDT)
        return plans if len(plans) == 2 else None

    plans = await until(both)
    assert isinstance(plans, tuple)
    assert {plan.kind: plan.trigger.price for plan in plans} == {OrderKind.STOP: stop, OrderKind.TARGET: target}
    assert all(plan.effect is Effect.CLOSE and plan.direction is Direction.LONG for plan in plans)


async def test_plans_of_every_kind_are_placed_found_changed_and_cancelled(floor: Floor) -> None:
    mark = (await floor.market.ticker(BTC)).mark
    low, high = (mark * Decimal("0.9")).quantize(Decimal(1)), (mark * Decimal("1.1")).quantize(Decimal(1))
    await floor.venue.submit(floor.order())
    await holding(floor, SIZE)
    close = Effect.CLOSE
    plans = [
        floor.order(kind=OrderKind.TRIGGER, trigger=Trigger(price=low)),
        floor.order(kind=OrderKind.TRIGGER, trigger=Trigger(price=low), limit_price=low - 5),
        floor.order(kind=OrderKind.TRAILING, trigger=Trigger(price=low, callback=Decimal(2))),
        floor.order(kind=OrderKind.STOP, trigger=Trigger(price=low), effect=close),
        floor.order(kind=OrderKind.TARGET, trigger=Trigger(price=high), effect=close),
        floor.order(kind=OrderKind.STOP, trigger=Trigger(price=low), effect=close, size=None),
        floor.order(kind=OrderKind.TARGET, trigger=Trigger(price=high), effect=close, size=None),
        floor.order(kind=OrderKind.MOVING_STOP, trigger=Trigger(price=high, callback=Decimal(2)), effect=close),
    ]
    for plan in plans:
        assert isinstance(await floor.venue.submit(plan), Accepted), plan.intent
    listed = {found.client_order_id: found for found in await floor.venue.open_plans(USDT)}
    for plan in plans:
        found = listed[plan.client_order_id]
        assert (found.kind, found.size, found.state) == (plan.intent.kind, plan.intent.size, VenueState.LIVE)
        assert found.direction is Direction.LONG and found.effect is plan.intent.effect
        assert found.trigger is not None and plan.intent.trigger is not None
        assert (found.trigger.price, found.trigger.by) == (plan.intent.trigger.price, plan.intent.trigger.by)
        asked = await floor.venue.order(key_of(plan))
        assert isinstance(asked, OrderReport) and asked.venue_order_id == found.venue_order_id
    for plan in (plans[0], plans[3], plans[5]):
        moved = floor.order(
            kind=plan.intent.kind, trigger=Trigger(price=low - 10), effect=plan.intent.effect, size=plan.intent.size
        )
        assert isinstance(await floor.venue.amend_plan(key_of(plan), moved), Accepted), plan.intent
        asked = await floor.venue.order(key_of(plan))
        assert isinstance(asked, OrderReport) and asked.trigger is not None and asked.trigger.price == low - 10
    for plan in plans:
        assert await floor.venue.cancel(key_of(plan)) == CancelRequested(), plan.intent
        await state(floor, plan, VenueState.CANCELED)
    assert await floor.venue.open_plans(USDT) == ()


async def test_stop_and_target_of_a_position_in_one_request(floor: Floor) -> None:
    mark = (await floor.market.ticker(BTC)).mark
    await floor.venue.submit(floor.order())
    await holding(floor, SIZE)
    low, high = (mark * Decimal("0.9")).quantize(Decimal(1)), (mark * Decimal("1.1")).quantize(Decimal(1))
    stop = floor.order(kind=OrderKind.STOP, trigger=Trigger(price=low), effect=Effect.CLOSE, size=None)
    target = floor.order(kind=OrderKind.TARGET, trigger=Trigger(price=high), effect=Effect.CLOSE, size=None)
    assert await floor.venue.submit_guards(stop, target) == (Accepted(venue_order_id=None),) * 2
    for plan in (stop, target):
        assert isinstance(await floor.venue.order(key_of(plan)), OrderReport)


async def test_flash_close(floor: Floor) -> None:
    assert await floor.venue.close_position(BTC, None) == Closing(orders=())
    await floor.venue.submit(floor.order())
    await holding(floor, SIZE)
    await asyncio.sleep(1.05)  # one flash close per second (rest.md 5.8)
    closing = await floor.venue.close_position(BTC, Direction.LONG)
    assert isinstance(closing, Closing) and len(closing.orders) == 1
    assert await holding(floor, Decimal(0)) == ()


async def test_settings_are_set_and_read_back(floor: Floor) -> None:
    assert await floor.venue.set_leverage(BTC, Decimal(7), None) == Changed()
    assert await floor.venue.set_leverage(BTC, Decimal(7), None) == Changed()
    assert (await floor.venue.settings(BTC)).leverage(Direction.LONG) == 7
    assert isinstance(await floor.venue.set_leverage(BTC, Decimal(5000), None), Rejected)
    assert await floor.venue.set_margin_mode(BTC, MarginMode.ISOLATED) == Changed()
    assert await floor.venue.set_leverage(BTC, Decimal(3), Direction.SHORT) == Changed()
    found = await floor.venue.settings(BTC)
    assert (found.margin_mode, found.leverage(Direction.SHORT)) == (MarginMode.ISOLATED, 3)
    await floor.venue.submit(floor.order(margin_mode=MarginMode.ISOLATED))
    (before,) = await holding(floor, SIZE)
    assert await floor.venue.add_margin(BTC, Direction.LONG, Decimal(20)) == Changed()
    (after,) = await floor.venue.positions(USDT)
    assert before.margin is not None and after.margin is not None and after.margin - before.margin == 20
    assert isinstance(await floor.venue.set_margin_mode(BTC, MarginMode.CROSSED), Rejected)


async def test_old_signature_never_leaves(floor: Floor) -> None:
    order = floor.order()
    stale = replace(order, signed_at=order.created_at - timedelta(seconds=2.1))
    assert isinstance(await floor.venue.submit(stale), NeverLeft)
    assert isinstance(await floor.venue.order(key_of(order)), Absent)


async def test_events_tell_of_our_order_after_the_stream_is_up(floor: Floor) -> None:
    order, told = floor.order(), []
    async with asyncio.timeout(10):
        async for event in floor.venue.events():
            told.append(event)
            if isinstance(event, StreamUp):
                assert isinstance(await floor.venue.submit(order), Accepted)
            ours = [seen for seen in told if getattr(seen, "client_order_id", None) == order.client_order_id]
            if any(isinstance(seen, OrderReport) and seen.state is VenueState.FILLED for seen in ours):
                break
    report = await state(floor, order, VenueState.FILLED)
    pushed = next(seen for seen in reversed(told) if isinstance(seen, OrderReport))
    assert (pushed.venue_order_id, pushed.filled, pushed.direction) == (
        report.venue_order_id, report.filled, report.direction
    )  # fmt: skip


@pytest.mark.parametrize("symbol", ["BTCPERP", "BTCUSD", "ETHUSD"])
async def test_other_lines_trade_too(floor: Floor, symbol: str) -> None:
    size = Decimal("0.05")
    opening = floor.order(symbol=Symbol(symbol), size=size)
    outcome = await floor.venue.submit(opening)
    assert isinstance(outcome, Accepted), outcome
    report = await state(floor, opening, VenueState.FILLED)
    assert report.filled == size


@pytest.mark.parametrize("line", list(ProductLine))
async def test_market_of_every_line(floor: Floor, line: ProductLine) -> None:
    contracts = await floor.market.instruments(line)
    symbol = contracts[0].symbol
    assert {contract.line for contract in contracts} == {line}
    assert await floor.market.tiers(symbol)
    ticker = await floor.market.ticker(symbol)
    assert ticker.bid is not None and ticker.ask is not None and ticker.bid < ticker.ask
    assert {found.symbol for found in await floor.market.tickers(line)} == {found.symbol for found in contracts}
    depth = await floor.market.depth(symbol, 5)
    assert len(depth.bids) == 5 and depth.bids[0][0] < depth.asks[0][0]
    assert (await floor.market.funding(symbol)).hours in (1, 2, 4, 8)
    bars = await floor.market.candles(symbol, "1m", 1200)
    assert len(bars) == 1200 and not any(bar.forming for bar in bars[:-1])
    assert floor.clock.now() - bars[-1].opened_at < timedelta(minutes=2)
    assert all(later.opened_at - earlier.opened_at == timedelta(minutes=1) for earlier, later in pairwise(bars))


@pytest.mark.parametrize("price", list(PriceKind))
async def test_history_of_each_price_is_whole(floor: Floor, price: PriceKind) -> None:
    until_ = floor.clock.now().replace(second=0, microsecond=0) - timedelta(minutes=2)
    since = until_ - timedelta(minutes=450)
    opened = [
        bar.opened_at async for page in floor.market.history(BTC, "1m", since, until_, price) for bar in page
    ]
    assert opened == [since + timedelta(minutes=step) for step in range(450)]


async def test_public_trades_fill_every_candle_of_their_span(floor: Floor) -> None:
    until_ = floor.clock.now().replace(second=0, microsecond=0) - timedelta(minutes=2)
    since = until_ - timedelta(hours=5)
    found = [one async for one in floor.market.trades(BTC, since, until_)]
    trades = [trade for one in found for trade in one.trades]
    assert len({trade.id for trade in trades}) == len(trades) > 1000
    assert sum((one.until - one.since for one in found), timedelta()) == until_ - since
    busy = {trade.at.replace(second=0, microsecond=0) for trade in trades}
    bars = [bar async for page in floor.market.history(BTC, "1m", since, until_) for bar in page]
    assert {bar.opened_at for bar in bars if bar.volume > 0} <= busy
