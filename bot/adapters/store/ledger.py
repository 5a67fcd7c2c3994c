"""Be the ledger of one account, over an engine that several accounts may share."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TypeVar, cast

from bot.adapters.store.engine import Bell, Engine
from bot.adapters.store.group import Unit, refuse_coroutine
from bot.domain.events import Entry
from bot.domain.ids import AccountId
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Pulse

T = TypeVar("T")
PAGE = 100


class StoreLedger:
    """The ledger behind `ports.ledger.Ledger`.

    Other processes' lines (several machines on PostgreSQL) ring no bell here: `poll_s` looks for them that often.
    """

    def __init__(self, account: AccountId, engine: Engine, *, poll_s: float | None = None) -> None:
        """Bind to an account and an engine, whose owner closes it."""
        self.account = account
        self._engine = engine
        self._poll_s = poll_s

    async def transact(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a transaction and give its result once that is durable; raises what the port says."""
        refuse_coroutine(work)
        return cast(T, await self._engine.run(Unit(account=self.account, work=work), write=True))

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on committed state; a write inside raises."""
        refuse_coroutine(work)
        return cast(T, await self._engine.run(Unit(account=self.account, work=work), write=False))

    async def follow(self, name: str) -> AsyncIterator[Entry]:
        """Yield the lines after the bookmark, then wait for each commit's bell, for ever."""
        bell = Bell(self.account, asyncio.Event(), asyncio.get_running_loop())
        self._engine.listen(bell)
        try:
            seq = await self.read(lambda tx: tx.bookmarks.get(name))
            while True:
                bell.event.clear()
                entries = await self.read(partial(_after, seq=seq))
                for entry in entries:
                    yield entry
                    seq = entry.seq
                if not entries:
                    await self._wait(bell)
        finally:
            self._engine.forget(bell)

    def pulse(self) -> Pulse:
        """Give the health of the database without touching it."""
        return self._engine.pulse()

    async def _wait(self, bell: Bell) -> None:
        try:
            await asyncio.wait_for(bell.event.wait(), self._poll_s)
        except TimeoutError:
            return


def _after(tx: Tx, seq: int) -> tuple[Entry, ...]:
    return tx.journal.after(seq, PAGE)
