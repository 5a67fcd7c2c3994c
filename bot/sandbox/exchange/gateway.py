"""The REST door: every call passes budget, signature, environment, rights and parameters before it is answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from bot.sandbox.exchange import rest_market
from bot.sandbox.exchange.auth import Key, Keys, authenticate, authorise
from bot.sandbox.exchange.codes import SUCCESS, Refused, failure, success
from bot.sandbox.exchange.endpoints import ENDPOINTS, Endpoint
from bot.sandbox.exchange.faults import Faults
from bot.sandbox.exchange.http import Request, Response
from bot.sandbox.exchange.ledger import Entry, Ledger
from bot.sandbox.exchange.market import Market
from bot.sandbox.exchange.params import Params, parse
from bot.sandbox.exchange.ratelimit import RateLimits

_log = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[object]]

_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_SILENCE_S = 120.0
_ACK_DELAY_S = 0.25
_MUST_EXPLAIN = ("accept_then_silence", "html_body", "truncated_body", "http_5xx")


class Accounts(Protocol):
    """What the gateway needs to answer signed calls."""

    def unified(self, account: str) -> bool:
        """Return whether the account lives in the unified world."""

    def answer(self, key: Key, endpoint: Endpoint, params: Params) -> Any:
        """Return the data of a signed call. Raises Refused."""

    def settled(self) -> None:
        """Let what the call caused reach the streams."""


@dataclass(frozen=True, slots=True)
class _Call:
    endpoint: Endpoint
    key: Key | None
    params: Params
    left: int


class Gateway:
    """Answer requests; see ``handle``."""

    def __init__(self, *, market: Market, accounts: Accounts, keys: Keys, limits: RateLimits, faults: Faults,
                 ledger: Ledger, now: Callable[[], int], true_now: Callable[[], int], sleep: Sleep) -> None:
        self._market, self._accounts, self._keys = market, accounts, keys
        self._limits, self._faults, self._ledger = limits, faults, ledger
        self._now, self._true_now, self._sleep = now, true_now, sleep
        self._late: set[asyncio.Task[Response]] = set()

    async def handle(self, request: Request) -> Response:
        """Return the answer of one call; refusals carry the documented code and HTTP status."""
        if not self._faults:
            return self._answered(request)
        slow = self._faults.take("slow", request.path)
        if slow:
            await self._sleep(slow.parameters["ms"] / 1000)
        if self._faults.find("maintenance"):
            return self._refuse(request, None, Refused("40200"), "maintenance")
        if self._faults.take("rate_limited", request.path):
            return self._refuse(request, None, Refused("429"), "rate_limited")
        # What was accepted goes on even when the caller has stopped waiting.
        task = asyncio.ensure_future(self._disturbed(request))
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        return await asyncio.shield(task)

    def close(self) -> None:
        """Drop answers that are still being withheld."""
        for task in self._late:
            task.cancel()

    def _answered(self, request: Request, fault: str = "") -> Response:
        key = None
        try:
            call = self._admit(request)
            key = call.key
            return self._execute(request, call, fault)
        except Refused as refused:
            return self._refuse(request, key, refused, fault)

    def _admit(self, request: Request) -> _Call:
        now = self._now()
        self._limits.address(request.ip, self._true_now())
        endpoint = ENDPOINTS.get((request.method, request.path))
        if endpoint is None:
            self._elsewhere(request, now)
        assert endpoint is not None
        if not endpoint.signed:
            left = self._limits.spend(endpoint, request.ip, self._true_now())
            return _Call(endpoint, None, self._parse(endpoint, request), left)
        key = authenticate(request, self._keys, now)
        authorise(key, endpoint, request, unified=self._accounts.unified(key.account))
        left = self._limits.spend(endpoint, key.account, self._true_now())
        return _Call(endpoint, key, self._parse(endpoint, request), left)

    def _elsewhere(self, request: Request, now: int) -> None:
        """Refuse what is no v2 endpoint: v1 and unknown paths 40404, a classic account's v3 calls 40084."""
        if request.path.startswith("/api/v3/") and "access-key" in request.headers:
            key = authenticate(request, self._keys, now)
            if not self._accounts.unified(key.account):
                raise Refused("40084")
        raise Refused("40404")

    @staticmethod
    def _parse(endpoint: Endpoint, request: Request) -> Params:
        return parse(endpoint, request.query, request.body, request.headers.get("content-type", ""))

    def _execute(self, request: Request, call: _Call, fault: str = "") -> Response:
        try:
            if call.key is None:
                data = rest_market.ROUTES[request.method, request.path](self._market, call.params)
            else:
                data = self._accounts.answer(call.key, call.endpoint, call.params)
        except Refused as refused:
            return self._refuse(request, call.key, refused, fault, call)
        finally:
            self._accounts.settled()
        self._note(request, call.key, SUCCESS, fault, call)
        return Response(body=success(data, self._now()), headers={"x-mbx-used-remain-limit": str(call.left)})

    def _refuse(self, request: Request, key: Key | None, refused: Refused, fault: str = "",
                call: _Call | None = None) -> Response:
        self._note(request, key, refused.code, fault, call)
        _log.info("%s %s refused with %s: %s", request.method, request.path, refused.code, refused.msg)
        headers = {"x-mbx-used-remain-limit": str(call.left)} if call else {}
        return Response(status=refused.http, body=failure(refused.code, refused.msg, self._now()), headers=headers)

    def _note(self, request: Request, key: Key | None, outcome: str, fault: str, call: _Call | None) -> None:
        name = request.headers.get("access-key")
        if not name:
            return
        known = key or self._keys.find(name)
        oid = str(call.params.get("clientOid") or call.params.get("newClientOid") or "") if call else ""
        self._ledger.add(Entry(self._now(), known.account if known else "", request.method, request.path, oid,
                               outcome, fault))

    # Faults

    async def _disturbed(self, request: Request) -> Response:
        changes = request.method == "POST" and "/order/" in request.path
        early = self._before(request) if changes or self._narrowed(request) else None
        if early is not None:
            return early
        late = self._faults.take("arrive_late") if changes else None
        try:
            call = self._admit(request)
        except Refused as refused:
            return self._refuse(request, None, refused)
        if late:
            await self._sleep(late.parameters["s"])
            return self._execute(request, call, "arrive_late")
        after = next((name for name in _MUST_EXPLAIN if self._strikes(name, request, changes)), "")
        response = self._execute(request, call, after)
        if after:
            return await self._spoiled(after, response)
        if changes and self._faults.take("fill_before_ack"):
            await self._sleep(_ACK_DELAY_S)
        return response

    def _narrowed(self, request: Request) -> bool:
        return any(f.parameters.get("path") and request.path.endswith(f.parameters["path"])
                   for f in self._faults.active())

    def _strikes(self, name: str, request: Request, changes: bool) -> bool:
        fault = self._faults.find(name, request.path)
        if fault is None or not (changes or fault.parameters["path"]):
            return False
        self._faults.take(name, request.path)
        return True

    def _before(self, request: Request) -> Response | None:
        rejected = self._faults.take("reject_next", request.path)
        if rejected:
            return self._refuse(request, None, Refused(rejected.parameters["code"]), "reject_next")
        broken = self._faults.find("http_5xx", request.path)
        if broken and broken.parameters["when"] == "before":
            self._faults.take("http_5xx", request.path)
            self._note(request, None, "5xx", "http_5xx", None)
            return Response(status=int(broken.parameters["status"]), body=_HTML, content_type="text/html")
        return None

    async def _spoiled(self, fault: str, response: Response) -> Response:
        if fault == "accept_then_silence":
            await self._sleep(_SILENCE_S)
            return Response(silent=True, status=504)
        if fault == "truncated_body":
            return Response(status=response.status, body=response.body[: len(response.body) // 2],
                            headers=response.headers)
        status = response.status if fault == "html_body" else 502
        return Response(status=status, body=_HTML, content_type="text/html")
