"""Halting is one row and no network; resuming is explicit; foreign orders wait for an answer (FF-81, FF-83, I14)."""
from __future__ import annotations

import pytest

from bot.desk.control import fold, halt, pause, resume, settle_foreign
from bot.desk.learn import learn
from bot.desk.propose import Raised
from bot.desk.views import status_view
from bot.domain.ids import ClientOrderId
from bot.domain.order import Order, Owner
from bot.domain.refusal import Refusal
from bot.domain.reports import VenueState
from bot.domain.trading import TradingState
from bot.runtime.halt_marks import HaltMarks
from tests.desk.trade import journal, kinds, say, sent, stored
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


def _marks(bench: Bench) -> HaltMarks:
    marks = bench.seat.switch
    assert isinstance(marks, HaltMarks)
    return marks


async def test_a_halt_past_the_books_binds_at_once_and_is_taken_into_them(bench: Bench) -> None:
    """R13, I14: the mark is looked at in the transaction that lets an order leave, before the books know of it."""
    marks = _marks(bench)
    marks.throw("1-a")
    refused = await say(bench, "long btc 0.01 sl 2%", "open")
    assert isinstance(refused, Refusal) and (refused.code, refused.reasons[0].value) == ("trading_state", "HALTED")
    assert not bench.venue.sent and (await status_view(bench.seat)).trading is TradingState.HALTED
    await fold(bench.seat)
    assert not marks.thrown()
    last = (await journal(bench))[-1]
    assert (last.kind, last.actor) == ("TradingStateChanged", "local")
    assert isinstance(await say(bench, "long btc 0.01 sl 2%", "folded"), Refusal)
    assert (await resume(bench.seat, by=None, why="test", actor="local")).now is TradingState.ACTIVE
    assert isinstance(await say(bench, "long btc 0.01 sl 2%", "resumed"), Raised)


async def test_resuming_takes_away_the_marks_it_found_and_writes_them_down(bench: Bench) -> None:
    marks = _marks(bench)
    marks.throw("1-a")
    assert (await resume(bench.seat, by=None, why="test", actor="local")).now is TradingState.ACTIVE
    assert not marks.thrown() and (await kinds(bench)).count("TradingStateChanged") == 2


async def test_a_halt_younger_than_the_resume_stays(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = _marks(bench)
    marks.throw("1-a")
    real = HaltMarks.clear

    def clear(self: HaltMarks, names: tuple[str, ...]) -> bool:
        marks.throw("2-b")
        return real(self, names)

    monkeypatch.setattr(HaltMarks, "clear", clear)
    assert (await resume(bench.seat, by=None, why="test", actor="local")).now is TradingState.HALTED
    monkeypatch.undo()
    assert isinstance(await say(bench, "long btc 0.01 sl 2%", "open"), Refusal)
    await fold(bench.seat)
    assert await bench.seat.ledger.read(lambda tx: tx.desk.trading_state()) is TradingState.HALTED


async def test_a_mark_that_cannot_be_taken_away_is_no_resuming(bench: Bench) -> None:
    marks = _marks(bench)
    (marks.folder / "a folder").mkdir(parents=True)
    assert (await resume(bench.seat, by=None, why="test", actor="local")).now is TradingState.HALTED


async def test_a_foreign_order_is_adopted_or_ignored(bench: Bench) -> None:
    ours = await sent(bench, "long btc 0.01 @59000 sl 2%")
    await learn(bench.seat, bench.report(ours, VenueState.LIVE, client_order_id=ClientOrderId("app-1"),
                                         venue_order_id="x1", attached=None))
    adopted = await settle_foreign(bench.seat, ClientOrderId("app-1"), "adopt", actor="local")
    assert isinstance(adopted, Order) and (await stored(bench, ClientOrderId("app-1"))).owner is Owner.OURS
    assert isinstance(await settle_foreign(bench.seat, ours.client_order_id, "adopt", actor="local"), Refusal)
