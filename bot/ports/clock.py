"""Tell the time and make new ids: the only sources of either."""
from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.domain.ids import ProposalId


class Clock(Protocol):
    """Wall and monotonic time; a virtual one in simulation."""

    def now(self) -> datetime:
        """Give the aware UTC time."""
        ...

    def monotonic(self) -> float:
        """Give seconds that never go back, for ages and deadlines."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Ids(Protocol):
    """New identifiers; seeded in simulation."""

    def new_proposal_id(self) -> ProposalId:
        """Make ten letters that fit a button (architecture section 9(c))."""
        ...

    def new_token(self, length: int) -> str:
        """Make an unguessable word of base-32 letters, for invitations, leases and instance seeds."""
        ...
