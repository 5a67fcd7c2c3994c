"""Tell how old unclear orders are by the clock that nobody sets: a wall that jumps ahead makes nothing provable."""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.ids import ClientOrderId
from bot.domain.order import Order


@dataclass(slots=True)
class Steady:
    """How old each order was when this process first had to do with it, and when that was by the monotonic clock."""

    seen: dict[ClientOrderId, tuple[timedelta, float]] = field(default_factory=dict)

    def begin(self, order: ClientOrderId, monotonic: float) -> None:
        """Note that an order is signed now."""
        self.seen[order] = (timedelta(0), monotonic)

    def present(self, order: Order, now: datetime, monotonic: float) -> datetime:
        """Give the present for a question about this order: the wall's, never later than its age allows (R5)."""
        signed = order.signed_at or order.created_at
        age, since = self.seen.setdefault(order.client_order_id, (max(timedelta(0), now - signed), monotonic))
        return min(now, signed + age + timedelta(seconds=monotonic - since))

    def keep(self, names: set[ClientOrderId]) -> None:
        """Forget every other order: it is clear."""
        for name in [name for name in self.seen if name not in names]:
            del self.seen[name]
