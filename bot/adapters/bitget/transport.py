"""Carry one request to the venue and its answer back: plain values in and out, whatever lies between."""
from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from bot.domain.trading import Environment

TOTAL_S = 10.0
BODY_MAX = 16 * 1024 * 1024
CONNECTIONS_MAX = 32
KEEP_ALIVE_S = 30.0
CHUNK = 65536
# Time for a connection is granted in whole steps, rounded down.
CONNECT_STEP_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request; `query` is exactly the text signed, `connect_within` seconds may pass before bytes leave."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes
    connect_within: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One whole answer."""

    status: int
    body: bytes


class NotSent(Exception):
    """No byte of the request left us: refused, no such host, no free connection, no handshake in time."""


class NoAnswer(Exception):
    """The request left, or may have; a whole answer did not come back."""


class Transport(Protocol):
    """Send one request once; raises NotSent or NoAnswer, and nothing else for what the network does."""

    async def __call__(self, request: Request) -> Response:
        """Carry one request."""
        ...


def check_address(address: str, environment: Environment) -> str:
    """Give the address without a trailing slash, or raise ValueError with a sentence (C1).

    Plain http is for the sandbox on loopback alone; everywhere else https is demanded.
    """
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return address.rstrip("/")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"Expected an https address of the exchange, found {address!r}; correct the setting.")
    if not _loopback(parts.hostname) or environment is not Environment.SANDBOX:
        raise ValueError(
            f"Plain http is allowed only to this machine and only in the sandbox environment, found {address!r} in "
            f"{environment.value}; use https."
        )
    return address.rstrip("/")


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class HttpTransport:
    """Carry requests over aiohttp: kept-alive connections, no proxies from the environment, no redirects, no cookies.

    Opened on first use inside the running loop; `close` ends it.
    """

    def __init__(
        self, address: str, environment: Environment, *, total_s: float = TOTAL_S, body_max: int = BODY_MAX
    ) -> None:
        self._address = check_address(address, environment)
        self._total_s = total_s
        self._body_max = body_max
        self._session: aiohttp.ClientSession | None = None
        # One for each endpoint that takes its words in the body.
        self._urls: dict[str, URL] = {}

    async def __call__(self, request: Request) -> Response:
        """Carry one request."""
        session = self._session or self._open()
        try:
            async with session.request(
                request.method,
                self._url(request),
                data=request.body or None,
                headers=request.headers,
                timeout=_patience(self._total_s, max(request.connect_within, CONNECT_STEP_S) // CONNECT_STEP_S),
                allow_redirects=False,
            ) as answer:
                return Response(status=answer.status, body=await self._read(answer))
        except aiohttp.ClientConnectorError as error:
            raise NotSent(f"no connection to {self._address}: {_words(error)}") from error
        except aiohttp.ConnectionTimeoutError as error:
            raise NotSent(f"no connection to {self._address} within {request.connect_within:.1f} s") from error
        except TimeoutError as error:
            raise NoAnswer(f"no answer within {self._total_s:.1f} s") from error
        except aiohttp.ClientError as error:
            raise NoAnswer(f"the answer broke off: {_words(error)}") from error
        except (OSError, ValueError) as error:
            raise NoAnswer(f"the line failed: {_words(error)}") from error

    def _url(self, request: Request) -> URL:
        if request.query:
            return URL(f"{self._address}{request.path}?{request.query}", encoded=True)
        known = self._urls.get(request.path)
        if known is None:
            known = self._urls[request.path] = URL(f"{self._address}{request.path}", encoded=True)
        return known

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS_MAX, keepalive_timeout=KEEP_ALIVE_S, ttl_dns_cache=300)
        self._session = aiohttp.ClientSession(
            connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True
        )
        return self._session

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in answer.content.iter_chunked(CHUNK):
            size += len(chunk)
            if size > self._body_max:
                answer.close()
                raise NoAnswer(f"the answer is larger than {self._body_max} bytes")
            chunks.append(chunk)
        return b"".join(chunks)


@lru_cache(maxsize=1024)
def _patience(total_s: float, connect_steps: float) -> aiohttp.ClientTimeout:
    connect_s = connect_steps * CONNECT_STEP_S
    return aiohttp.ClientTimeout(total=total_s, connect=connect_s, sock_connect=connect_s)


def _words(error: BaseException) -> str:
    return f"{type(error).__name__} {str(error)[:120]}".strip()
