"""Shape the public payloads (rest.md 2); candles are bare lists and need no shape."""
from __future__ import annotations

import msgspec


class ContractRow(msgspec.Struct):
    """The rules of one contract (rest.md 2.20)."""

    symbol: object = None
    baseCoin: object = None
    quoteCoin: object = None
    buyLimitPriceRatio: object = None
    sellLimitPriceRatio: object = None
    makerFeeRate: object = None
    takerFeeRate: object = None
    supportMarginCoins: object = None
    minTradeNum: object = None
    priceEndStep: object = None
    pricePlace: object = None
    volumePlace: object = None
    sizeMultiplier: object = None
    minTradeUSDT: object = None
    symbolStatus: object = None
    offTime: object = None
    limitOpenTime: object = None
    fundInterval: object = None
    minLever: object = None
    maxLever: object = None
    maxMarketOrderQty: object = None
    maxOrderQty: object = None


class TierRow(msgspec.Struct):
    """One maintenance tier (rest.md 2.21)."""

    level: object = None
    startUnit: object = None
    endUnit: object = None
    leverage: object = None
    keepMarginRate: object = None


class TickerRow(msgspec.Struct):
    """Prices of one symbol (rest.md 2.6)."""

    symbol: object = None
    lastPr: object = None
    askPr: object = None
    bidPr: object = None
    high24h: object = None
    low24h: object = None
    change24h: object = None
    baseVolume: object = None
    quoteVolume: object = None
    indexPrice: object = None
    markPrice: object = None
    fundingRate: object = None
    holdingAmount: object = None
    ts: object = None


class TradeRow(msgspec.Struct):
    """A print on the public tape (rest.md 2.9)."""

    tradeId: object = None
    price: object = None
    size: object = None
    side: object = None
    ts: object = None


class FundingRow(msgspec.Struct):
    """The funding rate of one symbol (rest.md 2.18)."""

    symbol: object = None
    fundingRate: object = None
    fundingRateInterval: object = None
    nextUpdate: object = None


class FundingPaidRow(msgspec.Struct):
    """A funding rate that was paid (rest.md 2.17)."""

    symbol: object = None
    fundingRate: object = None
    fundingTime: object = None


class DepthData(msgspec.Struct):
    """A book snapshot; its levels are JSON numbers (rest.md 2.5)."""

    asks: object = None
    bids: object = None
    ts: object = None
