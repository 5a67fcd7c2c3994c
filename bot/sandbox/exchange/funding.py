"""Funding: a rate per interval drawn from the seed, settled when market time passes its end (semantics.md 11)."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from bot.sandbox.exchange.specs import GRAIN, SPECS, Spec
from bot.sandbox.exchange.state import ISOLATED, Account, Position

if TYPE_CHECKING:
    from bot.sandbox.exchange.engine import Engine

HOUR = 3_600_000
RATE_CAP = Decimal("0.003")
KIND = "contract_settle_fee"


def interval(spec: Spec) -> int:
    """Return the milliseconds between settlements."""
    return spec.fund_hours * HOUR


def next_ms(spec: Spec, at_ms: int) -> int:
    """Return the first settlement after a moment; eight-hour ones fall on 00:00, 08:00 and 16:00 UTC."""
    step = interval(spec)
    return (at_ms // step + 1) * step


def rate(seed: int, spec: Spec, at_ms: int) -> Decimal:
    """Return the rate of the interval that holds a moment; positive: longs pay."""
    rng = Random(f"{seed}:{spec.symbol}:{next_ms(spec, at_ms)}:funding")
    drawn = Decimal(round(rng.gauss(80, 90))).scaleb(-6)
    return max(-RATE_CAP, min(RATE_CAP, drawn))


def advance(engine: Engine, ms: int) -> None:
    """Settle every interval that ends in (previous market time, ms], oldest first."""
    before = engine.market_ms
    if ms <= before:
        return
    ends = sorted((end, spec.symbol) for spec in SPECS.values()
                  for end in range(next_ms(spec, before), ms + 1, interval(spec)))
    for end, symbol in ends:
        settle(engine, SPECS[symbol], rate(engine.seed, SPECS[symbol], end - 1), end)
    engine.market_ms = ms


def settle(engine: Engine, spec: Spec, at: Decimal, ms: int) -> None:
    """Make every position of a symbol pay or receive value x rate, stamped with market time ``ms``."""
    if spec.symbol not in engine.quotes:
        return
    mark = engine.mark(spec)
    for account in engine.accounts.values():
        for side in ("long", "short"):
            position = account.positions.get((spec.symbol, side))
            if position is not None:
                _pay(engine, account, position, round(spec.value(position.size, mark) * at, GRAIN), ms)


def _pay(engine: Engine, account: Account, p: Position, due: Decimal, ms: int) -> None:
    amount = -due if p.long else due
    if p.margin_mode == ISOLATED:
        p.margin += amount
    p.funding += amount
    p.funded = True
    p.updated = engine.now_ms()
    engine.bill(account, account.wallet(p.spec), p.spec.symbol, KIND, amount=amount, ms=ms)
    engine.touch(account, p.spec.product, "positions")
