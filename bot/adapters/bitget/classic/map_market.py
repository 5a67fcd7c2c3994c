"""Translate public facts: contracts, tiers, prices, candles, funding, depth. Pure."""
from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from bot.adapters.bitget.classic.rows import items
from bot.adapters.bitget.classic.wire_market import (
    ContractRow,
    DepthData,
    FundingPaidRow,
    FundingRow,
    TickerRow,
    TierRow,
    TradeRow,
)
from bot.adapters.bitget.classic.wire_value import (
    Notes,
    Unreadable,
    moment,
    need_number,
    need_text,
    number,
    shown,
    text,
    whole,
)
from bot.adapters.bitget.classic.words import above_zero, lower, margin_coin_of
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument, ProductLine, Tier
from bot.domain.numbers import ONE, ZERO
from bot.ports.market import Candle, Depth, Funding, Ticker, Trade

TRADABLE = "normal"
SIDES = {"buy": True, "sell": False}
LEAVING = frozenset({"limit_open", "off"})
DECIMALS_MAX = 20
MONTH = "1M"
# House name to wire name and length. From six hours up the plain wire names align to UTC+8, so ours use the UTC ones
# (rest.md 0.6). A month has no fixed length: its own is the shortest.
GRANULARITIES = {
    "1m": ("1m", timedelta(minutes=1)),
    "3m": ("3m", timedelta(minutes=3)),
    "5m": ("5m", timedelta(minutes=5)),
    "15m": ("15m", timedelta(minutes=15)),
    "30m": ("30m", timedelta(minutes=30)),
    "1h": ("1H", timedelta(hours=1)),
    "2h": ("2H", timedelta(hours=2)),
    "4h": ("4H", timedelta(hours=4)),
    "6h": ("6Hutc", timedelta(hours=6)),
    "12h": ("12Hutc", timedelta(hours=12)),
    "1d": ("1Dutc", timedelta(days=1)),
    "3d": ("3Dutc", timedelta(days=3)),
    "1w": ("1Wutc", timedelta(days=7)),
    MONTH: ("1Mutc", timedelta(days=28)),
}
WIRE_LENGTHS = dict(GRANULARITIES.values()) | {
    "6H": timedelta(hours=6),
    "12H": timedelta(hours=12),
    "1D": timedelta(days=1),
    "3D": timedelta(days=3),
    "1W": timedelta(days=7),
    MONTH: timedelta(days=28),
}


def granularity(word: str) -> tuple[str, timedelta]:
    """Give the wire's name and the length of a bar; house names (`1h`, `1d`) and wire names (`1H`, `1Dutc`) both do.

    Raises ValueError with a sentence for any other word.
    """
    if word in GRANULARITIES:
        return GRANULARITIES[word]
    if word in WIRE_LENGTHS:
        return word, WIRE_LENGTHS[word]
    raise ValueError(f"Expected a bar length of {', '.join(GRANULARITIES)}, found {word!r}.")


def closes_at(opened_at: datetime, length: timedelta) -> datetime:
    """Tell when a bar closes; a month ends with the first of the next one, at most a day late for UTC+8 months."""
    if length == GRANULARITIES[MONTH][1]:
        return (opened_at + timedelta(days=32)).replace(day=1)
    return opened_at + length


def _step(row: ContractRow) -> Decimal:
    place, end = whole(row.pricePlace), need_number("priceEndStep", row.priceEndStep)
    if place is None or not 0 <= place <= DECIMALS_MAX or end <= ZERO:
        raise Unreadable(f"pricePlace: expected decimals, found {shown(row.pricePlace)}")
    return end * Decimal(1).scaleb(-place)


def _size_step(row: ContractRow) -> Decimal:
    step = above_zero(number(row.sizeMultiplier))
    if step is not None:
        return step
    place = whole(row.volumePlace)
    if place is None or not 0 <= place <= DECIMALS_MAX:
        raise Unreadable(f"sizeMultiplier: expected a step, found {shown(row.sizeMultiplier)}")
    return Decimal(1).scaleb(-place)


def instrument(row: ContractRow, line: ProductLine, notes: Notes) -> Instrument:
    """Read the rules of one contract; raises Unreadable where name, steps or minimum are off."""
    symbol = Symbol(need_text("symbol", row.symbol).upper())
    raw_coins = row.supportMarginCoins if type(row.supportMarginCoins) is list else []
    coins = tuple(coin for raw in raw_coins if (coin := text(raw)) is not None)
    base, usual = text(row.baseCoin) or "", margin_coin_of(symbol)
    if line is ProductLine.COIN and base:
        usual = base
    status = lower(row.symbolStatus)
    ends = (above_zero(number(row.offTime)), above_zero(number(row.limitOpenTime)))
    hours = whole(row.fundInterval)
    return Instrument(
        symbol=symbol,
        line=line,
        base=base or symbol.removesuffix("PERP").removesuffix("USDT").removesuffix("USD"),
        quote=text(row.quoteCoin) or ("USD" if line is ProductLine.COIN else line.value),
        margin_coin=usual if usual in coins or not coins else coins[0],
        price_step=_step(row),
        size_step=_size_step(row),
        minimum_size=need_number("minTradeNum", row.minTradeNum),
        minimum_notional=notes.number("minTradeUSDT", row.minTradeUSDT) or ZERO,
        maximum_limit_size=above_zero(notes.number("maxOrderQty", row.maxOrderQty)),
        maximum_market_size=above_zero(notes.number("maxMarketOrderQty", row.maxMarketOrderQty)),
        minimum_leverage=above_zero(notes.number("minLever", row.minLever)) or ONE,
        maximum_leverage=above_zero(notes.number("maxLever", row.maxLever)) or ONE,
        buy_band=above_zero(notes.number("buyLimitPriceRatio", row.buyLimitPriceRatio)),
        sell_band=above_zero(notes.number("sellLimitPriceRatio", row.sellLimitPriceRatio)),
        taker_fee=_or(notes.number("takerFeeRate", row.takerFeeRate), Decimal("0.0006")),
        maker_fee=_or(notes.number("makerFeeRate", row.makerFeeRate), Decimal("0.0002")),
        margin_coins=coins,
        funding_hours=hours if hours else None,
        tradable=status == TRADABLE,
        delisting=status in LEAVING or any(end is not None for end in ends),
    )


def _or(value: Decimal | None, default: Decimal) -> Decimal:
    return default if value is None else value


def tier(row: TierRow) -> Tier:
    """Read one maintenance tier; raises Unreadable where any of its numbers is off."""
    return Tier(
        floor=need_number("startUnit", row.startUnit),
        ceiling=need_number("endUnit", row.endUnit),
        maximum_leverage=need_number("leverage", row.leverage),
        maintenance_rate=need_number("keepMarginRate", row.keepMarginRate),
    )


def ticker(row: TickerRow, received_at: datetime, notes: Notes) -> Ticker:
    """Read one symbol's prices; raises Unreadable where name or last price is off. A missing mark is the last price."""
    last = need_number("lastPr", row.lastPr)
    return Ticker(
        symbol=Symbol(need_text("symbol", row.symbol).upper()),
        last=last,
        mark=above_zero(notes.number("markPrice", row.markPrice)) or last,
        index=above_zero(notes.number("indexPrice", row.indexPrice)),
        bid=above_zero(notes.number("bidPr", row.bidPr)),
        ask=above_zero(notes.number("askPr", row.askPr)),
        high_24h=above_zero(notes.number("high24h", row.high24h)),
        low_24h=above_zero(notes.number("low24h", row.low24h)),
        change_24h=notes.number("change24h", row.change24h),
        volume_24h=notes.number("baseVolume", row.baseVolume),
        turnover_24h=notes.number("quoteVolume", row.quoteVolume),
        open_interest=notes.number("holdingAmount", row.holdingAmount),
        funding_rate=notes.number("fundingRate", row.fundingRate),
        next_funding_at=None,
        at=moment(row.ts) or received_at,
        received_at=received_at,
    )


def candle(raw: object, length: timedelta, venue_now: datetime) -> Candle:
    """Read one bar of seven cells (rest.md 2.10); it is forming while it has not closed at the venue's time.

    Raises Unreadable for a row that is no list, is short, or whose time or prices are off.
    """
    if type(raw) is not list or len(raw) < 5:
        raise Unreadable(f"candle: expected seven cells, found {shown(raw)}")
    opened_at = moment(raw[0])
    if opened_at is None:
        raise Unreadable(f"candle: expected milliseconds, found {shown(raw[0])}")
    volume, turnover = (number(raw[place]) if len(raw) > place else None for place in (5, 6))
    return Candle(
        opened_at=opened_at,
        open=need_number("open", raw[1]),
        high=need_number("high", raw[2]),
        low=need_number("low", raw[3]),
        close=need_number("close", raw[4]),
        volume=volume or ZERO,
        turnover=turnover or ZERO,
        forming=closes_at(opened_at, length) > venue_now,
    )


def trade(row: TradeRow) -> Trade:
    """Read one print; its side is written in either case (rest.md 2.8). Raises Unreadable where anything is off."""
    at, side = moment(row.ts), lower(row.side)
    if at is None:
        raise Unreadable(f"ts: expected milliseconds, found {shown(row.ts)}")
    if side not in SIDES:
        raise Unreadable(f"side: expected buy or sell, found {shown(row.side)}")
    return Trade(
        id=need_text("tradeId", row.tradeId), price=need_number("price", row.price),
        size=need_number("size", row.size), bought=SIDES[side], at=at,
    )


def funding(row: FundingRow, notes: Notes) -> Funding:
    """Read the funding rate of one symbol; raises Unreadable where name or rate is off."""
    hours = whole(row.fundingRateInterval)
    return Funding(
        symbol=Symbol(need_text("symbol", row.symbol).upper()),
        rate=need_number("fundingRate", row.fundingRate),
        hours=hours if hours else None,
        next_at=notes.moment("nextUpdate", row.nextUpdate),
    )


def funding_paid(row: FundingPaidRow, notes: Notes) -> tuple[datetime, Decimal]:
    """Read when which rate was paid; raises Unreadable where either is off."""
    at = notes.moment("fundingTime", row.fundingTime)
    if at is None:
        raise Unreadable(f"fundingTime: expected milliseconds, found {row.fundingTime!r}")
    return at, need_number("fundingRate", row.fundingRate)


def _levels(tree: object, where: str, levels: int) -> tuple[tuple[Decimal, Decimal], ...]:
    found: list[tuple[Decimal, Decimal]] = []
    for raw in items(tree, where)[:levels]:
        if type(raw) is not list or len(raw) < 2:
            raise Unreadable(f"{where}: expected price and size, found {shown(raw)}")
        found.append((need_number(f"{where} price", raw[0]), need_number(f"{where} size", raw[1])))
    return tuple(found)


def depth(data: DepthData, symbol: Symbol, levels: int, received_at: datetime) -> Depth:
    """Read a book snapshot, best first; raises Unreadable for a level that is off: a book with a hole lies."""
    return Depth(
        symbol=symbol,
        bids=_levels(data.bids, "bids", levels),
        asks=_levels(data.asks, "asks", levels),
        at=moment(data.ts) or received_at,
    )
