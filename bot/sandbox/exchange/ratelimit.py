"""Request budgets: one-second windows per endpoint and caller, and the address-wide penalty (rest.md 0.4)."""

from __future__ import annotations

from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.endpoints import Endpoint

A_MINUTE = 6_000
PENALTY_MS = 5 * 60_000


class RateLimits:
    """Count requests. ``enabled`` may be switched off for throughput measurements."""

    __slots__ = ("_minutes", "_penalty_until", "_windows", "enabled")

    def __init__(self, *, enabled: bool = True) -> None:
        self.enabled = enabled
        self._windows: dict[tuple[str, str], tuple[int, int]] = {}
        self._minutes: dict[str, tuple[int, int]] = {}
        self._penalty_until: dict[str, int] = {}

    def address(self, ip: str, now_ms: int) -> None:
        """Count a request of an address. Raises Refused 429 above 6000 a minute and for five minutes after."""
        if not self.enabled:
            return
        if now_ms < self._penalty_until.get(ip, 0):
            raise Refused("429")
        minute, count = self._minutes.get(ip, (0, 0))
        count = count + 1 if minute == now_ms // 60_000 else 1
        self._minutes[ip] = (now_ms // 60_000, count)
        if count > A_MINUTE:
            self._penalty_until[ip] = now_ms + PENALTY_MS
            raise Refused("429")

    def spend(self, endpoint: Endpoint, caller: str, now_ms: int, per_second: float | None = None) -> int:
        """Count a call and return how many are left in this window. Raises Refused 429 when none was."""
        rate = endpoint.per_second if per_second is None else per_second
        if not self.enabled:
            return int(rate)
        length = 1000 if rate >= 1 else round(1000 / rate)
        budget = max(1, int(rate))
        key, window = (endpoint.path, caller), now_ms // length
        seen, count = self._windows.get(key, (window, 0))
        count = count + 1 if seen == window else 1
        self._windows[key] = (window, min(count, budget + 1))
        if count > budget:
            raise Refused("429")
        return budget - count
