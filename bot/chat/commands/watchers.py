"""Serve what keeps looking for people: the live dashboard, alerts they set, charts with their levels."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from bot.chat import alerts_set
from bot.chat.alerts_set import AlertWish, SetAlert
from bot.chat.call import Call, Counter, Handler, Reply
from bot.chat.commands.raise_wish import no
from bot.chat.render import control, market, replies
from bot.chat.render.figures import price, side
from bot.domain.ids import Symbol
from bot.domain.intent import OrderKind
from bot.domain.numbers import ZERO
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.market import Candle, MarketSilent

ID_LENGTH = 6
SNOOZE = timedelta(hours=1)
CANDLES, INTERVAL = 120, "15m"
INTERVALS = ("1m", "3m", "5m", "15m", "30m", "1h", "4h", "6h", "12h", "1d")
VENUE_WORDS = {"1h": "1H", "4h": "4H", "6h": "6H", "12h": "12H", "1d": "1D"}


async def dash(counter: Counter, call: Call) -> Reply:
    """Serve /dash: place and pin a new dashboard here; the one before is left alone."""
    boards, chat = counter.dashboards, call.chat
    if boards is None:
        return no(counter, call, refuse("no_dashboard", "There is no dashboard here.", "See /positions."))

    async def place() -> Reply:
        await boards.place(chat)
        return Reply()

    return Reply(then=place, toast="Here it comes.")


async def dash_pressed(counter: Counter, call: Call) -> Reply:
    """Refresh the dashboard that was pressed: it is live for the next two minutes."""
    if counter.dashboards is not None:
        counter.dashboards.look(call.chat)
    return Reply(toast="Live for two minutes.")


async def alert(counter: Counter, call: Call) -> Reply:
    """Serve /alert: set one, or list mine where nothing is said."""
    if not call.words:
        return await mine(counter, call)
    wish = alerts_set.read_wish(call.words)
    symbol: Symbol | None = None
    if isinstance(wish, AlertWish) and wish.symbol is not None:
        found = counter.desk.instrument(wish.symbol)
        if isinstance(found, Refusal):
            return no(counter, call, found)
        symbol = found.symbol
    if isinstance(wish, Refusal):
        return no(counter, call, wish)
    # The id follows from the message, so that a message met twice sets one alert.
    one = SetAlert(
        id=f"{call.update % 36**ID_LENGTH:x}", person=call.principal.person, what=wish.what, symbol=symbol,
        above=wish.above, level=wish.level, again=wish.again,
    )

    def add(tx: Tx) -> Refusal | None:
        if any(known.id == one.id for known in alerts_set.alerts_of(tx, one.person)):
            return None
        return alerts_set.add(tx, one, counter.now())

    refused = await counter.desk.seat.ledger.transact(add)
    if refused is not None:
        return no(counter, call, refused)
    words = f"{symbol or 'All positions'} {one.words}"
    return Reply(cards=(control.acknowledged(f"Alert set: {words}", counter.chip),))


async def mine(counter: Counter, call: Call) -> Reply:
    """Serve /alerts."""
    found = await counter.desk.seat.ledger.read(lambda tx: alerts_set.alerts_of(tx, call.principal.person))
    rows = [(one.id, f"{one.symbol or 'all'} {one.words}", one.again) for one in found]
    return Reply(cards=(market.set_alerts(rows, counter.chip),))


async def alert_pressed(counter: Counter, call: Call) -> Reply:
    """Delete or snooze one's own alert."""
    press = call.press
    assert press is not None
    person, now = call.principal.person, counter.now()
    if press.verb == "s":
        done = await counter.desk.seat.ledger.transact(
            lambda tx: alerts_set.snooze(tx, press.id, person, SNOOZE, now)
        )
        return Reply(toast="Silent for an hour." if done else "This alert is gone already.")
    gone = await counter.desk.seat.ledger.transact(lambda tx: alerts_set.remove(tx, press.id, person, now))
    return Reply(toast="Deleted." if gone is not None else "This alert is gone already.")


async def chart(counter: Counter, call: Call) -> Reply:
    """Serve /chart: candles with entry, stop, targets, liquidation and fills; the same facts in text."""
    words: tuple[str, ...] = call.args or ()  # type: ignore[assignment]
    found = counter.desk.instrument(words[0]) if words else refuse("symbol", "Name a symbol.", "Write /chart btc 15m.")
    interval = words[1] if len(words) > 1 else INTERVAL
    if not isinstance(found, Refusal) and interval not in INTERVALS:
        found = refuse("interval", f"There is no interval {interval!r}.", f"Known: {', '.join(INTERVALS)}.")
    if isinstance(found, Refusal):
        return no(counter, call, found)
    symbol, seat = found.symbol, counter.desk.seat
    try:
        bars = await seat.market.candles(symbol, VENUE_WORDS.get(interval, interval), CANDLES)
    except MarketSilent as silent:
        return no(counter, call, refuse("market_silent", f"There are no candles: {silent}", "Try again in a moment."))
    levels = await _levels(counter, symbol)
    since = bars[0].opened_at if bars else counter.now()
    fills = await seat.ledger.read(lambda tx: tx.fills.since(since, symbol))
    marks = [(one.at, one.price, (one.effect is not None and one.effect.value == "OPEN")
              == (one.direction is not None and one.direction.value == "LONG")) for one in fills]
    facts = [f"{name} {price(at, found)}" for name, at, _ in levels]
    title, badge = f"{symbol} {interval}", counter.chip.rich.plain
    picture = await counter.draw(title, badge, [_bar(one) for one in bars], levels, marks)
    last = bars[-1].close if bars else ZERO
    if picture is None:
        return Reply(cards=(replies.said(
            counter.chip, f"{title}: last {price(last, found)}", *facts, "The picture could not be drawn.",
        ),))
    return Reply(cards=(market.chart_caption(
        str(symbol), interval, last, counter.chip, found, facts, picture, counter.now()
    ),))


def _bar(one: Candle) -> tuple[object, Decimal, Decimal, Decimal, Decimal]:
    return one.opened_at, one.open, one.high, one.low, one.close


async def _levels(counter: Counter, symbol: Symbol) -> list[tuple[str, Decimal, str]]:
    levels: list[tuple[str, Decimal, str]] = []
    for one in await counter.desk.holdings():
        held, guard = one.position, one.protection
        if held.symbol != symbol:
            continue
        levels.append((f"Entry {side(held.direction)}", held.entry, "entry"))
        if guard is not None and guard.stop is not None:
            levels.append(("Stop", guard.stop, "stop"))
        if held.liquidation is not None:
            levels.append(("Liquidation", held.liquidation, "liquidation"))
        goals = (one.intent for one in await counter.desk.orders() if one.intent.kind is OrderKind.TARGET)
        levels += [
            ("Target", goal.trigger.price, "target") for goal in goals
            if goal.symbol == symbol and goal.trigger is not None
        ]
    return levels


HANDLERS: dict[str, Handler] = {"dash": dash, "alert": alert, "alerts": mine, "chart": chart}
