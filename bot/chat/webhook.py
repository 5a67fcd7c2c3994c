"""Take alerts of charting services over HTTP: `POST /signal`; they only ever become proposals (architecture 21).

`POST /news` takes a text for the reader, where there is one: only topic, sentiment and symbols of it go on (advisor 8).

The secret travels in the header `X-Wiredesk-Secret`, in the path `/signal/SECRET`, or as the field `secret` of a JSON
body. Answers: 202 with the proposal's id, 400 with what could not be read or raised, 401, 408, 404, 413, 422, 429, 503.
"""
from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from aiohttp import web

from bot.desk.plan_idea import quoted
from bot.desk.propose import Raised
from bot.desk.seat import Seat
from bot.desk.signal import Signal
from bot.desk.signal_fields import read_fields
from bot.desk.signal_raise import Sent, raise_signal, raise_text
from bot.domain.proposal import Origin, OriginKind
from bot.domain.refusal import Refusal, refuse
from bot.ports.reader import Reader, Unread

log = logging.getLogger(__name__)

HEADER = "X-Wiredesk-Secret"
BODY_MAX, BODY_S = 16 * 1024, 5.0
# Connections are open files, and the exchange's sockets need some too.
CONNECTIONS_MAX, IDLE_S = 64, 10.0
MINUTE_S, A_MINUTE, WRONG_A_MINUTE, SOURCES_MAX = 60.0, 30, 10, 1024
NAME_MAX = 40
UNNAMED = "webhook"


@dataclass(slots=True)
class Counts:
    """How often each address called and failed within a minute; in memory, for it only protects this process."""

    calls: dict[str, deque[float]] = field(default_factory=dict)
    wrong: dict[str, deque[float]] = field(default_factory=dict)

    def let_in(self, source: str, now: float) -> bool:
        """Count a call; False when there were too many, or too many wrong secrets."""
        if len(self.calls) >= SOURCES_MAX and source not in self.calls:
            self.calls.clear()
        failed = _lately(self.wrong.setdefault(source, deque()), now) if source in self.wrong else 0
        calls = self.calls.setdefault(source, deque())
        if failed >= WRONG_A_MINUTE or _lately(calls, now) >= A_MINUTE:
            return False
        calls.append(now)
        return True

    def failed(self, source: str, now: float) -> None:
        """Count a wrong secret."""
        if len(self.wrong) >= SOURCES_MAX and source not in self.wrong:
            self.wrong.clear()
        self.wrong.setdefault(source, deque(maxlen=WRONG_A_MINUTE)).append(now)


def _lately(stamps: deque[float], now: float) -> int:
    while stamps and now - stamps[0] > MINUTE_S:
        stamps.popleft()
    return len(stamps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """What an alert meets: the desk's seat, the secret, its size as people write it, whether the desk is open."""

    seat: Seat
    secret: str
    amount: str
    open: Callable[[], bool]
    reader: Reader | None = None
    counts: Counts = field(default_factory=Counts)


@asynccontextmanager
async def listening(webhook: Webhook, host: str, port: int) -> AsyncIterator[int]:
    """Serve until left; gives the port. Raises OSError where the address cannot be had."""
    app = web.Application(client_max_size=BODY_MAX)

    async def take(request: web.Request) -> web.Response:
        return await answer(webhook, request)

    async def hear(request: web.Request) -> web.Response:
        return await answer(webhook, request, news=True)

    app.router.add_post("/news", hear)
    app.router.add_post("/news/{secret}", hear)
    app.router.add_post("/signal", take)
    app.router.add_post("/signal/{secret}", take)
    # No access log: paths may carry the secret.
    runner = web.AppRunner(app, access_log=None, handle_signals=False, keepalive_timeout=IDLE_S)
    await runner.setup()
    server = runner.server
    assert server is not None

    def met() -> asyncio.BaseProtocol:
        return server() if len(server.connections) < CONNECTIONS_MAX else _Full()

    try:
        listener = await asyncio.get_running_loop().create_server(met, host, port)
        try:
            yield int(listener.sockets[0].getsockname()[1])
        finally:
            listener.close()
    finally:
        await runner.cleanup()


class _Full(asyncio.Protocol):
    """Whoever comes when every place is taken is hung up on."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hang up."""
        transport.close()


async def answer(webhook: Webhook, request: web.Request, *, news: bool = False) -> web.Response:
    """Serve one alert or text: rate, secret, body, then the corridor; nothing is taken before the secret is right."""
    source, now = request.remote or "unknown", webhook.seat.clock.monotonic()
    if not webhook.counts.let_in(source, now):
        return _no(429, "too_many", f"More than {A_MINUTE} alerts within a minute.", {"Retry-After": "60"})
    given = request.headers.get(HEADER) or request.match_info.get("secret")
    if given is not None and not _right(webhook, given):
        return _wrong(webhook, source, now)
    if (request.content_length or 0) > BODY_MAX:
        return _no(413, "too_long", f"A body has at most {BODY_MAX} bytes.")
    try:
        async with asyncio.timeout(BODY_S):
            text = (await request.read()).decode("utf-8")
    except TimeoutError:
        return _no(408, "too_slow", f"The body did not come within {BODY_S:g} s.")
    except UnicodeDecodeError:
        return _no(400, "unreadable", "The body is not UTF-8.") if given is not None else _wrong(webhook, source, now)
    fields = _fields(text)
    if isinstance(fields, dict) and (inside := fields.pop("secret", None)) is not None and given is None:
        given = str(inside)
    if given is None or not _right(webhook, given):
        return _wrong(webhook, source, now)
    if not webhook.open():
        return _no(503, "not_open", "The desk is not open now; send it again.", {"Retry-After": "30"})
    words = text.replace(webhook.secret, "…")
    if news:
        return await _heard(webhook, fields, words)
    return _told(await _raised(webhook, fields, words))


async def _heard(webhook: Webhook, fields: dict[str, Any] | Refusal | None, words: str) -> web.Response:
    if webhook.reader is None:
        return _no(404, "no_reader", "No language model reads texts here; put llm into WIREDESK_ADVISORS.")
    inside = fields.get("text") if isinstance(fields, dict) else words
    if not isinstance(inside, str) or not inside.strip():
        return _no(400, "no_text", "Send the text as the body, or as the field text of a JSON object.")
    found = await webhook.reader.read(inside.replace(webhook.secret, "…"))
    if isinstance(found, Unread):
        return _json(422, {"error": "unread", "sentence": found.reason})
    return _json(200, {"topic": found.topic, "sentiment": found.sentiment, "symbols": list(found.symbols)})


async def _raised(webhook: Webhook, fields: dict[str, Any] | Refusal | None, words: str) -> Raised | Refusal:
    origin = Origin(kind=OriginKind.SIGNAL, name=UNNAMED)
    if fields is None:
        return await raise_text(webhook.seat, origin, words, webhook.amount)
    posted = read_fields(fields) if isinstance(fields, dict) else fields
    if isinstance(posted, Refusal):
        return await raise_signal(webhook.seat, origin, Sent(signal=posted, words=words))
    name = quoted(posted.source, NAME_MAX) or UNNAMED
    sent: Sent = Sent(signal=posted.signal, words=words, id=f"{name}:{posted.id}" if posted.id else "")
    assert isinstance(sent.signal, Signal)
    return await raise_signal(
        webhook.seat, Origin(kind=OriginKind.SIGNAL, name=name), sent, webhook.amount
    )


def _fields(text: str) -> dict[str, Any] | Refusal | None:
    """Read a JSON object; None for a body that is plain text, a Refusal for one that only looks like JSON."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        found = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    return refuse("not_json", "The alert is no JSON object.", "Check quotes and commas in the alert's message.")


def _no_number(word: str) -> Decimal:
    raise ValueError(f"{word} is no number")


def _right(webhook: Webhook, given: str) -> bool:
    # A header may hold any bytes, a field half a character: both must compare, and be wrong.
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), webhook.secret.encode())


def _wrong(webhook: Webhook, source: str, now: float) -> web.Response:
    webhook.counts.failed(source, now)
    log.warning("An alert from %s carried no right secret.", source)
    return _no(401, "secret", f"Send the secret as the header {HEADER} or as the field secret.")


def _told(raised: Raised | Refusal) -> web.Response:
    if isinstance(raised, Refusal):
        reasons = [{"rule": one.code, "value": one.value, "limit": one.limit, "remedy": one.remedy}
                   for one in raised.reasons]
        return _json(400, {"error": raised.code, "sentence": str(raised), "reasons": reasons})
    proposal = raised.proposal
    body = {"proposal": str(proposal.id), "state": proposal.state.value, "again": raised.again,
            "read": list(proposal.reasons), "not_understood": (proposal.thesis or "").splitlines()}
    return _json(202, body)


def _no(status: int, code: str, sentence: str, headers: dict[str, str] | None = None) -> web.Response:
    return _json(status, {"error": code, "sentence": sentence}, headers)


def _json(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(body, status=status, headers=headers)
