"""Translate wallets, positions, settings, bills and key rights. Pure."""
from __future__ import annotations

import ipaddress
import re
from datetime import datetime
from decimal import Decimal

from bot.adapters.bitget.classic.wire_account import AccountRow, BillRow, KeyData, PositionRow
from bot.adapters.bitget.classic.wire_value import (
    Notes,
    Unreadable,
    moment,
    need_number,
    need_text,
    number,
    shown,
    text,
)
from bot.adapters.bitget.classic.words import (
    HELD,
    MARGIN_MODES,
    POSITION_MODES,
    above_zero,
    lower,
    margin_coin_of,
    margin_mode,
)
from bot.domain.account import Account, PositionMode
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction, MarginMode
from bot.domain.numbers import ZERO
from bot.domain.reports import Bill, KeyRights, PositionReport
from bot.ports.venue import SymbolSettings

READS = frozenset({"coor", "coow", "readonly", "trade"})
ORDERS_WRITE, POSITIONS_WRITE, OLD_TRADE = "coow", "cpow", "trade"
WITHDRAWS = frozenset({"wwow", "withdraw"})
# Moving money between wallets or to other people, pledging it, managing sub-accounts: refused (security section 7).
TRANSFERS = frozenset({"wtow", "chow", "transfer", "p2p", "pllw"})
KNOWN = READS | WITHDRAWS | TRANSFERS | frozenset(
    {"cpor", "cpow", "stor", "stow", "smor", "smow", "ttor", "ttow", "wtor", "taxr", "taxw", "chor", "p2pr", "pllr"}
)
LEAD_TRADER = "trader"


def account(row: AccountRow, line: ProductLine, asked_at: datetime, notes: Notes) -> Account:
    """Read one wallet; raises Unreadable where coin, equity or every balance figure is off.

    `available` is what may open in cross margin: the field of that name does not deduct frozen margin (rest.md 3.1).
    """
    free = number(row.crossedMaxAvailable)
    unrealised = notes.number("unrealizedPL", row.unrealizedPL)
    if unrealised is None:
        parts = (number(row.crossedUnrealizedPL), number(row.isolatedUnrealizedPL))
        unrealised = sum((part for part in parts if part is not None), ZERO)
    used = (row.crossedMargin, row.isolatedMargin, row.locked)
    return Account(
        line=line,
        margin_coin=need_text("marginCoin", row.marginCoin).upper(),
        equity=need_number("accountEquity", row.accountEquity),
        available=need_number("available", row.available) if free is None else free,
        in_use=sum((number(part) or ZERO for part in used), ZERO),
        unrealised=unrealised,
        margin_ratio=notes.number("crossedRiskRate", row.crossedRiskRate),
        as_of=asked_at,
    )


def position(row: PositionRow, asked_at: datetime, notes: Notes) -> PositionReport | None:
    """Read one position; None for a size of zero, which is flat.

    Raises Unreadable where symbol, side, size, entry or leverage is off.
    """
    total = _total(row)
    if not total:
        return None
    size = abs(total)
    direction = HELD.get(lower(row.holdSide))
    if direction is None:
        if lower(row.holdSide) != "net":
            raise Unreadable(f"holdSide: expected long or short, found {shown(row.holdSide)}")
        direction = Direction.LONG if total > ZERO else Direction.SHORT
    symbol = Symbol(need_text("symbol", row.symbol).upper())
    available = notes.number("available", row.available)
    if available is None:
        available = max(ZERO, size - (notes.number("locked", row.locked) or ZERO))
    return PositionReport(
        symbol=symbol,
        direction=direction,
        size=size,
        available=abs(available),
        entry=need_number("openPriceAvg", row.openPriceAvg),
        mark=above_zero(notes.number("markPrice", row.markPrice)),
        margin_mode=margin_mode(row.marginMode, notes),
        leverage=need_number("leverage", row.leverage),
        margin=notes.number("marginSize", row.marginSize),
        unrealised=notes.number("unrealizedPL", row.unrealizedPL),
        realised=notes.number("achievedProfits", row.achievedProfits),
        # `totalFee` is funding here, `deductedFee` the trading fee (README section 7, fact 8).
        funding=notes.number("totalFee", row.totalFee),
        # Zero and below mean that there is no such price (semantics section 12).
        liquidation=above_zero(notes.number("liquidationPrice", row.liquidationPrice)),
        margin_ratio=notes.number("marginRatio", row.marginRatio),
        margin_coin=(text(row.marginCoin) or margin_coin_of(symbol)).upper(),
        as_of=moment(row.uTime) or moment(row.utime) or asked_at,
    )


def _total(row: PositionRow) -> Decimal:
    total = number(row.total)
    if total is not None:
        return total
    available, locked = number(row.available), number(row.locked)
    if available is None or locked is None:
        raise Unreadable(f"total: expected a number, found {shown(row.total)}")
    return available + locked


def position_mode(row: AccountRow) -> PositionMode:
    """Read the position mode of a product line; raises Unreadable for another word, because orders depend on it."""
    mode = POSITION_MODES.get(lower(row.posMode))
    if mode is None:
        raise Unreadable(f"posMode: expected one_way_mode or hedge_mode, found {shown(row.posMode)}")
    return mode


def settings(row: AccountRow, symbol: Symbol) -> SymbolSettings:
    """Read margin mode and leverage of one symbol; raises Unreadable for words or numbers that are off."""
    word = lower(row.marginMode)
    if word not in MARGIN_MODES:
        raise Unreadable(f"marginMode: expected crossed or isolated, found {shown(row.marginMode)}")
    mode = margin_mode(word, Notes())
    if mode is MarginMode.CROSSED:
        long = short = need_number("crossedMarginLeverage", row.crossedMarginLeverage)
    else:
        long = need_number("isolatedLongLever", row.isolatedLongLever)
        short = need_number("isolatedShortLever", row.isolatedShortLever)
    return SymbolSettings(symbol=symbol, margin_mode=mode, leverage_long=long, leverage_short=short)


def bill(row: BillRow, line: ProductLine, asked_at: datetime, notes: Notes) -> Bill:
    """Read one ledger line; raises Unreadable where id, coin or amount is off.

    `amount` and `fee` keep the venue's sign, so that their sum is what the wallet changed by (rest.md 3.9).
    """
    symbol = text(row.symbol)
    at = moment(row.cTime) or moment(row.ctime)
    if at is None:
        notes.doubt.append(f"cTime: expected milliseconds, found {shown(row.cTime)}")
    return Bill(
        bill_id=need_text("billId", row.billId),
        line=line,
        coin=need_text("coin", row.coin),
        kind=text(row.businessType) or "unknown",
        symbol=None if symbol is None else Symbol(symbol.upper()),
        amount=need_number("amount", row.amount),
        fee=notes.number("fee", row.fee) or ZERO,
        balance=notes.number("balance", row.balance),
        at=at or asked_at,
    )


def _bound(ips: str) -> bool:
    """Tell whether a key works from named addresses only; a word that is no address, or all of them, binds nothing."""
    found = [one for one in re.split(r"[,;\s]+", ips) if one]
    try:
        return bool(found) and all(ipaddress.ip_network(one, strict=False).prefixlen > 0 for one in found) and not any(
            ipaddress.ip_network(one, strict=False).network_address.is_unspecified for one in found)
    except ValueError:
        return False


def key_rights(data: KeyData) -> KeyRights:
    """Read what the key may do; codes without a word here are kept, because they may be dangerous (security 7)."""
    raw = data.authorities
    words = raw.split(",") if isinstance(raw, str) else raw if isinstance(raw, list) else []
    codes = tuple(lower(word).strip() or shown(word) for word in words)
    held = frozenset(codes)
    return KeyRights(
        user_id=text(data.userId) or "",
        read=bool(held & READS),
        trade=OLD_TRADE in held or {ORDERS_WRITE, POSITIONS_WRITE} <= held,
        withdraw=bool(held & WITHDRAWS),
        transfer=bool(held & TRANSFERS),
        ip_bound=_bound(text(data.ips) or ""),
        lead_trader=lower(data.traderType) == LEAD_TRADER,
        unknown=tuple(dict.fromkeys(code for code in codes if code not in KNOWN)),
    )
