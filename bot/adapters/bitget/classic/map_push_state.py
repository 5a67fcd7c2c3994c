"""Turn pushed positions, wallets and deleveraging notices into reports."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from bot.adapters.bitget.classic.map_push import margin_mode
from bot.adapters.bitget.classic.topic import ALL
from bot.adapters.bitget.classic.wire_push import AccountRow, DeleveragedRow, PositionRow
from bot.adapters.bitget.classic.wire_value import Notes, Unreadable, need_number, need_text, shown, text
from bot.adapters.bitget.mint import mint
from bot.domain.account import Account
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction
from bot.domain.numbers import ZERO
from bot.domain.reports import AccountReport, Deleveraged, PositionReport, PositionsReport

POSITION_REPORT = mint(PositionReport)
HELD = {"long": Direction.LONG, "buy": Direction.LONG, "short": Direction.SHORT, "sell": Direction.SHORT}


def _direction(row: PositionRow, total: Decimal) -> Direction:
    held = HELD.get(str(row.holdSide))
    if held is not None:
        return held
    if row.holdSide == "net":
        return Direction.LONG if total > ZERO else Direction.SHORT
    raise Unreadable(f"holdSide: expected long or short, found {shown(row.holdSide)}")


def _available(row: PositionRow, size: Decimal, notes: Notes) -> Decimal:
    available = notes.number("available", row.available)
    if available is not None:
        return abs(available)
    return max(ZERO, size - (notes.number("frozen", row.frozen) or ZERO))


def position(row: PositionRow, sent_at: datetime, notes: Notes) -> PositionReport | None:
    """Read one `positions` row; None for a size of zero, which is flat.

    Raises Unreadable where symbol, side, size, entry or leverage is off.
    """
    total = need_number("total", row.total)
    if not total:
        return None
    size = abs(total)
    liquidation = notes.number("liquidationPrice", row.liquidationPrice)
    return POSITION_REPORT(
        symbol=Symbol(need_text("instId", row.instId)),
        direction=_direction(row, total),
        size=size,
        available=_available(row, size, notes),
        entry=need_number("openPriceAvg", row.openPriceAvg),
        mark=notes.number("markPrice", row.markPrice),
        margin_mode=margin_mode(row.marginMode, notes),
        leverage=need_number("leverage", row.leverage),
        margin=notes.number("marginSize", row.marginSize),
        unrealised=notes.number("unrealizedPL", row.unrealizedPL),
        realised=notes.number("achievedProfits", row.achievedProfits),
        # `totalFee` is funding here, `deductedFee` the trading fee (README section 7, fact 8).
        funding=notes.number("totalFee", row.totalFee),
        # Zero and below mean that there is no such price (semantics section 12).
        liquidation=liquidation if liquidation is not None and liquidation > ZERO else None,
        margin_ratio=notes.number("marginRate", row.marginRate),
        margin_coin=text(row.marginCoin) or "",
        as_of=notes.moment("uTime", row.uTime) or sent_at,
    )


def positions(
    rows: Iterable[PositionRow], line: ProductLine, sent_at: datetime, notes: Notes
) -> PositionsReport:
    """Read a whole `positions` push of one product line: what it does not list is flat (FF-30, FF-31).

    Raises Unreadable when any row is, because a list with a hole would tell that a position had been closed.
    """
    read = [position(row, sent_at, notes) for row in rows]
    return PositionsReport(line=line, positions=tuple(row for row in read if row is not None), as_of=sent_at)


def account(row: AccountRow, line: ProductLine, sent_at: datetime, notes: Notes) -> AccountReport:
    """Read one `account` row; raises Unreadable where coin, equity or available balance is off."""
    return AccountReport(
        account=Account(
            line=line,
            margin_coin=need_text("marginCoin", row.marginCoin),
            equity=need_number("equity", row.equity),
            available=need_number("available", row.available),
            in_use=notes.number("frozen", row.frozen) or ZERO,
            unrealised=notes.number("unrealizedPL", row.unrealizedPL) or ZERO,
            margin_ratio=notes.number("crossedRiskRate", row.crossedRiskRate),
            as_of=sent_at,
        )
    )


def deleveraged(row: DeleveragedRow, subscribed: str, sent_at: datetime, notes: Notes) -> Deleveraged:
    """Read one `adl-noti` row; raises Unreadable where symbol, price or amount is off.

    The direction stays untold: no source says whether `side` is the position or the trade; positions follow at once.
    """
    symbol = text(row.symbol) or (subscribed if subscribed != ALL else None)
    return Deleveraged(
        symbol=Symbol(need_text("symbol", symbol)),
        direction=None,
        price=need_number("price", row.price),
        size=need_number("amount", row.amount),
        at=notes.moment("ts", row.ts) or sent_at,
    )
