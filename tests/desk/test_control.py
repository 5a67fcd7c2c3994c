"""Halting is one row and no network; resuming is explicit; foreign orders wait for an answer (FF-81, FF-83, I14)."""
from __future__ import annotations

from bot.desk.control import halt, pause, resume, settle_foreign
from bot.desk.learn import learn
from bot.domain.ids import ClientOrderId
from bot.domain.order import Order, Owner
from bot.domain.refusal import Refusal
from bot.domain.reports import VenueState
from bot.domain.trading import TradingState
from tests.desk.trade import kinds, sent, stored
from tests.support.scripted import Bench


async def test_halting_needs_no_venue_and_no_market(bench: Bench) -> None:
    bench.venue.silent, bench.market.silent = {"all"}, True
    done = await halt(bench.seat, by=None, why="test", actor="local")
    assert done.now is TradingState.HALTED and done.changed
    again = await halt(bench.seat, by=None, why="test", actor="local")
    assert not again.changed and (await kinds(bench)).count("TradingStateChanged") == 1


async def test_halting_lists_what_rests_and_cancels_nothing(bench: Bench) -> None:
    await sent(bench, "long btc 0.01 @59000 sl 2%")
    done = await halt(bench.seat, by=None, why="test", actor="local")
    assert len(done.resting) == 1 and not bench.venue.canceled


async def test_a_pause_never_loosens_a_halt(bench: Bench) -> None:
    await halt(bench.seat, by=None, why="test", actor="local")
    assert (await pause(bench.seat, by=None, why="test", actor="local")).now is TradingState.HALTED
    assert (await resume(bench.seat, by=None, why="test", actor="local")).now is TradingState.ACTIVE


async def test_a_foreign_order_is_adopted_or_ignored(bench: Bench) -> None:
    ours = await sent(bench, "long btc 0.01 @59000 sl 2%")
    await learn(bench.seat, bench.report(ours, VenueState.LIVE, client_order_id=ClientOrderId("app-1"),
                                         venue_order_id="x1", attached=None))
    adopted = await settle_foreign(bench.seat, ClientOrderId("app-1"), "adopt", actor="local")
    assert isinstance(adopted, Order) and (await stored(bench, ClientOrderId("app-1"))).owner is Owner.OURS
    assert isinstance(await settle_foreign(bench.seat, ours.client_order_id, "adopt", actor="local"), Refusal)
