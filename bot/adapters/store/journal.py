"""Keep the journal: append-only, numbered without gaps, chained by hashes; and how far its followers have read."""
from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select

from bot.adapters.store.link import Link
from bot.adapters.store.statements import change, mine, pick
from bot.adapters.store.tables_desk import bookmarks, journal
from bot.domain.events import Entry, Fact, body_of, fact_of, kind_of
from bot.domain.ids import AccountId
from bot.domain.record import canonical_json, milliseconds
from bot.ports.ledger_rows import ChainBroken, ChainHead, ImpossibleChange

# What the first line of an account is chained to.
GENESIS = "0" * 64
VERIFIED_AT_ONCE = 1000

INSERT = insert(journal)
GET = pick(journal, "seq")
AFTER = pick(journal).where(journal.c.seq > bindparam("after")).order_by(journal.c.seq).limit(bindparam("most"))
ABOUT = pick(journal, "subject").order_by(journal.c.seq.desc()).limit(bindparam("most"))
LATEST = pick(journal).order_by(journal.c.seq.desc()).limit(bindparam("most"))
HEAD = select(journal.c.seq, journal.c.hash).where(mine(journal)).order_by(journal.c.seq.desc()).limit(1)
BOOKMARK_GET = select(bookmarks.c.seq).where(mine(bookmarks, "name"))
BOOKMARK_INSERT = insert(bookmarks)
BOOKMARK_MOVE = change(bookmarks, "name")


def chain(row: dict[str, Any], prev_hash: str) -> str:
    """Give the hash of a line: SHA-256 over the hash before it and the line in canonical JSON, moment in ms."""
    line = canonical_json(
        {
            "account": row["account"],
            "seq": row["seq"],
            "at": milliseconds(row["at"]),
            "actor": row["actor"],
            "kind": row["kind"],
            "subject": row["subject"],
            "cause": row["cause"],
            "body": row["body"],
        }
    )
    return hashlib.sha256(prev_hash.encode() + line.encode()).hexdigest()


def from_row(row: Row[Any]) -> Entry:
    """Read a line back; raises RecordError for a fact this version does not know."""
    return Entry(
        seq=row.seq,
        account=row.account,
        at=row.at,
        actor=row.actor,
        kind=row.kind,
        subject=row.subject,
        cause=row.cause,
        fact=fact_of(row.kind, json.loads(row.body)),
        hash=row.hash,
    )


class StoredJournal:
    """The repository behind `ports.ledger_desk.Journal`; `written` counts the lines of this transaction."""

    __slots__ = ("_account", "_head", "_link", "written")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link
        self._head: ChainHead | None = None
        self.written = 0

    def append(self, fact: Fact, *, at: datetime, actor: str, subject: str, cause: int | None = None) -> int:
        """Write one line and give its number."""
        head = self._head or self.head()
        row: dict[str, Any] = {
            "account": self._account,
            "seq": head.seq + 1,
            "at": at,
            "actor": actor,
            "kind": kind_of(fact),
            "subject": subject,
            "cause": cause,
            "body": canonical_json(body_of(fact)),
            "prev_hash": head.hash,
        }
        row["hash"] = chain(row, head.hash)
        self._link.run(INSERT, row)
        self._head = ChainHead(seq=head.seq + 1, hash=row["hash"])
        self.written += 1
        return self._head.seq

    def after(self, seq: int, limit: int = 500) -> tuple[Entry, ...]:
        """List the lines after a number, in order."""
        rows = self._link.run(AFTER, {"key_account": self._account, "after": seq, "most": limit})
        return tuple(from_row(row) for row in rows)

    def get(self, seq: int) -> Entry | None:
        """Find one line."""
        row = self._link.run(GET, {"key_account": self._account, "key_seq": seq}).first()
        return None if row is None else from_row(row)

    def about(self, subject: str, limit: int = 500) -> tuple[Entry, ...]:
        """List the latest lines about one subject, in order."""
        rows = self._link.run(ABOUT, {"key_account": self._account, "key_subject": subject, "most": limit}).all()
        return tuple(from_row(row) for row in reversed(rows))

    def latest(self, limit: int) -> tuple[Entry, ...]:
        """List the latest lines, newest first."""
        rows = self._link.run(LATEST, {"key_account": self._account, "most": limit})
        return tuple(from_row(row) for row in rows)

    def head(self) -> ChainHead:
        """Give number and hash of the last line; number 0 and zeros for an empty journal."""
        row = self._link.run(HEAD, {"key_account": self._account}).first()
        return ChainHead(seq=0, hash=GENESIS) if row is None else ChainHead(seq=row.seq, hash=row.hash)

    def verify(self, known: ChainHead | None = None) -> ChainBroken | None:
        """Recompute the chain; give the first line that does not fit, None when all do."""
        place: ChainHead | None = None
        while True:
            found = self.verify_next(place, known)
            if found is None or isinstance(found, ChainBroken):
                return found
            place = found

    def verify_next(self, place: ChainHead | None, known: ChainHead | None = None) -> ChainBroken | ChainHead | None:
        """Recompute the next lines behind a place; gives the new place, None at a sound end, or what does not fit."""
        seq, prev = (0, GENESIS) if place is None else (place.seq, place.hash)
        rows = self._link.run(
            AFTER, {"key_account": self._account, "after": seq, "most": VERIFIED_AT_ONCE}
        ).all()
        for row in rows:
            broken = _broken(row, seq + 1, prev, known)
            if broken is not None:
                return broken
            seq, prev = row.seq, row.hash
        if rows:
            return ChainHead(seq=seq, hash=prev)
        if known is not None and known.seq > seq:
            return ChainBroken(seq=seq + 1, why=f"Lines up to {known.seq} were published; the journal ends at {seq}.")
        return None


def _broken(row: Row[Any], seq: int, prev: str, known: ChainHead | None) -> ChainBroken | None:
    if row.seq != seq:
        return ChainBroken(seq=seq, why=f"Line {seq} is missing; the next one is {row.seq}.")
    if row.prev_hash != prev:
        return ChainBroken(seq=seq, why=f"Line {seq} does not continue line {seq - 1}.")
    if chain(row._asdict(), prev) != row.hash:
        return ChainBroken(seq=seq, why=f"Line {seq} was changed after it was written.")
    if known is not None and known.seq == seq and known.hash != row.hash:
        return ChainBroken(seq=seq, why=f"Line {seq} is not the one that was published.")
    return None


class StoredBookmarks:
    """The repository behind `ports.ledger_desk.Bookmarks`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def get(self, name: str) -> int:
        """Give the number of the last line the follower is done with; 0 for a new follower."""
        return self._found(name) or 0

    def move(self, name: str, seq: int) -> None:
        """Move forward to a line; raises ImpossibleChange for a move back or on the spot."""
        known = self._found(name)
        if seq <= (known or 0):
            raise ImpossibleChange(f"Follower {name} is at line {known or 0} already and cannot go to {seq}.")
        if known is None:
            self._link.run(BOOKMARK_INSERT, {"account": self._account, "name": name, "seq": seq})
        else:
            self._link.run(BOOKMARK_MOVE, {"key_account": self._account, "key_name": name, "seq": seq})

    def _found(self, name: str) -> int | None:
        found: int | None = self._link.run(BOOKMARK_GET, {"key_account": self._account, "key_name": name}).scalar()
        return found
