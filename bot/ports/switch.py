"""Ask the second, stricter switch whether trading was halted past the ledger (I14, R13)."""
from __future__ import annotations

from typing import Protocol


class Switch(Protocol):
    """Marks beside the ledger, each put there by one halt; while one stands nothing that opens leaves.

    All of it is quick and local: it is asked inside the transaction that lets an order leave, and again before bytes
    leave.
    """

    def thrown(self) -> bool:
        """Tell whether a mark stands; True also where that cannot be found out."""
        ...

    def marks(self) -> tuple[str, ...]:
        """Name the marks that stand, oldest first; empty where they cannot be read."""
        ...

    def clear(self, marks: tuple[str, ...]) -> bool:
        """Take these marks away, and no younger one; False when one of them could not be."""
        ...
