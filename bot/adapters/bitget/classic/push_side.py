"""Tell which position a pushed order or execution concerns: the two meanings of `side`, and the forced closings."""
from __future__ import annotations

from bot.domain.fill import Cause
from bot.domain.intent import Direction, Effect

Aim = tuple[Direction | None, Effect | None]

UNTOLD: Aim = (None, None)
HELD = {"long": Direction.LONG, "short": Direction.SHORT}
SIDES = {"buy": Direction.LONG, "sell": Direction.SHORT}
EFFECTS = {"open": Effect.OPEN, "close": Effect.CLOSE}
# Parts of `tradeSide` (semantics section 6), looked for in this order: an ADL word also says `close`.
FORCED = (
    ("adl", Cause.DELEVERAGED),
    ("delivery", Cause.DELIVERY),
    ("burst", Cause.LIQUIDATION),
    ("offset", Cause.LIQUIDATION),
    ("reduce", Cause.LIQUIDATION),
)
SYSTEM = "SYS"


def cause_of(trade_side: object, entered_by: object = None) -> Cause:
    """Name why an execution happened: ORDER unless the trade side or the entry point is the venue's own."""
    if trade_side in ("open", "close", "buy_single", "sell_single"):
        return Cause.LIQUIDATION if entered_by == SYSTEM else Cause.ORDER
    if type(trade_side) is str:
        for part, cause in FORCED:
            if part in trade_side:
                return cause
    return Cause.LIQUIDATION if entered_by == SYSTEM else Cause.ORDER


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
    held = HELD.get(held_side) if type(held_side) is str else None
    real = SIDES.get(side) if type(side) is str else None
    effect = EFFECTS.get(trade_side) if type(trade_side) is str else None
    if effect is not None:
        direction = held or real
        return (direction, effect) if direction is not None else UNTOLD
    if type(trade_side) is str and not trade_side.endswith("_single"):
        forced = _forced(trade_side)
        if forced != UNTOLD:
            return forced
    elif type(trade_side) is str and cause_of(trade_side) is not Cause.ORDER:
        return _forced(trade_side)
    if held is not None and guard:
        return (held, Effect.CLOSE)
    one_way = held_side == "net" or (type(trade_side) is str and trade_side.endswith("_single"))
    if real is None or not one_way:
        return UNTOLD
    if guard or str(reduce_only).lower() in ("yes", "true"):
        return (real.other, Effect.CLOSE)
    return (real, Effect.OPEN)


def fill_aim(side: object, trade_side: object, closes: bool) -> Aim:
    """Read direction and effect off a `fill` row, the one channel whose `side` is the real trade in both modes.

    In hedge mode a sale that closes is of a long. In one-way mode nothing names the effect: an execution that
    realised profit (`closes`) reduced the position, any other is left to its order.
    """
    real = SIDES.get(side) if type(side) is str else None
    if type(trade_side) is str and cause_of(trade_side) is not Cause.ORDER:
        forced = _forced(trade_side)
        if forced != UNTOLD:
            return forced
    effect = EFFECTS.get(trade_side) if type(trade_side) is str else None
    if real is None:
        return UNTOLD
    if effect is Effect.OPEN:
        return (real, Effect.OPEN)
    if effect is Effect.CLOSE or closes:
        return (real.other, Effect.CLOSE)
    return UNTOLD
