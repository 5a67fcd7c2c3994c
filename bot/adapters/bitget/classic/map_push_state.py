"""Turn pushed positions, wallets and deleveraging notices into reports."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.adapters.bitget.classic.stream_events import Pushed
from bot.adapters.bitget.classic.topic import ALL
from bot.adapters.bitget.classic.wire_push import AccountRow, DeleveragedRow, PositionRow
from bot.adapters.bitget.classic.wire_value import (
    Notes,
    Unreadable,
    figures,
    need_number,
    need_text,
    recurring_figures,
    shown,
    text,
)
from bot.adapters.bitget.classic.words import HELD, SIDES, above_zero, lower, margin_mode, told
from bot.adapters.bitget.mint import mint
from bot.domain.account import Account
from bot.domain.ids import Symbol
from bot.domain.intent import Direction
from bot.domain.numbers import ZERO
from bot.domain.reports import AccountReport, Deleveraged, PositionReport, PositionsReport

OPEN_POSITION = mint(PositionReport)
OPEN_POSITIONS = mint(PositionsReport)
STANDING = recurring_figures(
    "total", "available", "openPriceAvg", "markPrice", "achievedProfits", "totalFee", "liquidationPrice",
)  # fmt: skip
MOVING = figures("marginSize", "unrealizedPL", "marginRate")
SIDE_WORDS = HELD | SIDES


def _net(row: PositionRow, total: Decimal) -> Direction:
    if lower(row.holdSide) == "net":
        return Direction.LONG if total > ZERO else Direction.SHORT
    raise Unreadable(f"holdSide: expected long or short, found {shown(row.holdSide)}")


def _unfrozen(row: PositionRow, size: Decimal, notes: Notes) -> Decimal:
    return max(ZERO, size - (notes.number("frozen", row.frozen) or ZERO))


def position(row: PositionRow, sent_at: datetime, notes: Notes) -> PositionReport | None:
    """Read one `positions` row; None for a size of zero, which is flat.

    Raises Unreadable where symbol, side, size, entry or leverage is off.
    """
    total, available, entry, mark, realised, funding, liquidation = STANDING(row, notes)
    if total is None:
        total = need_number("total", row.total)
    if not total:
        return None
    held: Any = OPEN_POSITION()
    held.symbol = need_text("instId", row.instId)
    held.direction = told(SIDE_WORDS, row.holdSide) or _net(row, total)
    held.size = size = abs(total)
    held.available = _unfrozen(row, size, notes) if available is None else abs(available)
    held.entry = need_number("openPriceAvg", row.openPriceAvg) if entry is None else entry
    held.mark = mark
    held.margin_mode = margin_mode(row.marginMode, notes)
    held.leverage = need_number("leverage", row.leverage)
    held.margin, held.unrealised, held.margin_ratio = MOVING(row, notes)
    held.realised = realised
    # `totalFee` is funding here, `deductedFee` the trading fee (README section 7, fact 8).
    held.funding = funding
    # Zero and below mean that there is no such price (semantics section 12).
    held.liquidation = above_zero(liquidation)
    held.margin_coin = text(row.marginCoin) or ""
    held.as_of = notes.recurring_moment("uTime", row.uTime) or sent_at
    held.__class__ = PositionReport
    finished: PositionReport = held
    return finished


def positions(rows: Iterable[PositionRow], pushed: Pushed, notes: Notes) -> PositionsReport:
    """Read a whole `positions` push of one product line: what it does not list is flat (FF-30, FF-31).

    Raises Unreadable when any row is, because a list with a hole would tell that a position had been closed.
    """
    sent_at = pushed.sent_at
    read = [position(row, sent_at, notes) for row in rows]
    held = tuple(row for row in read if row is not None)
    report: Any = OPEN_POSITIONS()
    report.line, report.positions, report.as_of = pushed.topic.line, held, sent_at
    report.__class__ = PositionsReport
    finished: PositionsReport = report
    return finished


def account(row: AccountRow, pushed: Pushed, notes: Notes) -> AccountReport:
    """Read one `account` row; raises Unreadable where coin, equity or available balance is off."""
    return AccountReport(
        account=Account(
            line=pushed.topic.line,
            margin_coin=need_text("marginCoin", row.marginCoin),
            equity=need_number("equity", row.equity),
            available=need_number("available", row.available),
            in_use=notes.number("frozen", row.frozen) or ZERO,
            unrealised=notes.number("unrealizedPL", row.unrealizedPL) or ZERO,
            margin_ratio=notes.number("crossedRiskRate", row.crossedRiskRate),
            as_of=pushed.sent_at,
        )
    )


def deleveraged(row: DeleveragedRow, pushed: Pushed, notes: Notes) -> Deleveraged:
    """Read one `adl-noti` row; raises Unreadable where symbol, price or amount is off.

    The direction stays untold: no source says whether `side` is the position or the trade; positions follow at once.
    """
    symbol = text(row.symbol) or (pushed.topic.symbol if pushed.topic.symbol != ALL else None)
    return Deleveraged(
        symbol=Symbol(need_text("symbol", symbol)),
        direction=None,
        price=need_number("price", row.price),
        size=need_number("amount", row.amount),
        at=notes.moment("ts", row.ts) or pushed.sent_at,
    )
