"""Duties over time: doubts, legs, expiry, books, bills, modes (reliability 3)."""
from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.desk.control import set_limits
from bot.desk.propose import Raised
from bot.desk.protect import Watched
from bot.desk.watch import Diary, bills, guard, modes, once, watch
from bot.domain.account import PositionMode, World
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from bot.domain.limits import Limits
from bot.domain.order import OrderState
from bot.domain.proposal import ProposalState
from bot.domain.reports import Bill, VenueState
from bot.domain.trading import TradingState
from bot.ports.venue import Unknown
from tests.desk.test_protect import held, stop_at
from tests.desk.trade import ANA, journal, kinds, say, sent, stored
from tests.support.scripted import RIGHTS, Bench

USDT = ProductLine.USDT


async def pass_time(bench: Bench, diary: Diary, seconds: float, step: float = 0.5) -> None:
    """Let time pass, doing what is due every half second."""
    for _ in range(int(seconds / step)):
        task = asyncio.create_task(once(bench.seat, diary))
        await bench.clock.advance(step)
        await task


def bill(bench: Bench, name: str, kind: str, amount: str, symbol: str | None = "BTCUSDT") -> Bill:
    return Bill(bill_id=name, line=USDT, coin="USDT", kind=kind, symbol=None if symbol is None else Symbol(symbol),
                amount=Decimal(amount), fee=Decimal(0), balance=None, at=bench.clock.now())


async def test_a_doubt_is_chased_without_being_told_to(bench: Bench) -> None:
    bench.venue.answers.append(Unknown(why="cut"))
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    bench.venue.known[order.client_order_id] = bench.report(order, VenueState.LIVE)
    await pass_time(bench, Diary(), 2)
    assert (await stored(bench, order.client_order_id)).state is OrderState.OPEN


async def test_a_proposal_nobody_answered_expires(bench: Bench) -> None:
    """FF-114."""
    raised = await say(bench, "long btc 0.01 sl 2%", "k", origin=ANA, yes=None)
    assert isinstance(raised, Raised)
    await pass_time(bench, Diary(), bench.seat.rules.ticket_life_s + 1)
    after = await bench.seat.ledger.read(lambda tx: tx.proposals.get(raised.proposal.id))
    assert after is not None and after.state is ProposalState.EXPIRED
    assert (await kinds(bench)).count("ProposalExpired") == 1


async def test_a_loss_trips_without_any_order(bench: Bench) -> None:
    """FF-78."""
    await set_limits(bench.seat, "account", Limits(daily_loss=Decimal(3)), by=None, actor="local")
    await bench.open(Decimal(9_600))
    bench.venue.wallets = [bench.wallet(USDT, "USDT", Decimal(9_600))]
    await pass_time(bench, Diary(), 1)
    assert await bench.seat.ledger.read(lambda tx: tx.desk.trading_state()) is TradingState.REDUCE_ONLY


async def test_books_are_compared_by_period_and_sooner_when_suspect(bench: Bench) -> None:
    diary, reads = Diary(), []
    await pass_time(bench, diary, 1)
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    bench.venue.ended = [bench.report(order, VenueState.CANCELED)]
    await pass_time(bench, diary, 5)
    reads.append((await stored(bench, order.client_order_id)).state)
    bench.seat.suspect.add(USDT)
    await pass_time(bench, diary, 2)
    reads.append((await stored(bench, order.client_order_id)).state)
    assert reads == [OrderState.OPEN, OrderState.CANCELED] and not bench.seat.suspect


async def test_silence_is_asked_again_and_forgets_no_suspicion(bench: Bench) -> None:
    """FF-08, FF-29."""
    bench.seat.suspect.add(USDT)
    bench.venue.silent = {"positions"}
    await pass_time(bench, Diary(), 2)
    assert bench.seat.suspect == {USDT}


async def test_a_funding_payment_is_told_once_under_its_symbol(bench: Bench) -> None:
    """FF-69."""
    bench.venue.lines = [bill(bench, "b1", "contract_settle_fee", "-0.4"),
                         bill(bench, "b2", "contract_settle_fee", "0.1", "ETHUSDT"),
                         bill(bench, "b3", "trans_from_exchange", "500", None),
                         bill(bench, "b4", "open_long", "-0.6")]
    for _ in range(2):
        await bills(bench.seat, USDT)
    facts = [line.fact for line in await journal(bench)]
    paid = {one.symbol: one.amount for one in facts if type(one).__name__ == "FundingPaid"}  # type: ignore[union-attr]
    assert paid == {"BTCUSDT": Decimal("-0.4"), "ETHUSDT": Decimal("0.1")}
    assert (await kinds(bench)).count("FundingPaid") == 2 and (await kinds(bench)).count("Transferred") == 1


@pytest.mark.parametrize("silent", [set(), {"bills"}], ids=["nothing yet", "silent"])
async def test_ff69_bills_since_the_first_look_are_read_however_late_the_second_is(
    bench: Bench, silent: set[str]
) -> None:
    """Fees and funding of a first session that ended before its bills were read; transfers count for loss limits."""
    bench.venue.silent, began = silent, bench.clock.now()
    await bills(bench.seat, USDT)
    await bench.clock.advance(3600)
    bench.venue.lines = [bill(bench, "b1", "trans_to_exchange", "-100", None)]
    await bench.clock.advance(86_400)
    bench.venue.silent = set()
    await bills(bench.seat, USDT)
    kept = await bench.seat.ledger.read(lambda tx: tx.bills.since(began))
    assert [one.bill_id for one in kept] == ["b1"]


async def test_bills_that_cannot_be_read_change_nothing(bench: Bench) -> None:
    bench.venue.silent = {"bills"}
    await bills(bench.seat, USDT)
    assert await kinds(bench) == []


async def test_a_mode_changed_outside_is_adapted_to_and_told(bench: Bench) -> None:
    """FF-45, FF-47: never set back."""
    await modes(bench.seat)
    assert await kinds(bench) == []
    bench.venue.mode = PositionMode.ONE_WAY
    await modes(bench.seat)
    await modes(bench.seat)
    assert (await kinds(bench)).count("ModeChangedOutside") == len(ProductLine)
    assert bench.seat.shelf.position_mode(USDT) is PositionMode.ONE_WAY


OTHER_RIGHTS = {
    "withdraws": replace(RIGHTS, withdraw=True), "transfers": replace(RIGHTS, transfer=True),
    "works from anywhere": replace(RIGHTS, ip_bound=False), "unknown code": replace(RIGHTS, unknown=("zz",)),
    "cannot trade": replace(RIGHTS, trade=False), "another user": replace(RIGHTS, user_id="2"),
    "leads": replace(RIGHTS, lead_trader=True), "unreadable": None,
}


@pytest.mark.parametrize("name", OTHER_RIGHTS)
async def test_other_rights_of_the_key_stop_opening_and_are_told_once(bench: Bench, name: str) -> None:
    """T8, security section 7: permissions changed while running."""
    assert bench.seat.shelf.profile is not None
    bench.seat.shelf.profile = replace(bench.seat.shelf.profile, rights=OTHER_RIGHTS[name])
    for _ in range(2):
        await modes(bench.seat)
    assert (await kinds(bench)).count("KeyTrouble") == 1
    assert await bench.seat.ledger.read(lambda tx: tx.desk.trading_state()) is TradingState.REDUCE_ONLY


async def test_an_account_that_became_unified_stops_opening(bench: Bench) -> None:
    """FF-54: upgraded while the desk runs."""
    assert bench.seat.shelf.profile is not None
    bench.seat.shelf.profile = replace(bench.seat.shelf.profile, world=World.UNIFIED)
    await modes(bench.seat)
    assert await bench.seat.ledger.read(lambda tx: tx.desk.trading_state()) is TradingState.REDUCE_ONLY


async def test_settings_changed_elsewhere_are_read_again(bench: Bench) -> None:
    await say(bench, "long btc 0.01 sl 2%", "k", yes=None)
    assert bench.seat.shelf.settings
    await modes(bench.seat)
    assert not bench.seat.shelf.settings


@pytest.mark.parametrize("part", ["profile", "market"])
async def test_modes_that_cannot_be_read_stay(bench: Bench, part: str) -> None:
    before = bench.seat.shelf.profile
    bench.venue.silent, bench.market.silent = {part}, part == "market"
    await modes(bench.seat)
    assert bench.seat.shelf.profile == before


async def test_it_wakes_before_its_period_when_something_happened(bench: Bench) -> None:
    bench.seat = replace(bench.seat, rules=replace(bench.seat.rules, watch_period_s=3600.0))
    bench.venue.answers.append(Unknown(why="cut"))
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    bench.seat.wake.clear()
    task = asyncio.create_task(watch(bench.seat, Diary()))
    await bench.clock.settle(200)
    asked = len(bench.venue.asked)
    await bench.clock.advance(6)
    bench.venue.known[order.client_order_id] = bench.report(order, VenueState.LIVE)
    bench.seat.wake.set()
    for _ in range(20):
        await bench.clock.settle(20)
    task.cancel()
    assert asked >= 1 and (await stored(bench, order.client_order_id)).state is OrderState.OPEN


async def test_an_unguarded_position_is_looked_at_at_once(bench: Bench) -> None:
    """I8: not only at the next period."""
    task = asyncio.create_task(guard(bench.seat, Watched()))
    await bench.clock.advance(1.1)
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000")]
    await bench.clock.advance(1.1)
    assert "ProtectionVerified" in await kinds(bench)
    task.cancel()
