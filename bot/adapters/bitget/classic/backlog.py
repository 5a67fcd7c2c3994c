"""Hold what was heard and not yet told: fills and orders first, of the states of one thing only the latest."""
from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from bot.domain.instrument import ProductLine
from bot.domain.reports import AccountReport, PositionsReport
from bot.ports.venue import StreamUp, VenueEvent

# More is left where an overflow is noticed (architecture 9(b)).
TOLD_MAX = 256


class Backlog:
    """Events in the order in which they are to be told.

    A wallet is a state, so only its latest report is kept, and it waits until everything else is told: two hundred
    wallets a second delay no fill. Positions keep their place among fills, which they are compared with, but of
    several in a row only the last is kept.
    """

    def __init__(self) -> None:
        """Begin with nothing to tell."""
        self._events: deque[VenueEvent] = deque()
        self._wallets: dict[tuple[ProductLine, str], AccountReport] = {}

    def __bool__(self) -> bool:
        """Say whether something is still to be told."""
        return bool(self._events or self._wallets)

    @property
    def full(self) -> bool:
        """Say whether nothing more should be taken in before something was told."""
        return len(self._events) >= TOLD_MAX

    @property
    def has_up(self) -> bool:
        """Say whether a StreamUp is still to be told."""
        return any(isinstance(event, StreamUp) for event in self._events)

    def add(self, events: Iterable[VenueEvent]) -> None:
        """Take in what was heard, in the order it was heard."""
        for event in events:
            if isinstance(event, AccountReport):
                self._wallets[event.account.line, event.account.margin_coin] = event
            elif self._replaces_last(event):
                self._events[-1] = event
            else:
                self._events.append(event)

    def take(self) -> VenueEvent:
        """Give what is to be told next; raises IndexError when nothing is."""
        if self._events:
            return self._events.popleft()
        if not self._wallets:
            raise IndexError("Nothing is left to tell.")
        return self._wallets.pop(next(iter(self._wallets)))

    def _replaces_last(self, event: VenueEvent) -> bool:
        last = self._events[-1] if self._events else None
        return isinstance(event, PositionsReport) and isinstance(last, PositionsReport) and last.line is event.line
