"""Build values for tests of the domain: plain defaults, and any declared type out of a seeded generator."""
from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from random import Random
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from bot.domain.fill import Fill, Liquidity
from bot.domain.ids import AccountId, ClientOrderId, Symbol, TradeId, VenueOrderId
from bot.domain.instrument import Instrument, ProductLine
from bot.domain.intent import Direction, Effect, OrderIntent, OrderKind
from bot.domain.order import Order, OrderState

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BTC = Symbol("BTCUSDT")
DESK = AccountId("main")
D = Decimal


def after(seconds: float) -> datetime:
    """Give the moment so many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def instrument(**changes: Any) -> Instrument:
    """Give the BTCUSDT contract, changed."""
    usual = Instrument(
        symbol=BTC, line=ProductLine.USDT, base="BTC", quote="USDT", margin_coin="USDT", price_step=D("0.1"),
        size_step=D("0.0001"), minimum_size=D("0.0001"), minimum_notional=D(5), maximum_limit_size=D(1200),
        maximum_market_size=D(220), buy_band=D("0.05"), sell_band=D("0.05"),
    )
    return dataclasses.replace(usual, **changes)


def inverse(**changes: Any) -> Instrument:
    """Give the BTCUSD contract, changed."""
    usual = instrument(symbol=Symbol("BTCUSD"), line=ProductLine.COIN, quote="USD", margin_coin="BTC")
    return dataclasses.replace(usual, **changes)


def intent(**changes: Any) -> OrderIntent:
    """Give a market buy of 2 BTC, changed."""
    usual = OrderIntent(
        symbol=BTC, direction=Direction.LONG, effect=Effect.OPEN, kind=OrderKind.MARKET, size=D(2)
    )
    return dataclasses.replace(usual, **changes)


def order(state: OrderState = OrderState.SUBMITTING, **changes: Any) -> Order:
    """Give an order for 2 BTC in the given state, changed."""
    usual = Order(
        account=DESK, client_order_id=ClientOrderId("wd-abcd-0123456789abcdefgh"), intent=intent(), state=state,
        created_at=NOON, signed_at=NOON,
    )
    return dataclasses.replace(usual, **changes)


def fill(trade: str = "t1", size: str = "1", price: str = "100", **changes: Any) -> Fill:
    """Give an opening fill of a long position, changed."""
    usual = Fill(
        trade_id=TradeId(trade), venue_order_id=VenueOrderId("v1"), client_order_id=None, symbol=BTC,
        direction=Direction.LONG, effect=Effect.OPEN, size=D(size), price=D(price), fee=D("0.06"), fee_coin="USDT",
        realised=D(0), liquidity=Liquidity.TAKER, at=NOON,
    )
    return dataclasses.replace(usual, **changes)


def anything(hint: Any, rng: Random, depth: int = 0) -> Any:
    """Make a value of a declared type, of any shape that the type admits."""
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return anything(rng.choice(inner), rng, depth)
    if hint is type(None):
        return None
    if isinstance(hint, type) and issubclass(hint, Enum):
        return rng.choice(list(hint))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint)
        while True:
            fields = {f.name: anything(hints[f.name], rng, depth + 1) for f in dataclasses.fields(hint)}
            try:
                return hint(**fields)
            except ValueError:
                continue  # a value that guards its own bounds refused this draw
    if origin in (dict, Mapping):
        return {anything(inner[0], rng): anything(inner[1], rng, depth + 1) for _ in range(rng.randrange(3))}
    if origin is tuple and inner[-1] is not Ellipsis:
        return tuple(anything(item, rng, depth + 1) for item in inner)
    if origin in (tuple, frozenset):
        return origin([anything(inner[0], rng, depth + 1) for _ in range(rng.randrange(3))])
    return {
        bool: lambda: rng.random() < 0.5,
        int: lambda: rng.randrange(-(10**12), 10**12),
        str: lambda: rng.choice(["", "ab", "é", "BTCUSDT", '"', "\u2028"]),
        Decimal: lambda: D(rng.randrange(-(10**9), 10**9)).scaleb(-rng.randrange(12)),
        datetime: lambda: NOON + timedelta(milliseconds=rng.randrange(10**9)),
    }[hint]()
