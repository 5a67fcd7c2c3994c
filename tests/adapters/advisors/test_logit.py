from __future__ import annotations

import pytest

from bot.adapters.advisors.logit import Logit, sigmoid

MODEL = Logit(means=(1.0, 0.0), scales=(2.0, 1.0), weights=(0.5, -1.0), bias=0.25)


def test_scores_are_sums_of_credits() -> None:
    row = (3.0, 0.5)
    assert MODEL.credits(row) == [0.5, -0.5]
    assert MODEL.raw(row) == pytest.approx(0.25)
    assert MODEL.predict(row) == sigmoid(MODEL.raw(row))


def test_the_sigmoid_never_overflows() -> None:
    assert [sigmoid(value) for value in (-1e9, 0.0, 1e9)] == [0.0, 0.5, 1.0]


def test_a_row_of_another_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="argument"):
        MODEL.raw((1.0,))
