"""Word the facts about orders, fills, guards, positions and proposals. Pure."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.chat.card import DANGER, Rows, press
from bot.chat.held import held_press, seen
from bot.chat.render.figures import (
    Books,
    base_of,
    bought,
    coins,
    level,
    money,
    percent,
    price,
    rate,
    say,
    side,
    size,
    times,
)
from bot.chat.render.opening import MODES, called
from bot.chat.render.text import Part, clean, countdown, fitting, italic, rich, table
from bot.domain import events as e
from bot.domain.fill import Cause
from bot.domain.ids import Symbol
from bot.domain.intent import Direction, Effect
from bot.domain.numbers import ZERO
from bot.domain.order import Order, OrderState
from bot.ports.messenger import Button


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A fact in words: the head alone makes sense on a locked phone; `emoji` overrides that of the severity."""

    head: str
    blocks: tuple[Part | None, ...] = ()
    rows: Rows = ()
    emoji: str | None = None


Teller = Callable[[Any, Books, datetime], Told]


def held_button(
    symbol: Symbol, direction: Direction, label: str = "Position", verb: str = "v", digest: str = ""
) -> Button:
    """Give a button about a position; what acts on it needs the digest of what is told here."""
    style = DANGER if verb == "100" else None
    return Button(label=label, data=held_press(symbol, direction, verb, digest), style=style)


def sentence(words: str) -> str:
    """Begin words of the books like a sentence."""
    said = clean(words, 200)
    return said[:1].upper() + said[1:]


def _what(order: Order, books: Books) -> str:
    intent = order.intent
    verb = "buy" if intent.buying else "sell"
    kind = "" if not intent.kind.is_guard else "stop " if intent.kind.value != "TARGET" else "target "
    return f"{kind}{verb} {size(intent.size, books.get(intent.symbol))} {base_of(intent.symbol, books)}"


def _fill(fact: e.FillRecorded, books: Books, now: datetime) -> Told:
    fill, book = fact.fill, books.get(fact.fill.symbol)
    base = base_of(fill.symbol, books)
    direction, effect = fill.direction, fill.effect
    amount, at = size(fill.size, book), price(fill.price, book)
    fee = f"fee {say(coins(fill.fee, fill.fee_coin))} {clean(fill.fee_coin, 8)}"
    if fill.cause is Cause.LIQUIDATION:
        return Told(head=f"Liquidated: {amount} {base} @ {at}", blocks=(fee,), emoji="🔴")
    if fill.cause is not Cause.ORDER:
        why = fill.cause.value.lower()
        return Told(head=f"Closed by the exchange: {amount} {base}", blocks=(f"{why} @ {at}, {fee}",))
    if fact.order is not None:
        word = bought(fact.order.intent)
        whole = fact.order.intent.size
        part = whole is not None and fact.order.filled < whole
        filled, at_average = size(fact.order.filled, book), price(fact.order.average_price or fill.price, book)
        head = f"Partly filled: {filled} of {size(whole, book)} {base}" if part \
            else fitting(f"Filled: {word} {filled} {base} @ {at_average}", f"Filled: {word} {filled} {base}")
    else:
        word = "traded" if direction is None else "bought" if (direction is Direction.LONG) == (effect is Effect.OPEN) \
            else "sold"
        head = f"Filled, not ours: {word} {amount} {base}"
    held = fact.position
    left: Part | None = None
    if held is not None and held.size > ZERO:
        left = f"Position now {side(held.direction)} {size(held.size, book)} at {price(held.entry, book)}."
    elif held is not None:
        left = "The position is closed."
    gain = f", {say(coins(fill.realised, book.margin_coin if book else '', sign=True))} gross" if fill.realised else ""
    rows = ((held_button(fill.symbol, held.direction),),) if held is not None and held.size > ZERO else ()
    return Told(head=head, blocks=(f"{amount} @ {at}, {fee}{gain}.", left), rows=rows,
                emoji="✅" if head.startswith("Filled:") else "⏳" if fact.order is not None else "🟡")


def _accepted(fact: e.OrderAccepted, books: Books, now: datetime) -> Told:
    book = books.get(fact.order.intent.symbol)
    return Told(head=f"On the book: {_what(fact.order, books)}", blocks=(level(fact.order.intent, book),), emoji="⏳")


def _rejected(fact: e.OrderRejected, books: Books, now: datetime) -> Told:
    guard = fact.order.intent.kind.is_guard
    more = "The position may be without it; the desk tries again or closes by policy." if guard else None
    return Told(
        head=f"Rejected: {_what(fact.order, books)}",
        blocks=(rich("The exchange said: ", italic(clean(fact.words, 200)), f" ({clean(fact.code, 20)})."), more),
        emoji="🔴",
    )


def _not_sent(fact: e.OrderNotSent, books: Books, now: datetime) -> Told:
    return Told(head=f"Not sent: {_what(fact.order, books)}",
                blocks=(f"It never reached the exchange: {clean(fact.why, 200)}. It is safe to try again.",))


def _in_doubt(fact: e.OrderInDoubt, books: Books, now: datetime) -> Told:
    return Told(
        head=f"Sent, not confirmed: {_what(fact.order, books)}",
        blocks=(f"{clean(fact.why, 200)}. The exchange is being asked by the order's id; do not repeat it.",),
    )


def _resolved(fact: e.OrderResolved, books: Books, now: datetime) -> Told:
    order = fact.order
    if order.state is not OrderState.NOT_PLACED:
        state = order.state.value.replace("_", " ").lower()
        return Told(head=f"Known now: {_what(order, books)}",
                    blocks=(f"It is {state}, after {fact.after_s} s of doubt ({clean(fact.how, 120)}).",), emoji="🟢")
    again = order.proposal_id is not None and order.intent.effect is Effect.OPEN and not order.intent.kind.is_guard
    return Told(
        head=f"Not sent after all: {_what(order, books)}",
        blocks=(f"The exchange never had it; this is known after {fact.after_s} s. It is safe to try again.",),
        rows=((Button(label="Try again", data=press("p", order.proposal_id, "ag")),),) if again else (),
        emoji="",
    )


def _ended(fact: e.OrderEnded, books: Books, now: datetime) -> Told:
    word = fact.order.state.value.replace("_", " ").capitalize()
    who = "Somebody or the exchange ended it, not this desk." if fact.outside else None
    filled = f"{size(fact.order.filled, books.get(fact.order.intent.symbol))} was filled." \
        if fact.order.filled > ZERO else "Nothing was filled."
    return Told(head=f"{word}: {_what(fact.order, books)}",
                blocks=(who, filled, clean(fact.reason, 200) if fact.reason else None))


def _amended(fact: e.OrderAmended, books: Books, now: datetime) -> Told:
    book = books.get(fact.new.intent.symbol)
    return Told(head=f"Changed: {_what(fact.new, books)}",
                blocks=(f"{level(fact.old.intent, book)} is now {level(fact.new.intent, book)}.",))


def _triggered(fact: e.PlanTriggered, books: Books, now: datetime) -> Told:
    intent, book = fact.order.intent, books.get(fact.order.intent.symbol)
    name = {"STOP": "Stop hit", "MOVING_STOP": "Trailing stop hit", "TARGET": "Target hit"}.get(
        intent.kind.value, "Triggered")
    at = f" at {price(intent.trigger.price, book)}" if intent.trigger is not None else ""
    return Told(head=f"{name}: {base_of(intent.symbol, books)} {side(intent.direction)}{at}",
                blocks=("Its order is on the way; the fill follows.",), emoji="⏳")


def _stop_moved(fact: e.StopMoved, books: Books, now: datetime) -> Told:
    book = books.get(fact.symbol)
    return Told(head=f"{base_of(fact.symbol, books)} stop now {price(fact.now, book)}",
                blocks=(f"It was {price(fact.was, book)} ({clean(fact.why, 120)}).",))


def _stop_failed(fact: e.StopFailed, books: Books, now: datetime) -> Told:
    at = f" at {price(fact.price, books.get(fact.symbol))}" if fact.price is not None else ""
    return Told(
        head=f"{base_of(fact.symbol, books)} {side(fact.direction)}: stop not placed",
        blocks=(rich(f"The stop{at} failed: ", italic(clean(fact.why, 200)), "."), "The position may be unprotected."),
        rows=((held_button(fact.symbol, fact.direction, "Position: guard"),),),
        emoji="🔴",
    )


def _naked(fact: e.PositionNaked, books: Books, now: datetime) -> Told:
    book, digest = books.get(fact.symbol), seen(fact.entry, fact.size)
    return Told(
        head=f"{base_of(fact.symbol, books)} {side(fact.direction)} has no stop",
        blocks=(f"{size(fact.size, book)} at {price(fact.entry, book)}, unprotected for {fact.seconds} s.",
                clean(fact.next_step, 200)),
        rows=((held_button(fact.symbol, fact.direction, "Place stop now", "sl", digest),),
              (held_button(fact.symbol, fact.direction, "Close it", "100", digest),)),
        emoji="🔴",
    )


def _waived(fact: e.WaiverGranted, books: Books, now: datetime) -> Told:
    return Told(
        head=f"{base_of(fact.symbol, books)} {side(fact.direction)}: no stop, on purpose",
        blocks=(f"{clean(fact.name, 40)} allowed it: {clean(fact.waiver.reason, 200)}.",
                rich("Ends ", countdown(fact.waiver.until, now), ".")),
    )


def _waiver_over(fact: e.WaiverEnded, books: Books, now: datetime) -> Told:
    return Told(head=f"{base_of(fact.symbol, books)} {side(fact.direction)} needs a stop again",
                blocks=(clean(fact.why, 200),),
                rows=((held_button(fact.symbol, fact.direction),),))


def _orphan(fact: e.OrphanStopFound, books: Books, now: datetime) -> Told:
    at = f" at {price(fact.price, books.get(fact.symbol))}" if fact.price is not None else ""
    whose = "one of ours" if fact.ours else "not ours"
    return Told(head=f"{base_of(fact.symbol, books)}: a stop without position",
                blocks=(f"A guard{at} for {side(fact.direction)} ({whose}) waits for nothing.",
                        clean(fact.next_step, 200)))


def _guard_wrong(fact: e.GuardWrong, books: Books, now: datetime) -> Told:
    return Told(head=f"{base_of(fact.symbol, books)} {side(fact.direction)}: guard does not fit",
                blocks=(f"{sentence(fact.what)}. {sentence(fact.next_step)}.",),
                rows=((held_button(fact.symbol, fact.direction),),))


def _position(fact: e.PositionChanged, books: Books, now: datetime) -> Told:
    held, book = fact.now, books.get(fact.now.symbol)
    was = f" It was {size(fact.was.size, book)}." if fact.was is not None else ""
    why = "Somebody or the exchange changed it, not this desk." if fact.outside else fact.cause.value.lower()
    word = "closed" if held.size == ZERO else f"now {size(held.size, book)}"
    return Told(head=f"{base_of(held.symbol, books)} {side(held.direction)} {word}", blocks=(f"{why}{was}",),
                rows=((held_button(held.symbol, held.direction),),) if held.size > ZERO else ())


def _liquidated(fact: e.Liquidated, books: Books, now: datetime) -> Told:
    book = books.get(fact.symbol)
    coin = book.margin_coin if book is not None else ""
    way = f" {side(fact.direction)}" if fact.direction is not None else ""
    lost = f"It brought {say(coins(fact.realised, coin, sign=True))} {coin}." if fact.realised is not None else None
    return Told(head=f"Liquidated: {base_of(fact.symbol, books)}{way} {size(fact.size, book)}",
                blocks=(f"Closed by force at {price(fact.price, book)}.", lost), emoji="🔴")


def _deleveraged(fact: e.Deleveraged, books: Books, now: datetime) -> Told:
    book = books.get(fact.symbol)
    return Told(head=f"Reduced by the exchange: {base_of(fact.symbol, books)}",
                blocks=(f"{size(fact.size, book)} at {price(fact.price, book)}, to pay a counterparty's loss (ADL).",
                        "A stop may be larger than the position now; it is being checked."), emoji="🔴")


def _liquidation(fact: e.LiquidationNear, books: Books, now: datetime) -> Told:
    book = books.get(fact.symbol)
    away = percent(fact.distance, places=1)
    return Told(
        head=f"{base_of(fact.symbol, books)} {side(fact.direction)}: liquidation {away} off",
        blocks=(table((("Mark", price(fact.mark, book)), ("Liquidation", price(fact.liquidation, book)),
                       ("Distance", percent(fact.distance)))), "Close some of it, or add margin."),
        rows=((held_button(fact.symbol, fact.direction, "Position: close"),),),
    )


def _funding_due(fact: e.FundingDue, books: Books, now: datetime) -> Told:
    pays = "pays" if fact.estimate < ZERO else "brings"
    return Told(head=f"{base_of(fact.symbol, books)} funding {pays} {money(abs(fact.estimate))} soon",
                blocks=(rich(f"Rate {say(rate(fact.rate))}, about {say(coins(fact.estimate, fact.coin, sign=True))} "
                             f"{clean(fact.coin, 8)} ", countdown(fact.at, now), "."),))


def _funding_paid(fact: e.FundingPaid, books: Books, now: datetime) -> Told:
    return Told(head=f"{base_of(fact.symbol, books)} funding {say(coins(fact.amount, fact.coin, sign=True))}",
                blocks=(f"In {clean(fact.coin, 8)}.",))


def _leverage(fact: e.LeverageChanged, books: Books, now: datetime) -> Told:
    was = f" from {times(fact.was)}" if fact.was is not None else ""
    who = "It was changed outside this desk." if fact.outside else "Set by this desk and read back."
    return Told(head=f"{base_of(fact.symbol, books)} leverage now {times(fact.now)}", blocks=(f"Changed{was}. {who}",))


def _margin_mode(fact: e.MarginModeChanged, books: Books, now: datetime) -> Told:
    who = "It was changed outside this desk." if fact.outside else "Set by this desk and read back."
    return Told(head=f"{base_of(fact.symbol, books)} margin now {MODES[fact.now]}", blocks=(who,))


def _margin_moved(fact: e.MarginMoved, books: Books, now: datetime) -> Told:
    return Told(head=f"{base_of(fact.symbol, books)} margin {say(coins(fact.amount, fact.coin, sign=True))}",
                blocks=(f"{clean(fact.coin, 8)} moved for {side(fact.direction)}.",))


def _foreign_position(fact: e.ForeignPositionSeen, books: Books, now: datetime) -> Told:
    held, book = fact.position, books.get(fact.position.symbol)
    digest = seen(held.entry, held.size)
    return Told(
        head=f"Not ours: {base_of(held.symbol, books)} {side(held.direction)} {size(held.size, book)}",
        blocks=(f"At {price(held.entry, book)}, {times(held.leverage)}. It counts to exposure now.",
                "Give it a stop, or close it."),
        rows=((held_button(held.symbol, held.direction, "Place stop", "sl", digest),
               held_button(held.symbol, held.direction, "Close it", "100", digest)),
              (held_button(held.symbol, held.direction),)),
    )


def _foreign_settled(fact: e.ForeignSettled, books: Books, now: datetime) -> Told:
    return Told(head=f"{base_of(fact.symbol, books)} not ours: {clean(fact.choice, 12)}",
                blocks=(clean(fact.subject, 60),))


def _drift(fact: e.DriftFound, books: Books, now: datetime) -> Told:
    return Told(head=f"Books differ: {clean(fact.symbol or fact.subject, 24)}",
                blocks=(clean(fact.words, 300), table((("Ours", clean(fact.local, 20)),
                                                       ("Exchange", clean(fact.venue, 20))))))


def _completed(fact: e.ProposalCompleted, books: Books, now: datetime) -> Told:
    symbol = fact.proposal.terms.symbol
    book = books.get(symbol) if symbol is not None else None
    at = f" @ {price(fact.average_price, book)}" if fact.average_price is not None else ""
    return Told(head=f"Complete: {size(fact.filled, book)} of {size(fact.intended, book)}{at}",
                blocks=(called(fact.proposal, book),))


TELLERS: Mapping[type, Teller] = {
    e.FillRecorded: _fill,
    e.OrderAccepted: _accepted,
    e.OrderRejected: _rejected,
    e.OrderNotSent: _not_sent,
    e.OrderInDoubt: _in_doubt,
    e.OrderResolved: _resolved,
    e.OrderEnded: _ended,
    e.OrderAmended: _amended,
    e.PlanTriggered: _triggered,
    e.StopMoved: _stop_moved,
    e.StopFailed: _stop_failed,
    e.PositionNaked: _naked,
    e.WaiverGranted: _waived,
    e.WaiverEnded: _waiver_over,
    e.OrphanStopFound: _orphan,
    e.GuardWrong: _guard_wrong,
    e.PositionChanged: _position,
    e.Liquidated: _liquidated,
    e.Deleveraged: _deleveraged,
    e.LiquidationNear: _liquidation,
    e.FundingDue: _funding_due,
    e.FundingPaid: _funding_paid,
    e.LeverageChanged: _leverage,
    e.MarginModeChanged: _margin_mode,
    e.MarginMoved: _margin_moved,
    e.ForeignPositionSeen: _foreign_position,
    e.ForeignSettled: _foreign_settled,
    e.DriftFound: _drift,
    e.ProposalCompleted: _completed,
}
