"""Every verb of the port says the right thing on the wire, at most once, and reads whole or not at all."""
from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from bot.adapters.bitget.classic.venue import ClassicVenue
from bot.adapters.bitget.transport import NoAnswer, NotSent, Request, Response
from bot.domain.account import PositionMode, World
from bot.domain.ids import ClientOrderId, Symbol, VenueOrderId
from bot.domain.instrument import ProductLine
from bot.domain.intent import Attached, Direction, Effect, MarginMode, OrderKind, Trigger
from bot.domain.reports import Absent, OrderReport, VenueState
from bot.ports.venue import (
    Accepted,
    AlreadyEnded,
    CancelRequested,
    Changed,
    Closing,
    NeverLeft,
    OrderKey,
    Rejected,
    Unknown,
    Venue,
    VenueEvent,
    VenueSilent,
)
from tests.adapters.bitget.lab import NOON, HandClock, Script, data_of, link_over, no, ok, order, recorded

BTC, ETH = Symbol("BTCUSDT"), Symbol("ETHUSDT")
OID, VID = ClientOrderId("wd-0000-aaaaaaaaaaaaaaaabb"), VenueOrderId("1111465253393825792")
USDT = ProductLine.USDT
HEDGE, ONE_WAY = PositionMode.HEDGE, PositionMode.ONE_WAY
AT = Trigger(price=Decimal(24100))


async def no_events() -> AsyncIterator[VenueEvent]:
    return
    yield


def venue_over(script: Script, mode: PositionMode | None = HEDGE, clock: HandClock | None = None) -> ClassicVenue:
    return ClassicVenue(link_over(script, mode, clock), no_events)


def key(kind: OrderKind = OrderKind.LIMIT, ours: str | None = OID, theirs: str | None = None) -> OrderKey:
    return OrderKey(
        symbol=BTC,
        kind=kind,
        client_order_id=None if ours is None else ClientOrderId(ours),
        venue_order_id=None if theirs is None else VenueOrderId(theirs),
    )


def test_every_verb_of_the_port_is_there() -> None:
    venue: Venue = venue_over(Script())
    for name, verb in inspect.getmembers(Venue, inspect.isfunction):
        if not name.startswith("_"):
            assert inspect.signature(getattr(ClassicVenue, name)) == inspect.signature(verb), name
    assert venue


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


async def test_ff37_plans_are_cancelled_in_their_own_namespace() -> None:
    done = ok({"successList": [{"orderId": "5"}], "failureList": []})
    for kind, word in ((OrderKind.TRIGGER, "normal_plan"), (OrderKind.TRAILING, "track_plan")):
        script = Script(done)
        assert await venue_over(script).cancel(key(kind)) == CancelRequested()
        assert script.body()["planType"] == word
        assert script.body()["orderIdList"] == [{"clientOid": OID}]


async def test_ff37_a_guard_is_looked_up_before_it_is_cancelled() -> None:
    row = data_of("order.orders-plan-pending.sample")["entrustedList"][0] | {"clientOid": OID, "planType": "pos_loss"}
    done = ok({"successList": [{"orderId": "5"}], "failureList": []})
    script = Script(ok({"entrustedList": [row]}), done)
    assert await venue_over(script).cancel(key(OrderKind.STOP)) == CancelRequested()
    assert script.query(0)["planType"] == "profit_loss"
    assert script.query(0)["clientOid"] == OID
    assert script.body()["planType"] == "pos_loss"
    gone = Script(ok({"entrustedList": None}))
    assert isinstance(await venue_over(gone).cancel(key(OrderKind.STOP)), AlreadyEnded)
    silent = Script(*[NoAnswer("cut")] * 3)
    assert isinstance(await venue_over(silent).cancel(key(OrderKind.STOP)), NeverLeft)


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


async def test_plans_are_changed_in_place() -> None:
    script = Script(recorded("order.modify-plan-order.sample"), recorded("order.modify-tpsl-order.sample"))
    venue = venue_over(script)
    wish = order(kind=OrderKind.TRIGGER, trigger=AT)
    assert isinstance(await venue.amend_plan(key(OrderKind.TRIGGER), wish), Accepted)
    assert script.body()["clientOid"] == OID
    assert isinstance(await venue.amend_plan(key(OrderKind.STOP), order(kind=OrderKind.STOP, trigger=AT)), Accepted)
    assert script.paths == ["modify-plan-order", "modify-tpsl-order"]
    assert isinstance(await venue.amend_plan(key(), order()), NeverLeft)


async def test_stop_and_target_in_one_request() -> None:
    stop = order("sl-9", kind=OrderKind.STOP, size=None, trigger=Trigger(price=Decimal(55001)), effect=Effect.CLOSE)
    target = order("tp-9", kind=OrderKind.TARGET, size=None, trigger=Trigger(price=Decimal(69000)), effect=Effect.CLOSE)
    script = Script(recorded("order.place-pos-tpsl.sample"), ok([]), no("40837"), NoAnswer("cut"))
    venue = venue_over(script)
    assert await venue.submit_guards(stop, target) == (Accepted(venue_order_id=None),) * 2
    for expected in (Unknown, Rejected, Unknown):
        assert [type(outcome) for outcome in await venue.submit_guards(stop, target)] == [expected] * 2
    assert [type(outcome) for outcome in await venue.submit_guards(target, stop)] == [NeverLeft] * 2


@pytest.mark.parametrize(("direction", "words"), [(None, {}), (Direction.LONG, {"holdSide": "long"})])
async def test_flash_close(direction: Direction | None, words: dict[str, str]) -> None:
    script = Script(recorded("order.close-positions.sample"))
    assert await venue_over(script).close_position(BTC, direction) == Closing(
        orders=(VenueOrderId("1120923953904893955"),)
    )
    assert script.body() == {"symbol": "BTCUSDT", "productType": "USDT-FUTURES"} | words


def detail(**changes: Any) -> Response:
    return ok(data_of("order.detail.sample") | {"clientOid": OID, "orderId": VID} | changes)


async def test_ff06_order_is_found_by_our_id_alone() -> None:
    script = Script(detail())
    report = await venue_over(script).order(key())
    assert isinstance(report, OrderReport) and report.state is VenueState.LIVE
    assert script.query() == {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "clientOid": OID}


@pytest.mark.parametrize("code", ["40109", "40768", "43001", "45057", "31007", "25204"])
async def test_r5_absent_only_when_every_id_is_explicitly_unknown(code: str) -> None:
    script = Script(no(code), no(code))
    found = await venue_over(script).order(key(theirs=VID))
    assert isinstance(found, Absent) and found.client_order_id == OID
    assert [sorted(script.query(n))[0] for n in range(2)] == ["clientOid", "orderId"]
    assert isinstance(await venue_over(Script(no(code), detail())).order(key(theirs=VID)), OrderReport)


SILENCES: list[Response | Exception] = [
    NoAnswer("cut"), NotSent("refused"), no("429", status=429), no("45001"), no("40768", status=503), no("40014"),
    no("99999"), ok(None), ok([]), ok({}), ok({"orderId": "other", "clientOid": "other", "symbol": "BTCUSDT"}),
    Response(status=200, body=b"<html>maintenance</html>"), no("22001"),
]  # fmt: skip


@pytest.mark.parametrize("reply", SILENCES)
async def test_ff08_r6_no_error_is_an_absence(reply: Response | Exception) -> None:
    with pytest.raises(VenueSilent):
        await venue_over(Script(*[reply] * 3)).order(key())


async def test_plan_is_looked_for_where_it_waits_and_where_it_ended() -> None:
    row = data_of("order.orders-plan-history.sample")["entrustedList"][0] | {"clientOid": OID}
    script = Script(ok({"entrustedList": None}), ok({"entrustedList": [row]}))
    report = await venue_over(script).order(key(OrderKind.TRIGGER))
    assert isinstance(report, OrderReport) and report.state is VenueState.TRIGGERED
    assert script.paths == ["orders-plan-pending", "orders-plan-history"]
    assert script.query()["planType"] == "normal_plan"


async def test_plan_is_absent_only_when_both_lists_were_read() -> None:
    foreign = data_of("order.orders-plan-history.sample")
    script = Script(ok({"entrustedList": []}), ok(foreign), ok({"entrustedList": []}))
    assert isinstance(await venue_over(script).order(key(OrderKind.TRIGGER)), Absent)
    with pytest.raises(VenueSilent):
        await venue_over(Script(ok({"entrustedList": []}), *[NoAnswer("cut")] * 3)).order(key(OrderKind.TRIGGER))


async def test_open_orders_merge_the_partly_filled_ones() -> None:
    row = data_of("order.orders-pending.sample")["entrustedList"][0]
    partly = row | {"status": "partially_filled", "baseVolume": "0.0005", "uTime": "1700719999999"}
    other = row | {"orderId": "2", "clientOid": "2"}
    script = Script(ok({"entrustedList": [row, other], "endId": None}), ok({"entrustedList": [partly], "endId": None}))
    reports = await venue_over(script).open_orders(USDT)
    assert {report.venue_order_id: report.state for report in reports} == {
        "1111465253393825792": VenueState.PARTLY_FILLED, "2": VenueState.LIVE
    }  # fmt: skip
    assert script.query()["status"] == "partially_filled"


async def test_ff37_open_plans_are_all_three_namespaces_or_nothing() -> None:
    script = Script(*[ok({"entrustedList": None})] * 2, recorded("order.orders-plan-pending.sample"))
    assert len(await venue_over(script).open_plans(USDT)) == 1
    asked = [script.query(number)["planType"] for number in range(3)]
    assert asked == ["normal_plan", "track_plan", "profit_loss"]
    with pytest.raises(VenueSilent):
        await venue_over(Script(*[ok({"entrustedList": None})] * 2, no("40014"))).open_plans(USDT)


AUTHORITIES = [
    ("open_orders", "orders-pending", {"entrustedList": [{"orderId": "1"}], "endId": None}),
    ("open_plans", "orders-plan-pending", {"entrustedList": [{"orderId": "1"}], "endId": None}),
    ("positions", "all-position", [{"symbol": "BTCUSDT", "holdSide": "long", "total": "x"}]),
    ("accounts", "accounts", [{"marginCoin": "USDT"}]),
]


@pytest.mark.parametrize(("verb", "path", "data"), AUTHORITIES)
async def test_i22_list_with_an_unreadable_row_is_silence(verb: str, path: str, data: object) -> None:
    with pytest.raises(VenueSilent):
        await getattr(venue_over(Script(by_path={path: ok(data)})), verb)(USDT)


async def test_positions_wallets_and_emptiness() -> None:
    positions = data_of("position.all-position.sample")
    flat = positions[0] | {"total": "0", "symbol": "ETHUSDT"}
    script = Script(ok([*positions, flat]), recorded("account.accounts.sample"), ok([]), ok(None))
    venue = venue_over(script)
    assert [report.symbol for report in await venue.positions(USDT)] == ["BTCUSDT"]
    assert [wallet.margin_coin for wallet in await venue.accounts(USDT)] == ["USDT"]
    assert await venue.positions(USDT) == ()
    assert await venue.accounts(USDT) == ()


async def test_fills_come_oldest_first_from_since_on() -> None:
    row = data_of("order.fills.sample")["fillList"][0]
    times = {"3": 1767268700000, "2": 1767268600000, "1": 1767268000000}
    rows = [row | {"tradeId": trade, "cTime": str(at)} for trade, at in times.items()]
    script = Script(by_path={"fills": ok({"fillList": rows, "endId": None})})
    found = await venue_over(script).fills(USDT, NOON - timedelta(seconds=300))
    assert [execution.trade_id for execution in found] == ["2", "3"]
    only = await venue_over(script).fills(USDT, NOON - timedelta(seconds=300), VenueOrderId("other"))
    assert only == ()
    assert script.query()["orderId"] == "other"


async def test_ended_orders_plans_and_bills_from_since_on() -> None:
    script = Script(
        by_path={
            "orders-history": recorded("order.orders-history.sample"),
            "orders-plan-history": ok({"entrustedList": []}),
            "bill": recorded("account.bill.sample"),
        }
    )
    venue, since = venue_over(script), NOON - timedelta(days=1)
    assert await venue.ended_orders(USDT, since) == ()
    assert await venue.ended_plans(USDT, since) == ()
    assert await venue.bills(USDT, since) == ()
    with pytest.raises(VenueSilent, match="90 days"):
        await venue.bills(USDT, NOON - timedelta(days=100))


LEVERAGES = [
    ("crossed", HEDGE, None, {"leverage": "25"}),
    ("crossed", HEDGE, Direction.LONG, {"leverage": "25"}),
    ("isolated", ONE_WAY, Direction.LONG, {"leverage": "25"}),
    ("isolated", HEDGE, Direction.SHORT, {"leverage": "25", "holdSide": "short"}),
    ("isolated", HEDGE, None, {"longLeverage": "25", "shortLeverage": "25"}),
]


@pytest.mark.parametrize(("margin", "mode", "direction", "words"), LEVERAGES)
async def test_leverage_in_each_pair_of_modes(
    margin: str, mode: PositionMode, direction: Direction | None, words: dict[str, str]
) -> None:
    position = {HEDGE: "hedge_mode", ONE_WAY: "one_way_mode"}[mode]
    now = ok(data_of("account.account.sample") | {"marginMode": margin, "posMode": position})
    script = Script(now, recorded("account.set-leverage.sample"))
    assert await venue_over(script).set_leverage(BTC, Decimal("25"), direction) == Changed()
    assert script.body() == {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginCoin": "USDT"} | words


async def test_ff49_leverage_that_was_so_and_leverage_that_cannot_be() -> None:
    account = recorded("account.account.sample")
    for reply, expected in ((no("40814"), Changed), (no("40730"), Rejected), (NoAnswer("cut"), Unknown)):
        outcome = await venue_over(Script(account, reply)).set_leverage(BTC, Decimal(25), None)
        assert isinstance(outcome, expected)
    silent = Script(*[NoAnswer("cut")] * 3)
    assert isinstance(await venue_over(silent).set_leverage(BTC, Decimal(25), None), NeverLeft)


async def test_settings_are_written_as_documented() -> None:
    script = Script(*[ok("success")] * 4)
    venue = venue_over(script)
    assert await venue.set_margin_mode(BTC, MarginMode.ISOLATED) == Changed()
    assert script.body()["marginMode"] == "isolated"
    assert await venue.add_margin(BTC, Direction.SHORT, Decimal("-2E+1")) == Changed()
    assert (script.body()["amount"], script.body()["holdSide"]) == ("-20", "short")
    assert await venue.set_auto_margin(BTC, Direction.LONG, on=True) == Changed()
    assert script.body() == {"symbol": "BTCUSDT", "marginCoin": "USDT", "autoMargin": "on", "holdSide": "long"}
    assert await venue.set_position_mode(USDT, ONE_WAY) == Changed()
    assert script.body() == {"productType": "USDT-FUTURES", "posMode": "one_way_mode"}


async def test_settings_of_a_symbol() -> None:
    found = await venue_over(Script(recorded("account.account.sample"))).settings(BTC)
    assert (found.margin_mode, found.leverage_long) == (MarginMode.CROSSED, 20)


def account_of(rights: dict[str, Any]) -> Script:
    stamp = ok({"serverTime": "1767268800000"})
    return Script(
        by_path={
            "/time": stamp,
            "/accounts": recorded("account.accounts.sample"),
            "/info": ok(data_of("spot.account.info.sample") | rights),
            "/account": recorded("account.account.sample"),
        }
    )


async def test_profile_of_a_classic_account() -> None:
    found = await venue_over(account_of({"authorities": ["coow", "cpow"]}), mode=None).profile()
    assert found.world is World.CLASSIC
    assert found.rights is not None and found.rights.trade
    assert set(found.position_modes.values()) == {HEDGE} and len(found.position_modes) == 3
    assert (found.asset_mode, found.clock_offset_ms) == ("single", 0)


async def test_lead_trader_is_slowed_to_one_order_a_second() -> None:
    script, clock = account_of({"traderType": "trader"}), HandClock()
    venue = venue_over(script, mode=None, clock=clock)
    await venue.profile()
    sent: list[float] = []

    def accept(request: Request) -> Response:
        sent.append(clock.monotonic())
        return ok({"orderId": "1"})

    script.by_path["place-order"] = accept
    for number in range(3):
        await venue.submit(order(f"wd-{number}", clock.now()))
    assert len(sent) == 3
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(sent))


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


async def test_events_are_the_given_stream() -> None:
    assert [event async for event in venue_over(Script()).events()] == []
