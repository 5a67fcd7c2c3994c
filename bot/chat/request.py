"""Carry Bot API calls over aiohttp: one small class in place of the library's default client.

Times are seconds. What could not even leave is NotSent, what may have arrived is TimedOut or NetworkError (FF-90).
Addresses hold the bot token and are never logged or put into an error (FF-106).
"""
from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlencode

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

T = TypeVar("T")

CONNECT_S, READ_S, MEDIA_S = 5.0, 10.0, 30.0
KEEP_ALIVE_S = 60.0
# A hundred updates are a few hundred kilobytes.
BODY_MAX = 16 * 1024 * 1024
CHUNK = 65536
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class NotSent(NetworkError):
    """The call never left this machine: it may be repeated without fear of a copy."""


class AioRequest(BaseRequest):
    """A connection pool towards one Bot API server; `heard` is told when a call began once it was answered."""

    def __init__(
        self,
        *,
        connections: int = 16,
        read_s: float = READ_S,
        monotonic: Callable[[], float] | None = None,
        heard: Callable[[float], None] | None = None,
    ) -> None:
        self._connections, self._read_s = connections, read_s
        self._monotonic, self._heard = monotonic, heard
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Give the seconds an answer may take unless a call says otherwise."""
        return self._read_s

    async def initialize(self) -> None:
        """Open the pool; opening an open one changes nothing."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEP_ALIVE_S)
            # No proxy from the environment: it would break loopback and is nobody's setting here.
            self._session = aiohttp.ClientSession(
                connector=connector, trust_env=False, headers={"User-Agent": "wiredesk"}, auto_decompress=True,
                cookie_jar=aiohttp.DummyCookieJar(),
            )

    async def shutdown(self) -> None:
        """Close the pool; closing twice changes nothing."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one call; gives status and body, raises NotSent, TimedOut or NetworkError."""
        if self._session is None:
            raise NotSent("The connection pool is closed: it never left.")
        files = request_data.multipart_data if request_data else None
        usual = MEDIA_S if files else self._read_s
        read = _chosen(read_timeout, usual)
        limit = _patience(_chosen(connect_timeout, CONNECT_S), max(read, usual) if files else read)
        form = data if (data := _body(request_data, files)) is None or files else urlencode(data).encode()
        began = self._monotonic() if self._monotonic is not None else 0.0
        try:
            async with self._session.request(
                method, url, data=form, timeout=limit, allow_redirects=False,
                headers=FORM if type(form) is bytes else None,
            ) as answer:
                body = await _read(answer)
        except aiohttp.ServerTimeoutError as late:
            if isinstance(late, aiohttp.ConnectionTimeoutError):
                raise NotSent("No connection in time: it never left.") from None
            raise TimedOut("No answer in time.") from None
        except (aiohttp.ClientConnectorError, aiohttp.ClientConnectorDNSError) as no:
            raise NotSent(f"No connection ({type(no).__name__}): it never left.") from None
        except TimeoutError:
            raise TimedOut("No answer in time.") from None
        except (aiohttp.ClientError, OSError) as broken:
            # The text of such errors may hold the address, and with it the token.
            raise NetworkError(f"The connection broke: {type(broken).__name__}.") from None
        if self._heard is not None and answer.status < 300:
            self._heard(began)
        return answer.status, body


@lru_cache(maxsize=64)
def _patience(connect_s: float, read_s: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=connect_s, sock_read=read_s)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    found = bytearray()
    async for chunk in answer.content.iter_chunked(CHUNK):
        found += chunk
        if len(found) > BODY_MAX:
            answer.close()
            raise NetworkError(f"The answer is larger than {BODY_MAX} bytes.")
    return bytes(found)


def _chosen(value: T, usual: float) -> float:
    return float(value) if isinstance(value, int | float) else usual


def _body(data: RequestData | None, files: Any) -> Any:
    if data is None:
        return None
    if not files:
        return data.json_parameters or None
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, kind) in files.items():
        form.add_field(name, content, filename=file_name, content_type=kind)
    return form
