"""The calls we make are calls the exchange documents, with its own budgets."""
from __future__ import annotations

import json

import pytest

from bot.adapters.bitget.classic import endpoints
from bot.adapters.bitget.http import Endpoint
from tests.adapters.bitget.lab import DATA

DOCUMENTED = {(row["method"], row["path"]): row for row in json.loads((DATA / "endpoints.json").read_text())}
OURS = {name: value for name, value in vars(endpoints).items() if isinstance(value, Endpoint)}


@pytest.mark.parametrize("name", OURS)
def test_method_path_budget_and_signature_are_documented(name: str) -> None:
    ours = OURS[name]
    row = DOCUMENTED[ours.method, ours.path]
    assert (ours.per_second, ours.scope.value) == (row["rate"]["per_second"], row["rate"]["scope"])
    assert ours.signed is row["auth"]


@pytest.mark.parametrize("name", OURS)
def test_ff03_whatever_is_posted_changes_state(name: str) -> None:
    assert OURS[name].changes is (OURS[name].method == "POST")
