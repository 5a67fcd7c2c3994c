"""Ground truth, the part about calls: every signed request and what became of it (C10)."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

_KEPT = 100_000


class Entry(NamedTuple):
    """One signed call: wall ms, account, method, path, client order id, code answered, fault that struck."""

    ms: int
    account: str
    method: str
    path: str
    client_oid: str
    outcome: str
    fault: str


class Ledger:
    """Keep signed calls, oldest first, the newest hundred thousand."""

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_KEPT)

    def add(self, entry: Entry) -> None:
        """Write one call down."""
        self._entries.append(entry)

    def rows(self, account: str) -> list[dict[str, Any]]:
        """Return the account's calls: ``when``, ``method``, ``path``, ``clientOid``, ``outcome``, ``fault``."""
        return [
            {"when": entry.ms, "method": entry.method, "path": entry.path, "clientOid": entry.client_oid,
             "outcome": entry.outcome, "fault": entry.fault}
            for entry in self._entries if entry.account == account
        ]
