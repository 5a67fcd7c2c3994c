"""Orders say the right thing on the wire, at most once, and what an answer leaves open stays open."""
from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.adapters.bitget.transport import NoAnswer, NotSent, Response
from bot.domain.ids import VenueOrderId
from bot.domain.intent import Attached, Direction, Effect, OrderKind, Trigger
from bot.ports.venue import (
    Accepted,
    CancelRequested,
    Closing,
    NeverLeft,
    OrderKey,
    Rejected,
    Unknown,
)
from tests.adapters.bitget.classic.venues import (
    AT,
    BTC,
    ETH,
    OID,
    USDT,
    VID,
    key,
    venue_over,
)
from tests.adapters.bitget.lab import NOON, HandClock, Script, data_of, no, ok, order, recorded

PLACES = [
    ({"kind": OrderKind.MARKET}, "place-order"),
    ({"kind": OrderKind.LIMIT, "limit_price": Decimal(9)}, "place-order"),
    ({"kind": OrderKind.TRIGGER, "trigger": AT}, "place-plan-order"),
    ({"kind": OrderKind.TRAILING, "trigger": Trigger(price=Decimal(1), callback=Decimal(1))}, "place-plan-order"),
    ({"kind": OrderKind.STOP, "trigger": AT, "effect": Effect.CLOSE}, "place-tpsl-order"),
    ({"kind": OrderKind.TARGET, "trigger": AT, "size": None}, "place-tpsl-order"),
    (
        {"kind": OrderKind.MOVING_STOP, "trigger": Trigger(price=Decimal(1), callback=Decimal(1))},
        "place-tpsl-order",
    ),
]


@pytest.mark.parametrize(("changes", "path"), PLACES)
async def test_submit_finds_the_call_of_each_kind(changes: dict[str, Any], path: str) -> None:
    script = Script(ok({"orderId": "77", "clientOid": OID}))
    assert await venue_over(script).submit(order(**changes)) == Accepted(venue_order_id=VenueOrderId("77"))
    assert script.paths == [path]
    assert script.body()["clientOid"] == OID


async def test_r1_order_without_a_stored_moment_is_not_sent() -> None:
    script = Script()
    assert isinstance(await venue_over(script).submit(order(signed_at=None)), NeverLeft)
    assert isinstance((await venue_over(script).submit_batch([order(signed_at=None)]))[0], NeverLeft)
    amended = order(signed_at=None, kind=OrderKind.LIMIT, limit_price=Decimal(1))
    assert isinstance(await venue_over(script).amend(key(), amended), NeverLeft)
    assert not script.requests


async def test_r2_old_order_is_not_sent() -> None:
    script, clock = Script(), HandClock()
    clock.push(2.5)
    assert isinstance(await venue_over(script, clock=clock).submit(order()), NeverLeft)
    assert not script.requests


@pytest.mark.parametrize("reply", [NoAnswer("cut"), Response(status=502, body=b"<html>"), no("40786"), no("429")])
async def test_ff01_unclear_answer_is_unknown_and_not_repeated(reply: Response | Exception) -> None:
    script = Script(reply)
    assert isinstance(await venue_over(script).submit(order()), Unknown)
    assert len(script.requests) == 1


async def test_refused_connection_never_left() -> None:
    assert isinstance(await venue_over(Script(NotSent("refused"))).submit(order()), NeverLeft)


async def test_ff45_mode_is_read_before_the_first_order_and_after_a_contradiction() -> None:
    one_way = ok(data_of("account.account.sample") | {"posMode": "one_way_mode"})
    script = Script(recorded("account.account.sample"), no("40774"), one_way, ok({"orderId": "1"}))
    venue = venue_over(script, mode=None)
    assert isinstance(await venue.submit(order()), Rejected)
    assert script.body()["tradeSide"] == "open"
    assert isinstance(await venue.submit(order()), Accepted)
    assert "tradeSide" not in script.body()
    assert script.paths == ["account", "place-order"] * 2


async def test_order_is_not_sent_while_the_mode_is_unknown() -> None:
    script = Script(*[NoAnswer("cut")] * 3)
    outcome = await venue_over(script, mode=None).submit(order())
    assert isinstance(outcome, NeverLeft)
    assert "mode" in outcome.why


async def test_ff51_order_that_cannot_be_said_is_not_sent() -> None:
    script = Script()
    assert isinstance(await venue_over(script).submit(order(kind=OrderKind.LIMIT)), NeverLeft)
    assert not script.requests


async def test_batch_says_shared_words_once() -> None:
    script = Script(recorded("order.batch-place-order.sample"))
    first = order("b-1", kind=OrderKind.LIMIT, limit_price=Decimal(27000), size=Decimal("0.001"))
    second = order("b-2", kind=OrderKind.LIMIT, limit_price=Decimal(27000), size=Decimal("0.0001"))
    outcomes = await venue_over(script).submit_batch([first, second])
    assert [type(outcome) for outcome in outcomes] == [Accepted, Rejected]
    assert script.body() == {
        "symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginMode": "crossed", "marginCoin": "USDT",
        "orderList": [
            {"size": "0.001", "price": "27000", "side": "buy", "tradeSide": "open", "orderType": "limit",
             "force": "gtc", "clientOid": "b-1"},
            {"size": "0.0001", "price": "27000", "side": "buy", "tradeSide": "open", "orderType": "limit",
             "force": "gtc", "clientOid": "b-2"},
        ],
    }  # fmt: skip


async def test_batch_is_signed_with_its_oldest_moment() -> None:
    script, clock = Script(ok({"successList": [], "failureList": []})), HandClock()
    clock.push(1)
    await venue_over(script, clock=clock).submit_batch([order("b-1", clock.now()), order("b-2", NOON)])
    assert script.requests[0].headers["ACCESS-TIMESTAMP"] == str(round(NOON.timestamp() * 1000))


async def test_batch_that_cannot_be_said_is_not_sent() -> None:
    script = Script()
    venue = venue_over(script)
    assert await venue.submit_batch([]) == ()
    for orders in (
        [order(f"b-{number}") for number in range(51)],
        [order("b-1"), order("b-2", symbol=ETH)],
        [order("b-1"), order("b-2", kind=OrderKind.STOP, trigger=AT)],
    ):
        outcomes = await venue.submit_batch(orders)
        assert [type(outcome) for outcome in outcomes] == [NeverLeft] * len(orders)
    assert not script.requests


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (key(), {"clientOid": OID}),
        (key(theirs=VID), {"orderId": VID}),
        (key(ours=None, theirs=VID), {"orderId": VID}),
    ],
)
async def test_cancel_names_the_order(asked: OrderKey, words: dict[str, str]) -> None:
    script = Script(recorded("order.cancel-order.sample"))
    assert await venue_over(script).cancel(asked) == CancelRequested()
    assert script.body() == {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginCoin": "USDT"} | words


async def test_cancel_without_any_id_is_not_sent() -> None:
    assert isinstance(await venue_over(Script()).cancel(key(ours=None)), NeverLeft)


async def test_cancel_all_of_a_line_and_of_a_symbol() -> None:
    script = Script(recorded("order.cancel-all-orders.sample"), recorded("order.batch-cancel-orders.sample"))
    venue = venue_over(script)
    assert await venue.cancel_all(USDT, None) == CancelRequested()
    assert script.body() == {"productType": "USDT-FUTURES"}
    assert await venue.cancel_all(USDT, BTC) == CancelRequested()
    assert script.body() == {"productType": "USDT-FUTURES", "symbol": "BTCUSDT", "marginCoin": "USDT"}
    assert script.paths == ["cancel-all-orders", "batch-cancel-orders"]


async def test_ff20_amend_names_old_and_new_and_claims_no_id() -> None:
    script = Script(recorded("order.modify-order.sample"))
    new = order("wd-new", kind=OrderKind.LIMIT, limit_price=Decimal(1990), size=Decimal("0.1"))
    assert await venue_over(script).amend(key(theirs=VID), new) == Accepted(venue_order_id=None)
    assert script.body() == {
        "symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginCoin": "USDT", "orderId": VID,
        "newClientOid": "wd-new", "newSize": "0.1", "newPrice": "1990",
    }  # fmt: skip
    assert isinstance(await venue_over(Script()).amend(key(), order("wd-new")), NeverLeft)


async def test_attached_legs_are_both_stated() -> None:
    script = Script(ok({"orderId": VID, "clientOid": OID}))
    assert await venue_over(script).amend_attached(key(), Attached(stop=Decimal(25000))) == Accepted(venue_order_id=VID)
    body = script.body()
    assert (body["newPresetStopLossPrice"], body["newPresetStopSurplusPrice"]) == ("25000", "0")
    assert not {"newSize", "newPrice", "newClientOid"} & set(body)


@pytest.mark.parametrize(("direction", "words"), [(None, {}), (Direction.LONG, {"holdSide": "long"})])
async def test_flash_close(direction: Direction | None, words: dict[str, str]) -> None:
    script = Script(recorded("order.close-positions.sample"))
    assert await venue_over(script).close_position(BTC, direction) == Closing(
        orders=(VenueOrderId("1120923953904893955"),)
    )
    assert script.body() == {"symbol": "BTCUSDT", "productType": "USDT-FUTURES"} | words


async def test_i24_reducing_orders_pass_the_lane_of_openings() -> None:
    script, clock = Script(by_path={"place-order": ok({"orderId": "1"})}), HandClock()
    venue = venue_over(script, clock=clock)
    for number in range(7):
        await venue.submit(order(f"o-{number}", clock.now()))
    before = clock.now()
    for number in range(3):
        await venue.submit(order(f"c-{number}", clock.now(), effect=Effect.CLOSE))
    assert clock.now() == before
    await venue.submit(order("o-7", clock.now()))
    assert clock.now() > before
