from __future__ import annotations

from datetime import timedelta

from bot.adapters.store.link import Link
from bot.adapters.store.tx import StoreTx
from bot.ports.ledger_rows import LeaseAnswer, LeaseHeld, LeaseTaken
from tests.adapters.store.refusals import impossible
from tests.adapters.store.values import T0, later

TTL, VALIDITY, MARGIN = timedelta(seconds=15), timedelta(seconds=30), timedelta(seconds=5)


def take(tx: StoreTx, holder: str, seconds: float, proof: bool = False) -> LeaseAnswer:
    return tx.lease.take(holder, later(seconds), TTL, dead=lambda _: proof, validity=VALIDITY)


def test_the_first_takes_it_and_the_second_is_told_who(tx: StoreTx) -> None:
    assert tx.lease.get() is None
    assert take(tx, "a", 0) == LeaseTaken(epoch=1)
    assert take(tx, "b", 1) == LeaseHeld(holder="a", free_at=later(45))


def test_another_machine_waits_for_expiry_and_the_validity_of_requests(tx: StoreTx) -> None:
    take(tx, "a", 0)
    assert isinstance(take(tx, "b", 44.9), LeaseHeld)
    assert take(tx, "b", 45) == LeaseTaken(epoch=2)


def test_the_freed_lock_proves_the_predecessor_dead(tx: StoreTx) -> None:
    take(tx, "a", 0)
    assert take(tx, "b", 1, proof=True) == LeaseTaken(epoch=2)
    assert not tx.lease.beat("a", 1, later(2), TTL)
    assert not tx.lease.holds(1, later(2), MARGIN)


def test_a_stalled_holder_cannot_send(tx: StoreTx) -> None:
    take(tx, "a", 0)
    assert tx.lease.holds(1, later(9.9), MARGIN)
    assert not tx.lease.holds(1, later(10), MARGIN)
    assert not tx.lease.holds(1, later(15), timedelta(0))


def test_a_stalled_holder_goes_on_only_while_nobody_took_over(tx: StoreTx) -> None:
    take(tx, "a", 0)
    assert tx.lease.beat("a", 1, later(100), TTL)
    assert tx.lease.holds(1, later(101), MARGIN)
    assert take(tx, "b", 145) == LeaseTaken(epoch=2)
    assert not tx.lease.beat("a", 1, later(146), TTL)


def test_beats_renew(tx: StoreTx) -> None:
    take(tx, "a", 0)
    assert tx.lease.beat("a", 1, later(5), TTL)
    assert tx.lease.holds(1, later(14), MARGIN)
    row = tx.lease.get()
    assert row is not None
    assert (row.holder, row.epoch, row.beaten_at, row.expires_at) == ("a", 1, later(5), later(20))
    assert not tx.lease.beat("b", 1, later(6), TTL)


def test_a_given_up_lease_is_free_at_once(tx: StoreTx) -> None:
    take(tx, "a", 0)
    assert not tx.lease.release("b", 1, later(1))
    assert tx.lease.release("a", 1, later(1))
    assert not tx.lease.holds(1, later(1), timedelta(0))
    assert take(tx, "b", 1) == LeaseTaken(epoch=2)


def test_the_fencing_number_never_falls(tx: StoreTx, link: Link) -> None:
    take(tx, "a", 0)
    take(tx, "b", 0, proof=True)
    with impossible("fencing number never falls"):
        link.plainly("UPDATE leases SET epoch = 1")


def test_nobody_holds_what_was_never_taken(tx: StoreTx) -> None:
    assert not tx.lease.holds(1, T0, MARGIN)
    assert not tx.lease.release("a", 1, T0)
