"""Tell which position a pushed order or execution concerns: the two meanings of `side`, and the forced closings."""
from __future__ import annotations

from functools import lru_cache

from bot.adapters.bitget.classic.words import EFFECTS, HELD, ONE_WAY, SIDES
from bot.domain.fill import Cause
from bot.domain.intent import Direction, Effect

Aim = tuple[Direction | None, Effect | None]

UNTOLD: Aim = (None, None)
# Parts of `tradeSide` (semantics section 6), looked for in this order: an ADL word also says `close`.
FORCED = (
    ("adl", Cause.DELEVERAGED),
    ("delivery", Cause.DELIVERY),
    ("burst", Cause.LIQUIDATION),
    ("offset", Cause.LIQUIDATION),
    ("reduce", Cause.LIQUIDATION),
)
SYSTEM = "sys"
YES = ("yes", "true")
# The wire says the same few words over and over: what they mean together is worked out once.
SAYINGS_REMEMBERED = 1_024


def _word(raw: object) -> str:
    """Read a word in small letters, a boolean too; "" for what is neither."""
    if type(raw) is str:
        return raw.lower()
    return str(raw).lower() if type(raw) is bool else ""


def cause_of(trade_side: object, entered_by: object = None) -> Cause:
    """Name why an execution happened: ORDER unless the trade side or the entry point is the venue's own."""
    try:
        return _cause(trade_side, entered_by)
    except TypeError:
        # A list or an object cannot be remembered, and is no word.
        return _cause(_word(trade_side), _word(entered_by))


@lru_cache(maxsize=SAYINGS_REMEMBERED, typed=True)
def _cause(trade_side: object, entered_by: object) -> Cause:
    word = _word(trade_side)
    if word not in EFFECTS and word not in ONE_WAY:
        for part, cause in FORCED:
            if part in word:
                return cause
    return Cause.LIQUIDATION if _word(entered_by) == SYSTEM else Cause.ORDER


def _forced(trade_side: str) -> Aim:
    if "close_long" in trade_side:
        return (Direction.LONG, Effect.CLOSE)
    if "close_short" in trade_side:
        return (Direction.SHORT, Effect.CLOSE)
    # One-way words name the trade: what buys back closes a short.
    if "_buy" in trade_side:
        return (Direction.SHORT, Effect.CLOSE)
    if "_sell" in trade_side:
        return (Direction.LONG, Effect.CLOSE)
    return UNTOLD


def order_aim(side: object, trade_side: object, held_side: object, reduce_only: object, guard: bool = False) -> Aim:
    """Read direction and effect off an `orders` or `orders-algo` row; both None where the wire does not tell.

    In hedge mode `side` names the position, not the trade: closing a long is `buy` (semantics section 2.2). In
    one-way mode `side` is the trade, and only `reduceOnly` or being a guard tells that it closes.
    """
    try:
        return _order_aim(side, trade_side, held_side, reduce_only, guard)
    except TypeError:
        return _order_aim(_word(side), _word(trade_side), _word(held_side), _word(reduce_only), guard)


@lru_cache(maxsize=SAYINGS_REMEMBERED, typed=True)
def _order_aim(side: object, trade_side: object, held_side: object, reduce_only: object, guard: bool) -> Aim:
    real, held, trade = SIDES.get(_word(side)), HELD.get(_word(held_side)), _word(trade_side)
    effect = EFFECTS.get(trade)
    if effect is not None:
        direction = held or real
        return (direction, effect) if direction is not None else UNTOLD
    single = trade.endswith("_single")
    if not single or _cause(trade, None) is not Cause.ORDER:
        forced = _forced(trade)
        if single or forced != UNTOLD:
            return forced
    if held is not None and guard:
        return (held, Effect.CLOSE)
    if real is None or not (single or _word(held_side) == "net"):
        return UNTOLD
    if guard or _word(reduce_only) in YES:
        return (real.other, Effect.CLOSE)
    return (real, Effect.OPEN)


def fill_aim(side: object, trade_side: object, closes: bool) -> Aim:
    """Read direction and effect off a `fill` row, the one channel whose `side` is the real trade in both modes.

    In hedge mode a sale that closes is of a long. In one-way mode nothing names the effect: an execution that
    realised profit (`closes`) reduced the position, any other is left to its order.
    """
    real, trade = SIDES.get(_word(side)), _word(trade_side)
    if _cause(trade, None) is not Cause.ORDER:
        forced = _forced(trade)
        if forced != UNTOLD:
            return forced
    effect = EFFECTS.get(trade)
    if real is None:
        return UNTOLD
    if effect is Effect.OPEN:
        return (real, Effect.OPEN)
    if effect is Effect.CLOSE or closes:
        return (real.other, Effect.CLOSE)
    return UNTOLD
