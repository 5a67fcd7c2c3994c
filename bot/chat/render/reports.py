"""Draw what a period brought: profit and its split, days, symbols, trades, fees; and rows for CSV. Pure.

All times are UTC unless the head of the report names another zone (chat_ux section 3).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.chat.card import Card, press
from bot.chat.render.figures import Books, base_of, coins, letter, percent, price, say, size
from bot.chat.render.text import Chip, Part, Row, card, clean, day, grid, table
from bot.desk.views import ProfitView
from bot.domain.events import Entry
from bot.domain.fill import Fill
from bot.domain.intent import Effect
from bot.domain.numbers import HUNDRED, ZERO, plain
from bot.domain.order import Order
from bot.ports.messenger import Button

PERIODS = (("Today", "today"), ("7 days", "7d"), ("30 days", "30d"))
# A cell that begins with one of these is a formula to a spreadsheet; outside text must not be one.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """One day, week or month of a table; `net` after fees and funding."""

    label: str
    net: Decimal
    trades: int
    won: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One line of a ranking: a symbol, a source or a model."""

    name: str
    net: Decimal
    trades: int
    won: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReport:
    """What the daily report says; `drawdown` in percent of equity, `best` and `worst` as (name, net)."""

    at: datetime
    coin: str
    net: Decimal
    equity: Decimal
    trades: int
    won: int
    fees: Decimal
    funding: Decimal
    best: tuple[str, Decimal] | None = None
    worst: tuple[str, Decimal] | None = None
    drawdown: Decimal | None = None
    ai_cost: Decimal = ZERO
    zone: str = "UTC"


def profit(views: Sequence[ProfitView], chip: Chip, period: str) -> Card:
    """Draw the net result of a period with its split in price, fees and funding."""
    rows = tuple(tuple(Button(label=label, data=press("c", "pnl", word)) for label, word in PERIODS) for _ in (0,))
    if not views:
        return card(chip, f"Nothing traded: {clean(period, 20)}", rows=rows)
    blocks: list[Part | None] = []
    for one in views:
        share = percent(Decimal(one.won) / one.trades * HUNDRED, places=0) if one.trades else ""
        blocks.append(
            table(
                (
                    ("Price", coins(one.price, one.coin, sign=True), one.coin),
                    ("Fees", coins(-one.fees, one.coin, sign=True)),
                    ("Funding", coins(one.funding, one.coin, sign=True)),
                    ("Net", coins(one.net, one.coin, sign=True), one.coin),
                    ("Closed / won", f"{one.trades} / {one.won}", share),
                )
            )
        )
    first = views[0]
    since = f"{day(first.since)} {first.since:%H:%M} – {day(first.until)} {first.until:%H:%M} UTC"
    return card(
        chip,
        f"{say(coins(first.net, first.coin, sign=True))} {first.coin} · {clean(period, 12)}",
        *blocks,
        since,
        rows=rows,
    )


def days(rows: Sequence[DayRow], chip: Chip, coin: str, noun: str, *, zone: str = "UTC") -> Card:
    """Draw a table of days, weeks or months with their sum."""
    total = sum((one.net for one in rows), ZERO)
    shown = [(one.label, coins(one.net, coin, sign=True), str(one.trades), str(one.won)) for one in rows[:31]]
    if not shown:
        return card(chip, f"No {clean(noun, 12)} with trades yet")
    return card(
        chip,
        f"{say(coins(total, coin, sign=True))} {coin} in {len(rows)} {clean(noun, 12)}",
        grid((noun.upper()[:10], "NET", "N", "WON"), shown),
        f"Days as in {clean(zone, 40)}. Net of fees and funding.",
    )


def daily(report: DayReport, chip: Chip, photo: bytes | None = None) -> Card:
    """Draw the daily report; sent as the caption of an equity curve where there is one."""
    share = report.net / (report.equity - report.net) * HUNDRED if report.equity != report.net else None
    rate = percent(Decimal(report.won) / report.trades * HUNDRED, places=0) if report.trades else ""
    rows: list[Row | None] = [
        ("Trades / won", f"{report.trades} / {report.won}", rate),
        ("Average trade", coins(report.net / report.trades, report.coin, sign=True)) if report.trades else None,
        (f"Best  {report.best[0]}", coins(report.best[1], report.coin, sign=True)) if report.best else None,
        (f"Worst {report.worst[0]}", coins(report.worst[1], report.coin, sign=True)) if report.worst else None,
        ("Fees", coins(-report.fees, report.coin, sign=True)),
        ("Funding", coins(report.funding, report.coin, sign=True)),
        ("AI cost", coins(-report.ai_cost, report.coin, sign=True)) if report.ai_cost else None,
        ("Max drawdown", percent(report.drawdown, sign=True)) if report.drawdown is not None else None,
    ]
    part = f" ({say(percent(share, sign=True))})" if share is not None else ""
    return card(
        chip,
        f"{day(report.at)}: {say(coins(report.net, report.coin, sign=True))} {report.coin}{part}",
        table(rows),
        f"All times {clean(report.zone, 40)}.",
        photo=photo,
        silent=True,
        protect=True,
        rows=(
            (
                Button(label="CSV", data=press("c", "export", "trades")),
                Button(label="Trades", data=press("c", "trades", "")),
                Button(label="Week", data=press("c", "weekly", "")),
            ),
        ),
    )


def performance(rows: Sequence[Ranked], chip: Chip, coin: str, by: str) -> Card:
    """Draw a ranking with its sample sizes; small ones say so."""
    ranked = sorted(rows, key=lambda one: -one.net)
    shown = [
        (
            clean(one.name, 12),
            coins(one.net, coin, sign=True),
            str(one.trades),
            percent(Decimal(one.won) / one.trades * HUNDRED, places=0) if one.trades else "-",
        )
        for one in ranked[:20]
    ]
    if not shown:
        return card(chip, "No closed trades yet")
    small = min((one.trades for one in ranked), default=0) < 20
    return card(
        chip,
        f"Best: {clean(ranked[0].name, 12)} {say(coins(ranked[0].net, coin, sign=True))}",
        grid((by.upper()[:8], "NET", "N", "WON"), shown),
        "Fewer than 20 trades say little." if small else None,
    )


def trades(fills: Sequence[Fill], chip: Chip, books: Books) -> Card:
    """Draw the latest executions, newest first, closing ones with their gross result."""
    if not fills:
        return card(chip, "No trades yet")
    rows = []
    for one in fills[:20]:
        opening = one.effect is Effect.OPEN
        way = letter(one.direction) if one.direction is not None else "?"
        book = books.get(one.symbol)
        coin = book.margin_coin if book is not None else "USDT"
        rows.append(
            (
                f"{one.at:%d.%H:%M}",
                f"{base_of(one.symbol, books)[:5]} {'+' if opening else '-'}{way}",
                size(one.size, book),
                coins(one.realised, coin, sign=True) if not opening else price(one.price, book),
            )
        )
    return card(
        chip,
        f"Last {len(rows)} trades",
        grid(("UTC", "", "SIZE", "P/L @"), rows, gap=1, left=2),
        "+ opens and shows its price, - closes and shows its gross profit.",
        rows=((Button(label="CSV", data=press("c", "export", "trades")),),),
    )


def stats(
    views: Sequence[ProfitView],
    chip: Chip,
    *,
    average: Decimal | None,
    held_s: float | None,
    best: Decimal | None,
    worst: Decimal | None,
) -> Card:
    """Draw win rate, average trade, holding time, best and worst."""
    if not views or not views[0].trades:
        return card(chip, "No closed trades yet")
    one = views[0]
    won = Decimal(one.won) / one.trades * HUNDRED
    return card(
        chip,
        f"{percent(won, places=0)} won of {one.trades}",
        table(
            (
                ("Net", coins(one.net, one.coin, sign=True), one.coin),
                ("Average", coins(average, one.coin, sign=True)),
                ("Best", coins(best, one.coin, sign=True)),
                ("Worst", coins(worst, one.coin, sign=True)),
                ("Held, average", f"{held_s / 3600:.1f}", "h") if held_s is not None else ("Held, average", "-"),
            )
        ),
    )


def fees(views: Sequence[ProfitView], chip: Chip, period: str) -> Card:
    """Draw fees and funding, and what part of the price profit they took."""
    if not views:
        return card(chip, f"No fees: {clean(period, 20)}")
    one = views[0]
    share = one.fees / abs(one.price) * HUNDRED if one.price else None
    return card(
        chip,
        f"{say(coins(-one.fees, one.coin, sign=True))} {one.coin} fees · {clean(period, 10)}",
        table(
            (
                ("Fees", coins(-one.fees, one.coin, sign=True), one.coin),
                ("Funding", coins(one.funding, one.coin, sign=True), one.coin),
                ("Of price P/L", percent(share, places=1)),
            )
        ),
    )


def equity(
    first: Decimal, last: Decimal, low: Decimal, chip: Chip, coin: str, span_words: str, photo: bytes | None
) -> Card:
    """Caption the equity curve: change, lowest point."""
    change = (last - first) / first * HUNDRED if first else None
    return card(
        chip,
        f"Equity {coins(last, coin)} ({say(percent(change, sign=True))})",
        f"From {coins(first, coin)} {coin} in {clean(span_words, 20)}; lowest {coins(low, coin)}.",
        photo=photo,
        protect=True,
    )


def sheet(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]], chip: Chip, count: int) -> Card:
    """Make a CSV file with UTC times and plain decimals; a cell that looks like a formula is quoted as text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow([_cell(one) for one in row])
    base = card(chip, f"{clean(name, 20)}: {count} rows", "CSV, times in UTC.")
    return Card(
        html=base.html,
        plain=base.plain,
        line=base.line,
        document=out.getvalue().encode(),
        protect=True,
        file_name=f"wiredesk-{clean(name, 20).lower().replace(' ', '-')}.csv",
    )


def _cell(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.isoformat()
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


TRADE_HEADS = (
    "at",
    "symbol",
    "direction",
    "effect",
    "size",
    "price",
    "fee",
    "fee_coin",
    "realised",
    "trade_id",
    "order",
)
ORDER_HEADS = ("created", "id", "symbol", "direction", "effect", "kind", "size", "price", "state", "filled", "average")
AUDIT_HEADS = ("seq", "at", "actor", "kind", "subject", "hash")


def trade_rows(fills: Iterable[Fill]) -> Iterable[Sequence[object]]:
    """Give the cells of executions."""
    for one in fills:
        yield (
            one.at,
            one.symbol,
            one.direction.value if one.direction else "",
            one.effect.value if one.effect else "",
            one.size,
            one.price,
            one.fee,
            one.fee_coin,
            one.realised,
            one.trade_id,
            one.client_order_id or "",
        )


def order_rows(orders: Iterable[Order]) -> Iterable[Sequence[object]]:
    """Give the cells of orders."""
    for one in orders:
        intent = one.intent
        yield (
            one.created_at,
            one.client_order_id,
            intent.symbol,
            intent.direction.value,
            intent.effect.value,
            intent.kind.value,
            intent.size,
            intent.limit_price,
            one.state.value,
            one.filled,
            one.average_price,
        )


def audit_rows(entries: Iterable[Entry]) -> Iterable[Sequence[object]]:
    """Give the cells of journal lines."""
    for one in entries:
        yield one.seq, one.at, one.actor, one.kind, one.subject, one.hash
