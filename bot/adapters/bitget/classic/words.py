"""Translate single words between the wire and the house; unknown words are noted and never lose a row (FF-70)."""
from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar

from bot.adapters.bitget.classic.wire_value import Notes, shown, text
from bot.domain.account import PositionMode
from bot.domain.fill import Liquidity
from bot.domain.ids import ClientOrderId, Symbol
from bot.domain.instrument import ProductLine
from bot.domain.intent import Attached, Direction, Effect, MarginMode, OrderKind, TimeInForce, TriggerBy
from bot.domain.numbers import ZERO
from bot.domain.reports import VenueState

LINE_WORDS = {
    ProductLine.USDT: "USDT-FUTURES",
    ProductLine.USDC: "USDC-FUTURES",
    ProductLine.COIN: "COIN-FUTURES",
}
POSITION_MODE_WORDS = {PositionMode.ONE_WAY: "one_way_mode", PositionMode.HEDGE: "hedge_mode"}
POSITION_MODES = {word: mode for mode, word in POSITION_MODE_WORDS.items()}
MARGIN_MODE_WORDS = {MarginMode.CROSSED: "crossed", MarginMode.ISOLATED: "isolated"}
# `cross` and `fixed` are old spellings that samples still show (rest.md 5.9, 8).
MARGIN_MODES = {
    "crossed": MarginMode.CROSSED,
    "cross": MarginMode.CROSSED,
    "isolated": MarginMode.ISOLATED,
    "fixed": MarginMode.ISOLATED,
}
FORCE_WORDS = {
    TimeInForce.GTC: "gtc",
    TimeInForce.POST_ONLY: "post_only",
    TimeInForce.IOC: "ioc",
    TimeInForce.FOK: "fok",
}
FORCES = {word: force for force, word in FORCE_WORDS.items()} | {"normal": TimeInForce.GTC}
TRIGGER_WORDS = {TriggerBy.MARK: "mark_price", TriggerBy.LAST: "fill_price"}
TRIGGERS = {word: by for by, word in TRIGGER_WORDS.items()} | {"market_price": TriggerBy.MARK}
HOLD_WORDS = {Direction.LONG: "long", Direction.SHORT: "short"}
HELD = {word: direction for direction, word in HOLD_WORDS.items()}
SIDES = {"buy": Direction.LONG, "sell": Direction.SHORT}
EFFECTS = {"open": Effect.OPEN, "close": Effect.CLOSE}
LIQUIDITIES = {"taker": Liquidity.TAKER, "maker": Liquidity.MAKER, "t": Liquidity.TAKER, "m": Liquidity.MAKER}
# `tradeSide` of one-way mode.
ONE_WAY = frozenset({"buy_single", "sell_single"})
ORDER_KINDS = {"market": OrderKind.MARKET, "limit": OrderKind.LIMIT}
ORDER_STATES = {
    "live": VenueState.LIVE,
    "new": VenueState.LIVE,
    "init": VenueState.LIVE,
    "partially_filled": VenueState.PARTLY_FILLED,
    "filled": VenueState.FILLED,
    "canceled": VenueState.CANCELED,
    "cancelled": VenueState.CANCELED,
}
PLAN_STATES = {
    "live": VenueState.LIVE,
    "not_trigger": VenueState.LIVE,
    "executing": VenueState.TRIGGERED,
    "executed": VenueState.TRIGGERED,
    "fail_execute": VenueState.FAILED,
    "fail_trigger": VenueState.FAILED,
    "canceled": VenueState.CANCELED,
    "cancelled": VenueState.CANCELED,
}
# The words of REST, and the socket's short ones for the same (websocket.md 7.5).
PLAN_KINDS = {
    "normal_plan": OrderKind.TRIGGER, "pl": OrderKind.TRIGGER,
    "track_plan": OrderKind.TRAILING, "track": OrderKind.TRAILING,
    "profit_plan": OrderKind.TARGET, "tp": OrderKind.TARGET,
    "pos_profit": OrderKind.TARGET, "ptp": OrderKind.TARGET,
    "loss_plan": OrderKind.STOP, "sl": OrderKind.STOP,
    "pos_loss": OrderKind.STOP, "psl": OrderKind.STOP,
    "moving_plan": OrderKind.MOVING_STOP, "mtpsl": OrderKind.MOVING_STOP,
}  # fmt: skip
WHOLE_POSITION = frozenset({"pos_profit", "pos_loss", "ptp", "psl"})

Meaning = TypeVar("Meaning")

_COIN_SYMBOL = re.compile(r"(?P<base>[A-Z0-9]+?)USD(?:[HMUZ]\d\d)?")


def line_of(symbol: Symbol) -> ProductLine:
    """Tell the product line from a symbol's shape (rest.md 0.7): `BTCUSDT`, `BTCPERP`, `BTCUSD` or `BTCUSDH26`."""
    if symbol.endswith("PERP"):
        return ProductLine.USDC
    return ProductLine.COIN if _COIN_SYMBOL.fullmatch(symbol) else ProductLine.USDT


def margin_coin_of(symbol: Symbol) -> str:
    """Tell the usual margin coin: USDT, USDC, or the base coin where the contract is coin-margined."""
    line = line_of(symbol)
    match = _COIN_SYMBOL.fullmatch(symbol)
    return match["base"] if line is ProductLine.COIN and match is not None else line.value


def client_order_id(raw: object) -> ClientOrderId | None:
    """Read a client order id, verbatim; None where there is none."""
    word = text(raw)
    return None if word is None else ClientOrderId(word)


def told(meanings: Mapping[str, Meaning], raw: object) -> Meaning | None:
    """Look a word up, in whatever case the wire wrote it; None for a new word and for what is no word."""
    if type(raw) is not str:
        return None
    meaning = meanings.get(raw)
    return meaning if meaning is not None else meanings.get(raw.lower())


def one_way(raw: object) -> bool:
    """Tell whether a row says that it is of one-way mode."""
    return told(POSITION_MODES, raw) is PositionMode.ONE_WAY


def lower(raw: object) -> str:
    """Read a word in small letters: the wire's own case varies (rest.md 0.1); "" for none."""
    word = text(raw)
    return "" if word is None else word.lower()


def above_zero(value: Decimal | None) -> Decimal | None:
    """Give a value above zero; None for 0, -1 and their like, which mean "not set"."""
    return value if value is not None and value > ZERO else None


def margin_mode(raw: object, notes: Notes) -> MarginMode:
    """Read a margin mode; CROSSED where the wire leaves it out, and noted where it says a new word."""
    mode = told(MARGIN_MODES, raw)
    if mode is None and raw not in (None, ""):
        notes.odd.append(f"marginMode: expected crossed or isolated, found {shown(raw)}")
    return mode or MarginMode.CROSSED


def time_in_force(raw: object, notes: Notes) -> TimeInForce:
    """Read a time in force; GTC where the wire leaves it out, and noted where it says a new word."""
    force = told(FORCES, raw)
    if force is None and raw not in (None, ""):
        notes.odd.append(f"force: expected gtc, post_only, ioc or fok, found {shown(raw)}")
    return force or TimeInForce.GTC


def trigger_by(raw: object, notes: Notes) -> TriggerBy:
    """Read which price wakes a plan; the venue's own default, the traded one, where it does not say."""
    by = told(TRIGGERS, raw)
    if by is None and raw not in (None, ""):
        notes.odd.append(f"trigger type: expected mark_price or fill_price, found {shown(raw)}")
    return by or TriggerBy.LAST


def attached(stop: object, target: object, by: object, notes: Notes) -> Attached | None:
    """Read the stop and target that travel with an order; None where it carries neither."""
    if not stop and not target:
        return None
    stop_price, target_price = (above_zero(notes.number("preset stop", stop)),
                                above_zero(notes.number("preset target", target)))
    if stop_price is None and target_price is None:
        return None
    return Attached(stop=stop_price, target=target_price, by=trigger_by(by, notes))


def state_of(states: dict[str, VenueState], raw: object, notes: Notes) -> VenueState:
    """Read a state; UNKNOWN and a note for a new word, so that the row is kept and asked about."""
    state = told(states, raw)
    if state is None:
        notes.doubt.append(f"state: expected one of {', '.join(sorted(states))}, found {shown(raw)}")
    return state or VenueState.UNKNOWN
