from __future__ import annotations

from bot.adapters.store.link import Link
from bot.adapters.store.tx import StoreTx
from bot.domain.ids import PersonId
from bot.ports.ledger_rows import Incoming, UpdateState
from tests.adapters.store.refusals import impossible
from tests.adapters.store.values import T0, later


def update(number: int) -> Incoming:
    return Incoming(
        update_id=number, chat=-100123, person=PersonId(2**40), body={"text": "/buy BTC $100 ü"}, received_at=T0
    )


def test_an_update_is_stored_once_ff_91_ff_92(tx: StoreTx) -> None:
    assert tx.inbox.store(update(7))
    assert not tx.inbox.store(update(7))
    assert tx.inbox.get(7) == update(7)


def test_pending_updates_come_in_order_until_done(tx: StoreTx) -> None:
    assert tx.inbox.last_update_id() is None
    for number in (9, 7, 8):
        tx.inbox.store(update(number))
    assert [found.update_id for found in tx.inbox.pending()] == [7, 8, 9]
    assert [found.update_id for found in tx.inbox.pending(1)] == [7]
    assert tx.inbox.done(8, later(1), "stale")
    assert not tx.inbox.done(8, later(2))
    assert not tx.inbox.done(99, later(2))
    assert [found.update_id for found in tx.inbox.pending()] == [7, 9]
    handled = tx.inbox.get(8)
    assert handled is not None
    assert (handled.state, handled.done_at, handled.note) == (UpdateState.DONE, later(1), "stale")
    assert tx.inbox.last_update_id() == 9


def test_done_never_becomes_pending(tx: StoreTx, link: Link) -> None:
    tx.inbox.store(update(7))
    tx.inbox.done(7, later(1))
    with impossible("A state of inbox only moves forward"):
        link.plainly("UPDATE inbox SET state = 'PENDING'")
