"""Know the contract: steps, minimums and leverage bounds, and how to round a wish to them."""
from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from bot.domain.ids import Symbol
from bot.domain.numbers import ZERO, ceil_to, floor_to


class ProductLine(Enum):
    """The three families of contracts; the value is the venue-neutral name used in tables and exports."""

    USDT = "USDT"
    USDC = "USDC"
    COIN = "COIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A tradable contract.

    Sizes are in base units on every product line, coin-margined ones too; `minimum_notional` is in quote units
    (semantics section 5). `buy_band` and `sell_band` are the fractions a limit price may lie above or below the
    reference; `taker_fee` and `maker_fee` are fractions of the notional.
    """

    symbol: Symbol
    line: ProductLine
    base: str
    quote: str
    margin_coin: str
    price_step: Decimal
    size_step: Decimal
    minimum_size: Decimal
    minimum_notional: Decimal
    maximum_limit_size: Decimal | None = None
    maximum_market_size: Decimal | None = None
    minimum_leverage: Decimal = Decimal(1)
    maximum_leverage: Decimal = Decimal(125)
    buy_band: Decimal | None = None
    sell_band: Decimal | None = None
    taker_fee: Decimal = Decimal("0.0006")
    maker_fee: Decimal = Decimal("0.0002")
    margin_coins: tuple[str, ...] = ()
    funding_hours: int | None = None
    tradable: bool = True
    delisting: bool = False

    @property
    def inverse(self) -> bool:
        """Tell whether profit is paid in the base coin (coin-margined)."""
        return self.line is ProductLine.COIN

    def notional(self, size: Decimal, price: Decimal) -> Decimal:
        """Value a size at a price, in quote units on every line."""
        return abs(size) * price

    def round_size(self, size: Decimal) -> Decimal:
        """Round a size down to the step: never more than was wished."""
        return floor_to(size, self.size_step)

    def round_price(self, price: Decimal, *, buying: bool, passive: bool = True) -> Decimal:
        """Round a price to the tick: a passive buy down and a passive sell up, marketable ones the opposite way."""
        down = buying if passive else not buying
        return floor_to(price, self.price_step) if down else ceil_to(price, self.price_step)

    def fits_size(self, size: Decimal) -> bool:
        """Tell whether a size is a multiple of the step."""
        return floor_to(size, self.size_step) == size

    def fits_price(self, price: Decimal) -> bool:
        """Tell whether a price is a multiple of the tick."""
        return floor_to(price, self.price_step) == price

    def highest_buy(self, reference: Decimal) -> Decimal | None:
        """Give the highest limit price a buy may carry, on the tick; None where the contract names no band."""
        return None if self.buy_band is None else floor_to(reference * (1 + self.buy_band), self.price_step)

    def lowest_sell(self, reference: Decimal) -> Decimal | None:
        """Give the lowest limit price a sell may carry, on the tick; None where the contract names no band."""
        return None if self.sell_band is None else ceil_to(reference * (1 - self.sell_band), self.price_step)

    def margin_value(self, size: Decimal, price: Decimal) -> Decimal:
        """Value a size in units of the margin coin: quote units, or base units where the contract is inverse."""
        return abs(size) if self.inverse else abs(size) * price


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One step of the maintenance table: notional from `floor` to `ceiling`, cap on leverage, maintenance rate."""

    floor: Decimal
    ceiling: Decimal
    maximum_leverage: Decimal
    maintenance_rate: Decimal


def tier_for(tiers: tuple[Tier, ...], notional: Decimal) -> Tier | None:
    """Find the tier a notional falls into; the last one beyond the table's end, None for an empty table."""
    for tier in tiers:
        if notional <= tier.ceiling:
            return tier
    return tiers[-1] if tiers else None


def leverage_cap(instrument: Instrument, tiers: tuple[Tier, ...], notional: Decimal) -> Decimal:
    """Give the highest leverage the contract and the tier of this notional allow."""
    tier = tier_for(tiers, notional)
    return instrument.maximum_leverage if tier is None else min(instrument.maximum_leverage, tier.maximum_leverage)


def decimals_of(step: Decimal) -> int:
    """Count the decimals a step needs on a card."""
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) and step > ZERO else 0
