"""Make one call: wait for budget, sign, send once, judge the answer. Only reads are ever tried again."""
from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

import msgspec

from bot.adapters.bitget.codes import SUCCESS, Kind, kind_of, worth_another_read
from bot.adapters.bitget.sign import Credentials, signed_headers
from bot.adapters.bitget.skew import Offset, Sample, Skew
from bot.adapters.bitget.throttle import Lane, Scope, Throttle
from bot.adapters.bitget.transport import NoAnswer, NotSent, Request, Response, Transport
from bot.ports.clock import Clock

log = logging.getLogger(__name__)

MS = 1000
TOO_MANY = "429"
WORDS_MAX = 300
TIME_PATH = "/api/v2/public/time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One call the venue offers: `per_second` calls by `scope`; `changes` marks what alters state there."""

    method: str
    path: str
    per_second: float
    scope: Scope
    signed: bool = True
    changes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to make; `query` and `body` hold wire names and wire values."""

    endpoint: Endpoint
    lane: Lane
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The venue answered 2xx with code 00000; `data` is a tree of dict, list, str, int, Decimal, bool, None."""

    data: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The venue answered with another code, in its own words; what that means for a write is in `codes`."""

    code: str
    words: str

    @property
    def kind(self) -> Kind:
        """Name the kind of the code."""
        return kind_of(self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """Nothing left us."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """The request left, or may have; no answer that can be trusted came back."""

    why: str


Answer = Done | Refused | Unsent | Silent


class ReadFailed(Exception):
    """A read could not be made; `code` is the venue's where it answered with one."""

    def __init__(self, text: str, code: str | None = None) -> None:
        super().__init__(text)
        self.code = code


# How long the exchange accepts a signature (rest.md, ACCESS-TIMESTAMP).
WINDOW_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long things may take, in seconds (C2). `send_delay_max_s` is R2's bound between storing and sending.

    `validity_s` is how long after its stamp a write may still be accepted; below the exchange's own window the stamp
    is put back by the difference, so that the exchange itself refuses what comes later than we believe it can.
    """

    send_delay_max_s: float = 2.0
    validity_s: float = WINDOW_S
    write_queue_s: float = 5.0
    read_queue_s: float = 30.0
    connect_s: float = 3.0
    read_attempts: int = 3
    backoff_s: float = 0.25


class Envelope(msgspec.Struct):
    """The frame of every REST answer (rest.md 0.3)."""

    code: object = None
    msg: object = None
    requestTime: object = None
    data: object = None


# Numbers that are not strings become Decimals: a float never sees an amount or an id (FF-56).
_DECODER = msgspec.json.Decoder(Envelope, float_hook=Decimal)
_UNREADABLE = (ValueError, ArithmeticError, RecursionError)


def read_envelope(body: bytes) -> Envelope | None:
    """Read the frame of an answer; None for HTML, broken JSON or anything else that is not one object."""
    try:
        return _DECODER.decode(body)
    except _UNREADABLE:
        return None


def judge(status: int, envelope: Envelope | None) -> Done | Refused | Silent:
    """Decide what an answer means: success is 2xx and code 00000, a refusal is readable and below 500 (FF-04, FF-58).

    A 429 is a refusal whatever its body is; every other unreadable, 3xx, 408 or 5xx answer settles nothing.
    """
    code = envelope.code if envelope is not None else None
    code = str(code) if type(code) is int else code
    words = envelope.msg if envelope is not None and isinstance(envelope.msg, str) else ""
    words = words[:WORDS_MAX]
    if status == int(TOO_MANY) or code == TOO_MANY:
        return Refused(code=TOO_MANY, words=words or "Too Many Requests")
    if envelope is None:
        return Silent(why=f"HTTP {status} with a body that is not the venue's JSON")
    if not isinstance(code, str) or not code:
        return Silent(why=f"HTTP {status} with a body that carries no code")
    if status >= 500 or status == 408 or 300 <= status < 400:
        return Silent(why=f"HTTP {status} with code {code[:20]} {words}".strip())
    if code != SUCCESS:
        return Refused(code=code[:20], words=words)
    if status >= 400:
        return Silent(why=f"HTTP {status} although the body says success")
    return Done(data=envelope.data)


def query_text(query: Mapping[str, str]) -> str:
    """Write a query string, keys ascending; this text is signed and sent (rest.md, ACCESS-TIMESTAMP)."""
    return "&".join(f"{name}={quote(query[name], safe='-_.~,:')}" for name in sorted(query))


def body_bytes(body: Mapping[str, object] | None) -> bytes:
    """Write a request body as compact JSON; these bytes are signed and sent."""
    return b"" if body is None else msgspec.json.encode(body)


class Http:
    """The one function that speaks to the venue, in its two forms: `write` once, `read` until known or given up."""

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        throttle: Throttle,
        *,
        chance: Callable[[], float],
        credentials: Credentials | None = None,
        demo: bool = False,
        patience: Patience | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._throttle = throttle
        self._credentials = credentials
        self._headers = {"Content-Type": "application/json", "locale": "en-US"} | ({"paptrading": "1"} if demo else {})
        self._patience = patience or Patience()
        self._chance = chance
        self._stopped = stopped
        self._skew = Skew()
        self._doubted = False

    @property
    def throttle(self) -> Throttle:
        """Give the budget this client keeps."""
        return self._throttle

    @property
    def offset(self) -> Offset | None:
        """Give the venue's clock against ours as known now; None before the first answer."""
        return self._skew.estimate(self._wall_ms(), self._clock.monotonic() * MS)

    def venue_ms(self) -> int:
        """Give the venue's present time in milliseconds, as well as we know it."""
        return self._venue_ms(self._wall_ms())

    async def write(self, call: Call, signed_at: datetime | None = None) -> Answer:
        """Send a call that changes state, at most once; the answer is a value, whatever the network does.

        With `signed_at` the call is signed with that moment, and Unsent when more than `send_delay_max_s` lie between
        it and sending, waiting for budget and for a connection included (R2). What opens is Unsent too when trading
        was halted since it was stored (I14).
        """
        left = self._left(signed_at)
        if left <= 0:
            return Unsent(why=self._too_late(signed_at))
        endpoint = call.endpoint
        if not await self._throttle.admit(endpoint.path, endpoint.per_second, endpoint.scope, call.lane, left):
            return Unsent(why=f"our own limit for {endpoint.path} was used up for {left:.1f} s")
        left = self._left(signed_at)
        if left <= 0:
            return Unsent(why=self._too_late(signed_at))
        if signed_at is not None and call.lane is Lane.OPEN and self._stopped():
            return Unsent(why="trading was halted before it left; nothing was sent")
        stamp = self._clock.now() if signed_at is None else signed_at
        back = max(0.0, WINDOW_S - self._patience.validity_s) * MS
        answer = await self._once(call, _ms(stamp) - back, min(left, self._patience.connect_s))
        if isinstance(answer, Refused) and answer.kind is Kind.STALE_CLOCK:
            self._doubted = True
        return answer

    async def read(self, call: Call) -> object:
        """Ask until answered, at most `read_attempts` times, and give the data.

        Raises ReadFailed with every cause; a refusal that asking again cannot change is raised at once.
        """
        if call.endpoint.changes:
            raise ValueError(f"{call.endpoint.path} changes state and is never asked twice (FF-03)")
        causes: list[str] = []
        code: str | None = None
        for attempt in range(self._patience.read_attempts):
            if attempt:
                await self._clock.sleep(self._patience.backoff_s * 2 ** (attempt - 1) * (0.5 + self._chance()))
            answer = await self._ask(call)
            if isinstance(answer, Done):
                return answer.data
            if isinstance(answer, Refused):
                code = answer.code
                causes.append(f"{answer.code} {answer.words}".strip())
                if not worth_another_read(code):
                    break
            else:
                code = None
                causes.append(answer.why)
        told = "; ".join(dict.fromkeys(causes))
        raise ReadFailed(f"{call.endpoint.path} was not answered after {len(causes)} attempts: {told}", code)

    async def measure(self, samples: int = 3) -> Offset | None:
        """Ask the venue for its time and give the offset; None when nothing ever came back (FF-62)."""
        endpoint = Endpoint(method="GET", path=TIME_PATH, per_second=20, scope=Scope.IP, signed=False)
        self._doubted = False
        for _ in range(samples):
            if await self._throttle.admit(TIME_PATH, 20, Scope.IP, Lane.ASK, self._patience.read_queue_s):
                await self._once(Call(endpoint=endpoint, lane=Lane.ASK), 0, self._patience.connect_s)
        return self.offset

    async def _ask(self, call: Call) -> Answer:
        if self._doubted:
            await self.measure()
        endpoint = call.endpoint
        wait = self._patience.read_queue_s
        if not await self._throttle.admit(endpoint.path, endpoint.per_second, endpoint.scope, call.lane, wait):
            return Unsent(why=f"our own limit was used up for {wait:.0f} s")
        answer = await self._once(call, self._wall_ms(), self._patience.connect_s)
        if isinstance(answer, Refused) and answer.kind is Kind.STALE_CLOCK:
            self._doubted = True
        return answer

    async def _once(self, call: Call, wall_ms: float, connect_within: float) -> Answer:
        request = self._request(call, wall_ms, connect_within)
        asked_ms, begun = self._wall_ms(), self._clock.monotonic()
        try:
            response = await self._transport(request)
        except NotSent as error:
            return Unsent(why=str(error))
        except NoAnswer as error:
            return Silent(why=str(error))
        envelope = read_envelope(response.body)
        self._learn(envelope, asked_ms, begun)
        answer = judge(response.status, envelope)
        if isinstance(answer, Refused) and answer.code == TOO_MANY:
            self._throttle.refused(call.endpoint.path)
        self._tell(call, response, answer)
        return answer

    def _request(self, call: Call, wall_ms: float, connect_within: float) -> Request:
        endpoint = call.endpoint
        query, body = query_text(call.query), body_bytes(call.body)
        headers = dict(self._headers)
        if endpoint.signed:
            if self._credentials is None:
                raise ValueError(f"{endpoint.path} needs a key and this client has none")
            headers |= signed_headers(
                self._credentials, self._venue_ms(wall_ms), endpoint.method, endpoint.path, query, body.decode()
            )
        return Request(
            method=endpoint.method,
            path=endpoint.path,
            query=query,
            headers=headers,
            body=body,
            connect_within=connect_within,
        )

    def _learn(self, envelope: Envelope | None, asked_ms: float, begun: float) -> None:
        if envelope is None:
            return
        stamp = envelope.requestTime
        dedicated = isinstance(envelope.data, dict) and "serverTime" in envelope.data
        if isinstance(envelope.data, dict) and dedicated:
            stamp = envelope.data["serverTime"]
        if isinstance(stamp, str) and stamp.isdecimal() and len(stamp) == 13:
            stamp = int(stamp)
        if isinstance(stamp, int) and len(str(stamp)) == 13:
            now = self._clock.monotonic()
            sample = Sample(
                asked_ms=asked_ms,
                took_ms=(now - begun) * MS,
                venue_ms=stamp,
                monotonic_ms=begun * MS,
                dedicated=dedicated,
            )
            self._skew.add(sample)

    def _tell(self, call: Call, response: Response, answer: Answer) -> None:
        if isinstance(answer, Done):
            return
        level = logging.WARNING if call.endpoint.changes or isinstance(answer, Silent) else logging.INFO
        said = f"{answer.code} {answer.words}" if isinstance(answer, Refused) else answer.why
        log.log(level, "%s %s: HTTP %d, %s", call.endpoint.method, call.endpoint.path, response.status, said)

    def _left(self, signed_at: datetime | None) -> float:
        if signed_at is None:
            return self._patience.write_queue_s
        age = (self._clock.now() - signed_at).total_seconds()
        # A stamp from the future means that our clock was set back: how old it is cannot be known.
        return self._patience.send_delay_max_s - age if age >= -self._patience.send_delay_max_s else 0.0

    def _too_late(self, signed_at: datetime | None) -> str:
        age = (self._clock.now() - signed_at).total_seconds() if signed_at is not None else 0.0
        return (
            f"{age:.1f} s passed between storing and sending, and only {self._patience.send_delay_max_s:.1f} s are "
            "allowed; nothing was sent"
        )

    def _wall_ms(self) -> float:
        return _ms(self._clock.now())

    def _venue_ms(self, wall_ms: float) -> int:
        offset = self.offset
        return round(wall_ms + (offset.ms if offset is not None else 0.0))


def _ms(at: datetime) -> float:
    return at.timestamp() * MS
