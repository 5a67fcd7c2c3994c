"""Every fault by name, and that it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
from itertools import pairwise
from typing import Any

import pytest

from bot.sandbox.exchange.faults import NAMES, Faults, UnknownFault
from tests.sandbox.exchange.bench import LINE, Bench, M, arg, frames, pushes, subscribe

PLACE, CANCEL, DETAIL = M + "order/place-order", M + "order/cancel-order", M + "order/detail"
ORDER = {**LINE, "marginMode": "crossed", "marginCoin": "USDT", "size": "0.01", "side": "buy", "tradeSide": "open",
         "orderType": "market"}


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def _place(bench: Bench, **changes: Any) -> tuple[int, bytes]:
    response = await bench.send("POST", PLACE, body=json.dumps({**ORDER, **changes}).encode())
    return response.status, response.body


def test_section_14_is_complete() -> None:
    assert set(NAMES) >= {
        "accept_then_silence", "reject_next", "slow", "http_5xx", "rate_limited", "drop_socket", "silent_socket",
        "duplicate_push", "reorder_push", "fill_before_ack", "fill_after_cancel", "partial_fills", "arrive_late",
        "lists_lag", "clock_skew", "maintenance", "stale_ticker"}


@pytest.mark.parametrize(("name", "parameters"), [("nonsense", {}), ("slow", {}), ("slow", {"ms": "fast"}),
                                                  ("slow", {"ms": 1, "s": 2}), ("http_5xx", {"when": "never"})])
def test_wrong_faults_are_explained(name: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(UnknownFault, match=r"\.$"):
        Faults(lambda: 0).add(name, parameters)


def test_times_and_seconds_run_out() -> None:
    now = [0]
    faults = Faults(lambda: now[0])
    faults.add("reject_next", {"code": "40762"}, times=2)
    assert [faults.take("reject_next") is not None for _ in range(3)] == [True, True, False]
    faults.add("rate_limited", seconds=1.5)
    now[0] = 1499
    assert faults.find("rate_limited")
    now[0] = 1500
    assert not faults.find("rate_limited")
    assert not faults


async def test_reject_next_strikes_once_and_orders_only(bench: Bench) -> None:
    bench.venue.faults.add("reject_next", {"code": "40762"})
    await bench.get(M + "account/accounts", productType="USDT-FUTURES")
    assert await bench.code("POST", PLACE, **ORDER) == "40762"
    assert await bench.code("POST", PLACE, **ORDER) == "00000"


async def test_accepted_orders_survive_the_silence(bench: Bench) -> None:
    bench.venue.faults.add("accept_then_silence")
    asked: list[float] = []
    hanging = asyncio.Event()

    async def hang(seconds: float) -> None:
        asked.append(seconds)
        hanging.set()
        await asyncio.Event().wait()

    bench.venue.gateway._sleep = hang
    call = asyncio.create_task(_place(bench, clientOid="lost-1"))
    await hanging.wait()
    call.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await call
    assert asked[0] > 60
    assert (await bench.get(DETAIL, **LINE, clientOid="lost-1"))["state"] == "filled"
    bench.venue.close()


@pytest.mark.parametrize(("when", "code"), [("before", "40109"), ("after", "00000")])
async def test_5xx_before_or_after_acceptance(bench: Bench, when: str, code: str) -> None:
    bench.venue.faults.add("http_5xx", {"when": when})
    status, body = await _place(bench, clientOid="x-1")
    assert status == 502
    assert body.startswith(b"<html>")
    assert await bench.code("GET", DETAIL, **LINE, clientOid="x-1") == code


@pytest.mark.parametrize("name", ["html_body", "truncated_body"])
async def test_garbage_bodies(bench: Bench, name: str) -> None:
    bench.venue.faults.add(name)
    status, body = await _place(bench, clientOid="x-1")
    assert status == 200
    with pytest.raises(ValueError, match=r"."):
        json.loads(body)
    assert (await bench.get(DETAIL, **LINE, clientOid="x-1"))["state"] == "filled"


async def test_slow_limited_and_maintenance(bench: Bench) -> None:
    bench.venue.faults.add("slow", {"ms": 500}, times=1)
    before = bench.now_ms
    await bench.get("/api/v2/public/time", signed=False)
    assert bench.now_ms - before == 500
    bench.venue.faults.add("rate_limited", times=1)
    response = await bench.send("GET", "/api/v2/public/time", signed=False)
    assert (response.status, json.loads(response.body)["code"]) == (429, "429")
    bench.venue.faults.add("maintenance")
    assert await bench.code("GET", "/api/v2/public/time", signed=False) == "40200"
    assert bench.venue.connect(private=False).session.closed is not None
    bench.venue.faults.clear()
    assert await bench.code("GET", "/api/v2/public/time", signed=False) == "00000"


async def test_a_narrowed_fault_strikes_that_endpoint_alone(bench: Bench) -> None:
    bench.venue.faults.add("html_body", {"path": "account/accounts"})
    await _place(bench)
    response = await bench.send("GET", M + "account/accounts", "productType=USDT-FUTURES")
    assert response.content_type == "text/html"


async def test_late_orders_arrive_after_all(bench: Bench) -> None:
    bench.venue.faults.add("arrive_late", {"s": 3})
    gate = asyncio.Event()

    async def wait(seconds: float) -> None:
        await gate.wait()

    bench.venue.gateway._sleep = wait
    call = asyncio.create_task(_place(bench, clientOid="late-1"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await bench.code("GET", DETAIL, **LINE, clientOid="late-1") == "40109"
    call.cancel()
    gate.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert (await bench.get(DETAIL, **LINE, clientOid="late-1"))["state"] == "filled"


async def test_the_server_clock_can_be_wrong(bench: Bench) -> None:
    bench.venue.faults.add("clock_skew", {"ms": 45_000}, seconds=5)
    answer = await bench.get("/api/v2/public/time", signed=False)
    assert int(answer["serverTime"]) == bench.now_ms + 45_000
    bench.pass_time(6, step=1)
    answer = await bench.get("/api/v2/public/time", signed=False)
    assert int(answer["serverTime"]) == bench.now_ms


async def test_sockets_dropped_and_silent(bench: Bench) -> None:
    socket = bench.venue.connect(private=False)
    bench.venue.faults.add("drop_socket")
    assert socket.session.closed is not None
    again = bench.venue.connect(private=False)
    assert again.session.closed is None
    await subscribe(again, arg("ticker"))
    frames(again)
    bench.venue.faults.add("silent_socket", seconds=2)
    await again.send("ping")
    bench.pass_time(1.5)
    assert frames(again) == []
    assert again.session.closed is None
    bench.pass_time(1.5)
    assert frames(again)


async def _orders(bench: Bench) -> Any:
    socket = await bench.login()
    await subscribe(socket, arg("orders", "default"))
    frames(socket)
    return socket


async def test_pushes_doubled_and_reordered(bench: Bench) -> None:
    socket = await _orders(bench)
    bench.venue.faults.add("duplicate_push")
    await bench.order()
    states = [push["data"][0]["status"] for push in pushes(socket, "orders")]
    assert states[:2] == ["live", "live"]
    assert states.count("filled") == 2
    bench.venue.faults.clear()
    bench.venue.faults.add("reorder_push")
    await bench.order()
    states = [push["data"][0]["status"] for push in pushes(socket, "orders")]
    assert states[0] == "filled"
    assert states[-1] == "live"


async def test_a_single_reordered_push_is_late_not_lost(bench: Bench) -> None:
    socket = await _orders(bench)
    bench.venue.faults.add("reorder_push")
    await bench.order(orderType="limit", price=f"{bench.last() * 0.99:.1f}")
    bench.pass_time(0.2)
    assert [push["data"][0]["status"] for push in pushes(socket, "orders")] == ["live"]


async def test_the_fill_comes_before_the_ack(bench: Bench) -> None:
    socket = await _orders(bench)
    bench.venue.faults.add("fill_before_ack")
    seen: list[int] = []

    async def look(seconds: float) -> None:
        seen.append(len(pushes(socket, "orders")))

    bench.venue.gateway._sleep = look
    await bench.order()
    assert seen[0] >= 2


async def test_a_fill_beats_the_cancel(bench: Bench) -> None:
    ack = await bench.order(orderType="limit", price=f"{bench.last() * 0.99:.1f}")
    bench.venue.faults.add("fill_after_cancel")
    await bench.post(CANCEL, **LINE, orderId=ack["orderId"])
    bench.pass_time(1)
    assert (await bench.get(DETAIL, **LINE, orderId=ack["orderId"]))["state"] == "filled"


async def test_the_second_half_of_a_modification_can_fail(bench: Bench) -> None:
    ack = await bench.order(orderType="limit", price=f"{bench.last() * 0.99:.1f}")
    bench.venue.faults.add("modify_fails")
    await bench.post(M + "order/modify-order", **LINE, orderId=ack["orderId"], newClientOid="second", newSize="0.02",
                     newPrice=f"{bench.last() * 0.985:.1f}")
    bench.pass_time(1)
    assert (await bench.get(DETAIL, **LINE, orderId=ack["orderId"]))["state"] == "canceled"
    assert await bench.code("GET", DETAIL, **LINE, clientOid="second") == "40109"


async def test_orders_fill_in_pieces(bench: Bench) -> None:
    bench.venue.faults.add("partial_fills", {"n": 3})
    ack = await bench.order(size="0.03")
    bench.pass_time(2)
    fills = (await bench.get(M + "order/fills", productType="USDT-FUTURES", orderId=ack["orderId"]))["fillList"]
    assert len(fills) >= 3
    assert sum(float(fill["baseVolume"]) for fill in fills) == pytest.approx(0.03)


async def test_lists_lag_behind_while_detail_does_not(bench: Bench) -> None:
    bench.venue.faults.add("lists_lag", {"s": 2})
    bench.pass_time(0.3)
    ack = await bench.order(orderType="limit", price=f"{bench.last() * 0.99:.1f}")
    assert (await bench.get(DETAIL, **LINE, orderId=ack["orderId"]))["state"] == "live"

    async def listed() -> list[str]:
        rows = (await bench.get(M + "order/orders-pending", productType="USDT-FUTURES"))["entrustedList"]
        return [row["orderId"] for row in rows or []]

    assert await listed() == []
    bench.pass_time(1)
    assert await listed() == []
    bench.pass_time(1.5)
    assert await listed() == [ack["orderId"]]


async def test_books_with_a_gap_a_second_snapshot_and_a_wrong_checksum(bench: Bench) -> None:
    socket = bench.venue.connect(private=False)
    await subscribe(socket, arg("books"))
    seq = pushes(socket, "books")[0]["data"][0]["seq"]
    for fault in ("book_gap", "book_replay", "book_corrupt"):
        bench.venue.faults.add(fault)
        bench.pass_time(1)
    got = [(push["action"], push["data"][0]) for push in pushes(socket, "books")]
    assert got[0][1]["pseq"] > seq
    assert [action for action, _ in got].count("snapshot") == 1
    assert all(row["pseq"] == before["seq"] for (_, before), (action, row) in pairwise(got) if action == "update")


async def test_the_ticker_can_stand_still(bench: Bench) -> None:
    socket = bench.venue.connect(private=False)
    await subscribe(socket, arg("ticker"))
    bench.venue.faults.add("stale_ticker")
    bench.pass_time(1)
    pushes(socket, "ticker")
    bench.pass_time(2)
    rows = [push["data"][0] for push in pushes(socket, "ticker")]
    assert len(rows) > 3
    assert len({(row["ts"], row["lastPr"]) for row in rows}) == 1
    rest = await bench.get(M + "market/ticker", signed=False, **LINE)
    assert rest[0]["ts"] == rows[0]["ts"]
    bench.venue.faults.clear()
    bench.pass_time(1)
    assert {push["data"][0]["ts"] for push in pushes(socket, "ticker")} != {rows[0]["ts"]}


def test_faults_that_end_together_end_all_though_whoever_is_told_looks_again() -> None:
    clock, told = [0], list[str]()

    def looking(name: str) -> None:
        told.append(name)
        faults.active()

    faults = Faults(lambda: clock[0], looking)
    for name in ("rate_limited", "maintenance", "silent_socket"):
        faults.add(name, seconds=2)
    told.clear()
    clock[0] = 2000
    assert faults.active() == []
    assert told == ["rate_limited", "maintenance", "silent_socket"]
