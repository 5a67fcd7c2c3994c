"""Every documented code has a kind, and what a write may conclude from it follows the field failures' table."""
from __future__ import annotations

import json

import pytest

from bot.adapters.bitget.codes import KINDS, Kind, ambiguous, kind_of, sentence, worth_another_read
from tests.adapters.bitget.lab import DATA

TABLE = json.loads((DATA / "error_codes.json").read_text())
# Codes on which the table of field failures, which is the one for writes, overrules the error list.
REFUSED_ALL_THE_SAME = {"40078"}
ASKED_ALL_THE_SAME = {"429", "25003", "25004", "40708"} | {row["code"] for row in TABLE if row["class"] == "ws"}


def test_every_documented_code_is_known_once() -> None:
    assert {row["code"] for row in TABLE} <= set(KINDS)
    assert len(KINDS) == len({row["code"] for row in TABLE} | {"49003"})


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["code"])
def test_write_is_asked_about_exactly_where_documented(row: dict[str, str]) -> None:
    code, unfinished = row["code"], row["retry"] == "C"
    assert ambiguous(code) is (code in ASKED_ALL_THE_SAME or (unfinished and code not in REFUSED_ALL_THE_SAME))


@pytest.mark.parametrize("code", ["40786", "40708", "43118", "45034", "50060", "25212"])
def test_ff11_duplicate_id_is_asked_about(code: str) -> None:
    assert kind_of(code) is Kind.DUPLICATE_ID
    assert ambiguous(code)


BUSY = ["40010", "40015", "40725", "40910", "25001", "40908", "25003", "45001", "43059", "50031", "25000", "45023"]


@pytest.mark.parametrize("code", [*BUSY, "40200"])
def test_ff57_busy_answers_are_asked_about_and_reads_try_again(code: str) -> None:
    assert ambiguous(code)
    assert worth_another_read(code)


@pytest.mark.parametrize("code", ["", "99999", "00000x", "4O786"])
def test_unknown_code_is_ambiguous_and_not_worth_another_read(code: str) -> None:
    assert kind_of(code) is Kind.UNKNOWN
    assert ambiguous(code)
    assert not worth_another_read(code)


@pytest.mark.parametrize("code", ["40762", "45110", "40774", "40917", "40037", "40099", "40014", "22002", "40768"])
def test_definite_refusals_end_a_write(code: str) -> None:
    assert not ambiguous(code)


@pytest.mark.parametrize("code", ["40014", "40038", "40099", "40085", "40762", "45117"])
def test_people_are_told_what_to_do(code: str) -> None:
    words = sentence(code)
    assert words is not None
    assert words.endswith(".")
