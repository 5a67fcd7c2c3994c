"""Word every fact the courier tells, and wrap it as an alert: severity by emoji, buttons, its short id. Pure."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.chat.card import DANGER, PRIMARY, Card, Rows, press
from bot.chat.render import orders
from bot.chat.render.alerts_orders import TELLERS as ORDER_TELLERS
from bot.chat.render.alerts_orders import Told
from bot.chat.render.figures import Books, base_of, counted, percent, price, say
from bot.chat.render.text import (
    CARD_UNITS,
    Chip,
    Rich,
    card,
    clean,
    code,
    italic,
    lines,
    moment,
    quote,
    rich,
    span,
    units,
)
from bot.domain import events as e
from bot.domain.alert import Alert, Severity
from bot.domain.events import Entry, Fact, kind_of
from bot.domain.mandate import ALONE
from bot.domain.numbers import plain
from bot.domain.trading import TradingState
from bot.ports.messenger import Button

EMOJI = {Severity.SILENT: "", Severity.NORMAL: "", Severity.WARNING: "🟡", Severity.CRITICAL: "🔴"}
HALT = Button(label="Halt now", data=press("c", "halt", "now"), style=DANGER)
POSITIONS = Button(label="See positions", data=press("c", "positions", ""))
STATES = {TradingState.ACTIVE: "Trading goes on", TradingState.REDUCE_ONLY: "Nothing opens now",
          TradingState.HALTED: "Trading halted"}


def _state(fact: e.TradingStateChanged, books: Books, now: datetime) -> Told:
    halted = fact.now is not TradingState.ACTIVE
    return Told(
        head=STATES[fact.now],
        blocks=(f"{fact.was.value} is now {fact.now.value}: {clean(fact.why, 200)}.",
                "Closing and cancelling work. The models stay off until /resume." if halted else None),
        emoji="⛔" if halted else "🟢",
        rows=((Button(label="Cancel resting", data=press("c", "cancel", "all")), POSITIONS),) if halted else (),
    )


def _limits(fact: e.LimitsChanged, books: Books, now: datetime) -> Told:
    by = f"by {fact.by}" if fact.by is not None else "by the settings"
    return Told(head=f"Limits changed: {clean(fact.scope, 20)}", blocks=(f"Set {by}. See /limits.",))


def _limit_near(fact: e.LimitNear, books: Books, now: datetime) -> Told:
    share = fact.value / fact.limit * 100 if fact.limit else None
    name = clean(fact.code.replace("_", " "), 24)
    about = f" in {base_of(fact.symbol, books)}" if fact.symbol is not None else ""
    return Told(head=f"{name.capitalize()} at {percent(share, places=0)} of the limit",
                blocks=(f"{plain(fact.value)[:14]} of {plain(fact.limit)[:14]}{about}.",), rows=((POSITIONS,), (HALT,)))


def _breaker(fact: e.BreakerTripped, books: Books, now: datetime) -> Told:
    return Told(head=f"Breaker: {clean(fact.breaker.replace('_', ' '), 26)}",
                blocks=(f"Found {clean(fact.value, 60)}, allowed {clean(fact.limit, 60)}. Trading is {fact.now.value}.",
                        clean(fact.remedy, 200)), emoji="⛔", rows=((POSITIONS,),))


def _flat(fact: e.FlatReported, books: Books, now: datetime) -> Told:
    done = (f"{counted(fact.canceled, 'order')} cancelled, {counted(fact.closed, 'position')} closed, "
            "read back from the exchange.")
    if fact.flat:
        return Told(head="Flat: nothing is open", blocks=(done,), emoji="✅")
    left = [clean(one, 80) for one in fact.residuals[:8]]
    return Told(head=f"Not flat: {len(fact.residuals)} left", blocks=(done, f"After round {fact.round}:", *left),
                emoji="🔴", rows=((Button(label="Try again", data=press("c", "flat", "go"), style=DANGER),),))


def _lease(fact: e.LeaseLost, books: Books, now: datetime) -> Told:
    return Told(head="This desk may not act any more",
                blocks=(f"{clean(fact.why, 200)} (holder {clean(fact.holder, 40)}). Nothing is sent from here.",))


def _readiness(fact: e.ReadinessChanged, books: Books, now: datetime) -> Told:
    good = fact.now.value == "READY"
    head = "The desk is ready again" if good else f"The desk is {fact.now.value.lower()}"
    return Told(head=head, blocks=(clean(fact.why, 200), None if good else "Nothing opens until it is READY."),
                emoji="🟢" if good else "🟡")


def _lost(fact: e.StreamLost, books: Books, now: datetime) -> Told:
    return Told(head=f"Stream lost: {fact.line.value}", blocks=(f"{clean(fact.why, 200)}. Nothing opens meanwhile; "
                                                               "stops wait at the exchange.",))


def _restored(fact: e.StreamRestored, books: Books, now: datetime) -> Told:
    missed = (f"{counted(fact.fills_missed, 'fill')}, {counted(fact.orders_changed, 'order')}, "
              f"{counted(fact.positions_changed, 'position')}")
    return Told(head=f"Stream back: {fact.line.value}, after {span(fact.seconds)}",
                blocks=(f"Missed and read since: {missed}.",), emoji="🟢")


def _key(fact: e.KeyTrouble, books: Books, now: datetime) -> Told:
    return Told(head="The exchange key needs attention", blocks=(clean(fact.what, 300), clean(fact.remedy, 300)))


def _clock(fact: e.ClockOff, books: Books, now: datetime) -> Told:
    return Told(head=f"Clock off by {fact.offset_ms} ms",
                blocks=(f"Uncertain by {fact.uncertainty_ms} ms. Nothing opens while it lasts.",
                        "Set this machine's time."))


def _storage(fact: e.StorageTrouble, books: Books, now: datetime) -> Told:
    return Told(head="The database needs attention", blocks=(clean(fact.what, 300), clean(fact.remedy, 300)))


def _unreachable(fact: e.ChatUnreachable, books: Books, now: datetime) -> Told:
    who = fact.person if fact.person is not None else fact.chat
    return Told(head=f"Cannot write to {who}", blocks=(f"{clean(fact.why, 200)}. They see none of this.",))


def _conflict(fact: e.ChatConflict, books: Books, now: datetime) -> Told:
    return Told(head="Somebody else uses our bot token",
                blocks=(clean(fact.words, 200), "Another copy runs, or the token was taken: renew it with BotFather."))


def _denied(fact: e.PersonDenied, books: Books, now: datetime) -> Told:
    return Told(head=f"Turned away: {fact.person}",
                blocks=(rich("Calls themselves ", italic(clean(fact.name, 60)), f". Tried: {clean(fact.what, 120)}"),))


def _person(fact: e.PersonChanged, books: Books, now: datetime) -> Told:
    roles = ", ".join(sorted(one.value.lower() for one in fact.now.roles)) or "no role"
    word = roles if fact.now.active else "removed"
    return Told(head=f"{clean(fact.now.name, 16)}: {word}", blocks=(f"Numeric id {fact.now.person}. Roles: {roles}.",))


def _stepup(fact: e.StepUpFailed, books: Books, now: datetime) -> Told:
    until = rich("Locked until ", moment(fact.locked_until), ".") if fact.locked_until is not None else None
    return Told(head=f"Wrong second factor, {fact.failures} times", blocks=(f"By {fact.person}.", until))


def _rang(fact: e.AlertRang, books: Books, now: datetime) -> Told:
    about = f"Alert {base_of(fact.symbol, books)}" if fact.symbol is not None else "Alert"
    rows = ((Button(label="Delete", data=press("l", fact.alert_id, "x")),
             Button(label="Snooze 1h", data=press("l", fact.alert_id, "s"))),) if fact.again else ()
    head = f"{about}: {clean(fact.condition, 60)}"
    return Told(head=head, blocks=(f"Now {say(plain(fact.value))}.", "It stays armed." if fact.again else None),
                rows=rows, emoji="🟡")


def _opened(fact: e.DeskOpened, books: Books, now: datetime) -> Told:
    away = f"Away for {span(fact.away_s)}. " if fact.away_s is not None else ""
    found = f"{fact.fills} fills and {fact.drifts} differences found meanwhile; " if fact.fills or fact.drifts else ""
    held = f"{counted(fact.positions, 'position')}, {counted(fact.orders, 'order')}, {fact.in_doubt} in doubt."
    troubles = [clean(one, 200) for one in fact.trouble[:5]]
    return Told(head="The desk is open" if not fact.trouble else "The desk is open, with trouble",
                blocks=(f"{away}{found}{held}", f"Trading {fact.trading.value}, models {clean(fact.rung, 10)}.",
                        *troubles),
                emoji="🟢" if not fact.trouble else None,
                rows=((Button(label="Dashboard", data=press("c", "dash", ""), style=PRIMARY), POSITIONS),))


def _closed(fact: e.DeskClosed, books: Books, now: datetime) -> Told:
    return Told(head="The desk is closed", blocks=(
        f"{clean(fact.why, 120)}. {counted(fact.positions, 'position')} and {counted(fact.orders, 'order')} "
        "stay at the exchange, "
        "with their stops.",))


def _mode(fact: e.ModeChangedOutside, books: Books, now: datetime) -> Told:
    return Told(head=f"Position mode changed: {fact.line.value}",
                blocks=(f"{fact.was.value} is now {fact.now.value}, not by this desk. Nothing opens until an owner "
                        "has looked.",))


def _transferred(fact: e.Transferred, books: Books, now: datetime) -> Told:
    return Told(head=f"Transfer: {say(f'{fact.amount:+,.2f}')} {clean(fact.coin, 8)}",
                blocks=(f"{fact.line.value}: {clean(fact.words, 80)}.",))


def _margin_ratio(fact: e.MarginRatioHigh, books: Books, now: datetime) -> Told:
    what = base_of(fact.symbol, books) if fact.symbol is not None else f"{fact.line.value} wallet"
    return Told(head=f"{what}: margin ratio {percent(fact.ratio, places=0)}",
                blocks=("At 100% the exchange liquidates. Close some, or add margin.",), rows=((POSITIONS,), (HALT,)))


def _reconciled(fact: e.ReconciliationDone, books: Books, now: datetime) -> Told:
    return Told(head=f"Books corrected: {fact.drifts} differences",
                blocks=(f"{clean(fact.why, 60)}: {fact.corrections} corrections, {fact.fills} fills found.",))


def _mandate(fact: e.MandateChanged, books: Books, now: datetime) -> Told:
    given = fact.now or fact.was
    if given is None:
        return Told(head="Models: OFF", blocks=(clean(fact.why, 200),))
    bounds = (f"Up to {given.notional_per_trade:,.0f} a trade, {given.notional_per_day:,.0f} and "
              f"{given.trades_per_day} trades a day.")
    if given.risk_per_trade is not None and given.risk_budget is not None:
        bounds += f" At risk {given.risk_per_trade:,.0f} a trade, {given.risk_budget:,.0f} in all."
    return Told(head=f"{clean(given.advisor, 16)} may act alone: {given.rung.value}",
                blocks=(bounds, rich("Until ", moment(given.expires_at), "."), clean(fact.why, 200)))


def _rung(fact: e.RungChanged, books: Books, now: datetime) -> Told:
    fell = fact.by is None
    name = clean(fact.advisor, 16)
    back = f"What brings it back: {clean(fact.back, 120)}." if fact.back else None
    renew = Button(label="Renew", data=press("c", "auto", f"renew.{name}"))
    asked = fell and fact.was in ALONE
    return Told(
        head=f"{name}: {fact.was.value} → {fact.now.value}",
        blocks=(f"{clean(fact.why, 200).capitalize()}.", back, "From now on it asks." if asked else None),
        emoji="🟡" if fell else "",
        rows=((renew, Button(label="Score", data=press("c", "score", name))),) if asked else (),
    )


def _reduced(fact: e.TradeReduced, books: Books, now: datetime) -> Told:
    book = books.get(fact.symbol)
    what = f"{base_of(fact.symbol, books)} {fact.direction.value.lower()}"
    if fact.stop is not None:
        head = f"{clean(fact.advisor, 12)} moved its stop: {what}"
        moved: str | None = f"From {price(fact.was, book)} to {price(fact.stop, book)}, nearer to the price."
    else:
        share = "" if fact.share is None or fact.share >= 100 else f"{fact.share}% of "
        head, moved = f"{clean(fact.advisor, 12)} closes {share}its {what}", None
    return Told(head=head, blocks=(quote(clean(fact.why, 300)), moved, "It may only reduce risk without asking."),
                emoji="🤖")


def _scaled(fact: e.RiskScaled, books: Books, now: datetime) -> Told:
    base, name = base_of(fact.symbol, books), clean(fact.advisor, 16)
    if fact.by is not None:
        return Told(head=f"{name}: {fact.now}% of its risk in {base}", blocks=(f"It was {fact.was}%, a person allowed "
                                                                                 "the step.",))
    if fact.asked <= fact.now:
        return Told(head=f"{name} takes {fact.now}% of its risk in {base}", blocks=(quote(clean(fact.why, 200)),),
                    emoji="🤖")
    step = Button(label="Allow a step", data=press("c", "models", f"allow.{name}.{base.lower()}"))
    return Told(
        head=f"{name} asks for {fact.asked}% of its risk", emoji="🤖", rows=((step,),),
        blocks=(f"In {base} it takes {fact.now}% now. At most 10 points a day, each by a tap.",
                quote(clean(fact.why, 200))),
    )


def _served(fact: e.ModelServed, books: Books, now: datetime) -> Told:
    listed = ", ".join(base_of(one, books) for one in fact.symbols[:6])
    return Told(head=f"{clean(fact.advisor, 16)} looks at {listed}", blocks=(f"{clean(fact.why, 200)}",), emoji="🤖",
                rows=((Button(label="Models", data=press("c", "models", "")),),))


def _corrected(fact: e.EvidenceCorrected, books: Books, now: datetime) -> Told:
    return Told(head=f"Evidence of {clean(fact.advisor, 16)} was wrong", blocks=(
        f"Its outcomes add up to {fact.now_skill} (logarithm, {fact.now_outcomes} outcomes); stored were "
        f"{fact.was_skill} ({fact.was_outcomes}).",
        "It is corrected. Look at what it may do with /auto, and keep a copy of the database."))


def _spent(fact: e.MandateSpent, books: Books, now: datetime) -> Told:
    risk = None
    if fact.risk_used is not None and fact.risk_budget is not None:
        risk = f"At risk so far {fact.risk_used:,.2f} of {fact.risk_budget:,.0f}."
    return Told(head=f"A model traded: {fact.trades_today} of {fact.trades_per_day}",
                blocks=(f"Notional today {fact.notional_today:,.0f} of {fact.notional_per_day:,.0f}.", risk))


def _failed(fact: e.AdvisorFailed, books: Books, now: datetime) -> Told:
    return Told(head=f"{clean(fact.advisor, 16)} fails: {fact.failures_in_a_row} in a row",
                blocks=(italic(clean(fact.reason, 300)), "No order came of it."))


def _signal(fact: e.SignalRefused, books: Books, now: datetime) -> Told:
    said = [one.sentence for one in fact.reasons[:3]]
    return Told(head="A signal was not taken", blocks=(
        f"{clean(fact.source, 40)} sent it. Nothing was proposed.", *(clean(one, 200) for one in said),
        quote(clean(fact.words, 300))))


Teller = Callable[[Any, Books, datetime], Told]
TELLERS: Mapping[type, Teller] = {
    **ORDER_TELLERS,
    e.TradingStateChanged: _state, e.LimitsChanged: _limits, e.LimitNear: _limit_near, e.BreakerTripped: _breaker,
    e.FlatReported: _flat, e.LeaseLost: _lease, e.ReadinessChanged: _readiness, e.StreamLost: _lost,
    e.StreamRestored: _restored, e.KeyTrouble: _key, e.ClockOff: _clock, e.StorageTrouble: _storage,
    e.ChatUnreachable: _unreachable, e.ChatConflict: _conflict, e.PersonDenied: _denied, e.PersonChanged: _person,
    e.StepUpFailed: _stepup, e.AlertRang: _rang, e.DeskOpened: _opened, e.DeskClosed: _closed,
    e.ModeChangedOutside: _mode, e.Transferred: _transferred, e.MarginRatioHigh: _margin_ratio,
    e.ReconciliationDone: _reconciled, e.MandateChanged: _mandate, e.RungChanged: _rung,
    e.TradeReduced: _reduced, e.ModelServed: _served, e.EvidenceCorrected: _corrected, e.RiskScaled: _scaled,
    e.MandateSpent: _spent, e.AdvisorFailed: _failed, e.SignalRefused: _signal,
}


def told(fact: Fact, books: Books, now: datetime) -> Told:
    """Word a fact; one without words of its own is named by its kind, never dropped."""
    teller = TELLERS.get(type(fact))
    return teller(fact, books, now) if teller is not None else Told(head=clean(kind_of(fact), 38))


def alert(entry: Entry, heard: Alert, chip: Chip, books: Books, now: datetime) -> Card:
    """Draw an alert: what happened, what follows, its short event id so that a copy is recognisable (FF-89)."""
    if isinstance(entry.fact, e.ForeignOrderSeen):
        return orders.foreign(entry.fact.order, chip, books)
    words = told(entry.fact, books, now)
    critical = heard.severity is Severity.CRITICAL
    rows: Rows = words.rows
    if critical:
        rows = (*rows, (Button(label="Got it", data=press("a", entry.seq, "ok"), style=PRIMARY),))
    emoji = words.emoji if words.emoji is not None else EMOJI[heard.severity]
    if heard.severity is Severity.CRITICAL and emoji in ("", "✅"):
        emoji = EMOJI[heard.severity]
    return card(
        chip, words.head, *words.blocks, rich(moment(entry.at), " · ", code(f"e-{entry.seq}")),
        emoji=emoji, rows=rows, critical=critical, silent=heard.severity is Severity.SILENT,
    )


def repeated(first: Card, count: int, at: datetime, latest: Card) -> Card:
    """Draw a cause that came again: the newest words, how often, and when last (chat_ux section 6)."""
    seen = rich("\n", f"×{count}, last ", moment(at))
    return Card(
        html=latest.html + seen.html, plain=latest.plain + seen.plain, rows=latest.rows, key=first.key,
        critical=latest.critical, silent=latest.silent, line=latest.line,
    )


def digest(kept: Sequence[tuple[datetime, str]], chip: Chip, *, away: bool = True) -> tuple[Card, ...]:
    """Draw what could not be told in time: one card, more only where one message cannot hold it; nothing is lost.

    `away` says that the chat could not be reached, else too much came at once.
    """
    verdict = f"While the chat was away: {len(kept)}" if away else f"{len(kept)} messages at once"
    said = [rich(moment(at), " ", clean(line, 120)) for at, line in kept]
    groups: list[list[Rich]] = [[]]
    room = CARD_UNITS - 400
    for one in said:
        if (groups[-1] and units("\n".join(part.plain for part in groups[-1])) + units(one.plain) > room) \
                or len(groups[-1]) >= 80:
            groups.append([])
        groups[-1].append(one)
    return tuple(
        card(
            chip, verdict if number == 0 else f"Part {number + 1} of {len(groups)}",
            rich("Since ", moment(kept[0][0]), ", oldest first:"), lines(*group), emoji="⏳" if number == 0 else "",
        )
        for number, group in enumerate(groups)
    )
