"""Serve what the market says: prices, funding, depth, watchlist."""
from __future__ import annotations

from bot.chat.call import Call, Counter, Handler, Reply
from bot.chat.commands.raise_wish import no
from bot.chat.render import market, replies
from bot.chat.words import number, unread
from bot.desk.enter import write
from bot.domain.events_control import SettingChanged
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.market import MarketSilent

LEVELS, WATCHED_MAX = 15, 20


async def price(counter: Counter, call: Call) -> Reply:
    """Serve /price."""
    found = counter.desk.instrument(str(call.args))
    if isinstance(found, Refusal):
        return no(counter, call, found)
    try:
        ticker = await counter.desk.seat.market.ticker(found.symbol)
    except MarketSilent as silent:
        return _silent(counter, call, silent)
    return Reply(cards=(market.quote(ticker, found, counter.chip, counter.now()),))


async def funding(counter: Counter, call: Call) -> Reply:
    """Serve /funding: of one symbol, or of what is held."""
    held = await counter.desk.holdings()
    symbols = {one.position.symbol for one in held}
    if call.args:
        found = counter.desk.instrument(str(call.args))
        if isinstance(found, Refusal):
            return no(counter, call, found)
        symbols = {found.symbol}
    try:
        rates = [await counter.desk.seat.market.funding(one) for one in sorted(symbols)]
    except MarketSilent as silent:
        return _silent(counter, call, silent)
    if not rates:
        return Reply(cards=(replies.said(
            counter.chip, "No funding is due", "Nothing is held. Name a symbol: /funding btc.",
        ),))
    return Reply(cards=(market.funding(rates, held, counter.chip, counter.books(), counter.now()),))


async def book(counter: Counter, call: Call) -> Reply:
    """Serve /book: the best levels, and what a size would pay."""
    words: tuple[str, ...] = call.args  # type: ignore[assignment]
    found = counter.desk.instrument(words[0]) if words else refuse("symbol", "Name a symbol.", "Write /book btc 1.")
    if isinstance(found, Refusal):
        return no(counter, call, found)
    wanted = number(words[1]) if len(words) > 1 else None
    if len(words) > 1 and wanted is None:
        return no(counter, call, unread(words[1], f"Write a size in {found.base}: /book {found.base.lower()} 1."))
    try:
        depth = await counter.desk.seat.market.depth(found.symbol, LEVELS)
    except MarketSilent as silent:
        return _silent(counter, call, silent)
    return Reply(cards=(market.depth(depth, found, counter.chip, wanted=wanted),))


async def watch(counter: Counter, call: Call) -> Reply:
    """Serve /watch: show my list, or set it."""
    words: tuple[str, ...] = call.args or ()  # type: ignore[assignment]
    person, seat = call.principal.person, counter.desk.seat
    wanted: list[Symbol] = []
    for word in words[:WATCHED_MAX]:
        found = counter.desk.instrument(word)
        if isinstance(found, Refusal):
            return no(counter, call, found)
        wanted.append(found.symbol)

    def keep(tx: Tx) -> None:
        stored = tx.desk.preset(person) or {}
        tx.desk.set_preset(person, stored | {"watch": [str(one) for one in wanted]}, counter.now())
        fact = SettingChanged(name="watch", was=None, now=" ".join(wanted), by=person)
        write(tx, fact, counter.now(), call.actor)

    if not wanted:
        stored = await seat.ledger.read(lambda tx: tx.desk.preset(person) or {})
        wanted = [Symbol(one) for one in stored.get("watch") or ("BTCUSDT", "ETHUSDT", "SOLUSDT")]
    known: list[Instrument] = [counter.books()[one] for one in wanted if one in counter.books()]
    try:
        tickers = [await seat.market.ticker(one.symbol) for one in known]
    except MarketSilent as silent:
        return _silent(counter, call, silent)
    card = market.watchlist(tickers, counter.chip, counter.books())
    return Reply(cards=(card,), work=keep if words else None)


def _silent(counter: Counter, call: Call, silent: MarketSilent) -> Reply:
    return no(counter, call, refuse("market_silent", f"The market does not answer: {silent}", "Try again in a moment."))


HANDLERS: dict[str, Handler] = {"price": price, "funding": funding, "book": book, "watch": watch}
