"""Bound the risk of an idea by layers of which each can only lower it, and say which did (advisor section 9)."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.desk.brief import closed_bars
from bot.desk.scale import share_of
from bot.desk.seat import Seat
from bot.desk.verdict import limits_for
from bot.domain.limits import Limits
from bot.domain.numbers import HUNDRED, ZERO, percent_of, plain
from bot.domain.refusal import Refusal, refuse
from bot.domain.volatility import CANDLES, realised, share_for
from bot.ports.advisor import Idea, Needs
from bot.ports.ledger import Tx

DAY = Needs(timeframe="5m", bars=CANDLES)
PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One bound of the risk of a trade, in percent of equity, and what it says."""

    name: str
    risk: Decimal
    words: str


def lowest(*limits: Decimal | None) -> Decimal | None:
    """Give the effective limit: the lowest of those there are; no layer can raise another."""
    return min((one for one in limits if one is not None), default=None)


def effective(granted: Decimal, layers: Sequence[Layer]) -> Decimal:
    """Give the risk that is left of what was granted: the lowest of all layers, never below zero."""
    found = lowest(granted, *(layer.risk for layer in layers))
    assert found is not None, "What was granted is a limit."
    return max(ZERO, found)


def shrinking(granted: Decimal, layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """List the layers that allow less than was granted, the strictest first."""
    return tuple(sorted((one for one in layers if one.risk < granted), key=lambda one: one.risk))


async def layers_for(seat: Seat, advisor: str, idea: Idea, granted: Decimal) -> tuple[Layer, ...] | Refusal:
    """Read every layer of an idea's risk; a Refusal where the market of the last day cannot be read."""
    bars = await closed_bars(seat, idea.symbol, DAY)
    if not bars:
        return refuse("no_candles", f"How much {idea.symbol} moved of late cannot be read.", "Nothing was asked.")
    moved, usual = realised([bar.close for bar in bars]), seat.rules.day_move_percent
    return await seat.ledger.read(lambda tx: _layers(tx, advisor, idea, granted, moved, usual))


def _layers(
    tx: Tx, advisor: str, idea: Idea, granted: Decimal, moved: Decimal | None, usual: Decimal
) -> tuple[Layer, ...]:
    limits, asked = limits_for(tx, idea.symbol, None), share_of(tx, advisor, idea.symbol)
    wild = share_for(usual, moved)
    said = "How much it moved of late is not known" if moved is None else (
        f"It moved {moved:.1f}% in a day, {plain(usual)}% is taken as usual")
    found = [
        Layer(name="idea", risk=percent_of(Decimal(idea.risk_percent), granted),
              words=f"This idea may take {idea.risk_percent}% of its risk"),
        Layer(name="model", risk=percent_of(Decimal(asked), granted),
              words=f"The model trades at {asked}% of its risk"),
        Layer(name="volatility", risk=(granted * wild / HUNDRED).quantize(PLACES),
              words=f"{said}: {wild:.0f}% of the risk"),
    ]
    return (*found, *_order_risk(limits))


def _order_risk(limits: Limits) -> tuple[Layer, ...]:
    if limits.order_risk is None:
        return ()
    return (Layer(name="limit", risk=limits.order_risk,
                  words=f"One order may lose {plain(limits.order_risk)}% of equity"),)
