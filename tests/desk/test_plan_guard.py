"""Guards are planned on the right side, with the size they must have (FF-36, FF-40, FF-52)."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.desk.plan import plan
from bot.desk.plan_guard import loosens
from bot.desk.planned import Plan
from bot.desk.protect import Watched
from bot.desk.wish import Level, ProtectWish, TargetWish
from bot.domain.intent import Direction, Effect, OrderKind
from bot.domain.order import Order
from bot.domain.position import Position
from bot.domain.proposal import Terms
from bot.domain.refusal import Refusal
from tests.desk.test_protect import held, look, stop_at
from tests.desk.trade import LOCAL
from tests.support.scripted import BTC, Bench


async def planned(bench: Bench, **wish: object) -> Plan | Refusal:
    return await plan(bench.seat, LOCAL, ProtectWish(symbol="btc", **wish))  # type: ignore[arg-type]


def at(price: int | str) -> Level:
    return Level(price=Decimal(price))


async def good(bench: Bench, **wish: object) -> Plan:
    found = await planned(bench, **wish)
    assert isinstance(found, Plan), str(found)
    return found


@pytest.mark.parametrize(
    ("wish", "price"),
    [({"stop": at("59000.04")}, "59000.1"), ({"stop": Level(percent=Decimal("1.5"))}, "59100")],
)
async def test_a_stop_guards_the_whole_and_is_rounded_towards_the_entry(
    bench: Bench, wish: dict[str, Level], price: str
) -> None:
    """FF-41."""
    await held(bench)
    leg = (await good(bench, **wish)).terms.legs[0].intent
    assert (leg.kind, leg.effect, leg.size) == (OrderKind.STOP, Effect.CLOSE, None)
    assert leg.trigger is not None and leg.trigger.price == Decimal(price)


async def test_break_even_pays_the_fees_too(bench: Bench) -> None:
    await held(bench)
    bench.market.marks[BTC.symbol] = Decimal(62_000)
    leg = (await good(bench, break_even=True)).terms.legs[0].intent
    assert leg.trigger is not None and Decimal(60_000) < leg.trigger.price < Decimal(60_100)


async def test_break_even_before_it_is_reached_is_refused(bench: Bench) -> None:
    await held(bench)
    refused = await planned(bench, break_even=True)
    assert isinstance(refused, Refusal) and refused.code == "stop_side"


async def test_a_stop_beyond_liquidation_guards_nothing(bench: Bench) -> None:
    """FF-36."""
    await held(bench)

    def near(tx: object) -> None:
        position: Position = tx.positions.get(BTC.symbol, Direction.LONG)  # type: ignore[attr-defined]
        tx.positions.save(replace(position, liquidation=Decimal(58_000)))  # type: ignore[attr-defined]

    await bench.seat.ledger.transact(near)
    refused = await planned(bench, stop=at(57_500))
    assert isinstance(refused, Refusal) and refused.code == "stop_beyond_liquidation"


async def test_a_trailing_stop_waits_for_its_start_and_leaves_the_fixed_one(bench: Bench) -> None:
    """A moving stop guards nothing before its start, so nothing is given up for it."""
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000")]
    await look(bench, Watched())
    found = await good(bench, trail=Decimal(1), activation=Decimal(61_000))
    leg = found.terms.legs[0].intent
    assert leg.kind is OrderKind.MOVING_STOP and leg.trigger is not None
    assert (leg.trigger.price, leg.trigger.callback) == (Decimal(61_000), Decimal(1))
    assert found.summary.endswith("trailing stop 1% from 61000")
    assert found.terms.targets == ()


async def test_several_targets_take_their_shares(bench: Bench) -> None:
    await held(bench)
    wishes = tuple(TargetWish(level=at(price), share=Decimal(50)) for price in (62_000, 64_000))
    legs = (await good(bench, targets=wishes)).terms.legs
    assert [leg.intent.size for leg in legs] == [Decimal("0.005"), Decimal("0.005")]
    whole = (await good(bench, targets=(TargetWish(level=at(62_000)),))).terms.legs
    assert [leg.intent.size for leg in whole] == [None], "one for all follows the position"


@pytest.mark.parametrize(
    ("wish", "code"),
    [({"targets": (TargetWish(level=at(59_000)),)}, "target_side"), ({"stop": at(60_000)}, "stop_side"),
     ({"stop": at(61_000)}, "stop_side"), ({}, "nothing_changed")],
)
async def test_what_would_fire_at_once_is_refused(bench: Bench, wish: dict[str, object], code: str) -> None:
    """FF-52."""
    await held(bench)
    refused = await planned(bench, **wish)
    assert isinstance(refused, Refusal) and refused.code == code


async def test_the_card_says_what_the_stop_would_cost(bench: Bench) -> None:
    await held(bench)
    preview = (await good(bench, stop=at(59_000))).preview
    assert preview is not None and preview.loss is not None
    assert Decimal(10) < preview.loss < Decimal(11), "1,000 times 0.01 and two taker fees"


async def test_a_waiver_gives_up_the_stops_and_keeps_the_targets(bench: Bench) -> None:
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000"),
                         stop_at(bench, entry, "63000", kind=OrderKind.TARGET)]
    await look(bench, Watched())
    found = await good(bench, off="holiday")
    assert found.terms.waiver == "holiday" and len(found.terms.targets) == 1


@pytest.mark.parametrize(("price", "looser"), [(58_000, True), (59_000, False), (59_500, False)])
async def test_moving_a_stop_away_is_known_for_what_it_is(bench: Bench, price: int, looser: bool) -> None:
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000")]
    await look(bench, Watched())
    terms: Terms = (await good(bench, stop=at(price))).terms
    stops: tuple[Order, ...] = await bench.seat.ledger.read(
        lambda tx: tuple(one for one in tx.orders.live() if one.intent.kind is OrderKind.STOP))
    assert loosens(terms, stops) is looser
    assert loosens(replace(terms, waiver="x"), stops)
