"""Accounts and what they own: the only mutable heart of the exchange. Money and sizes are Decimal, times Unix ms."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bot.sandbox.exchange.specs import PRODUCTS, Spec

ZERO = Decimal(0)
HEDGE, ONE_WAY = "hedge_mode", "one_way_mode"
CROSSED, ISOLATED = "crossed", "isolated"
OPEN_STATES = ("live", "partially_filled")


def text(number: Decimal) -> str:
    """Return a Decimal as the wire writes it: plain, at most 16 decimals, no trailing zeros."""
    if not number:
        return "0"
    _, _, exponent = number.as_tuple()
    if isinstance(exponent, int) and exponent < -16:
        number = round(number, 16)
    out = f"{number:f}"
    return out.rstrip("0").rstrip(".") if "." in out else out


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something to push: channel and rows in websocket field names (websocket.md 7).

    Channels: orders, orders-algo, fill, positions (always the full list of the product), positions-history,
    account, equity, adl-noti. Rows of ``fill`` carry ``side`` as REST says it and ``trueSide``, the market
    direction that the fill channel shows instead.
    """

    account: str
    channel: str
    product: str
    symbol: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A public print caused by orders of this exchange; ``side`` is the taker's."""

    symbol: str
    price: str
    size: str
    side: str
    trade_id: str
    ms: int


@dataclass(slots=True, kw_only=True)
class Setting:
    """Margin settings of one account on one symbol."""

    margin_mode: str = CROSSED
    cross_leverage: int = 20
    long_leverage: int = 20
    short_leverage: int = 20
    auto_long: bool = False
    auto_short: bool = False

    def leverage(self, hold_side: str) -> int:
        """Return the leverage in force for a position side."""
        if self.margin_mode == CROSSED:
            return self.cross_leverage
        return self.long_leverage if hold_side == "long" else self.short_leverage


@dataclass(slots=True, kw_only=True)
class Wallet:
    """Cash of one margin coin in one product line; ``balance`` includes isolated margin, excludes open profit."""

    product: str
    coin: str
    balance: Decimal = ZERO
    locked: Decimal = ZERO
    frozen_until: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Order:
    """A normal order. ``buys`` is the market direction, ``side`` what the request said (semantics.md 2)."""

    id: int
    oid: str
    account: Account
    spec: Spec
    side: str
    trade_side: str
    pos_side: str
    pos_mode: str
    buys: bool
    closing: bool
    order_type: str
    force: str
    price: Decimal
    size: Decimal
    margin_mode: str
    leverage: int
    reduce_only: bool = False
    stp: str = "none"
    take_profit: str = ""
    take_profit_price: str = ""
    stop_loss: str = ""
    stop_loss_price: str = ""
    source: str = "normal"
    point: str = "API"
    status: str = "live"
    cancel_reason: str = ""
    filled: Decimal = ZERO
    quote: Decimal = ZERO
    fee: Decimal = ZERO
    profit: Decimal = ZERO
    reserved: Decimal = ZERO
    claimed: Decimal = ZERO
    chunk: Decimal = ZERO
    pos_avg: str = ""
    liq_price: str = ""
    cancel_asked: int = 0
    resting: bool = False
    plans: list[Plan] = field(default_factory=list)
    created: int = 0
    updated: int = 0

    @property
    def left(self) -> Decimal:
        """Return the size not filled yet."""
        return self.size - self.filled

    @property
    def open(self) -> bool:
        """Return whether it can still fill."""
        return self.status == "live" or self.status == "partially_filled"

    @property
    def average(self) -> Decimal:
        """Return the average fill price, zero while unfilled."""
        return self.quote / self.filled if self.filled else ZERO


@dataclass(slots=True, kw_only=True, eq=False)
class Plan:
    """A plan order: trigger, trailing, or take-profit and stop-loss of a position (semantics.md 10)."""

    id: int
    oid: str
    account: Account
    spec: Spec
    kind: str
    side: str
    trade_side: str
    pos_side: str
    pos_mode: str
    buys: bool
    hold_side: str
    margin_mode: str
    order_type: str
    size: Decimal
    trigger: Decimal
    trigger_type: str
    rises: bool
    price: Decimal = ZERO
    callback: Decimal = ZERO
    active: bool = False
    extreme: Decimal = ZERO
    reduce_only: bool = False
    stp: str = "none"
    take_profit: str = ""
    take_profit_price: str = ""
    take_profit_type: str = ""
    stop_loss: str = ""
    stop_loss_price: str = ""
    stop_loss_type: str = ""
    point: str = "API"
    status: str = "live"
    why: str = ""
    order: Order | None = None
    created: int = 0
    updated: int = 0
    triggered: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Position:
    """An open position; ``margin`` is set aside money when isolated, unused when crossed."""

    id: int
    record: int = 0
    spec: Spec
    hold_side: str
    pos_mode: str
    margin_mode: str
    leverage: int
    size: Decimal = ZERO
    entry: Decimal = ZERO
    margin: Decimal = ZERO
    locked: Decimal = ZERO
    auto_margin: bool = False
    realised: Decimal = ZERO
    funding: Decimal = ZERO
    funded: bool = False
    open_fee: Decimal = ZERO
    close_fee: Decimal = ZERO
    opened: Decimal = ZERO
    closed: Decimal = ZERO
    open_quote: Decimal = ZERO
    close_quote: Decimal = ZERO
    liquidating: bool = False
    created: int = 0
    updated: int = 0

    @property
    def long(self) -> bool:
        """Return whether it gains when the price rises."""
        return self.hold_side == "long"

    @property
    def available(self) -> Decimal:
        """Return the size no resting close order has claimed."""
        return self.size - self.locked


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution of one order. Fee is negative when paid."""

    id: int
    order: Order
    price: Decimal
    size: Decimal
    fee: Decimal
    profit: Decimal
    taker: bool
    trade_side: str
    ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """One change of a wallet."""

    id: int
    product: str
    symbol: str
    coin: str
    kind: str
    amount: Decimal
    fee: Decimal
    balance: Decimal
    ms: int


@dataclass(slots=True, kw_only=True, eq=False)
class Account:
    """One user. Lists of history are in the order of their ids."""

    name: str
    uid: str
    world: str = "classic"
    environment: str = "live"
    pos_mode: dict[str, str] = field(default_factory=lambda: dict.fromkeys(PRODUCTS, HEDGE))
    asset_mode: str = "single"
    settings: dict[str, Setting] = field(default_factory=dict)
    wallets: dict[tuple[str, str], Wallet] = field(default_factory=dict)
    positions: dict[tuple[str, str], Position] = field(default_factory=dict)
    open_orders: dict[int, Order] = field(default_factory=dict)
    orders: dict[str, list[Order]] = field(default_factory=lambda: {p: [] for p in PRODUCTS})
    by_id: dict[str, Order] = field(default_factory=dict)
    by_oid: dict[str, Order] = field(default_factory=dict)
    promised_oids: set[str] = field(default_factory=set)
    live_plans: dict[int, Plan] = field(default_factory=dict)
    plans: dict[str, list[Plan]] = field(default_factory=lambda: {p: [] for p in PRODUCTS})
    plan_by_id: dict[str, Plan] = field(default_factory=dict)
    plan_by_oid: dict[str, Plan] = field(default_factory=dict)
    fills: dict[str, list[Fill]] = field(default_factory=lambda: {p: [] for p in PRODUCTS})
    bills: dict[str, list[Bill]] = field(default_factory=lambda: {p: [] for p in PRODUCTS})
    closed: dict[str, list[Position]] = field(default_factory=lambda: {p: [] for p in PRODUCTS})

    def setting(self, symbol: str) -> Setting:
        """Return the margin settings of a symbol; fresh ones are crossed, 20x (semantics.md 1)."""
        found = self.settings.get(symbol)
        if found is None:
            found = self.settings[symbol] = Setting()
        return found

    def wallet(self, spec: Spec) -> Wallet:
        """Return the wallet a symbol is margined from."""
        return self.wallet_of(spec.product, spec.coin)

    def wallet_of(self, product: str, coin: str) -> Wallet:
        """Return the wallet of a coin in a product line."""
        found = self.wallets.get((product, coin))
        if found is None:
            found = self.wallets[product, coin] = Wallet(product=product, coin=coin)
        return found

    def hedged(self, spec: Spec) -> bool:
        """Return whether long and short are separate positions here."""
        return self.pos_mode[spec.product] == HEDGE

    def orders_of(self, symbol: str) -> list[Order]:
        """Return the open orders of a symbol, oldest first."""
        return [o for o in self.open_orders.values() if o.spec.symbol == symbol]

    def plans_of(self, symbol: str) -> list[Plan]:
        """Return the live plan orders of a symbol, oldest first."""
        return [p for p in self.live_plans.values() if p.spec.symbol == symbol]

    def positions_in(self, product: str) -> list[Position]:
        """Return the open positions of a product line, newest first (rest.md 4.2)."""
        return sorted((p for p in self.positions.values() if p.spec.product == product), key=lambda p: -p.id)
