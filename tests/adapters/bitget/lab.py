"""Stand in for clock and network where a test must rule both; payloads are the recorded samples of tests/data."""
from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl

from bot.adapters.bitget.classic.link import Link
from bot.adapters.bitget.http import Http, Patience
from bot.adapters.bitget.sign import Credentials
from bot.adapters.bitget.throttle import Throttle
from bot.adapters.bitget.transport import Request, Response
from bot.domain.account import PositionMode
from bot.domain.ids import AccountId, ClientOrderId, Symbol
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction, Effect, OrderIntent, OrderKind
from bot.domain.order import Order, OrderState

DATA = Path(__file__).parents[2] / "data" / "bitget"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
CREDENTIALS = Credentials(key="k", secret="bitget-test-secret", passphrase="p")
Reply = Response | Exception | Callable[[Request], Response]


class HandClock:
    """A clock that moves only when slept on or pushed; sleeping returns at once."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at
        self.passed = 1000.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.push(seconds)

    def push(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.passed += seconds


class Script:
    """A transport that answers from a list, or by path, and keeps every request."""

    def __init__(self, *replies: Reply, by_path: dict[str, Reply] | None = None) -> None:
        self.replies = list(replies)
        self.by_path = by_path or {}
        self.requests: list[Request] = []

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        reply: Reply
        for path, named in self.by_path.items():
            if request.path.endswith(path):
                reply = named
                break
        else:
            assert self.replies, f"unexpected {request.method} {request.path}?{request.query}"
            reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, Response) else reply(request)

    @property
    def paths(self) -> list[str]:
        return [request.path.rsplit("/", 1)[-1] for request in self.requests]

    def body(self, index: int = -1) -> dict[str, Any]:
        return json.loads(self.requests[index].body)

    def query(self, index: int = -1) -> dict[str, str]:
        return dict(parse_qsl(self.requests[index].query))


def sample(name: str) -> dict[str, Any]:
    """Read one recorded answer, whole."""
    return json.loads((DATA / f"{name}.json").read_text())


def data_of(name: str) -> Any:
    """Read the data of one recorded answer."""
    return sample(name)["data"]


def ok(data: object) -> Response:
    body = {"code": "00000", "msg": "success", "requestTime": 1767268800000, "data": data}
    return Response(status=200, body=json.dumps(body).encode())


def no(code: str, words: str = "no", status: int = 400) -> Response:
    body = {"code": code, "msg": words, "requestTime": 1767268800000, "data": None}
    return Response(status=status, body=json.dumps(body).encode())


def recorded(name: str) -> Response:
    """Answer with recorded data, stamped by the test's own time."""
    return ok(data_of(name))


def http_over(
    script: Script, clock: HandClock | None = None, stopped: Callable[[], bool] = lambda: False, **patience: Any
) -> Http:
    clock = clock or HandClock()
    return Http(
        script, clock, Throttle(clock), credentials=CREDENTIALS, patience=Patience(**patience),
        chance=Random(1).random, stopped=stopped,
    )


def link_over(script: Script, mode: PositionMode | None = PositionMode.HEDGE, clock: HandClock | None = None) -> Link:
    clock = clock or HandClock()
    link = Link(http_over(script, clock), clock)
    if mode is not None:
        for line in ProductLine:
            link.note_mode(line, mode)
    return link


def intent(**changes: Any) -> OrderIntent:
    wish: dict[str, Any] = {
        "symbol": Symbol("BTCUSDT"),
        "direction": Direction.LONG,
        "effect": Effect.OPEN,
        "kind": OrderKind.MARKET,
        "size": Decimal("0.01"),
    }
    return OrderIntent(**(wish | changes))


def order(client_id: str = "wd-0000-aaaaaaaaaaaaaaaabb", signed_at: datetime | None = NOON, **changes: Any) -> Order:
    return Order(
        account=AccountId("main"),
        client_order_id=ClientOrderId(client_id),
        intent=intent(**changes),
        state=OrderState.SUBMITTING,
        created_at=NOON,
        signed_at=signed_at,
    )
