"""Keep the lease: one bot per desk, with a fencing number that only grows (security section 13)."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from bot.adapters.store.link import Link
from bot.adapters.store.statements import change, pick
from bot.adapters.store.tables_desk import leases
from bot.domain.ids import AccountId
from bot.ports.ledger_rows import LeaseAnswer, LeaseHeld, LeaseRow, LeaseTaken

# The row stays locked until the commit on PostgreSQL; SQLite has one writer anyway.
GET = pick(leases).with_for_update()
LOOK = pick(leases)
INSERT = insert(leases)
CHANGE = change(leases)


class StoredLease:
    """The repository behind `ports.ledger_desk.Lease`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def get(self) -> LeaseRow | None:
        """Read the row; None when nobody ever held it."""
        return self._row(LOOK)

    def take(
        self, holder: str, now: datetime, ttl: timedelta, *, dead: Callable[[str], bool], validity: timedelta
    ) -> LeaseAnswer:
        """Take the lease under a new fencing number, or say who holds it and until when."""
        known = self._row(GET)
        if known is not None and known.holder is not None and not dead(known.holder):
            free_at = known.expires_at + validity
            if now < free_at:
                return LeaseHeld(holder=known.holder, free_at=free_at)
        epoch = 1 if known is None else known.epoch + 1
        row = {"holder": holder, "epoch": epoch, "beaten_at": now, "expires_at": now + ttl}
        if known is None:
            self._link.run(INSERT, {"account": self._account, **row})
        else:
            self._change(**row)
        return LeaseTaken(epoch=epoch)

    def beat(self, holder: str, epoch: int, now: datetime, ttl: timedelta) -> bool:
        """Renew, late too while nobody else took it; False when the lease is not ours any more."""
        known = self._row(GET)
        if known is None or known.holder != holder or known.epoch != epoch:
            return False
        self._change(beaten_at=now, expires_at=now + ttl)
        return True

    def holds(self, epoch: int, now: datetime, margin: timedelta) -> bool:
        """Tell whether `epoch` is current for `margin` longer; on PostgreSQL nobody can take it before the commit."""
        known = self._row(GET if not self._link.reading else LOOK)
        return (
            known is not None and known.holder is not None and known.epoch == epoch
            and known.expires_at > now + margin
        )

    def release(self, holder: str, epoch: int, now: datetime) -> bool:
        """Give the lease up; False when it was not ours."""
        known = self._row(GET)
        if known is None or known.holder != holder or known.epoch != epoch:
            return False
        self._change(holder=None, expires_at=min(known.expires_at, now))
        return True

    def _row(self, statement: Any) -> LeaseRow | None:
        row = self._link.run(statement, {"key_account": self._account}).first()
        if row is None:
            return None
        return LeaseRow(
            account=row.account, holder=row.holder, epoch=row.epoch, beaten_at=row.beaten_at,
            expires_at=row.expires_at,
        )

    def _change(self, **values: Any) -> None:
        self._link.run(CHANGE, {"key_account": self._account, **values})
