"""Which positions a close means, how much of each, and what must make room first (FF-43, FF-44)."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.desk.execute import execute
from bot.desk.propose import Raised
from bot.domain.intent import Direction, Effect, OrderKind
from bot.domain.proposal import LegAfter
from bot.domain.refusal import Refusal
from tests.desk.test_protect import held
from tests.desk.trade import say, sent
from tests.support.scripted import BTC, Bench


@pytest.mark.parametrize(
    ("words", "size"),
    [("close btc", "0.01"), ("close btc 50%", "0.005"), ("close btc 33%", "0.0033"), ("close btc 0.004", "0.004"),
     ("close btc $120", "0.002"), ("close btc 5", "0.01"), ("reduce btc 25%", "0.0025")],
)
async def test_the_size_is_the_positions_share_on_the_step(bench: Bench, words: str, size: str) -> None:
    """Rounded down, never more than is held."""
    await held(bench)
    await say(bench, words, "c")
    assert bench.venue.sent[-1].intent.size == Decimal(size)


async def test_dust_below_the_smallest_order_goes_along(bench: Bench) -> None:
    await held(bench)
    bench.seat.shelf.instruments[BTC.symbol] = replace(BTC, minimum_size=Decimal("0.001"))
    await say(bench, "close btc 95%", "c")
    assert bench.venue.sent[-1].intent.size == Decimal("0.01")


@pytest.mark.parametrize("words", ["close btc 0.1%", "close btc 0.00001"])
async def test_less_than_the_smallest_order_is_refused(bench: Bench, words: str) -> None:
    await held(bench)
    refused = await say(bench, words, "c")
    assert isinstance(refused, Refusal) and refused.code == "too_small"


async def test_a_close_at_a_price_rests_and_reduces_only(bench: Bench) -> None:
    await held(bench)
    await say(bench, "close btc 50% @61000.04", "c")
    intent = bench.venue.sent[-1].intent
    assert (intent.kind, intent.effect, intent.limit_price) == (OrderKind.LIMIT, Effect.CLOSE, Decimal("61000.1"))


async def test_our_resting_exits_are_cancelled_before_a_market_close(bench: Bench) -> None:
    """FF-43: they would take part of its size."""
    await held(bench)
    resting = await sent(bench, "close btc 50% @61000", "rest")
    raised = await say(bench, "close btc", "c")
    assert isinstance(raised, Raised)
    assert [key.client_order_id for key in bench.venue.canceled] == [resting.client_order_id]
    assert raised.proposal.terms.targets == (resting.client_order_id,)


async def test_a_reverse_closes_whole_then_opens_with_a_stop(bench: Bench) -> None:
    await held(bench)
    raised = await say(bench, "reverse btc", "r", yes=None)
    assert isinstance(raised, Raised)
    close, opening = raised.proposal.terms.legs
    assert (close.intent.effect, opening.intent.effect) == (Effect.CLOSE, Effect.OPEN)
    assert (opening.after, opening.intent.direction) == (LegAfter.PREVIOUS_SETTLED, Direction.SHORT)
    assert opening.intent.stop == Decimal(61_200)


async def test_carrying_a_close_out_again_closes_nothing_more(bench: Bench) -> None:
    """FF-80."""
    await held(bench)
    raised = await say(bench, "close btc", "c")
    assert isinstance(raised, Raised)
    before = len(bench.venue.sent)
    await execute(bench.seat, raised.proposal.id)
    assert len(bench.venue.sent) == before
