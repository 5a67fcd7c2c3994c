"""Send one order, once (P1-P3, R1-R4)."""
from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from bot.desk.control import set_limits
from bot.desk.execute import execute
from bot.desk.propose import Raised
from bot.domain.limits import Limits
from bot.domain.order import OrderState
from bot.domain.refusal import Refusal
from bot.ports.venue import Accepted, NeverLeft, Outcome, Rejected, Unknown
from tests.desk.trade import kinds, say, sent, stored
from tests.support.scripted import Bench


@pytest.mark.parametrize(
    ("answer", "state", "line"),
    [
        (Accepted(venue_order_id=None), OrderState.OPEN, "OrderAccepted"),
        (Rejected(code="40762", words="not enough"), OrderState.REJECTED, "OrderRejected"),
        (NeverLeft(why="refused"), OrderState.NOT_PLACED, "OrderNotSent"),
        (Unknown(why="timeout"), OrderState.IN_DOUBT, "OrderInDoubt"),
    ],
    ids=["FF-13 accepted without an id", "rejected", "never left", "FF-01 FF-04 unknown"],
)
async def test_each_answer_has_its_state(bench: Bench, answer: Outcome, state: OrderState, line: str) -> None:
    bench.venue.answers.append(answer)
    order = await sent(bench, "long btc 0.01 sl 2%")
    assert (await stored(bench, order.client_order_id)).state is state
    assert line in (await kinds(bench))[-2:]


async def test_the_row_is_stored_with_its_stamp_before_anything_leaves(bench: Bench) -> None:
    """P1, R1, R2: what the venue was handed is what the ledger already held."""
    bench.venue.gate = asyncio.Event()
    task = asyncio.create_task(sent(bench, "long btc 0.01 sl 2%"))
    for _ in range(100):
        await asyncio.sleep(0)
    order = await stored(bench, bench.venue.sent[0].client_order_id)
    assert order.state is OrderState.SUBMITTING
    assert order.signed_at is not None and order.signed_at == bench.venue.sent[0].signed_at
    bench.venue.gate.set()
    await task


async def test_one_yes_sends_once_however_often_it_is_carried_out(bench: Bench) -> None:
    """P3, FF-02, FF-80: carrying out again, after a restart too, finds the order and leaves it."""
    raised = await say(bench, "long btc 0.01 sl 2%", "same")
    again = await say(bench, "long btc 0.01 sl 2%", "same")
    assert isinstance(raised, Raised) and isinstance(again, Raised) and again.again
    for _ in range(3):
        await execute(bench.seat, raised.proposal.id)
    assert len(bench.venue.sent) == 1


async def test_the_entry_carries_its_stop(bench: Bench) -> None:
    """R11, FF-35: entry and stop are one request."""
    order = await sent(bench, "long btc 0.01 sl 59000")
    assert order.intent.attached is not None and str(order.intent.attached.stop) == "59000"


async def test_an_answer_that_cannot_be_stored_sends_nothing_again(bench: Bench) -> None:
    bench.venue.answers.append(Unknown(why="cut"))
    order = await sent(bench, "long btc 0.01 sl 2%")
    refused = await say(bench, "long btc 0.01 sl 2%", "next")
    assert isinstance(refused, Refusal) and "in doubt" in str(refused), "FF-05: the symbol waits for the answer"
    assert [one.client_order_id for one in bench.venue.sent] == [order.client_order_id]


async def test_openings_of_one_symbol_leave_one_after_the_other(bench: Bench) -> None:
    """R13, FF-14."""
    bench.venue.gate = asyncio.Event()
    first = asyncio.create_task(say(bench, "long btc 0.01 sl 2%", "1"))
    second = asyncio.create_task(say(bench, "long btc 0.02 sl 2%", "2"))
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(bench.venue.sent) == 1
    bench.venue.gate.set()
    await asyncio.gather(first, second)


async def test_fifty_at_once_against_room_for_six(bench: Bench) -> None:
    """I10: reservation and verdict are one transaction."""
    await set_limits(bench.seat, "account", Limits(account_notional=Decimal(3_700)), by=None, actor="local")
    symbols = ["btc 0.01", "eth 0.2"]
    tasks = [say(bench, f"long {symbols[n % 2]} sl 2%", f"k{n}") for n in range(50)]
    await asyncio.gather(*tasks)
    assert len(bench.venue.sent) == 6
