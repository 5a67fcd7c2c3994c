"""The judges of what only days show tell growth, wrong sums, spent budgets and waiting from their absence."""
from __future__ import annotations

from collections import deque
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from tests.walks.evidence import Evidence
from tests.walks.judge_soak import budgets, growth, lanes, money, sizes

PRICES = MappingProxyType({"USDT": Decimal(1)})


def seen(**sides: Any) -> Evidence:
    truth = {"balances": [{"marginCoin": "USDT", "balance": "1008.9", "accountEquity": "1010"}], "requests": []}
    export: dict[str, Any] = {"bills": [], "fills": [], "wallets": []}
    return Evidence(
        truth=truth | {name: rows for name, rows in sides.items() if name in truth},
        export=export | {name: rows for name, rows in sides.items() if name in export}, now=0, tag="t", one_way=False,
    )


def bill(kind: str, amount: str, fee: str = "0") -> dict[str, Any]:
    return {"kind": kind, "coin": "USDT", "amount": amount, "fee": fee}


FILL = {"superseded_by": None, "fee_coin": "USDT", "realised": "10", "fee": "0.6"}
BILLS = [bill("close_long", "10", "-0.6"), bill("contract_settle_fee", "-0.5")]
BEGUN = MappingProxyType({"USDT": Decimal(1000)})


def test_what_adds_up_is_no_breach() -> None:
    wallet = {"margin_coin": "USDT", "equity": "1010"}
    assert not money(seen(bills=BILLS, fills=[FILL], wallets=[wallet]), BEGUN, PRICES, 1)


def test_a_missing_bill_fill_or_equity_is_named() -> None:
    words = [one.words for one in money(seen(bills=BILLS[:1], fills=[FILL]), BEGUN, PRICES, 1)]
    assert words == ["USDT: bills do not add up to the wallet",
                     "USDT: fills, funding and transfers do not add up to the wallet"]
    assert len(money(seen(bills=BILLS), BEGUN, PRICES, 1)) == 1
    wallet = {"margin_coin": "USDT", "equity": "1009.9"}
    assert len(money(seen(bills=BILLS, fills=[FILL], wallets=[wallet]), BEGUN, PRICES, 1)) == 1


def test_only_what_grows_at_every_look_grows() -> None:
    looks = [{"queue": size, "cache": min(size, 3)} for size in (1, 2, 3, 4, 5)]
    assert [one.words for one in growth(looks)] == ["queue only grows"]
    assert growth(looks[:2])[0].words == "2 looks judge no growth"


def test_sizes_finds_containers_of_ours_by_their_place() -> None:
    held = {"kept": [1, 2], "bounded": deque([1], maxlen=4), "words": "abc"}
    assert sizes({"root": held}) == {"root": 3, "root[]": 2}


def test_a_second_holds_no_more_than_its_budget() -> None:
    def calls(gap_ms: int) -> list[dict[str, Any]]:
        return [{"when": place * gap_ms, "method": "GET", "path": "/x", "outcome": "00000", "fault": ""}
                for place in range(40)]

    rates = {("GET", "/x"): 10.0}
    assert not list(budgets(seen(requests=calls(100)), rates))
    assert [one.invariant for one in budgets(seen(requests=calls(99)), rates)] == ["I24"]
    refused = [{"when": 0, "method": "GET", "path": "/x", "outcome": "429", "fault": ""}]
    assert list(budgets(seen(requests=refused), rates))
    assert not list(budgets(seen(requests=[refused[0] | {"fault": "rate_limited"}]), rates))


def test_reducing_waits_half_a_second_at_most() -> None:
    assert not lanes([0.0] * 99 + [9.0] * 1 + [0.0] * 50, 200)
    assert lanes([0.0] * 95 + [0.6] * 5, 200)
    assert lanes([0.0] * 10, 200)
