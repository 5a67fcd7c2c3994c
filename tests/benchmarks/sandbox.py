"""Measure the sandbox: orders a second over HTTP, pushes a second, memory.

The sandbox runs as a process of its own, so that its memory is its own; load comes from this one.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect

from bot.sandbox.exchange.stream_public import frame
from bot.sandbox.launch import Options, launch
from tests.benchmarks.row import Row

PATH = "/api/v2/mix/order/place-order"


def _serve(pipe: Any, pushes: int) -> None:
    async def run() -> None:
        async with launch(Options(with_limits=False)) as sandbox:
            pipe.send(sandbox.ready)
            loop = asyncio.get_running_loop()
            while True:
                word = await loop.run_in_executor(None, pipe.recv)
                if word == "push":
                    topic = ("main", "USDT-FUTURES", "orders", "default")
                    row = {"orderId": "1111465253393825792", "status": "live", "size": "0.01", "price": "27000"}
                    for i in range(pushes):
                        shown = {"instType": topic[1], "channel": topic[2], "instId": topic[3]}
                        sandbox.venue.hub.publish(topic, frame("snapshot", shown, [{**row, "n": i}], i))
                        if i % 500 == 0:
                            await asyncio.sleep(0)
                elif word == "memory":
                    pipe.send(_memory_mb())
                else:
                    return

    asyncio.run(run())


def _memory_mb() -> float:
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _sign(secret: str, message: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest()).decode()


def _request(ready: dict[str, Any], host: str, body: str) -> bytes:
    stamp = str(time.time_ns() // 1_000_000)
    sign = _sign(ready["secret"], stamp + "POST" + PATH + body)
    return (f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nACCESS-KEY: {ready['key']}\r\nACCESS-SIGN: {sign}\r\n"
            f"ACCESS-TIMESTAMP: {stamp}\r\nACCESS-PASSPHRASE: {ready['passphrase']}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    return await reader.readexactly(int(length.partition(b":")[2]))


async def _orders(ready: dict[str, Any], count: int, lanes: int) -> tuple[float, int]:
    """Keep-alive connections without a client library, so that the sandbox is measured and not its caller."""
    host, _, port = ready["rest"].removeprefix("http://").partition(":")
    done = accepted = 0

    async def lane(number: int) -> None:
        nonlocal done, accepted
        reader, writer = await asyncio.open_connection(host, int(port))
        while done < count:
            done += 1
            body = json.dumps({
                "symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginMode": "crossed", "marginCoin": "USDT",
                "size": "0.0001", "side": "buy" if number % 2 else "sell", "tradeSide": "open", "orderType": "market"})
            writer.write(_request(ready, host, body))
            reply = await _answer(reader)
            accepted += b'"code":"00000"' in reply
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(lane(number) for number in range(lanes)))
    return time.perf_counter() - began, accepted


async def _pushes(ready: dict[str, Any], pipe: Any, count: int) -> float:
    async with connect(ready["ws_private"], compression=None, max_queue=None) as socket:
        stamp = str(int(time.time()))
        await socket.send(json.dumps({"op": "login", "args": [{
            "apiKey": ready["key"], "passphrase": ready["passphrase"], "timestamp": stamp,
            "sign": _sign(ready["secret"], stamp + "GET/user/verify")}]}))
        await socket.recv()
        await socket.send(json.dumps({"op": "subscribe", "args": [
            {"instType": "USDT-FUTURES", "channel": "orders", "instId": "default"}]}))
        await socket.recv()
        pipe.send("push")
        began = time.perf_counter()
        for _ in range(count):
            await socket.recv()
        return time.perf_counter() - began


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much to ask of the sandbox."""

    orders: int = 5_000
    pushes: int = 40_000
    lanes: int = 16


async def _measured(ready: dict[str, Any], pipe: Any, load: Load) -> list[Row]:
    pipe.send("memory")
    first = pipe.recv()
    ordering, accepted = await _orders(ready, load.orders, load.lanes)
    pushing = await _pushes(ready, pipe, load.pushes)
    pipe.send("memory")
    last = pipe.recv()
    return [
        Row(name="sandbox, orders over HTTP", unit="/s", ours=load.orders / ordering, goal=1_000,
            note=f"at least; {accepted} of {load.orders} accepted"),
        Row(name="sandbox, pushes to one listener", unit="/s", ours=load.pushes / pushing, goal=20_000,
            note="at least"),
        Row(name="sandbox, memory", unit="MB", ours=max(first, last), goal=120,
            note=f"at most; {first:.0f} at start, {last:.0f} at the end"),
    ]


def rows(load: Load | None = None) -> Iterator[Row]:
    """Measure orders a second, pushes a second and memory."""
    load = load or Load()
    context = multiprocessing.get_context("spawn")
    pipe, other = context.Pipe()
    server = context.Process(target=_serve, args=(other, load.pushes))
    server.start()
    try:
        yield from asyncio.run(_measured(pipe.recv(), pipe, load))
    finally:
        with contextlib.suppress(OSError):
            pipe.send("stop")
        server.join(5)
        server.terminate()
