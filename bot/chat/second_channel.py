"""Say a critical alert on a second channel: one POST to a webhook that the operator chose (reliability 5.4)."""
from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import aiohttp

log = logging.getLogger(__name__)

TIMEOUT_S = 10.0


def webhook(address: str, desk: str) -> Callable[[str], Awaitable[bool]]:
    """Make a channel of an address; calling it says whether the other side took it. The address is never logged."""

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
