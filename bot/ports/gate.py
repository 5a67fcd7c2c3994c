"""Ask the boiler room whether anything may leave."""
from __future__ import annotations

from typing import Protocol

from bot.domain.trading import Readiness


class Gate(Protocol):
    """The readiness of this process."""

    def readiness(self) -> Readiness:
        """Give the present readiness."""
        ...
