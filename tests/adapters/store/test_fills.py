from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.adapters.store.link import Link
from bot.adapters.store.tx import StoreTx
from bot.domain.ids import ClientOrderId, Symbol, TradeId, VenueOrderId
from tests.adapters.store.refusals import impossible
from tests.adapters.store.values import BTC, fill, later


def test_a_fill_comes_back_as_it_went(tx: StoreTx) -> None:
    bare = replace(fill(2), client_order_id=None, direction=None, effect=None, claimed=None)
    assert tx.fills.insert(fill())
    assert tx.fills.insert(bare)
    assert tx.fills.get(TradeId("t1")) == fill()
    assert tx.fills.get(TradeId("t2")) == bare
    assert tx.fills.get(TradeId("t3")) is None


def test_a_known_trade_id_changes_nothing(tx: StoreTx) -> None:
    tx.fills.insert(fill())
    assert not tx.fills.insert(fill(size=Decimal("9")))
    assert tx.fills.get(TradeId("t1")) == fill()


def test_one_trade_id_of_two_orders_hides_no_fill(tx: StoreTx) -> None:
    tx.fills.insert(fill())
    with impossible("one of them would be lost"):
        tx.fills.insert(fill(venue_order_id=VenueOrderId("v2")))
    with impossible("one of them would be lost"):
        tx.fills.insert(fill(symbol=Symbol("ETHUSDT")))


def test_lists_are_by_time(tx: StoreTx) -> None:
    for number in (3, 1, 2):
        tx.fills.insert(fill(number, symbol=BTC if number != 2 else Symbol("ETHUSDT")))
    own = ClientOrderId("wd-abcd-0000000000000001xy")
    assert [found.trade_id for found in tx.fills.of_order(own)] == ["t1", "t2", "t3"]
    assert [found.trade_id for found in tx.fills.of_venue_order(VenueOrderId("v1"))] == ["t1", "t2", "t3"]
    assert [found.trade_id for found in tx.fills.since(later(2))] == ["t2", "t3"]
    assert [found.trade_id for found in tx.fills.since(later(2), BTC)] == ["t3"]
    assert [found.trade_id for found in tx.fills.recent(2)] == ["t3", "t2"]


def test_an_inferred_fill_yields_and_stays(tx: StoreTx, link: Link) -> None:
    tx.fills.insert(fill(1, inferred=True))
    tx.fills.insert(fill(2))
    assert tx.fills.latest_at() == later(2)
    tx.fills.supersede(TradeId("t1"), [TradeId("t2")])
    assert [found.trade_id for found in tx.fills.since(later(0))] == ["t2"]
    assert tx.fills.get(TradeId("t1")) == fill(1, inferred=True)
    assert link.plainly("SELECT superseded_by FROM fills WHERE trade_id = 't1'") == [('["t2"]',)]
    with impossible("written once"):
        tx.fills.supersede(TradeId("t1"), [TradeId("t3")])


def test_a_real_fill_never_yields(tx: StoreTx) -> None:
    tx.fills.insert(fill(1))
    with impossible("does not"):
        tx.fills.supersede(TradeId("t1"), [TradeId("t2")])


def test_the_high_water_mark_is_that_of_real_fills(tx: StoreTx) -> None:
    assert tx.fills.latest_at() is None
    tx.fills.insert(fill(1))
    tx.fills.insert(fill(9, inferred=True))
    assert tx.fills.latest_at() == later(1)


def test_what_was_executed_never_changes(tx: StoreTx, link: Link) -> None:
    tx.fills.insert(fill(1, inferred=True))
    with impossible("What was executed never changes|written once"):
        link.plainly("UPDATE fills SET size = '7', superseded_by = '[]'")


def test_a_fill_is_never_deleted(tx: StoreTx, link: Link) -> None:
    tx.fills.insert(fill())
    with impossible("Nothing is ever deleted from fills"):
        link.plainly("DELETE FROM fills")
