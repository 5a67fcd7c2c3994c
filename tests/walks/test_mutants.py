"""The quick ones of the broken designs of reliability section 2: each is caught, and the design as it is holds."""
from __future__ import annotations

import pytest

from tests.walks.mutants import DUELS, MUTANTS, Mutant, catch, sound

SLOW = ("age without lag margin", "sign at send time", "N not-founds, no minimum age", "cancel not-found = cancelled")
QUICK = [mutant for mutant in MUTANTS if mutant.name not in SLOW and not mutant.by_sweep]


@pytest.mark.parametrize("mutant", QUICK, ids=lambda one: one.name)
def test_a_broken_design_is_caught(mutant: Mutant) -> None:
    caught = catch(mutant)
    assert caught.invariant is not None, f"{mutant.name} escaped {caught.after} seeds"


def test_every_design_of_the_table_is_there() -> None:
    # Beside those of reliability section 2 one of I13.
    assert len({mutant.name for mutant in MUTANTS} - {"no request keys"}) == 14


@pytest.mark.parametrize("duel", DUELS[:3], ids=lambda one: one.__name__)
def test_the_design_as_it_is_holds(duel) -> None:  # type: ignore[no-untyped-def]
    assert sound(duel, 1) == []
