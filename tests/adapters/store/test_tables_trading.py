from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from bot.adapters.store import tables_trading
from bot.domain.order import Order
from tests.adapters.store import values

# A field left at its default would come back right even if no column held it.
LEFT_ALONE = {"OrderIntent": {"size"}, "Protection": {"version"}, "Mandate": {"version", "revoked_at"},
              "Proposal": {"state", "revision", "version"}, "Fill": {"inferred"}, "Terms": set[str]()}


@pytest.mark.parametrize(
    "sample",
    [values.order(), values.intent(), values.fill(), values.position(), values.protection(), values.proposal(),
     values.proposal().terms, values.decision(), values.mandate(), values.account(), values.bill()],
    ids=lambda sample: type(sample).__name__,
)
def test_the_samples_set_every_field(sample: Any) -> None:
    for field in dataclasses.fields(sample):
        if field.default is not dataclasses.MISSING and field.name not in LEFT_ALONE.get(type(sample).__name__, set()):
            assert getattr(sample, field.name) != field.default, f"{type(sample).__name__}.{field.name}"


def test_an_order_has_a_column_for_every_field() -> None:
    columns = {column.name for column in tables_trading.orders.c}
    named = {"filled": "filled_size", "reported": "reported_size"}
    fields = {named.get(field.name, field.name) for field in dataclasses.fields(Order)} - {"intent"}
    assert fields <= columns


def test_an_order_is_found_by_every_key_it_is_asked_for() -> None:
    indexed = {tuple(column.name for column in index.columns) for index in tables_trading.orders.indexes}
    asked = ("state", "venue_order_id", "executed_as", "proposal_id", "parent", "replaces", "created_at", "signed_at",
             "settled_at")
    assert indexed == {("account", name) for name in asked}
