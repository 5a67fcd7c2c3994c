"""Compare the CPU that one signed order call costs us with what it costs ccxt, against a trivial server on loopback."""
from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from bot.adapters.bitget.classic.endpoints import PLACE_ORDER
from bot.adapters.bitget.http import Call, Done, Http
from bot.adapters.bitget.sign import Credentials
from bot.adapters.bitget.throttle import Address, Bucket, Lane, Throttle
from bot.adapters.bitget.transport import HttpTransport
from bot.domain.trading import Environment
from tests.benchmarks.peer import market
from tests.benchmarks.row import ROUNDS, Missing, Row

try:
    import ccxt.async_support as ccxt
except ImportError:
    ccxt = None

CALLS = 200
ANSWER = (b'{"code":"00000","msg":"success","requestTime":1695806875837,'
          b'"data":{"clientOid":"121211212122","orderId":"1111465253393825792"}}')
REPLY = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
         + str(len(ANSWER)).encode() + b"\r\n\r\n" + ANSWER)
BODY = {
    "symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginMode": "crossed", "marginCoin": "USDT",
    "size": "0.01", "price": "27000.5", "side": "buy", "tradeSide": "open", "orderType": "limit", "force": "gtc",
}


class MachineClock:
    """The machine's time."""

    def now(self) -> datetime:
        """Give the wall time."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Give seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class _Server(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._seen = b""

    def data_received(self, text: bytes) -> None:
        self._seen += text
        while b"\r\n\r\n" in self._seen:
            head, _, rest = self._seen.partition(b"\r\n\r\n")
            length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                           if line.lower().startswith(b"content-length")), 0)
            if len(rest) < length:
                return
            self._seen = rest[length:]
            self._transport.write(REPLY)


def _serve(pipe: Any) -> None:
    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def _server() -> Iterator[str]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()


async def _cpu_us(work: Callable[[], Awaitable[None]]) -> float:
    began = time.process_time_ns()
    for _ in range(CALLS):
        await work()
    return (time.process_time_ns() - began) / 1000 / CALLS


async def _measured(address: str) -> Row:
    clock = MachineClock()
    transport = HttpTransport(address, Environment.SANDBOX)
    # The budgets are widened, not taken away: their bookkeeping is part of what a call costs.
    throttle = Throttle(clock, Address(total=Bucket(limit=10**9, period_s=60.0)))
    throttle.limit(PLACE_ORDER.path, 1_000_000)
    http = Http(transport, clock, throttle, chance=lambda: 0.5,
                credentials=Credentials(key="k", secret="s", passphrase="p"))
    number = 0

    async def ours() -> None:
        nonlocal number
        number += 1
        body = BODY | {"clientOid": f"wd-{number}"}
        answer = await http.write(Call(endpoint=PLACE_ORDER, lane=Lane.OPEN, body=body), clock.now())
        assert isinstance(answer, Done), answer

    exchange = ccxt.bitget({"apiKey": "k", "secret": "s", "password": "p", "enableRateLimit": False,
                            "options": {"defaultType": "swap", "uta": False}})
    exchange.urls["api"] = dict.fromkeys(exchange.urls["api"], address)
    exchange.set_markets([exchange.safe_market_structure(market("BTC"))])

    async def theirs() -> None:
        nonlocal number
        number += 1
        order = await exchange.create_order("BTC/USDT:USDT", "limit", "buy", 0.01, 27000.5,
                                            {"clientOid": f"wd-{number}", "hedged": True})
        assert order["id"] == "1111465253393825792"

    samples: tuple[list[float], list[float]] = ([], [])
    try:
        for _ in range(ROUNDS):
            for work, found in zip((ours, theirs), samples, strict=True):
                found.append(await _cpu_us(work))
    finally:
        await transport.close()
        await exchange.close()
    return Row(name="signed order call, CPU", unit="us/call", ours=statistics.median(samples[0]),
               theirs=statistics.median(samples[1]), goal=1.5,
               note="(ccxt: create_order, its own rate limiter off)")


def rows() -> Iterator[Row | Missing]:
    """Measure the CPU of one signed place-order call."""
    if ccxt is None:
        yield Missing(name="signed order call", why="ccxt is not installed; uv sync --extra bench")
        return
    with _server() as address:
        yield asyncio.run(_measured(address))
