"""Carry one question over HTTP: streamed, one deadline around everything, one megabyte, no redirects (advisor 3.3).

A read timeout bounds the gap between bytes, not the call; only the deadline around the whole call does. Nothing is
repeated but a connection that could not be made, once: then nothing was sent and nothing is paid.
"""
from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.provider import Provider
from bot.adapters.advisors.llm.wires import address_of, headers_of

BODY_MOST = 1 << 20
TRIES = 2
MODELS_PATH = "/models"


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """A whole body of status 200."""

    body: bytes


class Line:
    """The connection to one provider; no proxies from the environment, no cookies, no connection kept."""

    def __init__(self, provider: Provider, key: str | None) -> None:
        """Prepare; nothing is connected yet. Reading the certificates takes a moment: do it before the loop is busy."""
        self._provider = provider
        self._address = address_of(provider)
        headers: Mapping[str, str] = {
            **headers_of(provider, key), "Content-Type": "application/json", "Accept": "application/json",
            # What is not packed cannot unpack to gigabytes.
            "Accept-Encoding": "identity",
        }
        self._client = httpx.AsyncClient(
            headers=headers, timeout=None, follow_redirects=False, trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def ask(self, body: bytes) -> Got | Failure:
        """Send one question and give the body of its answer, within the provider's deadline."""
        return await self._within("POST", self._address, body)

    async def listed(self) -> Got | Failure:
        """Ask which models there are; nothing is paid for it. Some servers do not tell."""
        return await self._within("GET", self._provider.base_url.rstrip("/") + MODELS_PATH, b"")

    async def close(self) -> None:
        """Close what is open."""
        await self._client.aclose()

    async def _within(self, method: str, address: str, body: bytes) -> Got | Failure:
        try:
            async with asyncio.timeout(self._provider.deadline_s):
                return await self._tried(method, address, body)
        except TimeoutError:
            return Failure(code="timeout", words=f"no whole answer within {self._provider.deadline_s:g} s")

    async def _tried(self, method: str, address: str, body: bytes) -> Got | Failure:
        for _ in range(TRIES):
            try:
                return await self._sent(method, address, body)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
            except httpx.HTTPError as fault:
                return Failure(code="cut", words=f"the connection broke ({type(fault).__name__})")
        return Failure(code="connect", words="the model cannot be reached", billed=False)

    async def _sent(self, method: str, address: str, body: bytes) -> Got | Failure:
        async with self._client.stream(method, address, content=body) as answer:
            wrong = _refused(answer)
            if wrong is not None:
                return wrong
            found = bytearray()
            async for chunk in answer.aiter_raw():
                found += chunk
                if len(found) > BODY_MOST:
                    return Failure(code="too_big", words=f"the answer is larger than {BODY_MOST} bytes")
            return Got(body=bytes(found))


def _refused(answer: httpx.Response) -> Failure | None:
    """Say what is wrong with an answer before its body is read."""
    status = answer.status_code
    if 300 <= status < 400:
        return Failure(code="redirect", words="it points elsewhere, and nobody follows", billed=False)
    if status == 429:
        return Failure(code="rate_limited", words="the provider says we ask too often", billed=False)
    if status != 200:
        return Failure(code=f"http_{status}", words=f"the provider answers with status {status}", billed=False)
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        return Failure(code="encoded", words="the answer is packed although that was not accepted")
    length = answer.headers.get("content-length", "0")
    if length.isdigit() and int(length[:12]) > BODY_MOST:
        return Failure(code="too_big", words=f"the answer is larger than {BODY_MOST} bytes")
    return None
