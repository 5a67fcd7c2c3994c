"""Pages and windows are read to their end, modes are kept until forgotten."""
from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.adapters.bitget.classic import endpoints
from bot.adapters.bitget.classic.link import known, windows
from bot.adapters.bitget.classic.wire_value import Unreadable
from bot.adapters.bitget.http import ReadFailed
from bot.adapters.bitget.transport import NoAnswer, Request, Response
from bot.domain.account import PositionMode
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from bot.ports.venue import VenueSilent
from tests.adapters.bitget.lab import NOON, Script, link_over, no, ok, recorded

DAY_MS = 24 * 3600 * 1000


def page(*ids: int, end: object = None) -> Response:
    return ok({"bills": [{"billId": str(number)} for number in ids], "endId": end})


async def collect(script: Script) -> list[str]:
    rows = await link_over(script).collect(endpoints.BILLS, {"productType": "USDT-FUTURES"}, "bills", "billId")
    return [str(row["billId"]) for row in rows]


async def test_ff28_pages_end_on_an_empty_page_not_on_a_short_one() -> None:
    script = Script(page(9, 8, end="8"), page(7, end="7"), page(end="7"))
    assert await collect(script) == ["9", "8", "7"]
    assert [script.query(number).get("idLessThan") for number in range(3)] == [None, "8", "7"]
    assert script.query(0)["limit"] == "100"


@pytest.mark.parametrize("end", [None, "", "8"])
async def test_pages_end_where_the_cursor_does(end: object) -> None:
    assert await collect(Script(page(9, 8, end="8"), page(8, 7, end=end))) == ["9", "8", "7"]


async def test_venue_that_ignores_the_cursor_is_not_asked_for_ever() -> None:
    script = Script(page(9, 8, end="8"), page(9, 8, end="7"))
    assert await collect(script) == ["9", "8"]


@pytest.mark.parametrize("nothing", [None, []])
async def test_null_is_an_empty_list(nothing: object) -> None:
    assert await collect(Script(ok({"bills": nothing, "endId": None}))) == []


@pytest.mark.parametrize("data", [None, [], "", {"other": []}, {"bills": {}}, {"bills": [None]}, {"bills": [{"a": 1}]}])
async def test_ff55_a_page_of_another_shape_is_no_empty_list(data: object) -> None:
    with pytest.raises(Unreadable):
        await collect(Script(ok(data)))


async def test_list_that_breaks_off_is_no_list() -> None:
    with pytest.raises(ReadFailed):
        await collect(Script(page(9, end="9"), NoAnswer("cut"), NoAnswer("cut"), NoAnswer("cut")))


async def test_long_spans_are_cut_into_windows_and_rows_counted_once() -> None:
    def reply(request: Request) -> Response:
        return page(1, 2)

    script = Script(by_path={"bill": reply})
    since = NOON - timedelta(days=65)
    link = link_over(script)
    rows = await link.collect_since(endpoints.BILLS, {}, since, timedelta(days=30), "bills", "billId")
    assert len(rows) == 2
    spans = [(int(script.query(n)["startTime"]), int(script.query(n)["endTime"])) for n in range(len(script.requests))]
    assert len(spans) == 3
    assert spans[0][0] == since.timestamp() * 1000
    assert spans[-1][1] == pytest.approx(NOON.timestamp() * 1000, abs=DAY_MS)
    assert all(end - start <= 30 * DAY_MS for start, end in spans)
    assert all(one[1] == two[0] for one, two in pairwise(spans))


async def test_ff27_what_the_venue_no_longer_keeps_is_not_called_empty() -> None:
    with pytest.raises(Unreadable, match="90 days"):
        since = NOON - timedelta(days=91)
        await link_over(Script()).collect_since(endpoints.BILLS, {}, since, timedelta(days=30), "bills", "billId")


@pytest.mark.parametrize(
    ("span", "expected"),
    [((0, 0), [(0, 0)]), ((5, 3), [(5, 5)]), ((0, 10), [(0, 10)]), ((0, 11), [(0, 10), (10, 11)])],
)
def test_windows_touch_and_cover(span: tuple[int, int], expected: Any) -> None:
    assert windows(*span, 10) == expected


async def test_ff45_mode_is_read_once_and_again_after_forgetting() -> None:
    script = Script(*[recorded("account.account.sample")] * 2)
    link = link_over(script, mode=None)
    assert await link.mode(ProductLine.USDT) is PositionMode.HEDGE
    assert await link.mode(ProductLine.USDT) is PositionMode.HEDGE
    assert len(script.requests) == 1
    assert script.query() == {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginCoin": "USDT"}
    link.forget_modes()
    await link.mode(ProductLine.USDT)
    assert len(script.requests) == 2


async def test_coin_line_is_asked_with_its_coin() -> None:
    script = Script(recorded("account.account.sample"))
    link = link_over(script, mode=None)
    await link.mode(ProductLine.COIN)
    assert script.query() == {"symbol": "BTCUSD", "productType": "COIN-FUTURES", "marginCoin": "BTC"}
    assert link.margin_coin(Symbol("ETHUSD")) == "ETH"


def test_failed_and_unreadable_reads_become_silence() -> None:
    for error in (ReadFailed("cut"), Unreadable("odd")):
        with pytest.raises(VenueSilent, match="positions could not be read"), known("positions"):
            raise error


async def test_refused_read_says_why() -> None:
    link = link_over(Script(no("40014", "Incorrect permissions")), mode=None)
    with pytest.raises(VenueSilent, match="40014 Incorrect permissions"), known("the mode"):
        await link.mode(ProductLine.USDT)
