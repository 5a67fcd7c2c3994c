"""Shape the payloads of plans: triggers, trailing, stops and targets (rest.md 6)."""
from __future__ import annotations

import msgspec


class PlanRow(msgspec.Struct):
    """One plan, waiting or ended (rest.md 6.7, 6.8)."""

    planType: object = None
    planStatus: object = None
    symbol: object = None
    orderId: object = None
    clientOid: object = None
    size: object = None
    price: object = None
    executePrice: object = None
    callbackRatio: object = None
    rangeRate: object = None
    triggerPrice: object = None
    triggerType: object = None
    side: object = None
    tradeSide: object = None
    posSide: object = None
    holdSide: object = None
    posMode: object = None
    orderType: object = None
    marginMode: object = None
    leverage: object = None
    reduceOnly: object = None
    enterPointSource: object = None
    stopSurplusTriggerPrice: object = None
    stopSurplusTriggerType: object = None
    stopLossTriggerPrice: object = None
    stopLossTriggerType: object = None
    executeOrderId: object = None
    priceAvg: object = None
    baseVolume: object = None
    cTime: object = None
    uTime: object = None
    ctime: object = None
    utime: object = None
