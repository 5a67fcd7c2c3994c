"""Exactly the fields, exactly the types, sane on the mark; deleting one check breaks a case here (trap 1, FF-111)."""
from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.advisors.llm.answers import CriticAnswer, ReaderAnswer, idea_of, read
from bot.adapters.advisors.llm.failure import Failure
from bot.domain.intent import Direction
from bot.ports.advisor import Abstained, Idea
from tests.adapters.advisors.llm.voices import context

SHOWN = context()
MARK = SHOWN.mark
GOOD: dict[str, Any] = {
    "kind": "OPEN", "symbol": "BTCUSDT", "direction": "LONG", "stop": str(MARK - 600), "target": str(MARK + 1200),
    "horizon": 14_400, "probability_bp": 5_500, "thesis": "up", "against": "late", "invalidation": "down",
}


def answered(**changed: Any) -> Idea | Abstained | Failure:
    return idea_of(json.dumps(GOOD | changed), SHOWN)


def test_a_sound_answer_is_an_idea_on_the_grid_of_the_instrument() -> None:
    idea = answered(stop=f"{MARK - 600:.1f}7", target=f"{MARK + 1200:.1f}9")
    assert isinstance(idea, Idea), idea
    assert (idea.direction, idea.stop, idea.target) == (Direction.LONG, MARK - 600, MARK + 1200)
    assert (idea.horizon.total_seconds(), idea.probability_bp, idea.risk_percent) == (14_400, 5_500, 100)
    assert idea.context_digest == SHOWN.digest
    short = answered(direction="SHORT", stop=str(MARK + 600), target=str(MARK - 1200))
    assert isinstance(short, Idea)
    assert isinstance(answered(target=str(MARK + 1800), probability_bp=None), Idea)


def test_nothing_is_an_honest_answer() -> None:
    nothing = {"kind": "NONE", "direction": None, "stop": None, "target": None, "horizon": None}
    assert answered(**nothing, thesis="Choppy /halt.") == Abstained(reason="Choppy halt.")
    assert answered(**nothing, thesis="") == Abstained(reason="it sees nothing worth proposing")


@pytest.mark.parametrize(("changed", "code"), [
    ({"symbol": "ETHUSDT"}, "symbol"),
    ({"symbol": "btcusdt"}, "symbol"),
    ({"stop": str(MARK)}, "geometry"),
    ({"stop": str(MARK + 1)}, "geometry"),
    ({"target": str(MARK)}, "geometry"),
    ({"target": str(MARK - 1)}, "geometry"),
    ({"target": str(MARK + 1801)}, "geometry"),
    ({"stop": "0.01"}, "geometry"),
    ({"direction": "SHORT"}, "geometry"),
    ({"stop": None}, "shape"),
    ({"direction": None}, "shape"),
    ({"target": None}, "shape"),
    ({"horizon": None}, "shape"),
    ({"horizon": 299}, "shape"),
    ({"horizon": 604_801}, "shape"),
    ({"horizon": "14400"}, "shape"),
    ({"horizon": 14_400.0}, "shape"),
    ({"horizon": True}, "shape"),
    ({"probability_bp": 10_001}, "shape"),
    ({"probability_bp": -1}, "shape"),
    ({"stop": float(MARK - 600)}, "shape"),
    ({"stop": 60_000}, "shape"),
    ({"stop": "60,000"}, "shape"),
    ({"stop": "6e4"}, "shape"),
    ({"stop": "-60000"}, "shape"),
    ({"stop": "+60000"}, "shape"),
    ({"stop": " 60000"}, "shape"),
    ({"stop": "60000\n"}, "shape"),
    ({"stop": "６００００"}, "shape"),
    ({"stop": "NaN"}, "shape"),
    ({"stop": ""}, "shape"),
    ({"kind": "CLOSE"}, "shape"),
    ({"direction": "long"}, "shape"),
    ({"size": "1"}, "shape"),
    ({"leverage": 125}, "shape"),
    ({"approve": True}, "shape"),
    ({"thesis": None}, "shape"),
    ({"thesis": "x" * 4_001}, "shape"),
])
def test_every_other_answer_is_refused_with_its_reason(changed: dict[str, Any], code: str) -> None:
    found = answered(**changed)
    assert isinstance(found, Failure), found
    assert found.code == code
    assert found.words


@pytest.mark.parametrize("field", list(GOOD))
def test_no_field_may_be_missing(field: str) -> None:
    found = idea_of(json.dumps({name: value for name, value in GOOD.items() if name != field}), SHOWN)
    assert isinstance(found, Failure)
    assert found.code == "shape"
    assert field in found.words


PRICES = st.decimals(min_value=0, max_value=200_000, places=2, allow_nan=False, allow_infinity=False)


@given(st.sampled_from(["LONG", "SHORT"]), PRICES, PRICES)
def test_whatever_prices_are_named_an_idea_risks_something_and_gains_at_most_three_times_that(
    direction: str, stop: Decimal, target: Decimal,
) -> None:
    found = answered(direction=direction, stop=f"{stop:f}", target=f"{target:f}")
    if isinstance(found, Idea):
        sign = found.direction.sign
        risk, reward = (MARK - found.stop) * sign, (found.target - MARK) * sign
        assert risk > 0
        assert 0 < reward <= 3 * risk
    else:
        assert isinstance(found, Failure)


def test_an_opinion_and_a_reading_are_as_strict() -> None:
    assert isinstance(read(CriticAnswer, '{"verdict":"veto","reasons":["x"],"missing_evidence":[]}'), CriticAnswer)
    for text in ('{"verdict":"raise","reasons":[],"missing_evidence":[]}',
                 '{"verdict":"agree","reasons":["1","2","3","4"],"missing_evidence":[]}',
                 '{"verdict":"agree","reasons":[],"missing_evidence":[],"risk_percent":500}'):
        assert isinstance(read(CriticAnswer, text), Failure)
    assert isinstance(read(ReaderAnswer, '{"topic":"hack","sentiment":-2,"symbols":[]}'), ReaderAnswer)
    for text in ('{"topic":"buy now","sentiment":2,"symbols":[]}', '{"topic":"hack","sentiment":9,"symbols":[]}',
                 '{"topic":"hack","sentiment":1.5,"symbols":[]}'):
        assert isinstance(read(ReaderAnswer, text), Failure)
