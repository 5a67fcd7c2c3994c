"""Hold one intent against every limit: a function a rule, each giving the reasons it finds."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.intent import OrderIntent, OrderKind
from bot.domain.limits import Limits
from bot.domain.numbers import HUNDRED, ONE, ZERO, plain
from bot.domain.refusal import Reason
from bot.domain.risk_exposure import Exposure


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What every rule reads: the intent with its worth in quote units, its loss at the stop, and the moment."""

    intent: OrderIntent
    instrument: Instrument
    exposure: Exposure
    limits: Limits
    now: datetime
    price: Decimal
    notional: Decimal
    risk: Decimal
    risk_percent: Decimal


Rule = Callable[[Case], Iterator[Reason]]


def _symbols(case: Case) -> Iterator[Reason]:
    symbol, limits = case.intent.symbol, case.limits
    if symbol in limits.deny or (limits.allow is not None and symbol not in limits.allow):
        listed = ", ".join(sorted(limits.allow)) if limits.allow is not None else "not denied"
        denied = symbol in limits.deny
        yield Reason(
            code="symbol_denied" if denied else "symbol_not_allowed", value=symbol, limit=listed,
            remedy="Trade another symbol, or ask an owner to change /limits.",
            sentence=f"{symbol} is on the deny list." if denied else f"{symbol} is not on the allow list ({listed}).",
        )


def _unsettled(case: Case) -> Iterator[Reason]:
    symbol = case.intent.symbol
    if case.exposure.in_doubt:
        yield Reason(
            code="in_doubt", value=str(case.exposure.in_doubt), limit="0", remedy="Wait until it is found out.",
            sentence=f"An order in {symbol} is in doubt: nothing opens there before it is resolved.",
        )
    if case.exposure.closing:
        yield Reason(
            code="closing", value=str(case.exposure.closing), limit="0", remedy="Wait until the close is final.",
            sentence=f"A close in {symbol} is under way: nothing opens there before it is final.",
        )


def _notionals(case: Case) -> Iterator[Reason]:
    was, limits, symbol = case.exposure, case.limits, case.intent.symbol
    side = case.intent.direction.value.lower()
    quote = case.instrument.quote
    for code, before, limit, what in (
        ("order_notional", ZERO, limits.order_notional, "the order"),
        ("symbol_notional", was.symbol_notional, limits.symbol_notional, f"{symbol} exposure"),
        ("side_notional", was.side_notional, limits.side_notional, f"{side} exposure"),
        ("account_notional", was.account_notional, limits.account_notional, "the account's exposure"),
        ("person_notional", was.person_notional, limits.person_notional, "your own exposure"),
    ):
        total = before + case.notional
        if limit is not None and total > limit:
            room = max(ZERO, limit - before)
            yield Reason(
                code=code, value=plain(total), limit=plain(limit),
                remedy=f"Take at most {_money(room)} {quote}." if room > ZERO else "Close something first.",
                sentence=f"It would make {what} {_money(total)} {quote}; the limit is {_money(limit)}.",
            )


def _leverages(case: Case) -> Iterator[Reason]:
    limits, was = case.limits, case.exposure
    used = case.intent.leverage if case.intent.leverage is not None else was.leverage
    if limits.leverage is not None and used is not None and used > limits.leverage:
        yield Reason(
            code="leverage", value=plain(used), limit=plain(limits.leverage),
            remedy=f"Say {plain(limits.leverage)}x or lower.",
            sentence=f"It would use {plain(used)}x; the limit is {plain(limits.leverage)}x.",
        )
    if limits.account_leverage is None:
        return
    total = was.account_notional + case.notional
    if total > limits.account_leverage * max(was.equity, ZERO):
        have = f"{plain(_cut(total / was.equity))}x" if was.equity > ZERO else "no equity behind it"
        yield Reason(
            code="account_leverage", value=have, limit=f"{plain(limits.account_leverage)}x",
            remedy="Take a smaller size, or close something first.",
            sentence=f"The whole account would stand at {have}; the limit is {plain(limits.account_leverage)}x.",
        )


def _risks(case: Case) -> Iterator[Reason]:
    limits, was = case.limits, case.exposure
    if limits.stop_required and case.intent.stop is None:
        yield Reason(
            code="stop_required", value="no stop", limit="a stop", remedy="Add a stop, for example: sl 2%.",
            sentence="Every opening order carries its stop.",
        )
    if limits.order_risk is not None and case.risk_percent > limits.order_risk:
        yield Reason(
            code="order_risk", value=plain(_cut(case.risk_percent)), limit=plain(limits.order_risk),
            remedy="Take a smaller size or a closer stop.",
            sentence=f"It would risk {plain(_cut(case.risk_percent))}% of equity; the limit is"
            f" {plain(limits.order_risk)}%.",
        )
    if limits.open_risk is None:
        return
    total = was.open_risk + case.risk
    percent = total / was.equity * HUNDRED if was.equity > ZERO else HUNDRED
    if percent > limits.open_risk:
        yield Reason(
            code="open_risk", value=plain(_cut(percent)), limit=plain(limits.open_risk),
            remedy="Take a smaller size, or tighten the stops of what is open.",
            sentence=f"All stops together would lose {plain(_cut(percent))}% of equity; the limit is"
            f" {plain(limits.open_risk)}%.",
        )


def _counts(case: Case) -> Iterator[Reason]:
    was, limits = case.exposure, case.limits
    more = 1 if was.position_size == ZERO else 0
    for code, count, limit, what, remedy in (
        ("positions", was.positions + more, limits.positions if more else None, "positions", "Close one first."),
        ("orders", was.orders + 1, limits.orders, "open orders", "Cancel one first."),
        ("symbol_orders", was.symbol_orders + 1, limits.symbol_orders, f"open orders in {case.intent.symbol}",
         "Cancel one first."),
        ("orders_per_minute", was.orders_last_minute + 1, limits.orders_per_minute, "orders within a minute",
         "Wait a minute."),
        ("person_orders_per_minute", was.person_orders_last_minute + 1, limits.person_orders_per_minute,
         "orders of yours within a minute", "Wait a minute."),
    ):
        if limit is not None and count > limit:
            yield Reason(
                code=code, value=str(count), limit=str(limit), remedy=remedy,
                sentence=f"It would be {count} {what}; the limit is {limit}.",
            )


def _mark(case: Case) -> Iterator[Reason]:
    oldest = case.limits.mark_age_s
    age = (case.now - case.exposure.mark_at) // timedelta(seconds=1)
    if oldest is not None and case.now - case.exposure.mark_at > timedelta(seconds=oldest):
        yield Reason(
            code="mark_age", value=f"{age} s", limit=f"{oldest} s", remedy="Try again when prices flow.",
            sentence=f"The last price of {case.intent.symbol} is {age} s old; the limit is {oldest} s.",
        )


def _collar(case: Case) -> Iterator[Reason]:
    percent, mark, price = case.limits.price_collar, case.exposure.mark, case.intent.limit_price
    if percent is None or price is None or case.intent.kind is not OrderKind.LIMIT:
        return
    edge = mark * (ONE + percent / HUNDRED) if case.intent.buying else mark * (ONE - percent / HUNDRED)
    if price > edge if case.intent.buying else price < edge:
        off = abs(price - mark) / mark * HUNDRED
        word = "above" if case.intent.buying else "below"
        yield Reason(
            code="price_collar", value=f"{plain(_cut(off))}%", limit=f"{plain(percent)}%",
            remedy=f"Take a price up to {plain(percent)}% {word} {plain(mark)}.",
            sentence=f"The price {plain(price)} is {plain(_cut(off))}% {word} the mark {plain(mark)}; the limit is"
            f" {plain(percent)}%.",
        )


def _losses(case: Case) -> Iterator[Reason]:
    was, limits = case.exposure, case.limits
    hours = limits.rolling_hours
    window = f"the last {hours} h" if hours is not None else "the rolling window"
    for code, loss, start, limit, when in (
        ("daily_loss", was.day_loss, was.day_start_equity, limits.daily_loss, "today"),
        ("rolling_loss", was.rolling_loss, was.rolling_start_equity, limits.rolling_loss, f"in {window}"),
    ):
        if limit is None or loss <= ZERO:
            continue
        percent = loss / start * HUNDRED if start > ZERO else HUNDRED
        if percent >= limit:
            yield Reason(
                code=code, value=plain(_cut(percent)), limit=plain(limit),
                remedy="Nothing opens until it recovers or the window has passed; closing works.",
                sentence=f"The account lost {plain(_cut(percent))}% {when}; the limit is {plain(limit)}%.",
            )
    rest = limits.cool_down_s
    if rest is not None and was.last_loss_at is not None and case.now - was.last_loss_at < timedelta(seconds=rest):
        left = rest - (case.now - was.last_loss_at) // timedelta(seconds=1)
        yield Reason(
            code="cool_down", value=f"{rest - left} s", limit=f"{rest} s", remedy=f"Try again in {left} s.",
            sentence=f"The last trade lost; the desk rests {rest} s before it opens again.",
        )


def _funding(case: Case) -> Iterator[Reason]:
    window, due = case.limits.funding_window_s, case.exposure.next_funding_at
    if window is None or due is None or not timedelta(0) <= due - case.now < timedelta(seconds=window):
        return
    left = (due - case.now) // timedelta(seconds=1)
    yield Reason(
        code="funding_window", value=f"{left} s", limit=f"{window} s", remedy=f"Try again in {left + 1} s.",
        sentence=f"Funding of {case.intent.symbol} is paid in {left} s; nothing opens in the {window} s before.",
    )


def _closable(case: Case) -> Iterator[Reason]:
    size, free = case.intent.size, case.exposure.closable
    if case.intent.kind.is_guard:
        return
    if free <= ZERO or (size is not None and size > free):
        wished = "all" if size is None else plain(size)
        side = case.intent.direction.value.lower()
        yield Reason(
            code="nothing_to_close" if free <= ZERO else "close_too_large", value=wished, limit=plain(max(free, ZERO)),
            remedy=f"Close at most {plain(free)}." if free > ZERO else "Look at /positions.",
            sentence=f"There is {plain(max(free, ZERO))} {case.instrument.base} {side} to close; this is {wished}.",
        )


OPENING: tuple[Rule, ...] = (
    _symbols, _unsettled, _mark, _collar, _notionals, _leverages, _risks, _counts, _losses, _funding,
)
CLOSING: tuple[Rule, ...] = (_closable, _collar)


def _cut(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))


def _money(value: Decimal) -> str:
    return f"{_cut(value):,f}".removesuffix(".00")
