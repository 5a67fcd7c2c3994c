"""Every recorded answer survives every mutation of every field: a value, a named silence, never anything else."""
from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.adapters.bitget.classic import (
    wire_account,
    wire_market,
    wire_order,
    wire_plan,
)
from bot.adapters.bitget.classic.market import ClassicMarket
from bot.adapters.bitget.classic.venue import ClassicVenue
from bot.adapters.bitget.transport import Response
from bot.domain.account import PositionMode
from bot.domain.ids import ClientOrderId, Symbol
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction, Effect, MarginMode, OrderKind, Trigger, TriggerBy
from bot.domain.order import Order
from bot.ports.market import Candle, MarketSilent, PriceKind
from bot.ports.venue import OrderKey, VenueEvent, VenueSilent
from tests.adapters.bitget.lab import DATA, NOON, HandClock, Script, data_of, http_over, link_over, ok, order, sample

HOUR = timedelta(hours=1)
MARK_AT = Trigger(price=Decimal(27000), by=TriggerBy.MARK)
BTC, USDT = Symbol("BTCUSDT"), ProductLine.USDT
SINCE = NOON - timedelta(minutes=1)
MUTATIONS: list[Any] = [
    None, "", "0", "-1", 0, -1, 7, True, [], {}, [None], [[]], {"a": 1}, "x", "1E-7", "1e400", "NaN", "Infinity",
    "9" * 60, 10**30, "-0", " 1 ", "NET", "\u0000", "Ⅷ", "1700719887120",
]  # fmt: skip
GONE = object()


async def no_events() -> AsyncIterator[VenueEvent]:
    return
    yield


def venue(script: Script) -> ClassicVenue:
    return ClassicVenue(link_over(script), no_events)


def market(script: Script) -> ClassicMarket:
    clock = HandClock()
    return ClassicMarket(http_over(script, clock), clock)


def asked(kind: OrderKind, client_id: str) -> OrderKey:
    return OrderKey(symbol=BTC, kind=kind, client_order_id=ClientOrderId(client_id), venue_order_id=None)


async def pages(history: AsyncIterator[tuple[Candle, ...]]) -> list[tuple[Candle, ...]]:
    return [page async for page in history]


def limited(client_id: str) -> Order:
    return order(client_id, kind=OrderKind.LIMIT, limit_price=Decimal(27000))


def guard(kind: OrderKind) -> Order:
    return order(f"g-{kind.value}", kind=kind, effect=Effect.CLOSE, size=None, trigger=MARK_AT)


Ask = Callable[[Script], Awaitable[object]]
VERBS: list[tuple[str, Ask]] = [
    ("order.detail.sample", lambda s: venue(s).order(asked(OrderKind.LIMIT, "1111465253431574529"))),
    ("order.orders-pending.sample", lambda s: venue(s).open_orders(USDT)),
    ("order.orders-history.sample", lambda s: venue(s).ended_orders(USDT, SINCE)),
    ("order.fills.sample", lambda s: venue(s).fills(USDT, SINCE)),
    ("order.fill-history.sample", lambda s: venue(s).fills(USDT, SINCE)),
    ("order.orders-plan-pending.sample", lambda s: venue(s).open_plans(USDT)),
    ("order.orders-plan-history.sample", lambda s: venue(s).ended_plans(USDT, SINCE)),
    ("order.orders-plan-history.sample", lambda s: venue(s).order(asked(OrderKind.TRIGGER, "1272849518383902720"))),
    ("order.orders-plan-pending.sample", lambda s: venue(s).cancel(asked(OrderKind.STOP, "1272849518383902720"))),
    ("position.all-position.sample", lambda s: venue(s).positions(USDT)),
    ("position.single-position.sample", lambda s: venue(s).positions(USDT)),
    ("account.accounts.sample", lambda s: venue(s).accounts(USDT)),
    ("account.bill.sample", lambda s: venue(s).bills(USDT, SINCE)),
    ("account.account.sample", lambda s: venue(s).settings(BTC)),
    ("spot.account.info.sample", lambda s: venue(probed(s)).profile()),
    ("order.place-order.sample", lambda s: venue(s).submit(order())),
    ("order.batch-place-order.sample", lambda s: venue(s).submit_batch([order("b-1"), order("b-2")])),
    ("order.cancel-order.sample", lambda s: venue(s).cancel(asked(OrderKind.LIMIT, "1"))),
    ("order.batch-cancel-orders.sample", lambda s: venue(s).cancel_all(USDT, BTC)),
    ("order.close-positions.sample", lambda s: venue(s).close_position(BTC, Direction.LONG)),
    ("market.contracts.sample", lambda s: market(s).instruments(USDT)),
    ("market.query-position-lever.sample", lambda s: market(s).tiers(BTC)),
    ("market.ticker.sample", lambda s: market(s).ticker(BTC)),
    ("market.tickers.sample", lambda s: market(s).tickers(USDT)),
    ("market.candles.sample", lambda s: market(s).candles(BTC, "5m", 2)),
    ("market.current-fund-rate.sample", lambda s: market(s).funding(BTC)),
    ("market.merge-depth.sample", lambda s: market(s).depth(BTC, 5)),
    ("public.time.sample", lambda s: http_over(s).measure()),
    ("market.history-candles.sample", lambda s: pages(market(s).history(BTC, "5m", SINCE - HOUR, SINCE))),
    ("market.history-mark-candles.sample", lambda s: market(s).candles(BTC, "5m", 2, PriceKind.MARK)),
    ("market.history-index-candles.sample", lambda s: market(s).candles(BTC, "5m", 2, PriceKind.INDEX)),
    ("market.history-fund-rate.sample", lambda s: market(s).funding_history(BTC, 2)),
    ("order.modify-order.sample", lambda s: venue(s).amend(asked(OrderKind.LIMIT, "1"), limited("b-2"))),
    ("order.place-plan-order.sample", lambda s: venue(s).submit(order(kind=OrderKind.TRIGGER, trigger=MARK_AT))),
    ("order.place-tpsl-order.sample", lambda s: venue(s).submit(guard(OrderKind.STOP))),
    ("order.place-pos-tpsl.sample", lambda s: venue(s).submit_guards(guard(OrderKind.STOP), guard(OrderKind.TARGET))),
    ("order.modify-tpsl-order.sample", lambda s: venue(s).amend_plan(asked(OrderKind.STOP, "1"),
                                                                     guard(OrderKind.STOP))),
    ("order.modify-plan-order.sample", lambda s: venue(s).amend_plan(
        asked(OrderKind.TRIGGER, "1"), order(kind=OrderKind.TRIGGER, trigger=MARK_AT))),
    ("order.cancel-plan-order.sample", lambda s: venue(s).cancel(asked(OrderKind.TRIGGER, "1"))),
    ("order.cancel-all-orders.sample", lambda s: venue(s).cancel_all(USDT, None)),
    ("account.set-leverage.sample", lambda s: venue(s).set_leverage(BTC, Decimal(5), Direction.LONG)),
    ("account.set-margin.sample", lambda s: venue(s).add_margin(BTC, Direction.LONG, Decimal(5))),
    ("account.set-margin-mode.sample", lambda s: venue(s).set_margin_mode(BTC, MarginMode.ISOLATED)),
    ("account.set-position-mode.sample", lambda s: venue(s).set_position_mode(USDT, PositionMode.HEDGE)),
    ("account.set-auto-margin.sample", lambda s: venue(s).set_auto_margin(BTC, Direction.LONG, True)),
]
IDS = [f"{n}-{name}" for n, (name, _) in enumerate(VERBS)]
BODIES = [
    b"", b"<html><body>502 Bad Gateway</body></html>", b"null", b"[]", b'"ok"', b"7", b"{", b"\xff\xfe", b"[" * 9_999,
    b'{"code":"00000"}', b'{"code":"00000","data":null}', b'{"code":"00000","data":"<html>"}',
    b'{"code":"00000","data":1e400}', b'{"code":"00000","data":[null,[],{}]}', b'{"code":[],"data":{}}',
    b'{"code":"99999","msg":"a new code","data":{}}', b'{"code":null,"msg":null,"data":null,"requestTime":null}',
]  # fmt: skip


def spots(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(tree, dict):
        for name in tree:
            yield from spots(tree[name], (*path, name))
    elif isinstance(tree, list):
        for index, item in enumerate(tree):
            yield from spots(item, (*path, index))


def mutated(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return None if value is GONE else value
    copy = json.loads(json.dumps(tree))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    if value is GONE:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return copy


def answering(data: Any) -> Script:
    """Answer every call alike, except that a second page is empty."""

    def reply(request: Any) -> Response:
        if "idLessThan" in request.query:
            return ok({"entrustedList": [], "fillList": [], "bills": []})
        return ok(data)

    return Script(by_path={"": reply})


def probed(script: Script) -> Script:
    """Let the script answer for the key alone; the rest of the account is as recorded."""
    rest = {"/time": "public.time", "/accounts": "account.accounts", "account/account": "account.account"}
    script.by_path = {path: ok(data_of(f"{name}.sample")) for path, name in rest.items()} | script.by_path
    return script


def cases(data: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    for path in spots(data):
        for value in (*MUTATIONS, GONE):
            yield path, value


@pytest.mark.parametrize(("name", "ask"), VERBS, ids=IDS)
async def test_mutated_answers_give_a_value_or_a_named_silence(name: str, ask: Ask) -> None:
    data = data_of(name)
    known = 0
    for path, value in cases(data):
        try:
            await ask(answering(mutated(data, path, value)))
            known += 1
        except (VenueSilent, MarketSilent) as error:
            assert str(error), (path, value)
    assert known


@pytest.mark.parametrize(("name", "ask"), VERBS, ids=IDS)
async def test_truncated_answers_give_a_value_or_a_named_silence(name: str, ask: Ask) -> None:
    body = (DATA / f"{name}.json").read_bytes()
    for cut in range(0, len(body), max(1, len(body) // 40)):
        reply = Response(status=200, body=body[:cut])
        try:
            await ask(Script(by_path={"": reply}))
        except (VenueSilent, MarketSilent) as error:
            assert str(error)


# Rows that live now, and the fields each cannot do without: by name, as rest.md has them.
NEEDED_FIELDS = {
    "order.detail.sample": {"symbol", "orderId", "clientOid", "baseVolume"},
    "order.orders-pending.sample": {"entrustedList", "symbol", "orderId", "baseVolume"},
    "order.orders-plan-pending.sample": {"entrustedList", "symbol", "orderId"},
    "position.all-position.sample": {"symbol", "holdSide", "total", "leverage", "openPriceAvg"},
    "account.accounts.sample": {"marginCoin", "accountEquity"},
    "market.contracts.sample": {"symbol", "minTradeNum", "priceEndStep", "pricePlace"},
    "market.ticker.sample": {"symbol", "lastPr"},
    "market.tickers.sample": {"symbol", "lastPr"},
}
TOUCHED_MAX = 2


def rows_of(answer: Any) -> list[Any]:
    return [row for row in (answer if isinstance(answer, tuple) else (answer,)) if is_dataclass(row)]


@pytest.mark.parametrize("name", sorted(NEEDED_FIELDS))
async def test_a_spoiled_field_costs_no_other(name: str) -> None:
    data, ask = data_of(name), dict(reversed(VERBS))[name]
    whole = rows_of(await ask(answering(data)))
    assert whole
    for path, value in cases(data):
        if not path or type(path[-1]) is int or path[-1] in NEEDED_FIELDS[name]:
            continue
        read = rows_of(await ask(answering(mutated(data, path, value))))
        assert list(map(type, read)) == list(map(type, whole)), (path, value)
        for row, was in zip(read, whole, strict=True):
            touched = [part.name for part in fields(row) if getattr(row, part.name) != getattr(was, part.name)]
            assert len(touched) <= TOUCHED_MAX, (path, value, touched)


@pytest.mark.parametrize("status", [200, 502])
@pytest.mark.parametrize(("name", "ask"), VERBS, ids=IDS)
async def test_what_is_no_answer_gives_a_value_or_a_named_silence(name: str, ask: Ask, status: int) -> None:
    for body in BODIES:
        try:
            await ask(Script(by_path={"": Response(status=status, body=body)}))
        except (VenueSilent, MarketSilent) as error:
            assert str(error), body


SHAPES = [
    ("order.detail.sample", wire_order.OrderRow, lambda data: data),
    ("order.orders-history.sample", wire_order.OrderRow, lambda data: data["entrustedList"][0]),
    ("order.fills.sample", wire_order.FillRow, lambda data: data["fillList"][0]),
    ("order.orders-plan-history.sample", wire_plan.PlanRow, lambda data: data["entrustedList"][0]),
    ("position.all-position.sample", wire_account.PositionRow, lambda data: data[0]),
    ("account.accounts.sample", wire_account.AccountRow, lambda data: data[0]),
    ("account.account.sample", wire_account.AccountRow, lambda data: data),
    ("account.bill.sample", wire_account.BillRow, lambda data: data["bills"][0]),
    ("market.contracts.sample", wire_market.ContractRow, lambda data: data[0]),
    ("market.ticker.sample", wire_market.TickerRow, lambda data: data[0]),
]


@pytest.mark.parametrize(("name", "shape", "row"), SHAPES, ids=[f"{n}-{name}" for n, (name, *_) in enumerate(SHAPES)])
def test_every_field_of_a_shape_is_one_the_venue_sends(name: str, shape: Any, row: Callable[[Any], Any]) -> None:
    sent = set(row(data_of(name)))
    asked_for = set(shape.__struct_fields__)
    assert len(asked_for & sent) >= len(sent) // 2, sent - asked_for


def test_samples_are_the_whole_envelope() -> None:
    for name, _ in VERBS:
        assert sample(name)["code"] == "00000"
