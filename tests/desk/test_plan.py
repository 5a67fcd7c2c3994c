"""Any wish finds its planner with what its kind must know, or a refusal that says what to do."""
from __future__ import annotations

from decimal import Decimal

import pytest

from bot.desk.enter import enter_fill
from bot.desk.plan import plan
from bot.desk.planned import Plan
from bot.desk.wish import AmendWish, CancelWish, CloseWish, OpenWish, ProtectWish, ReverseWish, Which
from bot.domain.ids import ClientOrderId
from bot.domain.intent import Direction
from bot.domain.proposal import Action
from bot.domain.refusal import Refusal
from tests.desk.test_protect import held
from tests.desk.trade import LOCAL, sent
from tests.support.scripted import ETH, Bench

LONG, SHORT = Direction.LONG, Direction.SHORT


async def both_legs(bench: Bench) -> None:
    """Hold BTC long and short, as hedge mode allows."""
    await held(bench)
    order = await sent(bench, "short btc 0.02 sl 2%", "short")
    one = bench.fill(order, "0.02", trade="t-short")
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, bench.clock.now()))


async def test_with_two_legs_the_side_must_be_said(bench: Bench) -> None:
    """FF-44: no leg is guessed."""
    await both_legs(bench)
    unclear = await plan(bench.seat, LOCAL, ReverseWish(symbol="btc"))
    assert isinstance(unclear, Refusal) and unclear.code == "which_side"
    clear = await plan(bench.seat, LOCAL, ReverseWish(symbol="btc", direction=SHORT))
    assert isinstance(clear, Plan) and clear.terms.direction is LONG
    assert [leg.intent.size for leg in clear.terms.legs] == [Decimal("0.02"), Decimal("0.02")]


async def test_a_close_of_a_symbol_takes_both_legs_or_the_one_named(bench: Bench) -> None:
    await both_legs(bench)
    for side, count in ((None, 2), (LONG, 1), (SHORT, 1)):
        found = await plan(bench.seat, LOCAL, CloseWish(which=Which.ONE, symbol="btc", direction=side))
        assert isinstance(found, Plan) and len(found.terms.legs) == count


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (OpenWish(symbol="nope", direction=LONG, amount="1"), "unknown_symbol"),
        (CloseWish(which=Which.ONE, symbol="nope"), "unknown_symbol"),
        (CancelWish(symbol="nope"), "unknown_symbol"),
        (CloseWish(which=Which.ALL), "nothing_to_close"),
        (ReverseWish(symbol="btc"), "no_position"),
        (ProtectWish(symbol="btc", break_even=True), "no_position"),
        (AmendWish(order=ClientOrderId("wd-none"), price=Decimal(1)), "order_unknown"),
        (CancelWish(order=ClientOrderId("wd-none")), "nothing_to_cancel"),
    ],
    ids=lambda one: one if isinstance(one, str) else type(one).__name__,
)
async def test_what_is_not_there_is_said(bench: Bench, wish: OpenWish, code: str) -> None:
    refused = await plan(bench.seat, LOCAL, wish)
    assert isinstance(refused, Refusal) and refused.code == code and refused.reasons[0].remedy


async def test_cancel_all_spares_guards_and_names_every_order(bench: Bench) -> None:
    first, second = await sent(bench, "long btc 0.01 @59000 sl 2%", "a"), await sent(bench, "long eth 0.1 @2950", "b")
    every = await plan(bench.seat, LOCAL, CancelWish())
    assert isinstance(every, Plan) and every.terms.action is Action.CANCEL
    assert set(every.terms.targets) == {first.client_order_id, second.client_order_id}
    one = await plan(bench.seat, LOCAL, CancelWish(symbol="eth"))
    assert isinstance(one, Plan) and one.terms.targets == (second.client_order_id,)
    assert one.terms.symbol == ETH.symbol


async def test_an_opening_without_a_price_is_refused(bench: Bench) -> None:
    bench.market.silent = True
    refused = await plan(bench.seat, LOCAL, OpenWish(symbol="btc", direction=LONG, amount="0.01"))
    assert isinstance(refused, Refusal) and refused.code == "no_price"


async def test_exposure_on_the_card_counts_what_is_held_and_what_waits(bench: Bench) -> None:
    await held(bench)
    await sent(bench, "long eth 0.1 @2900 sl 2%", "e")
    found = await plan(bench.seat, LOCAL, OpenWish(symbol="btc", direction=LONG, amount="0.01"))
    assert isinstance(found, Plan) and found.preview is not None
    assert found.preview.exposure_before == (Decimal(600) + Decimal(290)) / 10_000
