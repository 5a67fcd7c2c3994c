"""A venue on a clock moved by hand, and a client that signs by itself: what most tests of the exchange start from."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from bot.sandbox.exchange.auth import Key
from bot.sandbox.exchange.http import Request, Response
from bot.sandbox.exchange.sockets import InProcessSocket
from bot.sandbox.exchange.venue import Venue

START = 1_795_557_600_000 + 17 * 60_000 + 23_000
M = "/api/v2/mix/"
LINE = {"symbol": "BTCUSDT", "productType": "USDT-FUTURES"}


def signature(secret: str, message: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest()).decode()


class Bench:
    """A venue in virtual time: ``pass_time`` moves the wall and steps; sleeping is passing time."""

    def __init__(self, **options: Any) -> None:
        self.now_ms = START
        self.venue = Venue(wall=lambda: self.now_ms, sleep=self.sleep, **{"seed": 1, **options})
        self.key = self.venue.main

    def pass_time(self, seconds: float, step: float = 0.05) -> None:
        for _ in range(round(seconds / step)):
            self.now_ms += round(step * 1000)
            self.venue.step(step)

    async def sleep(self, seconds: float) -> None:
        self.pass_time(seconds)

    async def send(self, method: str, path: str, query: str = "", body: bytes = b"", *, key: Key | None = None,
                   signed: bool = True, **headers: str) -> Response:
        who, stamp = key or self.key, str(self.venue.clock.wall())
        target = path + ("?" + query if query else "")
        own = {"content-type": "application/json"}
        if signed:
            own |= {"access-key": who.key, "access-passphrase": who.passphrase, "access-timestamp": stamp,
                    "access-sign": signature(who.secret, stamp + method + target + body.decode())}
        return await self.venue.handle(Request(method=method, path=path, query=query, body=body,
                                               headers={**own, **headers}))

    async def get(self, path: str, *, key: Key | None = None, signed: bool = True, **params: Any) -> Any:
        """Return the data of a read; fail when it was refused."""
        response = await self.send("GET", path, "&".join(f"{k}={v}" for k, v in params.items()), key=key,
                                   signed=signed)
        answer = json.loads(response.body)
        assert answer["code"] == "00000", answer
        return answer["data"]

    async def post(self, path: str, *, key: Key | None = None, **fields: Any) -> Any:
        """Return the data of a change; fail when it was refused."""
        response = await self.send("POST", path, body=json.dumps(fields).encode(), key=key)
        answer = json.loads(response.body)
        assert answer["code"] == "00000", answer
        return answer["data"]

    async def code(self, method: str, path: str, *, key: Key | None = None, signed: bool = True, **params: Any) -> str:
        """Return the code a call is answered with."""
        if method == "GET":
            query, body = "&".join(f"{k}={v}" for k, v in params.items()), b""
        else:
            query, body = "", json.dumps(params).encode()
        response = await self.send(method, path, query, body, key=key, signed=signed)
        return str(json.loads(response.body)["code"])

    async def order(self, *, key: Key | None = None, **changes: Any) -> Any:
        """Place an order (a hedge-mode market buy of 0.01 BTCUSDT unless told otherwise) and return its ack."""
        fields = {**LINE, "marginMode": "crossed", "marginCoin": "USDT", "size": "0.01", "side": "buy",
                  "tradeSide": "open", "orderType": "market", **changes}
        return await self.post(M + "order/place-order", key=key, **{k: v for k, v in fields.items() if v is not None})

    def last(self, symbol: str = "BTCUSDT") -> float:
        return float(self.venue.market.listings[symbol].last)

    async def control(self, method: str, path: str, fields: dict[str, Any] | None = None, query: str = "") -> Any:
        """Return the control surface's answer and its status."""
        body = json.dumps(fields).encode() if fields is not None else b""
        response = await self.venue.control.handle(Request(method=method, path=path, query=query, body=body))
        return response.status, json.loads(response.body)

    async def login(self, *, key: Key | None = None, demo: bool = False) -> InProcessSocket:
        """Return a private socket that has logged in."""
        socket = self.venue.connect(private=True, demo=demo)
        await socket.send(json.dumps({"op": "login", "args": [self.credentials(key or self.key)]}))
        assert json.loads(await socket.recv()) == {"event": "login", "code": 0, "msg": ""}
        return socket

    def credentials(self, key: Key) -> dict[str, str]:
        stamp = str(self.venue.clock.wall() // 1000)
        return {"apiKey": key.key, "passphrase": key.passphrase, "timestamp": stamp,
                "sign": signature(key.secret, stamp + "GET/user/verify")}


def arg(channel: str, inst: str = "BTCUSDT", product: str = "USDT-FUTURES") -> dict[str, str]:
    return {"instType": product, "channel": channel, "instId": inst}


async def subscribe(socket: InProcessSocket, *args: dict[str, str]) -> None:
    """Subscribe; the acknowledgements stay in the queue."""
    await socket.send(json.dumps({"op": "subscribe", "args": list(args)}))


def frames(socket: InProcessSocket) -> list[dict[str, Any]]:
    """Take every frame that is waiting; ``pong`` becomes {"event": "pong"}."""
    waiting = list(socket.session.out)
    socket.session.out.clear()
    return [{"event": "pong"} if text == "pong" else json.loads(text) for text in waiting]


def pushes(socket: InProcessSocket, channel: str) -> list[dict[str, Any]]:
    """Take every waiting frame and return the pushes of one channel."""
    return [frame for frame in frames(socket) if "action" in frame and frame["arg"]["channel"] == channel]
