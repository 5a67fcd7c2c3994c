"""Tell each person their day: on demand, and at the hour they chose, once a day whatever happens (features 5).

The day that was told is one small named value, written with the message row: a restart neither repeats nor skips it.
"""
from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from bot.chat.card import Card
from bot.chat.outbox import show
from bot.chat.prefs import Prefs, read_prefs, zone_of
from bot.chat.render import reports
from bot.chat.render.text import Chip
from bot.desk.ai_cost import paid_between
from bot.desk.front import Desk
from bot.domain.fill import Fill
from bot.domain.numbers import HUNDRED, ZERO
from bot.domain.principal import Person
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import EquityMark

PERIOD_S = 30.0
COIN = "USDT"
# Who switches the desk on hours after the time has missed that day's digest; the next one comes.
LATE = timedelta(hours=6)

# Draws a curve: kind ("equity" or "days"), title, badge, points; gives a PNG, None where it could not be drawn.
Curve = Callable[[str, str, str, Sequence[Any]], Awaitable[bytes | None]]


async def no_curve(kind: str, title: str, badge: str, points: object) -> bytes | None:
    """Draw nothing: where there is no drawing process the facts go out as text."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """What the daily report needs."""

    desk: Desk
    chip: Chip
    wake: Callable[[], None]
    curve: Curve = no_curve


async def tell_daily(daily: Daily) -> None:
    """Tell everybody who asked for it, for ever."""
    while True:
        await look(daily)
        await daily.desk.seat.clock.sleep(PERIOD_S)


async def look(daily: Daily) -> int:
    """Tell whose hour has come and who was not told today; gives how many."""
    seat = daily.desk.seat
    now = seat.clock.now()
    told = 0
    for person, prefs in await seat.ledger.read(partial(_due, now=now)):
        card = await report(daily, prefs, now)
        told += await seat.ledger.transact(partial(_tell, person=person, prefs=prefs, card=card, now=now))
    if told:
        daily.wake()
    return told


def _due(tx: Tx, now: datetime) -> list[tuple[Person, Prefs]]:
    found = []
    for person in tx.people.all():
        prefs = read_prefs(tx, person.person)
        if person.active and prefs.digest_at is not None and _is_due(prefs, now, _last(tx, person)):
            found.append((person, prefs))
    return found


def _last(tx: Tx, person: Person) -> date | None:
    kept = tx.desk.value(_place(person))
    return date.fromisoformat(kept["day"]) if kept else None


def _place(person: Person) -> str:
    return f"digest:{person.person}"


def _is_due(prefs: Prefs, now: datetime, last: date | None) -> bool:
    if prefs.digest_at is None:
        return False
    here = now.astimezone(zone_of(prefs))
    hour = datetime.combine(here.date(), prefs.digest_at, here.tzinfo)
    return last != here.date() and timedelta(0) <= here - hour < LATE


def _tell(tx: Tx, *, person: Person, prefs: Prefs, card: Card, now: datetime) -> int:
    if not _is_due(prefs, now, _last(tx, person)):
        return 0
    tx.desk.set_value(_place(person), {"day": now.astimezone(zone_of(prefs)).date().isoformat()}, now)
    show(tx, int(person.person), card, now, severity="NORMAL")
    return 1


async def report(daily: Daily, prefs: Prefs, now: datetime) -> Card:
    """Draw the day so far; in its first hours the day before, which is what people want to read then."""
    here = now.astimezone(zone_of(prefs))
    day = here.date() if here.hour >= 12 else here.date() - timedelta(days=1)
    start = datetime.combine(day, time(), here.tzinfo).astimezone(UTC)
    end = min(now, datetime.combine(day + timedelta(days=1), time(), here.tzinfo).astimezone(UTC))
    desk = daily.desk
    views = await desk.profits(start, end)
    main = next((one for one in views if one.coin == COIN), None)

    def read(tx: Tx) -> tuple[tuple[Fill, ...], tuple[EquityMark, ...], Decimal]:
        return tx.fills.since(start), tx.equity_marks.since(start), paid_between(tx, start, end)

    fills, marks, asked = await desk.seat.ledger.read(read)
    closed = [one for one in fills if one.realised != ZERO and one.at <= end]
    points = [(one.at, one.equity) for one in marks if one.margin_coin == COIN and one.at <= end]
    account = await desk.account()
    equity = next((one.equity for one in account.accounts if one.margin_coin == COIN), ZERO)
    if end == now:
        points.append((now, equity))
    photo = None
    if len(points) > 1:
        photo = await daily.curve("equity", f"Equity {day:%d %b}", daily.chip.rich.plain, points)
    return reports.daily(reports.DayReport(
        at=start, coin=COIN, net=main.net if main else ZERO, equity=points[-1][1] if points else equity,
        trades=main.trades if main else 0, won=main.won if main else 0, fees=main.fees if main else ZERO,
        funding=main.funding if main else ZERO, best=_named(max(closed, key=_result, default=None)),
        worst=_named(min(closed, key=_result, default=None)) if len(closed) > 1 else None,
        drawdown=drawdown([value for _, value in points]), ai_cost=asked, zone=prefs.zone,
    ), daily.chip, photo)


def _result(fill: Fill) -> Decimal:
    return fill.realised - fill.fee


def _named(fill: Fill | None) -> tuple[str, Decimal] | None:
    if fill is None:
        return None
    side = f" {fill.direction.value.lower()}" if fill.direction is not None else ""
    return f"{str(fill.symbol).removesuffix('USDT')[:6]}{side}", _result(fill)


def drawdown(values: Sequence[Decimal]) -> Decimal | None:
    """Give the deepest fall from a top in percent, zero or below; None without two values. Pure."""
    if len(values) < 2:
        return None
    top, deepest = values[0], ZERO
    for value in values:
        top = max(top, value)
        if top > ZERO:
            deepest = min(deepest, (value - top) / top * HUNDRED)
    return deepest
