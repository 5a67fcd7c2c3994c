"""The fault ``lists_lag``: lists that show an account as it was some seconds ago (semantics.md 13)."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable

from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.faults import Faults
from bot.sandbox.exchange.specs import SPECS
from bot.sandbox.exchange.state import Account

_EVERY_MS = 100


class Lag:
    """Keep copies of accounts while the fault is on, and give out the right one."""

    def __init__(self, engine: Engine, faults: Faults, true_now: Callable[[], int]) -> None:
        self._engine, self._faults, self._true_now = engine, faults, true_now
        self._kept: deque[tuple[int, dict[str, Account]]] = deque()

    def remember(self) -> None:
        """Keep a copy of now; call on every step and before every change. Does nothing while the fault is off."""
        if not self._faults:
            self._kept.clear()
            return
        fault = self._faults.find("lists_lag")
        if fault is None:
            self._kept.clear()
            return
        now = self._true_now()
        if self._kept and now - self._kept[-1][0] < _EVERY_MS:
            return
        self._kept.append((now, {name: self._copy(account) for name, account in self._engine.accounts.items()}))
        oldest = now - round(fault.parameters["s"] * 1000)
        while len(self._kept) > 1 and self._kept[1][0] <= oldest:
            self._kept.popleft()

    def seen(self, account: Account) -> Account:
        """Return the account as lists show it."""
        if not self._kept or not self._faults.find("lists_lag"):
            return account
        return self._kept[0][1].get(account.name, account)

    @staticmethod
    def _copy(account: Account) -> Account:
        # Rules of symbols are compared by identity, so they are shared.
        return copy.deepcopy(account, {id(spec): spec for spec in SPECS.values()})
