"""Shape the payloads of wallets, positions, bills and the key (rest.md 1.4, 3, 4)."""
from __future__ import annotations

import msgspec


class AccountRow(msgspec.Struct):
    """One wallet; the settings of a symbol come with `account/account` alone (rest.md 3.1, 3.2)."""

    marginCoin: object = None
    locked: object = None
    available: object = None
    crossedMaxAvailable: object = None
    maxTransferOut: object = None
    accountEquity: object = None
    crossedRiskRate: object = None
    unrealizedPL: object = None
    crossedUnrealizedPL: object = None
    isolatedUnrealizedPL: object = None
    isolatedMargin: object = None
    crossedMargin: object = None
    crossedMarginLeverage: object = None
    isolatedLongLever: object = None
    isolatedShortLever: object = None
    marginMode: object = None
    posMode: object = None
    assetMode: object = None


class PositionRow(msgspec.Struct):
    """One position; `totalFee` is funding (README 7.8, rest.md 4.1)."""

    symbol: object = None
    marginCoin: object = None
    holdSide: object = None
    marginSize: object = None
    available: object = None
    locked: object = None
    total: object = None
    leverage: object = None
    achievedProfits: object = None
    openPriceAvg: object = None
    marginMode: object = None
    posMode: object = None
    unrealizedPL: object = None
    liquidationPrice: object = None
    markPrice: object = None
    marginRatio: object = None
    totalFee: object = None
    cTime: object = None
    uTime: object = None
    ctime: object = None
    utime: object = None


class BillRow(msgspec.Struct):
    """One ledger line (rest.md 3.9)."""

    billId: object = None
    symbol: object = None
    amount: object = None
    fee: object = None
    businessType: object = None
    coin: object = None
    balance: object = None
    cTime: object = None
    ctime: object = None


class BillsPage(msgspec.Struct):
    """A page of ledger lines."""

    bills: object = None
    endId: object = None


class KeyData(msgspec.Struct):
    """The key and its rights (rest.md 1.4)."""

    userId: object = None
    ips: object = None
    authorities: object = None
    traderType: object = None
