"""Shape the pushes of the v2 sockets: every field optional and of any JSON type, so that no field can cost a row.

Fields stand in the order in which recorded pushes carry them: the reader looks for each first where it expects it.
"""
from __future__ import annotations

from decimal import Decimal

import msgspec

from bot.adapters.bitget.classic.row_reader import RowReader


class Envelope(msgspec.Struct, gc=False):
    """Any frame but ping and pong: an acknowledgement, an error or a push; `arg` stays unread."""

    action: object = None
    arg: msgspec.Raw = msgspec.Raw()
    event: object = None
    code: object = None
    msg: object = None
    op: object = None
    args: object = None


class TickerRow(msgspec.Struct, gc=False):
    """`ticker` (websocket.md 6.2)."""

    instId: object = None
    lastPr: object = None
    bidPr: object = None
    askPr: object = None
    bidSz: object = None
    askSz: object = None
    open24h: object = None
    high24h: object = None
    low24h: object = None
    change24h: object = None
    fundingRate: object = None
    nextFundingTime: object = None
    markPrice: object = None
    indexPrice: object = None
    holdingAmount: object = None
    baseVolume: object = None
    quoteVolume: object = None
    openUtc: object = None
    symbolType: object = None
    symbol: object = None
    deliveryPrice: object = None
    ts: object = None


class BookRow(msgspec.Struct, gc=False):
    """`books`, `books1`, `books5`, `books15` (websocket.md 6.5)."""

    asks: object = None
    bids: object = None
    checksum: object = None
    seq: object = None
    ts: object = None
    pseq: object = None


class QuotedBookRow(msgspec.Struct, gc=False):
    """The same where every level is a pair of texts, as the venue writes them."""

    asks: list[tuple[str, str]]
    bids: list[tuple[str, str]]
    checksum: object = None
    seq: object = None
    ts: object = None
    pseq: object = None


class TradeRow(msgspec.Struct, gc=False):
    """`trade` (websocket.md 6.4)."""

    ts: object = None
    price: object = None
    size: object = None
    side: object = None
    tradeId: object = None


class AccountRow(msgspec.Struct, gc=False):
    """`account` (websocket.md 7.1)."""

    marginCoin: object = None
    frozen: object = None
    available: object = None
    maxOpenPosAvailable: object = None
    maxTransferOut: object = None
    equity: object = None
    usdtEquity: object = None
    crossedRiskRate: object = None
    unrealizedPL: object = None
    unionTotalMargin: object = None
    unionAvailable: object = None
    unionMm: object = None
    assetsMode: object = None
    assetMode: object = None


class PositionRow(msgspec.Struct, gc=False):
    """`positions` (websocket.md 7.2)."""

    posId: object = None
    instId: object = None
    marginCoin: object = None
    marginSize: object = None
    marginMode: object = None
    holdSide: object = None
    posMode: object = None
    total: object = None
    available: object = None
    frozen: object = None
    openPriceAvg: object = None
    leverage: object = None
    achievedProfits: object = None
    unrealizedPL: object = None
    unrealizedPLR: object = None
    liquidationPrice: object = None
    keepMarginRate: object = None
    marginRate: object = None
    breakEvenPrice: object = None
    totalFee: object = None
    deductedFee: object = None
    markPrice: object = None
    assetMode: object = None
    autoMargin: object = None
    cTime: object = None
    uTime: object = None
    isolatedMarginRate: object = None


class ClosedPositionRow(msgspec.Struct, gc=False):
    """`positions-history` (websocket.md 7.6)."""

    posId: object = None
    instId: object = None
    marginCoin: object = None
    marginMode: object = None
    holdSide: object = None
    posMode: object = None
    openPriceAvg: object = None
    closePriceAvg: object = None
    openSize: object = None
    closeSize: object = None
    achievedProfits: object = None
    settleFee: object = None
    openFee: object = None
    closeFee: object = None
    cTime: object = None
    uTime: object = None


class OrderRow(msgspec.Struct, gc=False):
    """`orders` (websocket.md 7.3); the fields of the fill are there on fill pushes only."""

    accBaseVolume: object = None
    cTime: object = None
    clientOid: object = None
    feeDetail: object = None
    fillFee: object = None
    fillFeeCoin: object = None
    fillNotionalUsd: object = None
    fillPrice: object = None
    baseVolume: object = None
    fillTime: object = None
    force: object = None
    instId: object = None
    leverage: object = None
    marginCoin: object = None
    marginMode: object = None
    notionalUsd: object = None
    orderId: object = None
    orderType: object = None
    pnl: object = None
    posMode: object = None
    posSide: object = None
    price: object = None
    priceAvg: object = None
    reduceOnly: object = None
    side: object = None
    size: object = None
    enterPointSource: object = None
    status: object = None
    cancelReason: object = None
    stpMode: object = None
    totalProfits: object = None
    tradeScope: object = None
    tradeId: object = None
    tradeSide: object = None
    presetStopSurplusPrice: object = None
    presetStopLossPrice: object = None
    uTime: object = None
    newSize: object = None
    state: object = None
    presetStopSurplusType: object = None
    presetStopSurplusExecutePrice: object = None
    presetStopLossType: object = None
    presetStopLossExecutePrice: object = None


class PlanRow(msgspec.Struct, gc=False):
    """`orders-algo` (websocket.md 7.5)."""

    instId: object = None
    orderId: object = None
    clientOid: object = None
    triggerPrice: object = None
    triggerType: object = None
    triggerTime: object = None
    planType: object = None
    price: object = None
    executePrice: object = None
    size: object = None
    actualSize: object = None
    orderType: object = None
    side: object = None
    tradeSide: object = None
    posSide: object = None
    marginCoin: object = None
    status: object = None
    posMode: object = None
    enterPointSource: object = None
    stopSurplusTriggerType: object = None
    stopLossTriggerType: object = None
    stpMode: object = None
    cTime: object = None
    uTime: object = None
    executeOrderId: object = None
    callbackRatio: object = None
    rangeRate: object = None
    marginMode: object = None
    leverage: object = None
    state: object = None
    reduceOnly: object = None
    stopSurplusPrice: object = None
    stopSurplusTriggerPrice: object = None
    stopLossPrice: object = None
    stopLossTriggerPrice: object = None


class FillRow(msgspec.Struct, gc=False):
    """`fill` (websocket.md 7.4)."""

    orderId: object = None
    clientOid: object = None
    tradeId: object = None
    symbol: object = None
    orderType: object = None
    side: object = None
    price: object = None
    baseVolume: object = None
    quoteVolume: object = None
    profit: object = None
    tradeSide: object = None
    posMode: object = None
    tradeScope: object = None
    feeDetail: object = None
    cTime: object = None
    uTime: object = None
    enterPointSource: object = None


class EquityRow(msgspec.Struct, gc=False):
    """`equity` (websocket.md 7.7)."""

    usdtEquity: object = None
    btcEquity: object = None
    unrealizedPL: object = None
    unionTotalMargin: object = None
    unionAvailable: object = None
    unionMm: object = None


class DeleveragedRow(msgspec.Struct, gc=False):
    """`adl-noti` (websocket.md 7.8)."""

    symbol: object = None
    side: object = None
    status: object = None
    price: object = None
    amount: object = None
    ts: object = None


ENVELOPE = msgspec.json.Decoder(Envelope, float_hook=Decimal)
TICKERS = RowReader(TickerRow)
CANDLES = RowReader(list[object])
BOOKS: RowReader[BookRow | QuotedBookRow] = RowReader(BookRow, QuotedBookRow)
TRADES = RowReader(TradeRow)
ACCOUNTS = RowReader(AccountRow)
POSITIONS = RowReader(PositionRow)
CLOSED_POSITIONS = RowReader(ClosedPositionRow)
ORDERS = RowReader(OrderRow)
PLANS = RowReader(PlanRow)
FILLS = RowReader(FillRow)
EQUITIES = RowReader(EquityRow)
DELEVERAGED = RowReader(DeleveragedRow)
