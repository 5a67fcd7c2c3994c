"""Plan what concerns orders and settings that exist (FF-20, FF-47, FF-49)."""
from __future__ import annotations

from decimal import Decimal

import pytest

from bot.desk.enter import enter_fill
from bot.desk.propose import Raised
from bot.domain.refusal import Refusal
from tests.desk.trade import say, sent
from tests.support.scripted import Bench


async def test_leverage_shows_the_liquidation_it_moves(bench: Bench) -> None:
    order = await sent(bench, "long btc 0.1 iso sl 2%")
    one = bench.fill(order, "0.1")
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, bench.clock.now()))
    five, twenty = [await say(bench, f"lev btc {n}", str(n), yes=None) for n in (5, 20)]
    assert isinstance(five, Raised) and isinstance(twenty, Raised)
    assert five.plan.preview is not None and twenty.plan.preview is not None
    assert five.plan.preview.leverage == Decimal(5)
    assert five.plan.preview.margin is not None and twenty.plan.preview.margin is not None
    assert five.plan.preview.margin == 4 * twenty.plan.preview.margin


@pytest.mark.parametrize(
    ("words", "code"),
    [("lev btc 500", "leverage_bounds"), ("margin btc cross", "nothing_changed"), ("cancel all", "nothing_to_cancel"),
     ("cancel btc", "nothing_to_cancel"), ("amend wd-none @1", "order_unknown"), ("be btc", "no_position")],
)
async def test_what_cannot_be_is_refused(bench: Bench, words: str, code: str) -> None:
    refused = await say(bench, words, "k")
    assert isinstance(refused, Refusal) and refused.code == code


async def test_the_margin_mode_is_not_changed_under_an_open_order(bench: Bench) -> None:
    """FF-47: the exchange would refuse; it is said before."""
    await sent(bench, "long btc 0.01 @59000 sl 2%")
    refused = await say(bench, "margin btc iso", "m")
    assert isinstance(refused, Refusal) and refused.code == "margin_mode_blocked"


async def test_an_amendment_that_changes_nothing_is_refused(bench: Bench) -> None:
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    refused = await say(bench, f"amend {order.client_order_id} @59000", "a")
    assert isinstance(refused, Refusal) and refused.code == "nothing_changed"
