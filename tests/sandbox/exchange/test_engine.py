from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from bot.sandbox.exchange import adl
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.rest_account import MARGIN_MOVES
from bot.sandbox.exchange.specs import SPECS
from bot.sandbox.exchange.state import Account
from tests.sandbox.exchange.floor import PRICES, Floor

D = Decimal
SYMBOLS = ("BTCUSDT", "ETHUSDT", "BTCPERP", "BTCUSD")
SIZES = {"BTCUSDT": "0.0001", "ETHUSDT": "0.01", "BTCPERP": "0.0001", "BTCUSD": "0.001"}


def anything(floor: Floor, rng: Random, account: Account, at: dict[str, Decimal]) -> None:
    """Do one random thing an account, the market or time might do."""
    symbol = rng.choice(SYMBOLS)
    price = at[symbol]
    size = str(D(SIZES[symbol]) * rng.randint(1, 4000))
    level = str(round(price * D(rng.uniform(0.985, 1.015)), 1))
    side, trade = rng.choice(["buy", "sell"]), rng.choice(["open", "open", "close"])
    mode = account.setting(symbol).margin_mode
    hedged = account.hedged(SPECS[symbol])
    order: dict[str, Any] = {"side": side, "size": size, "marginMode": mode, "orderType": "market",
                             "stpMode": rng.choice(["none", "cancel_taker", "cancel_maker", "cancel_both"])}
    if hedged:
        order["tradeSide"] = trade
    elif rng.random() < 0.4:
        order["reduceOnly"] = "YES"
    if rng.random() < 0.6:
        order |= {"orderType": "limit", "price": level, "force": rng.choice(["gtc", "gtc", "ioc", "fok", "post_only"])}
    hold = rng.choice(["long", "short"]) if hedged else side
    opens = [o for o in account.open_orders.values() if o.spec.symbol == symbol]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("place-order", order), ("place-order", order), ("place-order", order),
        ("place-plan-order", {**{k: v for k, v in order.items() if k != "force"}, "planType": "normal_plan",
                              "triggerPrice": level, "triggerType": "fill_price"}),
        ("place-tpsl-order", {"planType": rng.choice(["profit_plan", "loss_plan"]), "holdSide": hold, "size": size,
                              "triggerPrice": level}),
        ("place-tpsl-order", {"planType": rng.choice(["pos_profit", "pos_loss"]), "holdSide": hold,
                              "triggerPrice": level}),
        ("place-tpsl-order", {"planType": "moving_plan", "holdSide": hold, "size": size, "triggerPrice": level,
                              "rangeRate": "0.3"}),
        ("close-positions", {}), ("cancel-all-orders", {}), ("set-leverage", {"leverage": str(rng.randint(1, 60))}),
        ("set-margin-mode", {"marginMode": rng.choice(["crossed", "isolated"])}),
        ("set-margin", {"amount": str(rng.randint(-50, 50)), "holdSide": rng.choice(["long", "short"])}),
        ("click-backhand", {"side": side, "tradeSide": "open"}),
    ]
    if opens:
        one = rng.choice(opens)
        calls += [("cancel-order", {"orderId": str(one.id)})] * 2
        calls += [("modify-order", {"orderId": str(one.id), "newSize": size, "newPrice": level,
                                    "newClientOid": f"m{floor.now}{rng.random()}"})] * 2
    if rng.random() < 0.03:
        floor.engine.chunks_next = rng.randint(2, 4)
    word, p = rng.choice(calls)
    try:
        floor.call(word, account, symbol=symbol, **p)
    except Refused as refused:
        assert refused.code.isdigit()


def check(floor: Floor, account: Account, start: dict[tuple[str, str], Decimal]) -> None:
    """Whatever happened, the books must balance."""
    for key, wallet in account.wallets.items():
        orders = [o for o in account.open_orders.values() if (o.spec.product, o.spec.coin) == key]
        assert wallet.locked == sum((o.reserved for o in orders), D(0))
        bills = [b for b in account.bills[key[0]] if b.coin == key[1]]
        cash = sum((b.amount + b.fee for b in bills if b.kind not in MARGIN_MOVES), D(0))
        assert wallet.balance == start[key] + cash
    for (symbol, side), p in account.positions.items():
        assert p.size > 0
        assert p.size == p.opened - p.closed
        claims = [o.claimed for o in account.orders_of(symbol)
                  if (o.closing and o.pos_side == side) or (o.reduce_only and o.buys != p.long)]
        assert p.locked == sum(claims, D(0))
        assert p.margin_mode == "isolated" or not p.margin
    for order in account.orders["USDT-FUTURES"]:
        assert order.filled <= order.size
        assert order.open == (order.id in account.open_orders)
    for book in floor.engine.books.values():
        for _, _, order in [*book.bids, *book.asks]:
            assert order.open
            assert order.resting


@pytest.mark.parametrize("one_way", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_books_balance_whatever_is_done(seed: int, one_way: bool) -> None:
    floor = Floor(one_way=one_way)
    rng = Random(seed)
    other = floor.engine.add_account("other")
    for product in other.pos_mode:
        other.pos_mode[product] = floor.main.pos_mode[product]
    accounts = (floor.main, other)
    start = {a.name: {k: w.balance for k, w in a.wallets.items()} for a in accounts}
    at = {s: D(PRICES["ETH" if s.startswith("ETH") else "BTC"]) for s in SYMBOLS}
    for i in range(500):
        anything(floor, rng, rng.choice(accounts), at)
        floor.wait(rng.choice([0, 20, 130]))
        if i % 3 == 0:
            symbol = rng.choice(SYMBOLS)
            at[symbol] = round(at[symbol] * D(1 + rng.gauss(0, 0.004)), 1)
            floor.move(symbol, str(at[symbol]))
        if i % 100 == 50:
            floor.engine.market_time(floor.engine.market_ms + 8 * 3_600_000)
        if i % 10 == 0:
            for account in accounts:
                check(floor, account, start[account.name])
    assert floor.call("fills")["fillList"]


def test_account_names_are_unique() -> None:
    floor = Floor()
    with pytest.raises(ValueError, match="already an account"):
        floor.engine.add_account("main")


def test_what_nobody_wants_is_not_rendered() -> None:
    floor = Floor()
    floor.engine.wants = lambda _account, channel: channel == "fill"
    floor.events.clear()
    floor.order("buy", "0.01")
    assert {e.channel for e in floor.events} == {"fill"}


def test_ids_grow_and_have_nineteen_digits() -> None:
    floor = Floor()
    ids = [floor.engine.new_id() for _ in range(100)]
    assert ids == sorted(set(ids))
    assert {len(str(i)) for i in ids} == {19}


def test_two_accounts_do_not_see_each_other() -> None:
    floor = Floor()
    other = floor.engine.add_account("other", balances={"USDT": "50"})
    floor.order("buy", "0.01", clientOid="x")
    assert floor.refusal("detail", other, clientOid="x") == "40109"
    assert floor.call("orders-history", other)["entrustedList"] is None
    assert other.wallet_of("USDT-FUTURES", "USDT").balance == 50


def test_adl_of_everything_ends_the_stops() -> None:
    floor = Floor()
    floor.order("buy", "0.01", presetStopLossPrice="90000")
    adl.deleverage(floor.engine, floor.main, floor.main.positions["BTCUSDT", "long"])
    assert floor.positions() == []
    assert floor.call("orders-plan-pending", planType="profit_loss")["entrustedList"] is None
