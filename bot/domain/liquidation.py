"""Estimate where a position ends: liquidation price, margin ratio, break-even; the venue's own numbers win."""
from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.domain.instrument import Instrument, Tier, tier_for
from bot.domain.intent import Direction, MarginMode
from bot.domain.numbers import ONE, ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What would be held: direction, base size and entry."""

    direction: Direction
    size: Decimal
    entry: Decimal

    def add(self, size: Decimal, price: Decimal) -> Stake:
        """Give the stake after opening more of it."""
        total = self.size + size
        entry = self.entry if total == ZERO else (self.size * self.entry + size * price) / total
        return Stake(direction=self.direction, size=total, entry=entry)


def isolated_margin(instrument: Instrument, stake: Stake, leverage: Decimal) -> Decimal:
    """Give the margin an isolated stake sets aside, in the margin coin."""
    return instrument.margin_value(stake.size, stake.entry) / leverage


def liquidation_price(
    instrument: Instrument,
    stake: Stake,
    *,
    mode: MarginMode,
    tiers: tuple[Tier, ...],
    leverage: Decimal,
    margin: Decimal | None = None,
    wallet: Decimal = ZERO,
) -> Decimal | None:
    """Estimate the mark at which maintenance eats the margin; None where no price above zero does.

    Isolated: `margin` is what is set aside (default: value over leverage). Crossed: `wallet` is the balance plus the
    other positions' open profit less their maintenance (semantics section 12; the venue's own may differ by under 1 %).
    All in the margin coin. The tier is that of the entry notional.
    """
    if stake.size == ZERO:
        return None
    rate = maintenance_rate(tiers, instrument.notional(stake.size, stake.entry)) + instrument.taker_fee
    if mode is MarginMode.CROSSED:
        backing = wallet
    else:
        backing = isolated_margin(instrument, stake, leverage) if margin is None else margin
    value, sign = stake.size * stake.entry, stake.direction.sign
    keep = ONE - sign * rate
    if instrument.inverse:
        # equity = backing + sign·size·(1 − entry/mark) meets size·rate
        below = stake.size * keep + sign * backing
        price = value / below if below > ZERO else ZERO
    else:
        price = (value - sign * backing) / (stake.size * keep)
    return price if price > ZERO else None


def maintenance_rate(tiers: tuple[Tier, ...], notional: Decimal) -> Decimal:
    """Give the maintenance rate of a notional; zero where no table is known."""
    tier = tier_for(tiers, notional)
    return ZERO if tier is None else tier.maintenance_rate


def margin_ratio(
    instrument: Instrument, stake: Stake, *, mark: Decimal, equity: Decimal, tiers: tuple[Tier, ...]
) -> Decimal | None:
    """Give maintenance and closing fee over equity (1 is liquidation); `equity` is margin plus open profit.

    None where nothing backs the position any more.
    """
    if equity <= ZERO:
        return None
    rate = maintenance_rate(tiers, instrument.notional(stake.size, mark)) + instrument.taker_fee
    return instrument.margin_value(stake.size, mark) * rate / equity


def break_even_price(instrument: Instrument, stake: Stake) -> Decimal:
    """Give the exit price that pays both taker fees (semantics section 11)."""
    fee, sign = instrument.taker_fee, stake.direction.sign
    return stake.entry * (ONE + sign * fee) / (ONE - sign * fee)
