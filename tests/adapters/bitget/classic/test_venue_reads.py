"""Reads are whole or not at all: no error is an absence, no bad row an empty list."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.adapters.bitget.transport import NoAnswer, NotSent, Response
from bot.domain.ids import VenueOrderId
from bot.domain.intent import OrderKind
from bot.domain.reports import Absent, OrderReport, VenueState
from bot.ports.venue import (
    VenueSilent,
)
from tests.adapters.bitget.classic.venues import (
    OID,
    USDT,
    VID,
    key,
    venue_over,
)
from tests.adapters.bitget.lab import NOON, Script, data_of, no, ok, recorded


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
