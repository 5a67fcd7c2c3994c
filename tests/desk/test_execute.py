"""Carry out what was decided: settings first, legs when they are due, once each (P3, FF-16, FF-48, FF-80)."""
from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.desk import propose as propose_module
from bot.desk.enter import enter_fill
from bot.desk.execute import Done, carry_on, execute
from bot.desk.learn import enter_report
from bot.desk.propose import Raised
from bot.domain.events_proposals import ProposalRefused
from bot.domain.ids import RequestKey
from bot.domain.intent import Effect, OrderKind
from bot.domain.order import Order, OrderState
from bot.domain.proposal import ProposalState
from bot.domain.reports import VenueState
from bot.ports.venue import Rejected
from tests.desk.trade import LOCAL, journal, kinds, say, sent, stored
from tests.support.scripted import Bench


async def fill(bench: Bench, order: Order, size: str, trade: str, price: str = "60000") -> None:
    """Let the venue tell of a whole fill."""
    one = bench.fill(await stored(bench, order.client_order_id), size, price, trade)
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, bench.clock.now()))


async def test_leverage_is_set_and_read_back_before_the_order(bench: Bench) -> None:
    """FF-48, FF-49: an action of its own, and no order when it does not take."""
    bench.venue.obeys = False
    bench.venue.changes.append(Rejected(code="45117", words="open orders"))
    raised = await say(bench, "long btc 0.01 5x sl 2%", "k")
    assert isinstance(raised, Raised) and raised.done is not None
    assert raised.done.refusals and "45117" in str(raised.done.refusals[0]) and not bench.venue.sent
    bench.venue.obeys = True
    again = await say(bench, "long btc 0.01 5x sl 2%", "again")
    assert isinstance(again, Raised) and len(bench.venue.sent) == 1
    assert "LeverageChanged" in await kinds(bench)


async def test_targets_wait_for_the_fill_and_take_their_share(bench: Bench) -> None:
    raised = await say(bench, "long btc 0.01 sl 2% tp 62000:50 64000:50", "k")
    assert isinstance(raised, Raised) and raised.done is not None and raised.done.waiting == 2
    entry = raised.done.orders[0]
    told = bench.report(entry, VenueState.CANCELED, "0.006")
    await bench.seat.ledger.transact(lambda tx: enter_report(tx, bench.seat, told))
    await fill(bench, entry, "0.006", "t1")
    assert await carry_on(bench.seat) == 0
    sizes = [one.intent.size for one in bench.venue.sent if one.intent.kind is OrderKind.TARGET]
    assert sizes == [Decimal("0.003"), Decimal("0.003")], "their share of what was really filled"


async def test_a_ladder_leaves_at_once_and_adds_up(bench: Bench) -> None:
    await say(bench, "ladder btc long 0.01 59900 59500 4", "k")
    assert sum(one.intent.size or 0 for one in bench.venue.sent) == Decimal("0.01")
    assert [str(one.intent.limit_price) for one in bench.venue.sent] == ["59900", "59766.6", "59633.3", "59500"]
    assert all(one.intent.attached is not None for one in bench.venue.sent), "every rung carries its stop (R11)"


async def test_a_twap_is_carried_on_by_time_and_after_a_restart(bench: Bench) -> None:
    await say(bench, "twap btc long 0.01 10 5", "k")
    counts = [len(bench.venue.sent)]
    for _ in range(4):
        await bench.clock.advance(121)
        await carry_on(bench.seat)
        await carry_on(bench.seat)
        counts.append(len(bench.venue.sent))
    assert counts == [1, 2, 3, 4, 5]


async def test_a_reverse_opens_only_when_the_close_is_over(bench: Bench) -> None:
    first = await sent(bench, "long btc 0.01 sl 2%")
    await fill(bench, first, "0.01", "t1")
    raised = await say(bench, "reverse btc", "r")
    assert isinstance(raised, Raised) and raised.done is not None and raised.done.waiting == 1
    close = raised.done.orders[0]
    await carry_on(bench.seat)
    assert len(bench.venue.sent) == 2
    await fill(bench, close, "0.01", "t2")
    await carry_on(bench.seat)
    last = bench.venue.sent[-1].intent
    assert (last.effect, last.direction.value, last.size) == (Effect.OPEN, "SHORT", Decimal("0.01"))
    assert last.attached is not None, "the new side is guarded too"


@pytest.mark.parametrize(
    ("words", "left"),
    [("close btc", ["BTCUSDT"]), ("close all", ["BTCUSDT", "ETHUSDT"]), ("close longs", ["BTCUSDT"]),
     ("close shorts", ["ETHUSDT"]), ("close winners", ["BTCUSDT"]), ("close losers", ["ETHUSDT"])],
)
async def test_a_close_reaches_just_what_was_named(bench: Bench, words: str, left: list[str]) -> None:
    long, short = await sent(bench, "long btc 0.01 sl 2%"), await sent(bench, "short eth 0.1 sl 2%", "2")
    await fill(bench, long, "0.01", "t1", "59000")
    await fill(bench, short, "0.1", "t2", "2900")
    before = len(bench.venue.sent)
    await say(bench, words, "close")
    closes = bench.venue.sent[before:]
    assert sorted(one.intent.symbol for one in closes) == left
    assert all(one.intent.effect is Effect.CLOSE for one in closes)


async def test_part_of_a_position_is_closed_on_the_step(bench: Bench) -> None:
    """FF-44: from the position of this moment, rounded down."""
    order = await sent(bench, "long btc 0.0125 sl 2%")
    await fill(bench, order, "0.0125", "t1")
    await say(bench, "close btc 25%", "c")
    assert bench.venue.sent[-1].intent.size == Decimal("0.0031")


async def test_two_closes_at_once_do_not_close_twice(bench: Bench) -> None:
    """FF-14: the second finds nothing left that is not under way."""
    order = await sent(bench, "long btc 0.01 sl 2%")
    await fill(bench, order, "0.01", "t1")
    await say(bench, "close btc", "a")
    second = await say(bench, "close btc", "b")
    closes = [one for one in bench.venue.sent if one.intent.effect is Effect.CLOSE]
    assert len(closes) == 1, second


async def test_a_finished_proposal_is_told_once(bench: Bench) -> None:
    order = await sent(bench, "long btc 0.01 sl 2%")
    await fill(bench, order, "0.01", "t1")
    for _ in range(3):
        await carry_on(bench.seat)
    done = [entry for entry in await journal(bench) if entry.kind == "ProposalCompleted"]
    assert len(done) == 1


async def test_one_failing_leg_stops_no_other(bench: Bench) -> None:
    """FF-16, FF-35: errors are contained per leg."""
    bench.venue.answers.append(Rejected(code="40762", words="no"))
    await say(bench, "ladder btc long 0.01 59900 59500 4", "k")
    states = [(await stored(bench, one.client_order_id)).state for one in bench.venue.sent]
    assert states == [OrderState.REJECTED, OrderState.OPEN, OrderState.OPEN, OrderState.OPEN]


async def test_what_was_not_approved_is_not_carried_out(bench: Bench) -> None:
    raised = await say(bench, "long btc 0.01 sl 2%", "k", origin=LOCAL, yes=None)
    assert isinstance(raised, Raised) and raised.proposal.state is ProposalState.AWAITING
    assert (await execute(bench.seat, raised.proposal.id)).refusals
    found: Any = await bench.seat.ledger.read(lambda tx: tx.orders.live())
    assert found == ()


async def _approved(bench: Bench, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a proposal with its yes and nothing sent, as a process does that dies in between."""

    async def dies(seat: Any, proposal_id: Any) -> Done:
        return Done()

    with monkeypatch.context() as patched:
        patched.setattr(propose_module, "execute", dies)
        raised = await say(bench, words, "k")
    assert isinstance(raised, Raised) and raised.proposal.state is ProposalState.APPROVED
    assert not bench.venue.sent


async def test_a_yes_is_good_for_a_minute(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """FF-114: what was meant before a crash is not sent hours later at another price."""
    await _approved(bench, "long btc 0.01 sl 2%", monkeypatch)
    await bench.clock.advance(6 * 3600)
    await carry_on(bench.seat)
    assert not bench.venue.sent
    (refused,) = [line.fact for line in await journal(bench) if isinstance(line.fact, ProposalRefused)]
    assert refused.reasons[0].code == "yes_late"
    proposal = await bench.seat.ledger.read(lambda tx: tx.proposals.by_request_key(RequestKey("k")))
    assert proposal is not None and proposal.state is ProposalState.REFUSED


async def test_a_yes_of_just_now_is_carried_out_after_a_restart(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await _approved(bench, "long btc 0.01 sl 2%", monkeypatch)
    await bench.clock.advance(20)
    await carry_on(bench.seat)
    assert len(bench.venue.sent) == 1


async def test_slices_that_were_missed_are_not_sent_in_one_burst(bench: Bench) -> None:
    """A desk that was away for the middle of a TWAP carries on with what is due, and says what it left out."""
    await say(bench, "twap btc long 0.01 50 5", "k")
    assert len(bench.venue.sent) == 1
    await bench.clock.advance(32 * 60)
    await carry_on(bench.seat)
    assert len(bench.venue.sent) == 1, "those of 10, 20 and 30 minutes are over"
    assert (await kinds(bench)).count("ProposalRefused") == 3
    await bench.clock.advance(8 * 60 + 1)
    await carry_on(bench.seat)
    assert len(bench.venue.sent) == 2


async def test_a_reversal_does_not_open_hours_after_it_closed(bench: Bench) -> None:
    entry = await sent(bench, "long btc 0.01 sl 2%", "open")
    await fill(bench, entry, "0.01", "t1")
    await say(bench, "reverse btc", "k")
    close = bench.venue.sent[-1]
    assert close.intent.effect is Effect.CLOSE
    await bench.clock.advance(6 * 3600)
    await fill(bench, close, "0.01", "t2")
    await carry_on(bench.seat)
    assert bench.venue.sent[-1] is close
    assert "ProposalRefused" in await kinds(bench)


async def test_a_share_of_what_was_filled_stays_on_the_step(bench: Bench) -> None:
    raised = await say(bench, "long btc 0.0099 sl 2% tp 62000:50 64000:50", "k")
    assert isinstance(raised, Raised) and raised.done is not None
    entry = raised.done.orders[0]
    told = bench.report(entry, VenueState.CANCELED, "0.0037")
    await bench.seat.ledger.transact(lambda tx: enter_report(tx, bench.seat, told))
    await fill(bench, entry, "0.0037", "t1")
    await carry_on(bench.seat)
    step = bench.seat.shelf.instruments[entry.intent.symbol].size_step
    sizes = [one.intent.size or Decimal(0) for one in bench.venue.sent if one.intent.kind is OrderKind.TARGET]
    assert len(sizes) == 2 and all(size % step == 0 and size > 0 for size in sizes), sizes


async def test_a_leg_that_has_no_price_is_refused_aloud(bench: Bench) -> None:
    """What the watch carries on has nobody to answer: its refusal is a line of the journal."""
    await say(bench, "twap btc long 0.01 10 2", "k")
    await bench.clock.advance(301)
    bench.market.silent = True
    await carry_on(bench.seat)
    (refused,) = [line.fact for line in await journal(bench) if isinstance(line.fact, ProposalRefused)]
    assert refused.reasons[0].code == "no_price"
