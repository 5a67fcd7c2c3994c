"""Serve reports over days: profit and its split, tables, ranking, trades, fees, equity, files."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from bot.chat.call import Call, Counter, Handler, Reply
from bot.chat.commands.raise_wish import no
from bot.chat.daily import Daily, report
from bot.chat.prefs import read_prefs, save_prefs, with_digest, zone_of
from bot.chat.render import control, reports
from bot.desk.views import ProfitView
from bot.domain.fill import Fill
from bot.domain.numbers import ZERO
from bot.domain.principal import Permission, may
from bot.domain.proposal import Origin, OriginKind
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx

USUAL = {"daily": 7, "weekly": 4, "monthly": 3}
SHEETS = ("trades", "orders", "audit")
AUDIT_LINES = 5000
CURVE_DAYS = 31


async def since_midnight(counter: Counter, call: Call, days: int) -> datetime:
    """Give the start of the person's own day, `days` - 1 days back."""
    prefs = await counter.desk.seat.ledger.read(lambda tx: read_prefs(tx, call.principal.person))
    here = counter.now().astimezone(zone_of(prefs))
    first = datetime.combine(here.date() - timedelta(days=days - 1), time(), here.tzinfo)
    return first.astimezone(UTC)


async def pnl(counter: Counter, call: Call) -> Reply:
    """Serve /pnl."""
    days = int(call.args or 1)  # type: ignore[call-overload]
    views = await counter.desk.profits(await since_midnight(counter, call, days))
    card = reports.profit(views, counter.chip, "today" if days == 1 else f"{days} days")
    if not views or not 1 < days <= CURVE_DAYS:
        return Reply(cards=(card,))
    bars = []
    for place in range(days - 1, -1, -1):
        start = await since_midnight(counter, call, place + 1)
        end = counter.now() if place == 0 else await since_midnight(counter, call, place)
        main = _main(await counter.desk.profits(start, end))
        bars.append((f"{start:%d %b}", main.net if main is not None else ZERO))
    photo = await counter.curve("days", f"Net by day, {days} days", counter.chip.rich.plain, bars)
    return Reply(cards=(replace(card, photo=photo),))


async def table(counter: Counter, call: Call) -> Reply:
    """Serve /daily, /weekly and /monthly."""
    name = call.spec.name
    count = min(int(call.args or USUAL[name]), 31)  # type: ignore[call-overload]
    length = {"daily": 1, "weekly": 7, "monthly": 30}[name]
    rows, coin = [], "USDT"
    for place in range(count):
        end_days, start_days = place * length, (place + 1) * length
        start = await since_midnight(counter, call, start_days)
        end = counter.now() if place == 0 else await since_midnight(counter, call, end_days)
        views = await counter.desk.profits(start, end)
        main = _main(views)
        coin = main.coin if main is not None else coin
        rows.append(reports.DayRow(
            label=f"{start:%d %b}", net=main.net if main else ZERO, trades=main.trades if main else 0,
            won=main.won if main else 0,
        ))
    noun = {"daily": "days", "weekly": "weeks", "monthly": "months"}[name]
    return Reply(cards=(reports.days(tuple(reversed(rows)), counter.chip, coin, noun),))


def _main(views: tuple[ProfitView, ...]) -> ProfitView | None:
    return next((one for one in views if one.coin == "USDT"), views[0] if views else None)


async def fees(counter: Counter, call: Call) -> Reply:
    """Serve /fees."""
    days = int(call.args or 7)  # type: ignore[call-overload]
    views = await counter.desk.profits(await since_midnight(counter, call, days))
    return Reply(cards=(reports.fees(views, counter.chip, f"{days} days"),))


async def trades(counter: Counter, call: Call) -> Reply:
    """Serve /trades: the latest executions."""
    fills = await counter.desk.seat.ledger.read(lambda tx: tx.fills.recent(min(int(call.args or 10), 50)))  # type: ignore[call-overload]
    return Reply(cards=(reports.trades(fills, counter.chip, counter.books()),))


async def performance(counter: Counter, call: Call) -> Reply:
    """Serve /performance: closed trades ranked by symbol, or by who raised them."""
    by = "source" if call.args and "source" in call.args else "symbol"  # type: ignore[operator]
    since = counter.now() - timedelta(days=90)

    def read(tx: Tx) -> tuple[tuple[Fill, ...], dict[str, str]]:
        fills = tuple(one for one in tx.fills.since(since) if one.realised != ZERO)
        names: dict[str, str] = {}
        for fill in fills:
            order = tx.orders.get(fill.client_order_id) if fill.client_order_id is not None else None
            proposal = tx.proposals.get(order.proposal_id) if order is not None and order.proposal_id else None
            names[str(fill.trade_id)] = _source(proposal.origin) if proposal is not None else "outside"
        return fills, names

    fills, sources = await counter.desk.seat.ledger.read(read)
    rows = ranked(fills, lambda one: sources[str(one.trade_id)] if by == "source" else str(one.symbol))
    return Reply(cards=(reports.performance(rows, counter.chip, "USDT", by),))


def _source(origin: Origin) -> str:
    return {OriginKind.PERSON: "manual", OriginKind.LOCAL: "manual"}.get(origin.kind, origin.name)


def ranked(fills: tuple[Fill, ...], name: Callable[[Fill], str]) -> tuple[reports.Ranked, ...]:
    """Add up closing executions by name, best first. Pure."""
    sums: dict[str, list[Decimal]] = {}
    for fill in fills:
        sums.setdefault(name(fill), []).append(fill.realised - fill.fee)
    rows = [
        reports.Ranked(name=key, net=sum(found, ZERO), trades=len(found), won=sum(1 for one in found if one > ZERO))
        for key, found in sums.items()
    ]
    return tuple(sorted(rows, key=lambda one: one.net, reverse=True))


async def stats(counter: Counter, call: Call) -> Reply:
    """Serve /stats."""
    since = await since_midnight(counter, call, int(call.args or 30))  # type: ignore[call-overload]
    views = await counter.desk.profits(since)
    fills = await counter.desk.seat.ledger.read(lambda tx: tx.fills.since(since))
    closed = [one.realised - one.fee for one in fills if one.realised != ZERO]
    card = reports.stats(
        views, counter.chip, average=sum(closed, ZERO) / len(closed) if closed else None, held_s=None,
        best=max(closed, default=None), worst=min(closed, default=None),
    )
    return Reply(cards=(card,))


async def equity(counter: Counter, call: Call) -> Reply:
    """Serve /equity: first, last and lowest value of the main wallet."""
    days = int(call.args or 30)  # type: ignore[call-overload]
    since = counter.now() - timedelta(days=days)
    marks = await counter.desk.seat.ledger.read(lambda tx: tx.equity_marks.since(since))
    # Marks are written when a wallet changes; the last point is what it is worth now.
    points = [(one.at, one.equity) for one in marks if one.margin_coin == "USDT"]
    points += [(counter.now(), one.equity) for one in (await counter.desk.account()).accounts
               if one.margin_coin == "USDT"]
    values = [value for _, value in points]
    if not values:
        words = "There is no equity history yet; it is written from now on."
        return Reply(cards=(control.acknowledged(words, counter.chip),))
    words = f"{days} day{'' if days == 1 else 's'}"
    photo = await counter.curve("equity", f"Equity, {words}", counter.chip.rich.plain, points) if points[1:] else None
    card = reports.equity(values[0], values[-1], min(values), counter.chip, "USDT", words, photo)
    return Reply(cards=(card,))


async def digest(counter: Counter, call: Call) -> Reply:
    """Serve /digest: the day now, or the hour at which it comes by itself."""
    words: tuple[str, ...] = call.args or ()  # type: ignore[assignment]
    person = call.principal.person
    prefs = await counter.desk.seat.ledger.read(lambda tx: read_prefs(tx, person))
    if words and words != ("now",):
        after = with_digest(prefs, " ".join(words))
        if isinstance(after, Refusal):
            return no(counter, call, after)
        said = (f"Your day comes at {after.digest_at:%H:%M}, {after.zone}." if after.digest_at is not None
                else "No daily digest any more.")
        return Reply(cards=(control.acknowledged(said, counter.chip),),
                     work=lambda tx: save_prefs(tx, person, after, counter.now()), toast="Kept.")
    daily = Daily(desk=counter.desk, chip=counter.chip, wake=counter.wake, curve=counter.curve)
    card = await report(daily, prefs, counter.now())
    return Reply(cards=(replace(card, silent=False),))


async def export(counter: Counter, call: Call) -> Reply:
    """Serve /export: a CSV of executions or orders; the audit is for owners."""
    words: tuple[str, ...] = call.args or ("trades",)  # type: ignore[assignment]
    what = words[0]
    if what not in SHEETS:
        return no(counter, call, refuse("sheet", f"There is no sheet {what!r}.", "Write trades, orders or audit."))
    if what == "audit" and not may(call.principal, Permission.CONTROL):
        return no(counter, call, refuse("not_permitted", "The audit needs the role owner.", "Ask an owner."))
    if not call.private:
        return no(counter, call, refuse("group_reads_only", "Files are sent in private.", "Write to me in private."))
    days = next((int(one.rstrip("d")) for one in words[1:] if one.rstrip("d").isdigit()), 30)
    since = counter.now() - timedelta(days=days)
    ledger, chip = counter.desk.seat.ledger, counter.chip
    if what == "trades":
        fills = await ledger.read(lambda tx: tx.fills.since(since))
        card = reports.sheet("trades", reports.TRADE_HEADS, reports.trade_rows(fills), chip, len(fills))
    elif what == "orders":
        orders = await ledger.read(lambda tx: tx.orders.since(since))
        card = reports.sheet("orders", reports.ORDER_HEADS, reports.order_rows(orders), chip, len(orders))
    else:
        lines = await ledger.read(lambda tx: tx.journal.latest(AUDIT_LINES))
        card = reports.sheet("audit", reports.AUDIT_HEADS, reports.audit_rows(lines), chip, len(lines))
    return Reply(cards=(card,))


HANDLERS: dict[str, Handler] = {
    "pnl": pnl, "daily": table, "weekly": table, "monthly": table, "fees": fees, "trades": trades,
    "performance": performance, "stats": stats, "equity": equity, "export": export, "digest": digest,
}
