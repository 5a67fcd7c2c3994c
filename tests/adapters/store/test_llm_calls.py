"""Questions to language models: reserved before, settled once, counted, and their texts dropped after a while."""
from __future__ import annotations

import dataclasses
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.adapters.store import tables_lab
from bot.adapters.store.link import Link
from bot.adapters.store.tx import StoreTx
from bot.ports.llm_calls import OK, RESERVED, LlmCallRow
from tests.adapters.store.refusals import impossible
from tests.adapters.store.values import T0, later


def question(name: str = "L1", **changed: object) -> LlmCallRow:
    made = LlmCallRow(id=name, advisor="llm-aa", purpose="propose", model="m", context="c1", digest="d1",
                      request='{"a":1}', reserved=Decimal("0.05"), at=T0)
    return replace(made, **changed)  # type: ignore[arg-type]


def settled(call: LlmCallRow, result: str = OK, cost: str = "0.01") -> LlmCallRow:
    return replace(call, result=result, response="{}", input_tokens=100, output_tokens=20, cost=Decimal(cost),
                   latency_ms=350, settled_at=later(1))


def test_a_question_has_its_columns() -> None:
    fields = {field.name for field in dataclasses.fields(LlmCallRow)}
    assert {column.name for column in tables_lab.llm_calls.c} == fields | {"account"}


def test_a_question_is_reserved_then_settled_once(tx: StoreTx) -> None:
    tx.llm_calls.reserve(question())
    assert tx.llm_calls.since(T0) == (question(),)
    assert question().result == RESERVED
    with pytest.raises(ValueError, match="has its cost"):
        tx.llm_calls.settle(question())
    tx.llm_calls.settle(settled(question()))
    assert tx.llm_calls.since(T0) == (settled(question()),)
    with impossible("no unsettled question L1"):
        tx.llm_calls.settle(settled(question(), cost="0"))
    with impossible("no unsettled question L9"):
        tx.llm_calls.settle(settled(question("L9")))


def test_what_is_not_settled_counts_as_reserved(tx: StoreTx) -> None:
    tx.llm_calls.reserve(question())
    tx.llm_calls.reserve(question("L2", context="c2", at=later(10)))
    assert tx.llm_calls.spent(T0) == Decimal("0.1")
    tx.llm_calls.settle(settled(question()))
    assert tx.llm_calls.spent(T0) == Decimal("0.06")
    assert tx.llm_calls.spent(T0, "c1") == Decimal("0.01")
    assert tx.llm_calls.spent(later(5)) == Decimal("0.05")
    assert tx.llm_calls.spent(later(20)) == 0


def test_the_latest_good_answer_is_found_by_the_questions_digest(tx: StoreTx) -> None:
    assert tx.llm_calls.answered("d1") is None
    for number, result in enumerate((OK, OK, "timeout")):
        call = question(f"L{number}", at=later(number))
        tx.llm_calls.reserve(call)
        tx.llm_calls.settle(settled(call, result))
    found = tx.llm_calls.answered("d1")
    assert found is not None
    assert found.id == "L1"
    first = tx.llm_calls.first_answered("d1")
    assert first is not None
    assert first.id == "L0"
    assert tx.llm_calls.first_answered("d2") is None
    assert tx.llm_calls.answered("d2") is None


def test_texts_go_and_digests_stay(tx: StoreTx) -> None:
    for number in (0, 100):
        call = question(f"L{number}", at=later(number))
        tx.llm_calls.reserve(call)
        tx.llm_calls.settle(settled(call))
    assert tx.llm_calls.forget_texts(later(50)) == 1
    assert tx.llm_calls.forget_texts(later(50)) == 0
    old, new = tx.llm_calls.since(T0)
    assert (old.request, old.response, old.digest, old.cost) == (None, None, "d1", Decimal("0.01"))
    assert new.request is not None


@pytest.mark.parametrize(("statement", "words"), [
    ("DELETE FROM llm_calls", "Nothing is ever deleted from llm_calls"),
    ("UPDATE llm_calls SET reserved = '0'", "What was asked never changes"),
    ("UPDATE llm_calls SET cost = '0'", "A question is settled once"),
    ("UPDATE llm_calls SET settled_at = NULL, cost = NULL", "A question is settled once"),
    ("UPDATE llm_calls SET response = 'other'", "A text may go, it never changes"),
])
def test_the_database_refuses_to_rewrite_it(tx: StoreTx, link: Link, statement: str, words: str) -> None:
    tx.llm_calls.reserve(question())
    tx.llm_calls.settle(settled(question()))
    with impossible(words):
        link.plainly(statement)
