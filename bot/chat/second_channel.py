"""Speak to addresses the operator chose: critical alerts on a second channel, a sign of life (reliability 5.4, 5.6)."""
from __future__ import annotations

import ipaddress
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import aiohttp

log = logging.getLogger(__name__)

TIMEOUT_S = 10.0


def private(address: str, setting: str) -> str:
    """Give the address back; raises ValueError for one over which others could read along or answer (threat A11)."""
    parts = urlsplit(address)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and _here(parts.hostname))):
        raise ValueError(f"{setting} must be an https address, or http to loopback.")
    return address


def _here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def webhook(address: str, desk: str) -> Callable[[str], Awaitable[bool]]:
    """Make a channel of an address; calling it says whether the other side took it. The address is never logged.

    Raises ValueError for an address in the clear.
    """
    private(address, "WIREDESK_SECOND_CHANNEL_URL")

    async def say(words: str) -> bool:
        # Slack, Mattermost and most receivers read "text", Discord reads "content".
        body = {"text": f"{desk}: {words}", "content": f"{desk}: {words}"}
        try:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
                session.post(address, json=body, allow_redirects=False) as answer,
            ):
                taken = answer.status < 300
        except (aiohttp.ClientError, OSError, TimeoutError) as fault:
            log.warning("The second channel did not answer: %s", type(fault).__name__)
            return False
        if not taken:
            log.warning("The second channel said %s", answer.status)
        return taken

    return say


def sign_of_life(address: str) -> Callable[[], Awaitable[bool]]:
    """Make a call that tells a checker elsewhere that this desk lives; gives whether it was taken. Never logged.

    Raises ValueError for an address in the clear.
    """
    private(address, "WIREDESK_HEARTBEAT_URL")

    async def call() -> bool:
        try:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
                session.get(address, allow_redirects=False) as answer,
            ):
                return answer.status < 300
        except (aiohttp.ClientError, OSError, TimeoutError) as fault:
            log.warning("The heartbeat was not taken: %s", type(fault).__name__)
            return False

    return call
