"""Shape the payloads of orders and executions: every field optional and of any JSON type (rest.md 5)."""
from __future__ import annotations

import msgspec


class PlacedRow(msgspec.Struct):
    """The answer to place, modify and cancel, and one success inside a batch (rest.md 5.1, 5.3)."""

    orderId: object = None
    clientOid: object = None
    symbol: object = None
    stopSurplusClientOid: object = None
    stopLossClientOid: object = None


class FailedRow(msgspec.Struct):
    """One failure inside a batch; the code is missing at times (rest.md 5.3)."""

    orderId: object = None
    clientOid: object = None
    errorCode: object = None
    errorMsg: object = None


class BatchData(msgspec.Struct):
    """The answer to every batch call: partial success under code 00000 (README 7.3)."""

    successList: object = None
    failureList: object = None


class OrderRow(msgspec.Struct):
    """One order: `state` in order/detail, `status` in lists (rest.md 5.9, 5.12, 5.13)."""

    state: object = None
    status: object = None
    symbol: object = None
    orderId: object = None
    clientOid: object = None
    size: object = None
    baseVolume: object = None
    price: object = None
    priceAvg: object = None
    side: object = None
    posSide: object = None
    tradeSide: object = None
    posMode: object = None
    orderType: object = None
    force: object = None
    marginMode: object = None
    leverage: object = None
    reduceOnly: object = None
    enterPointSource: object = None
    orderSource: object = None
    presetStopSurplusPrice: object = None
    presetStopLossPrice: object = None
    presetStopSurplusType: object = None
    presetStopLossType: object = None
    presetStopSurplusTriggerType: object = None
    presetStopLossTriggerType: object = None
    cancelReason: object = None
    cTime: object = None
    uTime: object = None
    ctime: object = None
    utime: object = None


class FeeRow(msgspec.Struct):
    """One fee of an execution; `totalFee` is negative when paid (rest.md 5.10)."""

    feeCoin: object = None
    totalFee: object = None
    deduction: object = None
    totalDeductionFee: object = None


class FillRow(msgspec.Struct):
    """One execution (rest.md 5.10, 5.11)."""

    tradeId: object = None
    orderId: object = None
    clientOid: object = None
    symbol: object = None
    price: object = None
    baseVolume: object = None
    feeDetail: object = None
    side: object = None
    posSide: object = None
    tradeSide: object = None
    posMode: object = None
    profit: object = None
    tradeScope: object = None
    enterPointSource: object = None
    marginCoin: object = None
    cTime: object = None
    ctime: object = None


class OrdersPage(msgspec.Struct):
    """A page of orders or plans: `null` for none (rest.md 5.12)."""

    entrustedList: object = None
    endId: object = None


class FillsPage(msgspec.Struct):
    """A page of executions (rest.md 5.10)."""

    fillList: object = None
    endId: object = None
