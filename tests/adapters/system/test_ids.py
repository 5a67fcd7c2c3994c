"""New ids: of the right shape, and never the same twice."""
from __future__ import annotations

import pytest

from bot.adapters.system.ids import SystemIds, chance
from bot.domain.ids import ALPHABET
from bot.ports.clock import Ids


def test_proposal_ids_fit_a_button_and_differ() -> None:
    ids: Ids = SystemIds()
    drawn = [ids.new_proposal_id() for _ in range(2000)]
    assert len(set(drawn)) == 2000
    assert all(len(name) == 10 and set(name) <= set(ALPHABET) for name in drawn)


@pytest.mark.parametrize("length", [1, 26, 256])
def test_tokens_have_the_length_asked_for(length: int) -> None:
    token = SystemIds().new_token(length)
    assert len(token) == length and set(token) <= set(ALPHABET)


@pytest.mark.parametrize("length", [0, -1, 257])
def test_a_token_of_no_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="1 to 256"):
        SystemIds().new_token(length)


def test_every_letter_is_drawn() -> None:
    assert set(SystemIds().new_token(256) + SystemIds().new_token(256)) == set(ALPHABET)


def test_chance_fills_its_range() -> None:
    drawn = [chance() for _ in range(2000)]
    assert all(0 <= number < 1 for number in drawn)
    assert min(drawn) < 0.1 and max(drawn) > 0.9 and len(set(drawn)) == 2000
