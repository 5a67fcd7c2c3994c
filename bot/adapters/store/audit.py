"""Verify the journal's chain of every account, beside a running bot, changing nothing (security section 11)."""
from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.store.address import Address
from bot.adapters.store.link import Link, words
from bot.adapters.store.schema import require_head
from bot.adapters.store.tables_desk import journal
from bot.adapters.store.tx import StoreTx
from bot.ports.ledger_rows import ChainBroken, ChainHead, NotStored


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One account's chain: its head, and the first line that does not fit (None when all do)."""

    account: str
    head: ChainHead
    broken: ChainBroken | None


def audit(address: Address) -> tuple[Verified, ...]:
    """Recompute every chain from its first line, in the order of account names.

    Raises NotStored, SchemaNotAtHead or SchemaFromTheFuture with a sentence when the database cannot be read.
    """
    require_head(address)
    link = Link(address, read_only=True)
    try:
        link.begin_read()
        names = [row[0] for row in link.run(select(journal.c.account).distinct().order_by(journal.c.account))]
        return tuple(_verified(name, link) for name in names)
    except SQLAlchemyError as failure:
        raise NotStored(f"The database {address.text} cannot be read: {words(failure)}.") from failure
    finally:
        link.close()


def _verified(account: str, link: Link) -> Verified:
    lines = StoreTx(account, link).journal
    return Verified(account=account, head=lines.head(), broken=lines.verify())
