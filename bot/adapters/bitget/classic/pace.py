"""Keep to the socket's limits: messages a second, subscriptions an hour."""
from __future__ import annotations

from collections import deque

# The venue cuts at 10 messages in a second, pings included; two are left for what arrives bunched (websocket.md 2).
MESSAGES_PER_S = 8
# The venue allows 240 requests an hour; repairs may use what the first subscriptions left.
SUBSCRIBES_PER_H = 240
HOUR_S = 3600.0
SECOND_S = 1.0


class Pace:
    """A sliding window: at most `most` within any `window_s` seconds."""

    __slots__ = ("_most", "_past", "_window_s")

    def __init__(self, most: int, window_s: float) -> None:
        self._most = most
        self._window_s = window_s
        self._past: deque[float] = deque()

    def wait_s(self, now: float) -> float:
        """Say how many seconds until one more is allowed; zero when it is allowed now."""
        while self._past and self._past[0] <= now - self._window_s:
            self._past.popleft()
        if len(self._past) < self._most:
            return 0.0
        return self._past[len(self._past) - self._most] + self._window_s - now

    def spend(self, now: float, count: int = 1) -> None:
        """Note that `count` happened now, allowed or not."""
        self._past.extend([now] * count)
