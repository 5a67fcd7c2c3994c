"""Set ccxt up as one of its users has it: markets loaded, caches filled, somebody waiting for what comes."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks.frames import BASES

try:
    import ccxt.pro
    from ccxt.async_support.base.ws.client import Client
except ImportError:
    ccxt = None

# What a watcher waits for, by channel: the hashes that ccxt's own watch methods use.
AWAITED = {
    "ticker": [f"ticker:{base}/USDT:USDT" for base in BASES],
    "orders": ["order:linear"],
    "positions": ["USDT-FUTURES:positions"],
    "books": ["orderbook:BTC/USDT:USDT"],
}


def market(base: str) -> dict[str, Any]:
    """Give what ccxt knows of one linear contract."""
    return {
        "id": f"{base}USDT", "symbol": f"{base}/USDT:USDT", "base": base, "quote": "USDT", "settle": "USDT",
        "baseId": base, "quoteId": "USDT", "settleId": "USDT", "type": "swap", "spot": False, "swap": True,
        "contract": True, "linear": True, "inverse": False, "contractSize": 1.0, "active": True,
        "precision": {"price": 0.1, "amount": 0.001},
    }  # fmt: skip


def watcher(channel: str) -> tuple[Callable[[bytes], None], Any]:
    """Give what takes one frame, and the exchange behind it; needs a running loop. A bad checksum raises."""
    exchange = ccxt.pro.bitget({"enableRateLimit": False})
    exchange.set_markets([exchange.safe_market_structure(market(base)) for base in BASES])

    def fail(*args: object) -> None:
        raise AssertionError("ccxt found a checksum that does not hold")

    exchange.spawn = fail
    client = Client("wss://test", exchange.handle_message, fail, fail, fail)

    hashes = AWAITED[channel]
    for awaited in hashes:
        client.future(awaited)

    def take(frame: bytes) -> None:
        client.handle_text_or_binary_message(frame.decode())
        # A resolved future is gone; whoever watches asks for the next one.
        if len(client.futures) < len(hashes):
            for awaited in hashes:
                client.future(awaited)

    return take, exchange
