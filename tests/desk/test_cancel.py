"""Cancel: the wish is stored, no answer decides, only reports do (R8, FF-17, FF-21)."""
from __future__ import annotations

import pytest

from bot.desk.cancel import Canceling, cancel, cancel_many
from bot.domain.order import OrderState
from bot.domain.refusal import Refusal
from bot.ports.venue import AlreadyEnded, CancelOutcome, CancelRequested, NeverLeft, Rejected, Unknown
from tests.desk.trade import kinds, say, sent, stored
from tests.support.scripted import Bench


@pytest.mark.parametrize(
    "answer",
    [CancelRequested(), AlreadyEnded(words="not found"), Unknown(why="timeout"), NeverLeft(why="refused"),
     Rejected(code="40017", words="no")],
    ids=lambda one: type(one).__name__,
)
async def test_no_answer_to_a_cancel_ends_an_order(bench: Bench, answer: CancelOutcome) -> None:
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    bench.venue.cancels.append(answer)
    done = await cancel(bench.seat, order.client_order_id, actor="local", why="test")
    assert isinstance(done, Canceling) and done.outcome == answer
    after = await stored(bench, order.client_order_id)
    assert after.state is OrderState.OPEN and after.cancel_requested_at is not None
    assert "CancelRequested" in await kinds(bench)


async def test_an_order_that_is_over_is_a_fulfilled_wish(bench: Bench) -> None:
    """FF-21."""
    bench.venue.answers.append(Rejected(code="40762", words="no"))
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    done = await cancel(bench.seat, order.client_order_id, actor="local", why="test")
    assert isinstance(done, Refusal) and done.code == "order_over"
    assert not bench.venue.canceled


async def test_guards_stay_unless_named(bench: Bench) -> None:
    await say(bench, "long btc 0.01 @59000 sl 2%", "a")
    await say(bench, "long eth 0.1 @2950 sl 2%", "b")
    assert len(await cancel_many(bench.seat, actor="local", why="all")) == 2
    assert {key.symbol for key in bench.venue.canceled} == {"BTCUSDT", "ETHUSDT"}


async def test_cancelling_twice_writes_one_wish(bench: Bench) -> None:
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    for _ in range(2):
        await cancel(bench.seat, order.client_order_id, actor="local", why="test")
    assert (await kinds(bench)).count("CancelRequested") == 1
