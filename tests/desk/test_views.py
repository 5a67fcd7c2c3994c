"""What is shown is what the books hold; what cannot be priced is None and never zero (features 6)."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from bot.desk.enter import enter_fill
from bot.desk.learn import learn
from bot.desk.protect import Watched
from bot.desk.views import account_view, holdings, open_orders, profits, status_view
from bot.domain.fill import Fill
from bot.domain.ids import ClientOrderId, Symbol
from bot.domain.instrument import ProductLine
from bot.domain.reports import Bill, VenueState
from bot.ports.venue import Unknown
from tests.desk.test_protect import held, look, stop_at
from tests.desk.trade import sent
from tests.support.scripted import BTC, Bench


async def take(bench: Bench, one: Fill) -> None:
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, bench.clock.now()))


async def test_a_holding_is_worked_out_at_the_mark(bench: Bench) -> None:
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000")]
    await look(bench, Watched())
    bench.market.marks[BTC.symbol] = Decimal(61_000)
    one = (await holdings(bench.seat))[0]
    assert (one.mark, one.unrealised, one.percent_of_equity, one.guarded) == (
        Decimal(61_000), Decimal(10), Decimal("0.1"), True)
    assert one.net_if_closed == Decimal(10) - Decimal("0.01") * 61_000 * BTC.taker_fee
    fees = (Decimal("0.01") * 60_000 + Decimal("0.01") * 59_000) * BTC.taker_fee
    assert one.loss_if_stopped == Decimal(-10) - fees
    assert one.age_s == 0


async def test_without_a_price_nothing_is_made_up(bench: Bench) -> None:
    """FF-76."""
    await held(bench)
    bench.market.silent = True
    one = (await holdings(bench.seat))[0]
    assert (one.mark, one.unrealised, one.net_if_closed, one.return_on_margin, one.distance, one.age_s) == (
        None, None, None, None, None, None)
    assert not one.guarded and one.loss_if_stopped is None


async def test_counts_tell_what_needs_a_person(bench: Bench) -> None:
    await held(bench)
    resting = await sent(bench, "long eth 0.1 @2900 sl 2%", "e")
    await learn(bench.seat, bench.report(resting, VenueState.LIVE, client_order_id=ClientOrderId("app"),
                                         venue_order_id="x1", attached=None))
    bench.venue.answers.append(Unknown(why="cut"))
    doubt = await sent(bench, "long btc 0.01 @59000 sl 2%", "d")
    seen = await status_view(bench.seat)
    assert (seen.positions, seen.unprotected, seen.foreign, seen.unresolved) == (1, 1, 1, 1)
    assert [one.client_order_id for one in seen.in_doubt] == [doubt.client_order_id]
    account = await account_view(bench.seat)
    assert (account.positions, account.orders) == (1, seen.orders)
    assert len(await open_orders(bench.seat)) == seen.orders


async def test_profit_is_fills_less_fees_and_funding_of_the_period(bench: Bench) -> None:
    """FF-59, FF-69."""
    start = bench.clock.now()
    entry = await held(bench)
    close = await sent(bench, "close btc", "c")
    await bench.clock.advance(60)
    won = bench.fill(close, "0.01", "61000", "t9", realised=Decimal(10), fee=Decimal("0.3"))
    await take(bench, won)
    funding = Bill(bill_id="b", line=ProductLine.USDT, coin="USDT", kind="contract_settle_fee",
                   symbol=Symbol("BTCUSDT"), amount=Decimal("-0.5"), fee=Decimal(0), balance=None,
                   at=bench.clock.now())
    await bench.seat.ledger.transact(lambda tx: tx.bills.insert(funding))
    found = (await profits(bench.seat, start))[0]
    assert (found.price, found.fees, found.funding, found.net) == (
        Decimal(10), Decimal("0.4"), Decimal("-0.5"), Decimal("9.1"))
    assert (found.trades, found.won, found.coin) == (1, 1, "USDT")
    early = await profits(bench.seat, start, start + timedelta(seconds=30))
    assert [(one.price, one.fees) for one in early] == [(Decimal(0), Decimal("0.1"))]
    assert await profits(bench.seat, bench.clock.now() + timedelta(seconds=1)) == ()
    assert entry.intent.symbol == BTC.symbol


async def test_margin_coins_are_never_added_together(bench: Bench) -> None:
    await held(bench)
    order = await sent(bench, "long btcusd 0.1 sl 2%", "coin")
    await take(bench, bench.fill(order, "0.1", trade="t2", fee_coin="BTC", fee=Decimal("0.00006")))
    found = await profits(bench.seat, bench.clock.now() - timedelta(hours=1))
    assert [(one.coin, one.fees) for one in found] == [("BTC", Decimal("0.00006")), ("USDT", Decimal("0.1"))]
