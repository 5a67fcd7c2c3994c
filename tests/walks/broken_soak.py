"""Break on purpose what only days show: `python -m tests.walks.broken_soak`; every one of these has to be caught."""
from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unittest.mock import patch

from bot.adapters.bitget.classic import venue_orders
from bot.adapters.bitget.throttle import Lane, Throttle
from bot.desk import reconcile, submit, watch
from tests.walks.soak import Soaked, nights, saturate, soak

SHORT_DAY_S = 50.0


@contextmanager
def never_forget_what_was_sent() -> Iterator[None]:
    """Keep every order among those under way (I20)."""

    async def send(seat: Any, order: Any) -> Any:
        return await submit.record(seat, order.client_order_id, await seat.venue.submit(order))

    with patch.object(submit, "send", send):
        yield


@contextmanager
def bills_from_now_on() -> Iterator[None]:
    """While no bill is known, look only a little back (I23)."""

    def first(tx: Any, seat: Any, line: Any) -> datetime:
        return seat.clock.now()  # type: ignore[no-any-return]

    with patch.object(watch, "_first_look", first):
        yield


@contextmanager
def fills_since_the_latest() -> Iterator[None]:
    """Look back from the last known fill, whoever brought it (I4, I23)."""
    real = reconcile._since

    def since(tx: Any, seat: Any, line: Any) -> datetime:
        latest = tx.fills.latest_at()
        return real(tx, seat, line) if latest is None else latest

    with patch.object(reconcile, "_since", since):
        yield


@contextmanager
def one_lane() -> Iterator[None]:
    """Let reductions queue behind openings (I24)."""

    def lane_of(intent: Any) -> Lane:
        return Lane.OPEN

    with patch.object(venue_orders, "lane_of", lane_of):
        yield


@contextmanager
def no_throttle() -> Iterator[None]:
    """Send as fast as asked (I24)."""

    async def admit(self: Throttle, *given: Any) -> bool:
        return True

    with patch.object(Throttle, "admit", admit):
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A broken design, where it shows, and as what: by which invariants, and what the words have to name."""

    broken: Callable[[], AbstractContextManager[None]]
    run: Callable[[], Soaked]
    invariants: frozenset[str]
    names: str = ""


MUTANTS = (
    Mutant(broken=never_forget_what_was_sent, run=lambda: soak(4, 1, SHORT_DAY_S), invariants=frozenset({"I20"}),
           names="seat.sending"),
    Mutant(broken=bills_from_now_on, run=lambda: nights(1, 1), invariants=frozenset({"I23"})),
    Mutant(broken=fills_since_the_latest, run=lambda: nights(3, 3), invariants=frozenset({"I4", "I5", "I23"})),
    Mutant(broken=one_lane, run=lambda: saturate(1), invariants=frozenset({"I24"})),
    Mutant(broken=no_throttle, run=lambda: saturate(1), invariants=frozenset({"I24"})),
)


def main() -> int:
    """Catch each; print the table; 1 when one escapes."""
    logging.disable(logging.CRITICAL)
    escaped = 0
    for mutant in MUTANTS:
        began = time.monotonic()
        with mutant.broken():
            found = [
                one for one in mutant.run().breaches
                if one.invariant in mutant.invariants and mutant.names in one.words
            ]
        escaped += not found
        words = f"{found[0].invariant}: {found[0].words}"[:100] if found else "NOT CAUGHT"
        print(f"{mutant.broken.__name__:<28}{words}  ({time.monotonic() - began:.0f} s)", flush=True)
    return int(escaped > 0)


if __name__ == "__main__":
    raise SystemExit(main())
