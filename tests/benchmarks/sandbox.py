"""Measure the sandbox: ``python -m tests.benchmarks.sandbox``. Orders a second over HTTP, pushes a second, memory.

The sandbox runs as a process of its own, so that its memory is its own; load comes from this one.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import multiprocessing
import time
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect

from bot.sandbox.exchange.stream_public import frame
from bot.sandbox.launch import Options, launch

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


async def _measure(ready: dict[str, Any], pipe: Any, args: argparse.Namespace) -> None:
    pipe.send("memory")
    print(f"memory at start         {pipe.recv():10.1f} MB   (goal: under 120)")
    spent, accepted = await _orders(ready, args.orders, args.lanes)
    print(f"orders over HTTP        {args.orders / spent:10.0f} /s   (goal: 1000; {accepted} accepted)")
    spent = await _pushes(ready, pipe, args.pushes)
    print(f"pushes to one listener  {args.pushes / spent:10.0f} /s   (goal: 20000)")
    pipe.send("memory")
    print(f"memory at end           {pipe.recv():10.1f} MB   (goal: under 120)")


def main() -> None:
    """Run the measurements and print their figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=5_000)
    parser.add_argument("--pushes", type=int, default=40_000)
    parser.add_argument("--lanes", type=int, default=16)
    args = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    pipe, other = context.Pipe()
    server = context.Process(target=_serve, args=(other, args.pushes))
    server.start()
    try:
        asyncio.run(_measure(pipe.recv(), pipe, args))
    finally:
        with contextlib.suppress(OSError):
            pipe.send("stop")
        server.join(5)
        server.terminate()


if __name__ == "__main__":
    main()
