"""Write what we send over a socket, and sort the venue's refusals."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from bot.adapters.bitget.classic.stream_events import Trouble
from bot.adapters.bitget.classic.topic import ALL, Key, Topic
from bot.adapters.bitget.codes import Kind, kind_of

PING = "ping"
PONG = "pong"
# One subscribe message may carry 4096 bytes of arguments; the whole frame is kept within it (websocket.md 2).
FRAME_BYTES_MAX = 4096
LOGIN_PATH = "GET/user/verify"
OK_CODES = frozenset({"", "0", "00000"})
# The socket's own codes (websocket.md 4); REST codes that it also sends mean what `codes` says.
AUTH_CODES = frozenset({"30005", "30011", "30012", "30015"})
CLOCK_CODES = frozenset({"30013", "30014", "40005"})
LIMIT_CODES = frozenset({"30007"})
SLOW_CODES = frozenset({"30006"})
AUTH_KINDS = frozenset({Kind.AUTH, Kind.PERMISSION, Kind.WORLD, Kind.ENVIRONMENT})
LOGIN_NEEDED = "30004"
NAMED = re.compile(r"instType:(?P<line>[\w-]+),\s*channel:(?P<channel>[\w-]+)(?:,\s*(?:instId|coin):(?P<symbol>\w+))?")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Credentials:
    """What a private socket logs in with; `sign` takes the timestamp in seconds and gives the signature of
    timestamp + "GET/user/verify" (websocket.md 3)."""

    api_key: str
    passphrase: str
    sign: Callable[[str], str]


def login(credentials: Credentials, at: datetime) -> str:
    """Write the login frame over a given time; the socket's timestamps are seconds, not milliseconds (FF-61)."""
    timestamp = str(int(at.timestamp()))
    argument = {
        "apiKey": credentials.api_key,
        "passphrase": credentials.passphrase,
        "timestamp": timestamp,
        "sign": credentials.sign(timestamp),
    }
    return msgspec.json.encode({"op": "login", "args": [argument]}).decode()


def requests(op: str, topics: Iterable[Topic]) -> Iterator[tuple[str, tuple[Topic, ...]]]:
    """Write `subscribe` or `unsubscribe` frames, each within FRAME_BYTES_MAX, with the topics it names."""
    batch: list[Topic] = []
    size = empty = len(_request(op, ()))
    for topic in topics:
        length = len(msgspec.json.encode(topic.argument())) + 1
        if batch and size + length > FRAME_BYTES_MAX:
            yield _request(op, batch).decode(), tuple(batch)
            batch, size = [], empty
        batch.append(topic)
        size += length
    if batch:
        yield _request(op, batch).decode(), tuple(batch)


def _request(op: str, topics: Iterable[Topic]) -> bytes:
    return msgspec.json.encode({"op": op, "args": [topic.argument() for topic in topics]})


def too_fast(code: str) -> bool:
    """Tell whether the venue asks to slow down, the connection staying open."""
    return code in SLOW_CODES or kind_of(code) is Kind.RATE


def trouble_of(code: str, logging_in: bool) -> Trouble | None:
    """Say whether an error ends the connection, and how; None when it concerns one request only."""
    kind = kind_of(code)
    if code in CLOCK_CODES or kind is Kind.STALE_CLOCK:
        return Trouble.CLOCK
    if code in AUTH_CODES or kind in AUTH_KINDS:
        return Trouble.AUTH
    if code in LIMIT_CODES:
        return Trouble.LIMIT
    if code == LOGIN_NEEDED:
        return Trouble.NETWORK
    return Trouble.AUTH if logging_in else None


def named_in(words: str) -> Key | None:
    """Find the topic that an error without `arg` names in its words; None where it names none."""
    match = NAMED.search(words)
    return (match["line"], match["channel"], match["symbol"] or ALL) if match else None


def argument(raw: msgspec.Raw) -> object:
    """Read an `arg` of whatever JSON type it is; None where there is none."""
    return msgspec.json.decode(raw) if bytes(raw) else None
