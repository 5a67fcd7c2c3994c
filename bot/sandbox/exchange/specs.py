"""Contract rules of every symbol traded here: steps, limits, fees, tiers (rest.md 2.19 to 2.21, semantics.md 5)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.sandbox.exchange.codes import Refused

ONE = Decimal(1)
# Money never gets finer than this many decimals, so that sums stay exact.
GRAIN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A maintenance-margin tier: notional bounds in quote currency, highest leverage, maintenance rate."""

    level: int
    start: Decimal
    end: Decimal
    leverage: int
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """The rules of one symbol; sizes are in base coin, prices in quote currency."""

    symbol: str
    product: str
    base: str
    quote: str
    coin: str
    price_place: int
    end_step: int
    volume_place: int
    tick: Decimal
    step: Decimal
    min_size: Decimal
    max_limit: Decimal
    max_market: Decimal
    max_leverage: int
    depth_quote: Decimal
    tiers: tuple[Tier, ...]
    band: Decimal = Decimal("0.02")
    maker: Decimal = Decimal("0.0002")
    taker: Decimal = Decimal("0.0006")
    fee_up: Decimal = Decimal("0.005")
    cost_up: Decimal = Decimal("0.01")
    min_notional: Decimal = Decimal(5)
    min_leverage: int = 1
    max_symbol_orders: int = 200
    max_product_orders: int = 400
    max_positions: int = 150
    fund_hours: int = 8
    position_share: Decimal = Decimal("0.05")
    range_floor: Decimal = Decimal("0.1")

    @property
    def inverse(self) -> bool:
        """Return whether profit and margin are in the base coin."""
        return self.product == "COIN-FUTURES"

    def tier(self, notional: Decimal) -> Tier:
        """Return the tier of a quote notional; beyond the last row the last one holds."""
        for tier in self.tiers:
            if notional < tier.end:
                return tier
        return self.tiers[-1]

    def value(self, size: Decimal, price: Decimal) -> Decimal:
        """Return what a size is worth in margin coin (MODEL for coin-margined: the size itself, semantics.md 11)."""
        return size if self.inverse else size * price

    def profit(self, long: bool, entry: Decimal, price: Decimal, size: Decimal) -> Decimal:
        """Return profit in margin coin of a size between two prices, on twelve decimals (semantics.md 11)."""
        move = price - entry if long else entry - price
        return round(size * move / price if self.inverse else size * move, GRAIN)


def _tiers(cap: int, first: str, rate: str) -> tuple[Tier, ...]:
    """Build tiers: the first as in the documents for BTCUSDT, each next one six to three times wider."""
    bounds = [Decimal(0), Decimal(first)]
    for factor in (6, 5, 3, 2, 2):
        bounds.append(bounds[-1] * factor)
    caps = (cap, max(cap * 4 // 5, 1), max(cap * 2 // 5, 1), max(cap // 5, 1), max(cap // 12, 1), max(cap // 25, 1))
    base = Decimal(rate)
    rates = (base, base + Decimal("0.001"), base * Decimal("2.5"), base * 5, base * 12, base * 25)
    return tuple(
        Tier(level=i + 1, start=bounds[i], end=bounds[i + 1], leverage=caps[i], rate=rates[i]) for i in range(6)
    )


# symbol, product, base, quote, coin, pricePlace, priceEndStep, volumePlace, step, min, max limit, max market, lever,
# quote value of one level of depth, end of first tier, its rate
_ROWS = (
    ("BTCUSDT", "USDT-FUTURES", "BTC", "USDT", "USDT", 1, 1, 4, "0.0001", "0.0001", "1200", "220", 125, 60000,
     "150000", "0.004"),
    ("ETHUSDT", "USDT-FUTURES", "ETH", "USDT", "USDT", 2, 1, 2, "0.01", "0.01", "9000", "2000", 100, 40000,
     "150000", "0.005"),
    ("SOLUSDT", "USDT-FUTURES", "SOL", "USDT", "USDT", 3, 1, 1, "0.1", "0.1", "80000", "16000", 75, 20000,
     "100000", "0.0065"),
    ("XRPUSDT", "USDT-FUTURES", "XRP", "USDT", "USDT", 4, 1, 0, "1", "1", "4000000", "900000", 75, 15000,
     "100000", "0.0065"),
    ("DOGEUSDT", "USDT-FUTURES", "DOGE", "USDT", "USDT", 5, 1, 0, "1", "10", "30000000", "7000000", 75, 12000,
     "100000", "0.0065"),
    ("BTCPERP", "USDC-FUTURES", "BTC", "USDC", "USDC", 1, 1, 4, "0.0001", "0.0001", "600", "110", 125, 30000,
     "150000", "0.004"),
    ("ETHPERP", "USDC-FUTURES", "ETH", "USDC", "USDC", 2, 1, 2, "0.01", "0.01", "4500", "1000", 100, 20000,
     "150000", "0.005"),
    ("BTCUSD", "COIN-FUTURES", "BTC", "USD", "BTC", 1, 1, 3, "0.001", "0.001", "600", "110", 125, 30000,
     "150000", "0.004"),
    ("ETHUSD", "COIN-FUTURES", "ETH", "USD", "ETH", 2, 1, 2, "0.01", "0.01", "4500", "1000", 100, 20000,
     "150000", "0.005"),
)


def _spec(row: tuple[Any, ...]) -> Spec:
    symbol, product, base, quote, coin, place, end, volume, step, *limits = row
    least, limit, market, lever, depth, first, rate = limits
    return Spec(
        symbol=symbol, product=product, base=base, quote=quote, coin=coin, price_place=place, end_step=end,
        volume_place=volume, tick=ONE.scaleb(-place) * end, step=Decimal(step), min_size=Decimal(least),
        max_limit=Decimal(limit), max_market=Decimal(market), max_leverage=lever, depth_quote=Decimal(depth),
        tiers=_tiers(lever, first, rate),
    )


SPECS: dict[str, Spec] = {row[0]: _spec(row) for row in _ROWS}
PRODUCTS: dict[str, tuple[Spec, ...]] = {
    product: tuple(s for s in SPECS.values() if s.product == product)
    for product in ("USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES")
}


def find(symbol: str, product: str) -> Spec:
    """Return the rules of a symbol. Raises Refused 40034 for an unknown one, 22012 for another product type's."""
    spec = SPECS.get(symbol)
    if spec is None:
        raise Refused("40034", f"Parameter {symbol} does not exist")
    if product and spec.product != product:
        raise Refused("22012", f"The symbol {symbol} does not belong to {product}")
    return spec


def contract_row(spec: Spec) -> dict[str, Any]:
    """Return a row of ``contracts`` (rest.md 2.20)."""
    return {
        "symbol": spec.symbol, "baseCoin": spec.base, "quoteCoin": spec.quote,
        "buyLimitPriceRatio": str(spec.band), "sellLimitPriceRatio": str(spec.band),
        "feeRateUpRatio": str(spec.fee_up), "makerFeeRate": str(spec.maker), "takerFeeRate": str(spec.taker),
        "openCostUpRatio": str(spec.cost_up), "supportMarginCoins": [spec.coin], "minTradeNum": str(spec.min_size),
        "priceEndStep": str(spec.end_step), "volumePlace": str(spec.volume_place), "pricePlace": str(spec.price_place),
        "sizeMultiplier": str(spec.step), "symbolType": "perpetual", "minTradeUSDT": str(spec.min_notional),
        "maxSymbolOrderNum": str(spec.max_symbol_orders), "maxProductOrderNum": str(spec.max_product_orders),
        "maxPositionNum": str(spec.max_positions), "symbolStatus": "normal", "offTime": "-1", "limitOpenTime": "-1",
        "deliveryTime": "", "deliveryStartTime": "", "deliveryPeriod": "", "launchTime": "",
        "fundInterval": str(spec.fund_hours), "minLever": str(spec.min_leverage), "maxLever": str(spec.max_leverage),
        "posLimit": str(spec.position_share), "maintainTime": "", "maxMarketOrderQty": str(spec.max_market),
        "maxOrderQty": str(spec.max_limit), "isRwa": "NO", "openTime": "",
    }


def tier_rows(spec: Spec) -> list[dict[str, str]]:
    """Return the rows of ``query-position-lever`` (rest.md 2.21)."""
    return [
        {"symbol": spec.symbol, "level": str(t.level), "startUnit": f"{t.start:f}", "endUnit": f"{t.end:f}",
         "leverage": str(t.leverage), "keepMarginRate": f"{t.rate.normalize():f}"}
        for t in spec.tiers
    ]


def notional_cap(spec: Spec) -> Decimal:
    """Return the largest position notional of one account: the end of the last tier."""
    return spec.tiers[-1].end


def limit_row(spec: Spec) -> dict[str, str]:
    """Return a row of ``oi-limit`` (rest.md 2.19)."""
    cap = notional_cap(spec)
    return {"symbol": spec.symbol, "notionalValue": f"{cap:f}", "totalNotionalValue": f"{cap * 2:f}"}
