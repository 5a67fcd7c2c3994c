from __future__ import annotations

import json
from random import Random

import pytest

from bot.domain import events
from bot.domain.events import FACTS, KINDS, Entry, Fact, body_of, fact_of, kind_of, subject_of
from bot.domain.events_control import TradingStateChanged
from bot.domain.events_orders import FillRecorded, OrderPlanned
from bot.domain.record import RecordError, canonical_json, from_plain, to_plain
from bot.domain.trading import TradingState
from tests.domain.builders import anything, fill, order

ARCHITECTURE = [
    "ProposalRaised", "ProposalDecided", "ProposalExpired", "ProposalRefused", "OrderPlanned",
    "OrderAccepted", "OrderRejected", "OrderInDoubt", "OrderResolved", "FillRecorded", "OrderEnded",
    "PositionChanged", "AccountMarked", "TradingStateChanged", "MandateChanged", "LeverageChanged",
    "BreakerTripped", "ReconciliationDone", "DriftFound", "ForeignOrderSeen", "StreamLost", "StreamRestored",
    "AdvisorFailed", "ChatUnreachable", "PersonDenied", "CommandExpired", "DeskOpened", "DeskClosed",
]


def test_every_fact_of_the_architecture_exists() -> None:
    assert set(ARCHITECTURE) <= set(KINDS)


def test_each_fact_is_listed_once_and_in_the_union() -> None:
    assert len(KINDS) == len(FACTS)
    assert set(events.Fact.__args__) == set(FACTS)  # type: ignore[attr-defined]


@pytest.mark.parametrize("cls", FACTS, ids=lambda cls: cls.__name__)
def test_facts_survive_the_journal(cls: type[Fact]) -> None:
    for seed in range(15):
        fact = anything(cls, Random(seed))
        assert fact_of(kind_of(fact), json.loads(canonical_json(body_of(fact)))) == fact, f"seed {seed}"


def test_a_whole_line_survives_with_its_fact_tagged() -> None:
    for seed in range(100):
        entry = anything(Entry, Random(seed))
        assert from_plain(Entry, json.loads(canonical_json(to_plain(entry)))) == entry


def test_facts_name_what_they_are_about() -> None:
    placed = order()
    assert subject_of(OrderPlanned(order=placed)) == placed.client_order_id
    assert subject_of(FillRecorded(fill=fill(), order=placed, position=None)) == placed.client_order_id
    assert subject_of(FillRecorded(fill=fill(), order=None, position=None)) == "BTCUSDT"
    change = TradingStateChanged(was=TradingState.ACTIVE, now=TradingState.HALTED, by=None, why="x")
    assert subject_of(change) == "desk"


def test_an_unknown_kind_is_a_named_error() -> None:
    with pytest.raises(RecordError, match="no fact this version knows"):
        fact_of("OrderDreamt", {})
