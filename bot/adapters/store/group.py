"""Commit together what waits together: one durable write for many units, each of which can fail alone."""
from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.store.link import Link, explain
from bot.adapters.store.tx import StoreTx
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import NotStored, StoredUnknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One piece of work over one account."""

    account: str
    work: Callable[[Tx], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a unit: its result, or what it raised; `wrote_journal` rings the followers' bell."""

    result: Any = None
    error: BaseException | None = None
    wrote_journal: bool = False


def refuse_coroutine(work: Callable[[Tx], Any]) -> None:
    """Raise TypeError for work that would await: nobody can await inside a transaction (architecture section 8)."""
    if inspect.iscoroutinefunction(work) or inspect.isasyncgenfunction(work):
        raise TypeError("Work in the ledger is a plain function; an async one could await inside a transaction.")


def write_together(link: Link, units: Sequence[Unit]) -> list[Outcome]:
    """Run the units in order and commit once; give their outcomes in the same order.

    A unit that raises is undone alone. When the database undoes the whole transaction, every unit run so far is
    NotStored and the rest run in a transaction of their own.
    """
    try:
        link.begin({unit.account for unit in units})
    except SQLAlchemyError as failure:
        _drop(link)
        return [Outcome(error=explain(failure)) for _ in units]
    outcomes: list[Outcome] = []
    for unit in units:
        outcomes.append(_write_one(link, unit, alone=len(units) == 1))
        if not link.in_transaction:
            return [*_undone(outcomes), *(write_together(link, rest) if (rest := units[len(outcomes):]) else [])]
    if all(outcome.error is not None for outcome in outcomes):
        _drop(link)
        return outcomes
    try:
        link.commit()
    except SQLAlchemyError as failure:
        broken = link.lost
        _drop(link)
        return [_unknown(outcome) for outcome in outcomes] if broken else _undone(outcomes, explain(failure))
    return outcomes


def read_together(link: Link, units: Sequence[Unit]) -> list[Outcome]:
    """Run the units on one committed state; a failing one leaves the others alone."""
    outcomes: list[Outcome] = []
    for unit in units:
        try:
            if not link.in_transaction:
                link.begin_read()
            outcomes.append(Outcome(result=_call(unit, StoreTx(unit.account, link))))
        except BaseException as failure:
            outcomes.append(Outcome(error=explain(failure)))
            _end_read(link)
    _end_read(link)
    return outcomes


def answered(count: int, act: Callable[[], list[Outcome]]) -> list[Outcome]:
    """Act for `count` units; whatever goes wrong becomes everybody's outcome: nobody may wait for ever."""
    try:
        return act()
    except BaseException as failure:
        return [Outcome(error=explain(failure)) for _ in range(count)]


def _write_one(link: Link, unit: Unit, *, alone: bool) -> Outcome:
    tx = StoreTx(unit.account, link)
    try:
        if not alone:
            link.savepoint()
        result = _call(unit, tx)
        if not link.in_transaction:
            raise NotStored("The database undid the transaction by itself (is the disk full?); nothing is stored.")
        if not alone:
            link.release()
    except BaseException as failure:
        _undo(link, alone)
        return Outcome(error=explain(failure))
    return Outcome(result=result, wrote_journal=tx.journal.written > 0)


def _call(unit: Unit, tx: StoreTx) -> Any:
    result = unit.work(tx)
    if inspect.isawaitable(result):
        if inspect.iscoroutine(result):
            result.close()
        raise TypeError("Work in the ledger gives a value; this one gave something to await.")
    return result


def _undo(link: Link, alone: bool) -> None:
    """Undo one unit where the transaction still stands; the lone one is undone by dropping it."""
    if alone or not link.in_transaction:
        return
    try:
        link.undo()
    except SQLAlchemyError:
        _drop(link)


def _drop(link: Link) -> None:
    try:
        link.rollback()
    except SQLAlchemyError as failure:
        # The connection is beyond use: without a commit nothing of it is stored. The next group tries anew.
        if link.sqlite:
            raise explain(failure) from failure


def _end_read(link: Link) -> None:
    try:
        link.end_read()
    except SQLAlchemyError as failure:
        if link.sqlite:
            raise explain(failure) from failure


def _undone(outcomes: Sequence[Outcome], why: BaseException | None = None) -> list[Outcome]:
    """Say of every unit that seemed to succeed that it is not stored after all."""
    words = str(why) if why else "The database undid the transaction by itself (is the disk full?); nothing is stored."
    return [outcome if outcome.error is not None else Outcome(error=NotStored(words)) for outcome in outcomes]


def _unknown(outcome: Outcome) -> Outcome:
    if outcome.error is not None:
        return outcome
    words = "The connection to the database broke while storing: it may or may not be stored. Restart to recover."
    return Outcome(error=StoredUnknown(words))
