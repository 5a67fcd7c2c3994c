"""Know how long polling was away: presses of the first batch after a gap are stale (reliability section 5, rule 2)."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.ports.ledger import Tx

PLACE = "chat_polled"


@dataclass(slots=True)
class Polls:
    """When polls were answered, in monotonic seconds; `gap_s` is how long before the present batch nobody asked."""

    monotonic: Callable[[], float]
    answered_at: float = 0.0
    watched_from: float = 0.0
    gap_s: float = 0.0

    def away(self, seconds: float) -> None:
        """Begin: nobody has polled for so many seconds."""
        self.watched_from = self.monotonic()
        self.answered_at = self.watched_from - seconds

    def heard(self, began: float) -> None:
        """Note an answered poll that began at this moment."""
        self.gap_s = max(0.0, began - self.answered_at)
        self.answered_at = self.monotonic()

    def again(self) -> None:
        """Note that polling is started anew; the gap goes on."""
        self.watched_from = self.monotonic()

    def age(self) -> float:
        """Give the seconds since the last answer, or since polling was started."""
        return self.monotonic() - max(self.answered_at, self.watched_from)


def keep(tx: Tx, now: datetime) -> None:
    """Remember that polling works, for the gap that a restart makes."""
    tx.desk.set_value(PLACE, {"at": now.timestamp()}, now)


def away_s(tx: Tx, now: datetime) -> float:
    """Give how long nobody has polled for this desk; for ever where nobody ever did."""
    stored = tx.desk.value(PLACE)
    if not stored:
        return float("inf")
    return max(0.0, (now - datetime.fromtimestamp(stored["at"], UTC)).total_seconds())
