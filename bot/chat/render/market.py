"""Draw the market: price, funding, depth, watchlist, and the alerts people set. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.chat.card import Card, press
from bot.chat.render.figures import Books, base_of, coins, compact, fixed, percent, price, rate, say, size
from bot.chat.render.text import Chip, Row, card, clean, countdown, grid, lines, rich, table
from bot.desk.views import HoldingView
from bot.domain.instrument import Instrument
from bot.domain.numbers import HUNDRED, ZERO
from bot.ports.market import Depth, Funding, Ticker
from bot.ports.messenger import Button

# Letters of a size in the book: two of them and two prices are one line of a phone.
WIDE = 5


def quote(ticker: Ticker, book: Instrument, chip: Chip, now: datetime) -> Card:
    """Draw one symbol's prices with their age, spread, day, funding and open interest."""
    age = (now - ticker.received_at).total_seconds()
    spread = None
    if ticker.bid and ticker.ask:
        spread = (ticker.ask - ticker.bid) / ticker.ask * Decimal(10_000)
    day = ticker.change_24h * HUNDRED if ticker.change_24h is not None else None
    rows: list[Row | None] = [
        ("Last", price(ticker.last, book)),
        ("Mark", price(ticker.mark, book)),
        ("Bid", price(ticker.bid, book)),
        ("Ask", price(ticker.ask, book)),
        ("Spread", fixed(spread, 1), "bp") if spread is not None else None,
        ("High 24h", price(ticker.high_24h, book)),
        ("Low 24h", price(ticker.low_24h, book)),
        ("Turnover", compact(ticker.turnover_24h), book.quote),
        ("Open interest", compact(ticker.open_interest), book.base),
        ("Funding", rate(ticker.funding_rate)),
    ]
    paid = rich("Funding is paid ", countdown(ticker.next_funding_at, now), ".") if ticker.next_funding_at else None
    return card(
        chip,
        f"{book.base} {price(ticker.last, book)}" + (f" ({say(percent(day, sign=True))})" if day is not None else ""),
        table(rows),
        paid,
        f"🟡 The price is {age:.0f} s old." if age > 10 else f"Age {age:.1f} s.",
        rows=(
            (
                Button(label="Long", data=press("c", "long", str(book.symbol))),
                Button(label="Short", data=press("c", "short", str(book.symbol))),
                Button(label="Chart", data=press("c", "chart", str(book.symbol))),
            ),
            (Button(label="Refresh", data=press("c", "price", str(book.symbol))),),
        ),
    )


def funding(rates: Sequence[Funding], held: Sequence[HoldingView], chip: Chip, books: Books, now: datetime) -> Card:
    """Draw funding rates and what the next payment costs on what is held."""
    if not rates:
        return card(chip, "No funding rate was found")
    costs = {one.position.symbol: one for one in held}
    rows, total = [], ZERO
    for one in rates[:12]:
        mine = costs.get(one.symbol)
        cost = "-"
        if mine is not None and mine.mark is not None:
            value = (
                -mine.instrument.margin_value(mine.position.size, mine.mark) * one.rate * mine.position.direction.sign
            )
            total += value
            cost = coins(value, mine.position.margin_coin, sign=True)
        rows.append((base_of(one.symbol, books)[:6], rate(one.rate), f"{one.hours}h" if one.hours else "-", cost))
    first = rates[0]
    head = (
        f"Next funding {say(fixed(total, 2, sign=True))}"
        if costs
        else f"{base_of(first.symbol, books)} {say(rate(first.rate))}"
    )
    due = rich("Paid ", countdown(first.next_at, now), ".") if first.next_at is not None else None
    return card(
        chip,
        head,
        grid(("SYM", "RATE", "PER", "COST"), rows),
        due,
        "Cost is for your open positions; + is what you receive.",
    )


def depth(book: Depth, instrument: Instrument, chip: Chip, *, wanted: Decimal | None = None) -> Card:
    """Draw the best levels of the book and what a market order of a size would pay."""
    levels = min(5, len(book.bids), len(book.asks))
    rows = [
        (
            _there(book.bids[place][1], instrument),
            price(book.bids[place][0], instrument),
            price(book.asks[place][0], instrument),
            _there(book.asks[place][1], instrument),
        )
        for place in range(levels)
    ]
    words = []
    if wanted is not None:
        for name, side in (("Buying", book.asks), ("Selling", book.bids)):
            words.append(f"{name} {size(wanted, instrument)} at market: {impact(side, wanted, instrument)}.")
    return card(
        chip, f"{instrument.base} book", grid(("BID", "", "ASK", ""), rows, gap=1, left=0) if rows else None, *words
    )


def _there(amount: Decimal, instrument: Instrument) -> str:
    """Write a size of the book in at most five letters, so that four columns fit a phone."""
    if amount >= 1000:
        return compact(amount)
    said = size(amount, instrument)
    return said if len(said) <= WIDE else said[:WIDE].rstrip(".")


def impact(levels: Sequence[tuple[Decimal, Decimal]], wanted: Decimal, instrument: Instrument) -> str:
    """Say the average price of taking a size, and how far that is from the best level."""
    left, paid = wanted, ZERO
    for at, there in levels:
        taken = min(left, there)
        paid += taken * at
        left -= taken
        if left <= ZERO:
            break
    if left > ZERO:
        return f"only {size(wanted - left, instrument)} is there"
    average = paid / wanted
    away = abs(average - levels[0][0]) / levels[0][0] * Decimal(10_000)
    return f"about {price(average, instrument)}, {fixed(away, 1)} bp"


def watchlist(tickers: Sequence[Ticker], chip: Chip, books: Books) -> Card:
    """Draw the symbols somebody watches."""
    rows = [
        (
            base_of(one.symbol, books)[:8],
            price(one.last, books.get(one.symbol)),
            percent(one.change_24h * HUNDRED, sign=True) if one.change_24h is not None else "-",
        )
        for one in tickers[:20]
    ]
    if not rows:
        return card(chip, "The watchlist is empty", "Add with /watch BTC ETH.")
    return card(
        chip,
        f"{len(rows)} watched",
        grid(("SYM", "LAST", "24h"), rows),
        rows=((Button(label="Refresh", data=press("c", "watch", "")),),),
    )


def set_alerts(alerts: Sequence[tuple[str, str, bool]], chip: Chip) -> Card:
    """List the alerts a person set, (id, words, re-arming), with a button to delete each."""
    if not alerts:
        return card(
            chip, "No alerts set", "Set one with /alert btc > 65000, /alert pnl < -100 or /alert btc funding > 0.05%."
        )
    said = [
        rich(f"{number}. {clean(words, 60)}", " · re-arms" if again else "")
        for number, (_, words, again) in enumerate(alerts, start=1)
    ]
    cuts = [
        Button(label=f"✕ {number}", data=press("l", name, "x")) for number, (name, _, _) in enumerate(alerts[:12], 1)
    ]
    return card(
        chip,
        f"{len(alerts)} alert{'' if len(alerts) == 1 else 's'}",
        lines(*said),
        rows=tuple(tuple(cuts[place : place + 3]) for place in range(0, len(cuts), 3)),
    )


def chart_caption(
    symbol: str,
    interval: str,
    last: Decimal,
    chip: Chip,
    book: Instrument | None,
    facts: Sequence[str],
    photo: bytes,
    at: datetime,
) -> Card:
    """Caption a chart with the same facts in text (chat_ux section 8)."""
    base = book.base if book is not None else clean(symbol, 12)
    return card(
        chip,
        f"{base} {price(last, book)} · {clean(interval, 6)}",
        *(clean(one, 120) for one in facts[:8]),
        f"{at:%H:%M} UTC",
        photo=photo,
    )
