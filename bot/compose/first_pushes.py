"""Listen to the streams for a moment: what each channel says first, and how old that is when it arrives."""
from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.adapters.bitget.classic.stream_events import Lost, Pushed, Refused, Settled
from bot.adapters.bitget.classic.stream_frames import Credentials
from bot.adapters.bitget.classic.stream_protocol import StreamProtocol
from bot.adapters.bitget.classic.topic import Topic
from bot.adapters.bitget.socket import WebSockets
from bot.adapters.bitget.stream import Stream
from bot.adapters.system.clock import SystemClock
from bot.adapters.system.ids import chance

# A private channel is silent until something happens; after this nobody waits for its first words.
QUIET_S = 2.0
WITHIN_S = 15.0


@dataclass(slots=True)
class Heard:
    """What a stream said: topic to age in seconds of its first push, topics refused, and why it is down."""

    ages: dict[Topic, float] = field(default_factory=dict)
    refused: dict[Topic, str] = field(default_factory=dict)
    settled: bool = False
    why_down: str | None = None


async def listen(
    url: str, topics: Iterable[Topic], login: Credentials | None, offset_ms: Callable[[], int]
) -> Heard:
    """Connect, subscribe and give what came until every topic spoke, or QUIET_S after the acknowledgements.

    Ages count from the venue's stamp, on its clock. A stream that cannot be had says why in `why_down`.
    """
    wanted, heard, clock = tuple(topics), Heard(), SystemClock()
    stream = Stream(
        url=url,
        connector=WebSockets(),
        clock=clock,
        chance=chance,
        make=lambda: StreamProtocol(wanted, login),
        offset_ms=offset_ms,
    )
    follower = stream.follow()
    limit = clock.monotonic() + WITHIN_S
    try:
        while len(heard.ages) + len(heard.refused) < len(wanted) and heard.why_down is None:
            async with asyncio.timeout(max(limit - clock.monotonic(), 0.0)):
                _, event = await anext(follower)
            if isinstance(event, Pushed):
                age = (event.received_at - event.sent_at).total_seconds() + offset_ms() / 1000
                heard.ages.setdefault(event.topic, age)
            elif isinstance(event, Settled):
                heard.settled = True
                heard.refused |= event.refused
                limit = min(limit, clock.monotonic() + QUIET_S)
            elif isinstance(event, Lost):
                heard.why_down = event.why
            elif isinstance(event, Refused) and event.topic is None:
                heard.why_down = f"{event.code} {event.words}"
    except TimeoutError:
        if not heard.settled:
            heard.why_down = heard.why_down or f"nothing was acknowledged within {WITHIN_S:g} s"
    finally:
        await follower.aclose()  # type: ignore[attr-defined]
    return heard
