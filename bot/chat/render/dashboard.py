"""Draw the live dashboard: one pinned message, edited in place; a stale price must not look alive. Pure."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.chat.card import DANGER, Card, press
from bot.chat.render.figures import coins, letter, percent, say, size, times
from bot.chat.render.portfolio import fresh
from bot.chat.render.text import Chip, Part, card, grid, moment, rich
from bot.desk.views import AccountView, HoldingView, StatusView
from bot.domain.numbers import HUNDRED, ZERO
from bot.domain.trading import Readiness, TradingState
from bot.ports.messenger import Button

ROWS_MAX = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What the dashboard shows; `today` is the day's net result, `risk_used` percent of the daily limit."""

    account: AccountView
    holdings: tuple[HoldingView, ...]
    status: StatusView
    readiness: Readiness
    today: Decimal | None
    risk_used: Decimal | None
    models: str
    waiting: int
    at: datetime


def dash_key(chat: int) -> str:
    """Name the dashboard of a chat."""
    return f"dash:{chat}"


def dashboard(board: Board, chip: Chip, chat: int) -> Card:
    """Draw the dashboard of a chat."""
    wallet = board.account.accounts[0] if board.account.accounts else None
    coin = wallet.margin_coin if wallet is not None else "USDT"
    head = "Desk"
    if board.today is not None and wallet is not None:
        start = wallet.equity - board.today
        share = f" ({say(percent(board.today / start * HUNDRED, sign=True))})" if start > ZERO else ""
        head = f"{say(coins(board.today, coin, sign=True))} {coin} today{share}"
    context: Part | None = None
    if wallet is not None:
        context = f"Equity {coins(wallet.equity, coin)} · free {coins(wallet.available, coin)}"
    return card(
        chip, head, _positions(board.holdings), _counts(board), _health(board), context=context,
        emoji="⛔" if board.status.trading is not TradingState.ACTIVE else "",
        rows=(
            (Button(label="Refresh", data=press("d", chat, "r")), Button(label="Orders", data=press("c", "orders", "")),
             Button(label="Risk", data=press("c", "risk", ""))),
            (Button(label="Halt all", data=press("c", "halt", "now"), style=DANGER),),
        ),
        key=dash_key(chat), silent=True, pin=True,
    )


def _positions(holdings: Sequence[HoldingView]) -> Part | None:
    if not holdings:
        return "No open positions."
    rows = [
        (
            one.instrument.base[:5], f"{letter(one.position.direction)}{times(one.position.leverage)}",
            size(one.position.size, one.instrument),
            coins(one.unrealised, one.position.margin_coin, sign=True) if fresh(one) else "-",
            percent(one.percent_of_equity, places=1, sign=True).rstrip("%") if fresh(one) else "-",
        )
        for one in holdings[:ROWS_MAX]
    ]
    table = grid(("SYM", "SIDE", "SIZE", "uPNL", "%eq"), rows, left=2)
    hidden = len(holdings) - ROWS_MAX
    return rich(table, f"\nand {hidden} more, /positions") if hidden > 0 else table


def _counts(board: Board) -> Part:
    parts = []
    if board.risk_used is not None:
        parts.append(f"Risk {percent(board.risk_used, places=0)} of daily limit")
    parts.append(f"models: {board.models}")
    if board.waiting:
        parts.append(f"{board.waiting} waiting, /inbox")
    if board.status.unprotected:
        parts.append(f"{board.status.unprotected} WITHOUT STOP")
    if board.status.unresolved:
        parts.append(f"{board.status.unresolved} in doubt")
    return " · ".join(parts)


def _health(board: Board) -> Part:
    ages = [one.age_s for one in board.holdings if one.age_s is not None]
    feed = f"feed {max(ages):.1f} s · " if ages else ""
    silent = any(not fresh(one) for one in board.holdings)
    flag = "🟢" if board.readiness is Readiness.READY and not silent else "🟡"
    state = "" if board.readiness is Readiness.READY else f"{board.readiness.value} · "
    halted = "" if board.status.trading is TradingState.ACTIVE else f"{board.status.trading.value} · "
    return rich(f"{flag} {halted}{state}{feed}upd ", moment(board.at))
