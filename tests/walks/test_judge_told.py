"""Each invariant about what people learn fails once, by a desk that keeps back, lies, forgets or tells a secret."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest

from bot.desk import enter
from bot.domain.events_orders import FillRecorded, OrderAccepted
from tests.walks import judge_told
from tests.walks.evidence import Evidence
from tests.walks.mutants import SETTING, any_fill
from tests.walks.walk import walk

PLAIN = enter.write


def _walked(steps: int = 3) -> set[str]:
    return {one.invariant for one in walk(1, steps=steps, setting=SETTING, duel=any_fill, calm_s=5).breaches}


@contextmanager
def _writing(write: Any) -> Iterator[None]:
    with mock.patch.object(enter, "write", write):
        yield


def _keep_back(tx: Any, fact: Any, at: Any, actor: str, cause: Any = None) -> int:
    return 0 if isinstance(fact, FillRecorded) else PLAIN(tx, fact, at, actor, cause)


def _tell_the_secret(tx: Any, fact: Any, at: Any, actor: str, cause: Any = None) -> int:
    return PLAIN(tx, fact, at, f"{actor} {SECRET}" if isinstance(fact, OrderAccepted) else actor, cause)


SECRET = "canary-secret"


@pytest.mark.parametrize("write, invariant", [(_keep_back, "I15"), (_tell_the_secret, "I19")])
def test_a_desk_that_keeps_back_or_blabs_is_caught(write: Any, invariant: str) -> None:
    with _writing(write), mock.patch("tests.walks.walk.CANARIES", (SECRET,)):
        assert invariant in _walked()


def _seen(**export: Any) -> Evidence:
    whole: dict[str, Any] = {"orders": [], "fills": [], "journal": [], "equity_marks": [], "limits": [], "bills": [],
                             "trading_states": [{"state": "ACTIVE"}]}
    row = {"clientOid": "wd-test-1", "orderId": "1", "status": "live"}
    return Evidence(truth={"orders": [row], "plans": []}, export=whole | export, now=0, tag="test", one_way=False)


def _line(kind: str, name: str, state: str) -> dict[str, Any]:
    return {"kind": kind, "body": {"order": {"client_order_id": name, "state": state}}}


@pytest.mark.parametrize("line", [_line("OrderEnded", "wd-test-1", "FILLED"),
                                  _line("OrderEnded", "wd-test-1", "CANCELED"),
                                  _line("OrderAccepted", "wd-test-2", "OPEN")])
def test_an_end_that_did_not_happen_is_caught(line: dict[str, Any]) -> None:
    assert [one.invariant for one in judge_told.judge(_seen(journal=[line]))] == ["I16"]


def test_a_rejection_nobody_was_told_of_is_caught() -> None:
    order = {"client_order_id": "wd-test-1", "owner": "OURS", "proposal_id": "p", "state": "REJECTED",
             "venue_order_id": None, "executed_as": None}
    assert [one.invariant for one in judge_told.judge(_seen(orders=[order]))] == ["I15"]
    told = _seen(orders=[order], journal=[_line("OrderRejected", "wd-test-1", "REJECTED")])
    assert judge_told.judge(told) == []


@pytest.mark.parametrize("name, rows", [("equity_marks", [{"at": 1, "equity": "5"}]),
                                        ("limits", [{"scope": "account"}]),
                                        ("trading_states", [{"state": "HALTED"}])])
def test_a_baseline_that_a_restart_changed_is_caught(name: str, rows: list[dict[str, Any]]) -> None:
    before = _seen(**{name: rows})
    assert [one.invariant for one in judge_told.baselines(before, _seen())] == ["I11"]
    assert judge_told.baselines(before, before) == []
