from __future__ import annotations

from bot.adapters.store.tx import StoreTx
from bot.ports.ledger_rows import MessageState, Outgoing
from tests.adapters.store.refusals import impossible
from tests.adapters.store.values import T0, later


def test_a_message_comes_back_as_it_was_queued(tx: StoreTx) -> None:
    number = tx.messages.queue(17, {"html": "<b>hi</b>"}, T0, card="order:1", critical=True, cause=4)
    assert tx.messages.get(number) == Outgoing(
        id=1, chat=17, card="order:1", body={"html": "<b>hi</b>"}, critical=True, cause=4, state=MessageState.NEW,
        queued_at=T0, due_at=T0,
    )


def test_a_chat_is_told_in_order_and_a_deaf_one_delays_nobody(tx: StoreTx) -> None:
    first, other, second = (tx.messages.queue(chat, {}, T0) for chat in (1, 2, 1))
    assert [found.id for found in tx.messages.due(T0)] == [first, other]
    tx.messages.sending(first, T0)
    assert [found.id for found in tx.messages.due(T0)] == [other]
    tx.messages.later(first, later(7), "flood control")
    assert [found.id for found in tx.messages.due(later(6))] == [other]
    assert tx.messages.next_due() == T0
    tx.messages.sending(other, T0)
    tx.messages.sent(other, 501, later(1))
    assert tx.messages.next_due() == later(7)
    tx.messages.sending(first, later(7))
    tx.messages.sent(first, 502, later(8))
    assert [found.id for found in tx.messages.due(later(8))] == [second]
    sent = tx.messages.get(first)
    assert sent is not None
    assert (sent.attempts, sent.ref, sent.state, sent.ended_at) == (2, 502, MessageState.SENT, later(8))


def test_nothing_is_due_when_nothing_waits(tx: StoreTx) -> None:
    assert tx.messages.due(later(99)) == ()
    assert tx.messages.next_due() is None


def test_messages_found_half_sent_are_sent_again(tx: StoreTx) -> None:
    first, second = tx.messages.queue(1, {}, T0), tx.messages.queue(1, {}, T0)
    tx.messages.sending(first, T0)
    assert tx.messages.requeue_sending(later(9)) == 1
    assert [(found.id, found.state) for found in tx.messages.unfinished()] == [
        (first, MessageState.NEW), (second, MessageState.NEW),
    ]
    assert [found.id for found in tx.messages.due(later(9))] == [first]


def test_a_waiting_message_can_be_merged_into(tx: StoreTx) -> None:
    number = tx.messages.queue(1, {"n": 1}, T0)
    assert tx.messages.rewrite(number, {"n": 2})
    tx.messages.sending(number, T0)
    assert not tx.messages.rewrite(number, {"n": 3})
    found = tx.messages.get(number)
    assert found is not None
    assert found.body == {"n": 2}


def test_dead_and_sent_messages_stay_so(tx: StoreTx) -> None:
    number, other = tx.messages.queue(1, {}, T0), tx.messages.queue(2, {}, T0)
    tx.messages.dead(number, later(1), "blocked")
    tx.messages.sending(other, T0)
    tx.messages.dead(other, later(1), "gone")
    assert tx.messages.unfinished() == ()
    with impossible("cannot become SENDING"):
        tx.messages.sending(number, later(2))
    with impossible("cannot become SENT"):
        tx.messages.sent(number, 5, later(2))


def test_cards_and_refs_are_found(tx: StoreTx) -> None:
    numbers = [tx.messages.queue(chat, {}, T0, card="order:1") for chat in (1, 2)]
    tx.messages.queue(1, {}, T0, card="order:2")
    assert [found.id for found in tx.messages.by_card("order:1")] == numbers
    tx.messages.sending(numbers[1], T0)
    tx.messages.sent(numbers[1], 900, T0)
    found = tx.messages.by_ref(2, 900)
    assert found is not None
    assert found.id == numbers[1]
    assert tx.messages.by_ref(1, 900) is None
