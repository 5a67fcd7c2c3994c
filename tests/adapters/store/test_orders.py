from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest

from bot.adapters.store.link import Link
from bot.adapters.store.tx import StoreTx
from bot.domain.ids import AccountId, ClientOrderId, ProposalId, Symbol, VenueOrderId
from bot.domain.intent import Effect
from bot.domain.order import SETTLED, Order, OrderState
from bot.domain.order_table import TABLE, Follow
from bot.ports.ledger_rows import StaleVersion
from tests.adapters.store.refusals import impossible
from tests.adapters.store.values import ACCOUNT, intent, later, order


def test_an_order_comes_back_as_it_went(tx: StoreTx) -> None:
    full = order()
    bare = Order(
        account=ACCOUNT, client_order_id=ClientOrderId("bare"), state=OrderState.NEW, created_at=later(1),
        intent=intent(size=None, limit_price=None, trigger=None, attached=None, leverage=None),
    )
    tx.orders.insert(full)
    tx.orders.insert(bare)
    assert tx.orders.get(full.client_order_id) == full
    assert tx.orders.get(ClientOrderId("bare")) == bare
    assert tx.orders.get(ClientOrderId("none")) is None


def test_an_order_is_found_by_either_venue_id(tx: StoreTx) -> None:
    tx.orders.insert(order())
    assert tx.orders.by_venue_id(VenueOrderId("v1")) == order()
    assert tx.orders.by_venue_id(VenueOrderId("x1")) == order()
    assert tx.orders.by_venue_id(VenueOrderId("v2")) is None


def test_a_client_order_id_is_used_once(tx: StoreTx) -> None:
    tx.orders.insert(order())
    with impossible("exists already"):
        tx.orders.insert(order())


def test_lists_hold_what_they_promise_in_order(tx: StoreTx) -> None:
    states = list(OrderState)
    for number, state in reversed(list(enumerate(states, 1))):
        tx.orders.insert(order(number, state=state, intent=intent(symbol=Symbol(f"S{number % 2}"))))
    live = tx.orders.live()
    assert [found.state for found in live] == [state for state in states if state not in SETTLED]
    assert [found.intent.symbol for found in tx.orders.live(Symbol("S1"))] == ["S1"] * 3
    assert [found.state for found in tx.orders.unresolved()] == [OrderState.SUBMITTING, OrderState.IN_DOUBT]
    ages = [found.created_at for found in tx.orders.of_proposal(ProposalId("K7Q2M4X9TB"))]
    assert ages == sorted(ages) and len(ages) == len(states)
    assert len(tx.orders.children(ClientOrderId("wd-abcd-parent"))) == len(states)
    assert len(tx.orders.replacements(ClientOrderId("wd-abcd-replaced"))) == len(states)
    assert [found.created_at for found in tx.orders.since(later(8))] == [later(8), later(9)]
    assert [found.created_at for found in tx.orders.recent(2)] == [later(9), later(8)]
    assert [found.settled_at for found in tx.orders.settled_since(later(12))] == [later(12), later(13)]
    assert tx.orders.sent_since(later(9)) == 2
    rejected = [found for found in tx.orders.settled_since(later(0)) if found.state is OrderState.REJECTED]
    assert tx.orders.rejected_since(later(0)) == len(rejected) == 1


def test_in_question_are_the_unclear_ones_among_the_live(tx: StoreTx) -> None:
    plain = {"state": OrderState.OPEN, "cancel_requested_at": None, "ended_at": None, "settled_at": None,
             "filled": Decimal("0.1"), "reported": Decimal("0.10")}
    cases: dict[int, dict[str, object]] = {
        1: {}, 2: {"state": OrderState.SUBMITTING}, 3: {"state": OrderState.IN_DOUBT},
        4: {"cancel_requested_at": later(1)}, 5: {"ended_at": later(1)}, 6: {"reported": Decimal("0.2")},
        7: {"state": OrderState.CANCELED, "reported": Decimal("0.2"), "settled_at": later(2)},
    }
    for number, changed in cases.items():
        tx.orders.insert(order(number, **{**plain, **changed}))
    names = [order(number).client_order_id for number in (2, 3, 4, 5, 6)]
    assert [found.client_order_id for found in tx.orders.in_question()] == names


def test_a_change_is_stored_from_what_was_read(tx: StoreTx) -> None:
    before = order(state=OrderState.OPEN)
    tx.orders.insert(before)
    after = tx.orders.save(before, replace(before, state=OrderState.FILLED, filled=Decimal("0.0015")))
    assert after.version == before.version + 1
    assert tx.orders.get(before.client_order_id) == after
    jumped = tx.orders.save(after, replace(after, reason="twice applied", version=after.version + 2))
    assert jumped.version == after.version + 2
    with pytest.raises(StaleVersion, match="read it again"):
        tx.orders.save(before, replace(before, reason="late"))


def test_filled_size_never_shrinks(tx: StoreTx) -> None:
    before = order(state=OrderState.OPEN, filled=Decimal("10"))
    tx.orders.insert(before)
    with impossible("never shrinks"):
        tx.orders.save(before, replace(before, filled=Decimal("9.9999")))


def test_an_order_is_signed_once(tx: StoreTx) -> None:
    before = order()
    tx.orders.insert(before)
    with impossible("signed once"):
        tx.orders.save(before, replace(before, signed_at=later(99)))


@pytest.mark.parametrize("what", ["symbol", "account"])
def test_an_order_stays_what_it_is(tx: StoreTx, what: str) -> None:
    before = order()
    tx.orders.insert(before)
    changes = {"symbol": {"intent": intent(symbol=Symbol("ETHUSDT"))}, "account": {"account": AccountId("other")}}
    with impossible("cannot"):
        tx.orders.save(before, replace(before, **changes[what]))


def test_an_order_is_never_deleted(tx: StoreTx, link: Link) -> None:
    tx.orders.insert(order())
    with impossible("Nothing is ever deleted from orders"):
        link.plainly("DELETE FROM orders")


def possible_steps() -> set[tuple[OrderState, OrderState]]:
    """List the state changes the domain's table can make; what the sizes decide never shrinks to OPEN."""
    by_size = {OrderState.OPEN, OrderState.PARTLY_FILLED, OrderState.FILLED}
    by_end = {OrderState.CANCELED, OrderState.FILLED}
    found = set()
    for (state, _), target in TABLE.items():
        if isinstance(target, OrderState):
            found.add((state, target))
        else:
            found |= {(state, after) for after in (by_size if target is Follow.SIZE else by_end)}
    return {(old, new) for old, new in found if old is not new} - {(OrderState.PARTLY_FILLED, OrderState.OPEN)}


def test_exactly_the_steps_of_the_domain_can_be_stored(tx: StoreTx, link: Link) -> None:
    possible = possible_steps()
    for number, (old, new) in enumerate(product(OrderState, OrderState), 1):
        before = order(number, state=old)
        tx.orders.insert(before)
        link.savepoint()
        if old is new or (old, new) in possible:
            assert tx.orders.save(before, replace(before, state=new)).state is new
        else:
            with impossible("only moves forward"):
                tx.orders.save(before, replace(before, state=new))
        link.undo()


def test_accounts_do_not_see_each_other(tx: StoreTx, link: Link) -> None:
    tx.orders.insert(order())
    other = StoreTx("other", link)
    assert other.orders.get(order().client_order_id) is None
    assert other.orders.live() == ()
    with impossible("cannot be stored for other"):
        other.orders.insert(order())


def test_live_orders_are_read_by_index(tx: StoreTx, link: Link) -> None:
    if not link.sqlite:
        pytest.skip("The planner of PostgreSQL chooses by size; SQLite's choice is fixed and can be asked.")
    asked = (
        "SELECT * FROM orders WHERE account = 'main' AND state IN ('NEW', 'SUBMITTING')",
        "SELECT * FROM orders WHERE account = 'main' AND venue_order_id = 'v'",
        "SELECT * FROM fills WHERE account = 'main' AND at >= 5 AND superseded_by IS NULL ORDER BY at",
        "SELECT * FROM fills WHERE account = 'main' AND client_order_id = 'c' AND superseded_by IS NULL",
        "SELECT count(*) FROM orders WHERE account = 'main' AND signed_at >= 5",
    )
    for statement in asked:
        plan = " ".join(str(row) for row in link.plainly(f"EXPLAIN QUERY PLAN {statement}"))
        assert "USING" in plan and "SCAN" not in plan, plan


def test_narrow_lists_agree_with_the_whole_ones(tx: StoreTx) -> None:
    """What the verdict and the resolver read is exactly what they would pick of whole rows (R14)."""
    sides = (Effect.OPEN, Effect.CLOSE)
    for number, state in enumerate(OrderState, 1):
        claimed = Decimal(number % 3)
        tx.orders.insert(order(number, state=state, filled=Decimal(1), reported=claimed, intent=intent(
            symbol=Symbol(f"S{number}"), effect=sides[number % 2])))
    settled = tx.orders.settled_since(later(0))
    assert tx.orders.owed_since(later(0)) == tuple(one for one in settled if one.reported != one.filled)
    assert tx.orders.unsure_since(later(0)) == tuple(
        one for one in settled if one.reported != one.filled or one.state is OrderState.REJECTED)
    assert tx.orders.opening_symbols() == {
        one.intent.symbol for one in tx.orders.live() if one.intent.effect is Effect.OPEN} != set()


def test_a_change_leaves_every_other_column_as_it_is(tx: StoreTx) -> None:
    tx.orders.insert(order(1))
    before = tx.orders.get(order(1).client_order_id)
    assert before is not None
    after = tx.orders.save(before, replace(before, reason="why", version=before.version + 1))
    assert tx.orders.get(before.client_order_id) == after == replace(before, reason="why", version=after.version)
