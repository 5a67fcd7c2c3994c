"""Ages of unclear orders follow the monotonic clock, whatever is done to the wall (R5, FF-61)."""
from __future__ import annotations

from datetime import timedelta

from bot.desk.steady import Steady
from tests.desk.trade import sent
from tests.support.scripted import Bench


async def test_a_jump_of_the_wall_makes_nothing_older(bench: Bench) -> None:
    order, steady = await sent(bench, "long btc 0.01 @59000 sl 2%"), Steady()
    assert order.signed_at is not None
    steady.begin(order.client_order_id, 100.0)
    late = order.signed_at + timedelta(hours=1)
    assert steady.present(order, late, 105.0) == order.signed_at + timedelta(seconds=5)
    early = order.signed_at - timedelta(hours=1)
    assert steady.present(order, early, 106.0) == early


async def test_what_an_earlier_process_sent_is_as_old_as_the_wall_said_first(bench: Bench) -> None:
    order, steady = await sent(bench, "long btc 0.01 @59000 sl 2%"), Steady()
    assert order.signed_at is not None
    first = order.signed_at + timedelta(seconds=60)
    assert steady.present(order, first, 1.0) == first
    assert steady.present(order, first + timedelta(hours=1), 2.0) == first + timedelta(seconds=1)


async def test_what_is_clear_is_forgotten(bench: Bench) -> None:
    order, steady = await sent(bench, "long btc 0.01 @59000 sl 2%"), Steady()
    steady.begin(order.client_order_id, 1.0)
    steady.keep({order.client_order_id})
    assert steady.seen
    steady.keep(set())
    assert not steady.seen
