"""A small week: everything a hostile model does alone can be traced, and the judge finds what is planted."""
from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from bot.desk import verdict
from tests.campaigns.autonomy import run

# The whole of it is `python -m tests.campaigns.autonomy`; an hour of this seed trades twice and loses a lease.
SEED, MINUTES = 18, 60


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Silence what the desk logs of hostile answers."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_every_order_has_its_idea_its_lease_and_its_verdict() -> None:
    found, model = run(SEED, MINUTES)
    assert found.wrong == []
    assert found.orders >= 2
    assert (found.mandates, found.falls) == (2, 1)
    assert found.ideas + found.abstained <= model.asked
    assert sum(model.tried.values()) == model.asked


def test_a_desk_that_does_not_spend_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict, "spend", lambda *given: None)
    found, _ = run(SEED, MINUTES)
    assert any("was spent 0 times" in one for one in found.wrong)
