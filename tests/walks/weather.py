"""Make weather by seed: faults of the exchange by name, things done from outside, prices that jump, crashes."""
from __future__ import annotations

from decimal import Decimal
from typing import Any

from bot.sandbox.exchange.specs import SPECS
from tests.walks.stage import Stage

WRITES = ("", "", "place-order", "cancel-order", "place-tpsl-order", "place-plan-order", "modify-tpsl-order")
READS = (
    "detail", "orders-pending", "orders-history", "fills", "all-position", "orders-plan-pending", "accounts",
    "orders-plan-history",
)
# Names that strike once or a few times, with how their parameters are drawn.
STRIKES = (
    "accept_then_silence", "http_5xx", "html_body", "truncated_body", "reject_next", "fill_before_ack",
    "fill_after_cancel", "partial_fills", "arrive_late", "drop_socket",
)
SPELLS = (
    "slow", "rate_limited", "silent_socket", "duplicate_push", "reorder_push", "lists_lag", "clock_skew",
    "maintenance", "stale_ticker",
)


def fault(stage: Stage, name: str | None = None) -> None:
    """Switch one fault on, drawn with its parameters."""
    chance = stage.chance
    name = name or chance.choice(STRIKES + STRIKES + SPELLS)
    given = _given(stage, name)
    times = seconds = None
    if name in SPELLS:
        seconds = round(chance.uniform(2, 12 if name in ("maintenance", "rate_limited") else 25), 1)
        if name in ("rate_limited", "slow") and chance.random() < 0.5:
            times, seconds = chance.randint(1, 4), None
    elif chance.random() < 0.2:
        times = chance.randint(2, 3)
    stage.tally.faults += 1
    stage.disturb((seconds or 0) + float(given.get("s", 0)) + 30)
    stage.say(f"fault {name} {given} times={times} for={seconds}")
    stage.world.venue.outside.fault(name, given, times, seconds)


def _given(stage: Stage, name: str) -> dict[str, Any]:
    chance = stage.chance
    if name in ("accept_then_silence", "html_body", "truncated_body"):
        return {"path": chance.choice(WRITES + READS)}
    if name == "http_5xx":
        return {
            "when": chance.choice(("before", "after")), "status": chance.choice((500, 502, 504)),
            "path": chance.choice(WRITES + READS),
        }
    if name == "reject_next":
        return {"code": chance.choice(("40762", "40786", "45110", "40010", "40725", "22001")),
                "path": chance.choice(WRITES)}
    if name == "rate_limited":
        return {"path": chance.choice(("", *WRITES, *READS))}
    if name == "slow":
        return {"ms": chance.choice((300, 1500, 4000, 12000)), "path": chance.choice(("", *WRITES, *READS))}
    if name == "arrive_late":
        return {"s": round(chance.uniform(11, 29), 1)}
    if name == "partial_fills":
        return {"n": chance.randint(2, 4)}
    if name == "lists_lag":
        return {"s": chance.choice((0.5, 2, 5, 8))}
    if name == "clock_skew":
        return {"ms": chance.choice((-1500, -600, 700, 1500))}
    return {}


def outside(stage: Stage) -> None:
    """Do something in the account as its owner would in another app."""
    chance = stage.chance
    stage.tally.outside += 1
    symbol = chance.choice(stage.setting.symbols)
    deeds = ["cancel", "close", "leverage", "remove_stop", "remove_stop"]
    if stage.setting.outside_opens:
        deeds += ["order", "order"]
    do = chance.choice(deeds)
    fields: dict[str, Any] = {"symbol": symbol}
    if do == "order":
        fields |= _order(stage, symbol)
    elif do == "leverage":
        fields |= {"leverage": str(chance.choice((3, 7, 15)))}
    elif do == "cancel":
        open_ones = [one for one in stage.truth()["orders"] if one["status"] in ("live", "partially_filled")]
        if not open_ones:
            return
        one = chance.choice(open_ones)
        fields = {"symbol": one["symbol"], "orderId": one["orderId"]}
    elif do == "close":
        held = stage.truth()["positions"]
        if not held:
            return
        one = chance.choice(held)
        fields = {"symbol": one["symbol"]}
        if not stage.setting.one_way:
            fields["holdSide"] = one["holdSide"]
    stage.say(f"outside {do} {fields}: {str(stage.act(do, **fields))[:120]}")


def _order(stage: Stage, symbol: str) -> dict[str, Any]:
    chance, spec = stage.chance, SPECS[symbol]
    price = stage.price(symbol)
    size = max(spec.min_size, (Decimal(300) / price) // spec.step * spec.step)
    fields = {
        "side": chance.choice(("buy", "sell")), "size": str(size),
        "marginMode": "isolated" if stage.setting.isolated else "crossed",
    }
    if not stage.setting.one_way:
        fields["tradeSide"] = "open"
    if chance.random() < 0.4:
        away = Decimal("0.99") if fields["side"] == "buy" else Decimal("1.01")
        tick = stage.world.venue.market.listings[symbol].tick
        fields["price"] = str((price * away) // tick * tick)
    return fields


async def price(stage: Stage) -> None:
    """Move a price, sometimes at once and far enough to fire stops."""
    chance = stage.chance
    symbol = chance.choice(stage.setting.symbols)
    move = chance.choice((-0.3, 0.3, -0.8, 0.8, 1.5, -1.5, 2.6, -2.6))
    over = chance.choice((0.0, 2.0, 8.0))
    stage.say(f"price {symbol} {move:+}% over {over} s")
    await stage.world.venue.outside.set_price(symbol, None, move, over)
