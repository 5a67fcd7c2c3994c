"""Login and private channels (websocket.md 3, 7, 8)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.sandbox.exchange.sockets import InProcessSocket, SocketClosed
from tests.sandbox.exchange.bench import LINE, Bench, M, arg, frames, pushes, signature, subscribe

CHANNELS = [arg(name, "default") for name in ("positions", "positions-history", "orders", "orders-algo", "fill",
                                              "adl-noti")]
ACCOUNT = {"instType": "USDT-FUTURES", "channel": "account", "coin": "default"}
EQUITY = {"instType": "USDT-FUTURES", "channel": "equity"}


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def _fails(bench: Bench, changes: dict[str, str], *, demo: bool = False) -> int:
    socket = bench.venue.connect(private=True, demo=demo)
    await socket.send(json.dumps({"op": "login", "args": [{**bench.credentials(bench.key), **changes}]}))
    error = json.loads(await socket.recv())
    assert error["event"] == "error"
    with pytest.raises(SocketClosed):
        await socket.recv()
    return int(error["code"])


@pytest.mark.parametrize(("changes", "code"), [
    ({"apiKey": "bg_nobody"}, 30011), ({"passphrase": "x"}, 30012), ({"timestamp": "soon"}, 30013),
    ({"timestamp": "123"}, 30013), ({"timestamp": "1700000000"}, 30014), ({"sign": "AAAA"}, 30015),
])
async def test_each_failed_login_has_its_code_and_ends_the_connection(bench: Bench, changes: dict[str, str],
                                                                      code: int) -> None:
    assert await _fails(bench, changes) == code


async def test_a_login_without_its_fields_is_30005(bench: Bench) -> None:
    socket = bench.venue.connect(private=True)
    await socket.send('{"op":"login","args":[{"apiKey":"x"}]}')
    assert json.loads(await socket.recv())["code"] == 30005


async def test_milliseconds_are_taken_too(bench: Bench) -> None:
    stamp = str(bench.now_ms)
    socket = bench.venue.connect(private=True)
    given = {**bench.credentials(bench.key), "timestamp": stamp,
             "sign": signature(bench.key.secret, stamp + "GET/user/verify")}
    await socket.send(json.dumps({"op": "login", "args": [given]}))
    assert json.loads(await socket.recv())["event"] == "login"


async def test_demo_keys_belong_to_the_demo_host(bench: Bench) -> None:
    assert await _fails(bench, {}, demo=True) == 40099
    status, key = await bench.control("POST", "/exchange/accounts",
                                      {"name": "practice", "world": "classic", "environment": "demo"})
    assert status == 200
    demo = bench.venue.keys.find(key["key"])
    assert demo is not None
    await bench.login(key=demo, demo=True)


async def test_a_unified_account_is_turned_away(bench: Bench) -> None:
    await bench.control("POST", "/exchange/accounts", {"name": "uta", "world": "unified", "environment": "live"})
    key = next(key for key in bench.venue.keys.all() if key.account == "uta")
    assert await _fails(bench, bench.credentials(key)) == 40085


async def test_private_channels_need_a_login(bench: Bench) -> None:
    socket = bench.venue.connect(private=True)
    await subscribe(socket, arg("orders", "default"))
    assert frames(socket) == [{"event": "error", "arg": arg("orders", "default"), "code": 30004,
                               "msg": "User not logged in"}]
    await socket.send(json.dumps({"op": "trade", "args": [{"channel": "place-order", "params": {}}]}))
    assert frames(socket)[0]["code"] == 30004


async def test_what_comes_first(bench: Bench) -> None:
    socket = await bench.login()
    await subscribe(socket, *CHANNELS, ACCOUNT, EQUITY)
    got = frames(socket)
    acks = [frame["arg"] for frame in got if frame.get("event") == "subscribe"]
    assert acks == [*CHANNELS, ACCOUNT, {**EQUITY, "instId": "default"}]
    first = {frame["arg"]["channel"]: frame["data"] for frame in got if "action" in frame}
    assert first.keys() == {"positions", "account", "equity"}
    assert first["positions"] == []
    assert first["account"][0]["marginCoin"] == "USDT"
    assert float(first["account"][0]["available"]) == 10_000


@pytest.mark.parametrize("wrong", [
    arg("positions"), arg("orders", "BTCXUSDT"), {**ACCOUNT, "coin": "USDT"}, arg("account", "default"),
    arg("planOrder", "default"), arg("ticker"), {"instType": "USDT-FUTURES", "channel": "orders"},
])
async def test_wrong_private_arguments(bench: Bench, wrong: dict[str, str]) -> None:
    socket = await bench.login()
    await subscribe(socket, wrong)
    assert [frame["code"] for frame in frames(socket)] == [30001]


async def _everything(bench: Bench) -> InProcessSocket:
    socket = await bench.login()
    await subscribe(socket, *CHANNELS, ACCOUNT, EQUITY)
    frames(socket)
    return socket


def _by_channel(socket: InProcessSocket) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for frame in frames(socket):
        found.setdefault(frame["arg"]["channel"], []).extend(frame["data"])
        assert frame["action"] == "snapshot"
        assert isinstance(frame["ts"], int)
    return found


async def test_a_market_order_is_told_on_every_channel(bench: Bench) -> None:
    socket = await _everything(bench)
    ack = await bench.order(clientOid="wd-test-1")
    told = _by_channel(socket)
    states = [row["status"] for row in told["orders"]]
    assert states[0] == "live"
    assert states[-1] == "filled"
    assert {row["orderId"] for row in told["orders"]} == {ack["orderId"]}
    last = told["orders"][-1]
    assert last["clientOid"] == "wd-test-1"
    assert last["tradeScope"] == "T"
    assert float(last["fillFee"]) < 0
    assert told["fill"][0]["tradeId"] == last["tradeId"] or len(told["fill"]) > 1
    assert "trueSide" not in told["fill"][0]
    position = told["positions"][-1]
    assert (position["holdSide"], position["total"], position["leverage"]) == ("long", "0.01", 20)
    assert float(told["account"][-1]["equity"]) < 10_000
    assert told["equity"]


async def test_the_fill_channel_flips_the_side_of_a_hedge_close(bench: Bench) -> None:
    socket = await _everything(bench)
    await bench.order()
    opened = _by_channel(socket)
    await bench.order(tradeSide="close")
    closed = _by_channel(socket)
    assert opened["fill"][0]["side"] == "buy"
    assert closed["orders"][-1]["side"] == "buy"
    assert closed["fill"][-1]["side"] == "sell"
    assert closed["positions"] == []
    assert closed["positions-history"][-1]["holdSide"] == "long"


async def test_one_way_sides_are_real_everywhere(bench: Bench) -> None:
    await bench.post(M + "account/set-position-mode", productType="USDT-FUTURES", posMode="one_way_mode")
    socket = await _everything(bench)
    await bench.order(side="sell", tradeSide=None)
    told = _by_channel(socket)
    assert told["fill"][0]["side"] == told["orders"][-1]["side"] == "sell"
    assert told["orders"][-1]["posSide"] == "net"


async def test_plans_are_told_with_short_codes(bench: Bench) -> None:
    await bench.order()
    socket = await _everything(bench)
    await bench.post(M + "order/place-tpsl-order", **LINE, marginCoin="USDT", planType="pos_loss", holdSide="long",
                     triggerPrice=f"{bench.last() * 0.97:.1f}", triggerType="mark_price")
    told = _by_channel(socket)
    assert [(row["planType"], row["status"]) for row in told["orders-algo"]] == [("psl", "live")]


async def test_others_hear_nothing(bench: Bench) -> None:
    await bench.control("POST", "/exchange/accounts", {"name": "second", "world": "classic", "environment": "live"})
    key = next(key for key in bench.venue.keys.all() if key.account == "second")
    other = await bench.login(key=key)
    await subscribe(other, *CHANNELS)
    frames(other)
    await bench.order()
    assert frames(other) == []


async def test_orders_of_one_symbol_can_be_subscribed(bench: Bench) -> None:
    socket = await bench.login()
    await subscribe(socket, arg("orders"))
    frames(socket)
    await bench.order()
    assert all(push["arg"] == arg("orders") for push in pushes(socket, "orders"))
    await bench.order(symbol="ETHUSDT", size="0.1")
    assert pushes(socket, "orders") == []


async def test_trading_over_the_socket_needs_enabling(bench: Bench) -> None:
    socket = await bench.login()
    item = {"id": "req-1", "instType": "USDT-FUTURES", "instId": "BTCUSDT", "channel": "place-order", "params": {
        "orderType": "market", "side": "buy", "size": "0.01", "force": "gtc", "marginCoin": "USDT",
        "marginMode": "crossed", "tradeSide": "open", "clientOid": "ws-1"}}
    await socket.send(json.dumps({"op": "trade", "args": [item]}))
    error, = frames(socket)
    assert (error["event"], error["code"], error["arg"][0]["id"]) == ("error", 40301, "req-1")
    bench.venue.hub.trading_enabled = True
    await socket.send(json.dumps({"op": "trade", "args": [item]}))
    done, = frames(socket)
    assert (done["event"], done["code"], done["arg"][0]["params"]["clientOid"]) == ("trade", 0, "ws-1")
    await socket.send(json.dumps({"op": "trade", "args": [item]}))
    assert frames(socket)[0]["code"] == 40786
