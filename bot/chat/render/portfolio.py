"""Draw what is held: positions, one position, wallets, risk. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.chat.card import DANGER, PRIMARY, SUCCESS, Card, press
from bot.chat.held import held_press, seen
from bot.chat.render.figures import (
    Books,
    base_of,
    change,
    coins,
    counted,
    letter,
    money,
    percent,
    price,
    rate,
    say,
    side,
    size,
    times,
)
from bot.chat.render.opening import MODES
from bot.chat.render.text import Chip, Part, Rich, Row, card, clean, grid, lines, preformatted, rich, span, table
from bot.desk.views import AccountView, HoldingView, StatusView
from bot.domain.instrument import ProductLine
from bot.domain.limits import Limits
from bot.domain.numbers import ZERO, plain
from bot.domain.position import Position
from bot.domain.protection import ProtectionState
from bot.domain.trading import TradingState
from bot.ports.messenger import Button

OLD_S = 10
PER_PAGE = 6


def fresh(held: HoldingView) -> bool:
    """Tell whether a position's numbers may be shown as alive: its price is at most 10 s old (chat_ux section 7)."""
    return held.mark is not None and held.age_s is not None and held.age_s <= OLD_S


def _total(held: Sequence[HoldingView]) -> str:
    known = [one.unrealised for one in held if one.unrealised is not None]
    return coins(sum(known, ZERO), held[0].position.margin_coin if held else "", sign=True)


def positions(held: Sequence[HoldingView], chip: Chip, *, page: int = 0) -> Card:
    """Draw the open positions, two or three short lines each; more than six make pages."""
    if not held:
        return card(
            chip,
            "No open positions",
            "Start one with /long or /short.",
            rows=(
                (
                    Button(label="Long", data=press("c", "long", "")),
                    Button(label="Short", data=press("c", "short", "")),
                ),
            ),
        )
    pages = -(-len(held) // PER_PAGE)
    page = min(max(0, page), pages - 1)
    shown = held[page * PER_PAGE : (page + 1) * PER_PAGE]
    drawn: list[str] = []
    said: list[str] = []
    for one in shown:
        drawn.extend([*_three_lines(one), ""])
        said.append(sentence(one))
    naked = [one for one in held if not one.guarded]
    flags = [
        f"{one.instrument.base} {coins(one.unrealised, one.position.margin_coin, sign=True)} · {_waiver(one)} 🟡"
        for one in naked
    ]
    picks = [
        Button(label=one.instrument.base[:9], data=held_press(one.position.symbol, one.position.direction, "v"))
        for one in shown
    ]
    rows = [tuple(picks[place : place + 3]) for place in range(0, len(picks), 3)]
    if pages > 1:
        rows.append(
            (
                Button(label="‹", data=press("c", "positions", str(max(0, page - 1)))),
                Button(label=f"{page + 1}/{pages}", data=press("c", "positions", str(page))),
                Button(label="›", data=press("c", "positions", str(min(pages - 1, page + 1)))),
            )
        )
    if len(held) > 1:
        rows.append((Button(label="Close all", data=press("c", "close", "all"), style=DANGER),))
    return card(
        chip,
        f"{counted(len(held), 'position')} · uPnL {say(_total(held))} {held[0].position.margin_coin}",
        preformatted(drawn[:-1], "\n".join(said)),
        *(say(one) for one in flags),
        rows=tuple(rows),
    )


def _waiver(one: HoldingView) -> str:
    waived = one.protection is not None and one.protection.state is ProtectionState.WAIVED
    return "no stop, waived" if waived else "NO STOP"


def _three_lines(one: HoldingView) -> list[str]:
    held, book = one.position, one.instrument
    head = f"{held.symbol[:16]:<16}{f'{held.direction.value} {times(held.leverage)}':>14}"
    mark = price(one.mark, book) if fresh(one) else "-"
    profit = coins(one.unrealised, held.margin_coin, sign=True) if fresh(one) else "-"
    stop = one.protection.stop if one.protection is not None and one.guarded else None
    goals = f"{price(one.goals[0], book)}{'+' if len(one.goals) > 1 else ''}" if one.goals else "-"
    return [
        head,
        *_pair(f" {size(held.size, book)} @ {price(held.entry, book)}", f"mk {mark}"),
        *_pair(f" uPNL {profit:>9}", f"liq {price(held.liquidation, book)}"),
        *_pair(f" SL {price(stop, book)}", f"TP {goals}"),
    ]


def _pair(left: str, right: str) -> list[str]:
    """Put two facts on one line of 30 columns, or on two lines where they do not fit."""
    if len(left) + 1 + len(right) > 32:
        return [left, f" {right}"]
    return [f"{left:<19}{right}" if len(left) < 19 and 19 + len(right) <= 32 else f"{left} {right}"]


def sentence(one: HoldingView) -> str:
    """Say a position in a sentence, for screen readers and /settings plain."""
    held, book = one.position, one.instrument
    stop = one.protection.stop if one.protection is not None and one.guarded else None
    guarded = f"stop {price(stop, book)}" if stop is not None else _waiver(one)
    return (
        f"{held.symbol} {side(held.direction)} {size(held.size, book)} at {price(held.entry, book)}, "
        f"profit {coins(one.unrealised, held.margin_coin, sign=True)} {held.margin_coin}, {guarded}."
    )


def compact(held: Sequence[HoldingView], chip: Chip) -> Card:
    """Draw the table view of the positions: profit, share of equity, stop, way to liquidation."""
    if not held:
        return positions(held, chip)
    rows = [
        (
            one.instrument.base[:6],
            f"{letter(one.position.direction)}{plain(one.position.leverage)}",
            coins(one.unrealised, one.position.margin_coin, sign=True) if fresh(one) else "-",
            percent(one.percent_of_equity, sign=True).rstrip("%") if fresh(one) else "-",
            "ok" if one.guarded else "NO",
            percent(one.distance, places=0) if one.distance is not None else "-",
        )
        for one in held[:20]
    ]
    worst = [one.loss_if_stopped for one in held if one.loss_if_stopped is not None]
    missing = len(held) - len(worst)
    known = (
        f"If all stops hit: {say(coins(sum(worst, ZERO), held[0].position.margin_coin, sign=True))} "
        f"{held[0].position.margin_coin}."
    )
    return card(
        chip,
        f"uPnL {say(_total(held))} {held[0].position.margin_coin}",
        grid(("SYM", "X", "uPnL", "%eq", "SL", "Liq"), rows, gap=1, left=2),
        known,
        f"🟡 {missing} without a stop at the exchange." if missing else None,
    )


def position(one: HoldingView, chip: Chip, now: datetime, *, opened_by: str = "", number: int = 1, of: int = 1) -> Card:
    """Draw one position with everything that can be done to it; its stop counts only when seen at the exchange."""
    held, book = one.position, one.instrument
    stop = one.protection.stop if one.protection is not None and one.guarded else None
    alive = fresh(one)
    profit = coins(one.unrealised, held.margin_coin, sign=True) if alive else "–"
    share = f" ({say(percent(one.return_on_margin, sign=True))})" if alive and one.return_on_margin is not None else ""
    return (
        card(
            chip,
            f"{held.symbol} {side(held.direction)} {say(profit)}{share}",
            table(_position_rows(one, now, alive)),
            _stop_words(one),
            _if_stopped(one),
            rich("Opened by ", clean(opened_by, 60)) if opened_by else None,
            None if alive else "🟡 The price is old or silent: its numbers are left out.",
            context=f"{number} of {of}" if of > 1 else None,
            rows=_position_buttons(held, naked=stop is None),
            key=f"position:{held.symbol}:{held.direction.value}",
        )
        if book is not None
        else card(chip, str(held.symbol))
    )


def _if_stopped(one: HoldingView) -> Part | None:
    if one.loss_if_stopped is None:
        return None
    share = f", {say(percent(one.loss_percent, sign=True))} of equity" if one.loss_percent is not None else ""
    coin = one.position.margin_coin
    return f"If stopped {say(coins(one.loss_if_stopped, coin, sign=True))} {coin}{share}."


def _position_rows(one: HoldingView, now: datetime, alive: bool) -> list[Row | None]:
    held, book, coin = one.position, one.instrument, one.position.margin_coin
    stop = one.protection.stop if one.protection is not None and one.guarded else None
    margin = book.margin_value(held.size, held.entry) / held.leverage if held.leverage else None
    mode = "iso" if MODES[held.margin_mode] == "isolated" else "cross"
    next_in = span((one.next_funding_at - now).total_seconds()) if one.next_funding_at is not None else ""
    away = percent(one.distance * -held.direction.sign, places=1, sign=True) if one.distance is not None else ""
    at = one.mark if alive else None
    return [
        ("Size", size(held.size, book), book.base),
        ("Entry", price(held.entry, book)),
        ("Mark", price(at, book), f"{one.age_s:.1f} s" if alive and one.age_s is not None else "old"),
        ("Margin", coins(margin, coin), f"{mode} {times(held.leverage)}"),
        ("uPnL", coins(one.unrealised, coin, sign=True) if alive else "-", coin),
        ("  of equity", percent(one.percent_of_equity, sign=True) if alive else "-"),
        ("If closed now", coins(one.net_if_closed, coin, sign=True) if alive else "-", coin),
        ("Liq.", price(held.liquidation, book), away if alive else ""),
        (
            "Stop",
            price(stop, book) if stop is not None else "NOT PLACED",
            percent(change(stop, at), places=1, sign=True) if stop is not None and at is not None else "",
        ),
        *(("Target" if len(one.goals) == 1 else f"Target {number}", price(goal, book),
           percent(change(goal, at), places=1, sign=True) if at is not None else "")
          for number, goal in enumerate(one.goals[:4], start=1)),
        ("Funding", rate(one.funding_rate), next_in) if one.funding_rate is not None else None,
    ]


def _stop_words(one: HoldingView) -> Part | None:
    guard = one.protection
    if guard is not None and guard.state is ProtectionState.WAIVED and guard.waiver is not None:
        return f"🟡 Without a stop, on purpose: {clean(guard.waiver.reason, 120)}."
    if not one.guarded:
        return "🔴 No stop was seen at the exchange."
    goals = len(guard.targets) if guard is not None else 0
    too = f" {goals} targets wait there too." if goals > 1 else " A target waits there too." if goals else ""
    return f"The stop was seen at the exchange.{too}"


def _position_buttons(held: Position, *, naked: bool) -> tuple[tuple[Button, ...], ...]:
    digest = seen(held.entry, held.size)

    def button(label: str, verb: str, style: str | None = None) -> Button:
        return Button(label=label, data=held_press(held.symbol, held.direction, verb, digest), style=style)

    first = ((button("Place stop now", "sl", SUCCESS),),) if naked else ()
    return (
        *first,
        (button("Close 25%", "25"), button("50%", "50"), button("100%", "100", DANGER)),
        (button("Stop", "sl"), button("Target", "tp"), button("Trail", "tr")),
        (button("Stop to entry", "be"), button("Chart", "ch"), button("Refresh", "v")),
        (Button(label="‹ Back", data=press("c", "positions", "")),),
    )[:5]


def balance(view: AccountView, chip: Chip) -> Card:
    """Draw the wallets: equity, free, in use, open profit, margin ratio."""
    if not view.accounts:
        return card(chip, "No wallet was read yet", "The exchange is asked every few seconds; try again.")
    first = view.accounts[0]
    blocks: list[Part | None] = []
    for one in view.accounts:
        coin = clean(one.margin_coin, 8)
        ratio = percent(one.margin_ratio * 100, places=1) if one.margin_ratio is not None else None
        blocks.append(
            table(
                (
                    ("Equity", coins(one.equity, coin), coin),
                    ("Free", coins(one.available, coin)),
                    ("In use", coins(one.in_use, coin)),
                    ("Open profit", coins(one.unrealised, coin, sign=True)),
                    ("Margin ratio", ratio, "of 100") if ratio is not None else None,
                )
            )
        )
    return card(
        chip,
        f"{coins(first.equity, first.margin_coin)} {clean(first.margin_coin, 8)} equity",
        *blocks,
        _state(view.trading),
        context=f"{counted(view.positions, 'position')} · {counted(view.orders, 'order')}",
        protect=True,
    )


def _state(state: TradingState) -> str | None:
    return None if state is TradingState.ACTIVE else f"⛔ Trading is {state.value}; closing works."


def risk(
    held: Sequence[HoldingView], view: AccountView, status: StatusView, limits: Limits, chip: Chip, books: Books
) -> Card:
    """Draw exposure, what is lost if every stop hits, limits used, and what is unprotected."""
    equity = view.accounts[0].equity if view.accounts else ZERO
    coin = view.accounts[0].margin_coin if view.accounts else ""
    notional = sum((one.instrument.notional(one.position.size, one.mark or one.position.entry) for one in held), ZERO)
    worst = sum((one.loss_if_stopped or ZERO for one in held), ZERO)
    share = worst / equity * 100 if equity else None
    multiple = notional / equity if equity else None
    rows: list[Row | None] = [
        ("Notional", money(notional), coin),
        ("Exposure", f"{multiple:.2f}x" if multiple is not None else "-", "of equity"),
        ("All stops hit", coins(worst, coin, sign=True), percent(share, sign=True)),
        ("Open risk max", percent(limits.open_risk), "of equity") if limits.open_risk is not None else None,
        ("Leverage max", times(limits.leverage)) if limits.leverage is not None else None,
        ("Day loss max", percent(limits.daily_loss), "of equity") if limits.daily_loss is not None else None,
        ("Unprotected", str(status.unprotected)),
        ("In doubt", str(status.unresolved)),
    ]
    biggest = sorted(held, key=lambda one: -(one.instrument.notional(one.position.size, one.position.entry)))[:3]
    by_size = ", ".join(base_of(one.position.symbol, books) for one in biggest)
    head = f"{say(coins(worst, coin, sign=True))} {coin} if all stops hit"
    return card(
        chip,
        head,
        table(rows),
        f"Largest: {by_size}." if by_size else None,
        _state(view.trading),
        f"🔴 {status.unprotected} without a stop." if status.unprotected else None,
    )


def welcome(view: AccountView, chip: Chip, name: str, *, real: bool) -> Card:
    """Greet somebody who may use the desk: what there is, three things to try, whose money it is."""
    # Wallets are reported as they come in; the one most people trade from is the one to greet with.
    equity = next((one for one in view.accounts if one.line is ProductLine.USDT), next(iter(view.accounts), None))
    money_line: Part | None = None
    if equity is not None:
        money_line = f"Equity {coins(equity.equity, equity.margin_coin)} {clean(equity.margin_coin, 8)}"
    tries: Rich = lines(
        "Try one of these:", "/dash – live dashboard", "/long BTC – your first trade", "/help – everything, by topic"
    )
    closing = "This desk trades real money." if real else "Nothing here touches real money."
    return card(
        chip,
        "Desk is ready",
        "",
        tries,
        closing,
        context=money_line,
        rows=(
            (Button(label="Open dashboard", data=press("c", "dash", ""), style=PRIMARY),),
            (Button(label="Long", data=press("c", "long", "")), Button(label="Help", data=press("c", "help", ""))),
        ),
    )


def old(age_s: Decimal | None) -> bool:
    """Tell whether a price is too old to be shown as alive."""
    return age_s is None or age_s > OLD_S
