"""Put a signal from outside on the table: sized by us, shrunk to the limits, never approvable without a stop."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from bot.desk import revise as revising
from bot.desk.enter import write
from bot.desk.facts import find_instrument
from bot.desk.plan import plan
from bot.desk.plan_idea import LIQUIDATION_STOPS, quoted
from bot.desk.planned import Plan, Preview
from bot.desk.propose import Raised, as_was, lay, refusal_of
from bot.desk.seat import Seat
from bot.desk.signal import Signal, digest_of, echoed
from bot.desk.signal_numbers import storable
from bot.desk.signal_text import FACTOR, is_near, read_text
from bot.desk.verdict import actor_of, limits_for
from bot.desk.wish import Level, OpenWish, TargetWish
from bot.domain.ids import PersonId, RequestKey
from bot.domain.instrument import Instrument
from bot.domain.intent import Attached, Effect, OrderKind
from bot.domain.numbers import HUNDRED, ONE, ZERO, plain
from bot.domain.proposal import Origin, Proposal
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.market import MarketSilent

WORDS_MAX, LINE_MAX = 1000, 300
USUAL_RISK = "r0.5%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A signal as it arrived: what was read or why not, its `words` for the journal, the sender's own `id` of it."""

    signal: Signal | Refusal
    words: str
    id: str = ""


async def raise_text(seat: Seat, origin: Origin, text: str, amount: str = USUAL_RISK) -> Raised | Refusal:
    """Read a pasted or forwarded text and raise it; what is ambiguous is read as the market's price has it."""
    found = read_text(text)
    if isinstance(found, Signal):
        mark = await _mark(seat, found)
        if isinstance(mark, Decimal):
            found = read_text(text, mark)
    return await raise_signal(seat, origin, Sent(signal=found, words=text), amount)


async def raise_signal(seat: Seat, origin: Origin, sent: Sent, amount: str = USUAL_RISK) -> Raised | Refusal:
    """Raise a signal as a proposal of kind SIGNAL; the same signal within its life is the same proposal.

    `amount` is its size as people write it, best a risk to the stop (`r0.5%`). Without a stop it is sized as if the
    default one stood, carries none, and cannot be approved until a person sets one. Gives the proposal, or a Refusal
    in words; every refusal stands in the journal with the words it was about.
    """
    if isinstance(sent.signal, Refusal):
        return await _noted(seat, origin, sent, sent.signal)
    signal = sent.signal
    key, known = await seat.ledger.read(lambda tx: _key(tx, seat, sent.id, signal))
    if known is not None:
        return Raised(proposal=known, plan=as_was(known), again=True)
    fitted = await _fitted(seat, origin, signal, amount)
    if isinstance(fitted, Refusal):
        return await _noted(seat, origin, sent, fitted)
    planned, notes = fitted
    unread = "\n".join(quoted(line, LINE_MAX) for line in signal.unread)
    return await lay(
        seat, origin, key, planned if signal.stop is not None else bare(planned), judged=planned,
        thesis=unread or None, reasons=(*echoed(signal), *notes),
    )


async def set_stop(
    seat: Seat, proposal: Proposal, stop: Level, amount: str, *, by: PersonId | None, name: str, digest: str
) -> Raised | Refusal:
    """Give a signal the stop it lacks, and the size that fits the risk to it; its next revision can be approved.

    Refusals are those of `desk.revise`: not waiting any more, other terms than shown, what plan or limits refuse.
    """
    wish = revising.wish_of(proposal.terms)
    if isinstance(wish, Refusal):
        return wish
    limits = await seat.ledger.read(lambda tx: limits_for(tx, proposal.terms.symbol, by))
    planned = await _sized(seat, proposal.origin, replace(wish, stop=stop, amount=amount), limits.order_notional)
    if isinstance(planned, Plan) and planned.preview is not None:
        amount = plain(planned.preview.size)
    change = revising.Change(stop=stop, amount=amount)
    return await revising.revise(seat, proposal.id, change, by=by, name=name, digest=digest)


def bare(planned: Plan) -> Plan:
    """Take the assumed stop off a plan: it only gave the size. Pure."""
    legs = tuple(
        replace(leg, intent=replace(leg.intent, attached=_without_stop(leg.intent.attached)))
        if leg.intent.effect is Effect.OPEN else leg
        for leg in planned.terms.legs
    )
    numbers = planned.preview
    if numbers is not None:
        numbers = replace(
            numbers, loss=None, loss_percent=None, reward_risk=None, stop=None, default_stop=False,
        )
    return replace(planned, terms=replace(planned.terms, legs=legs), preview=numbers)


def _without_stop(attached: Attached | None) -> Attached | None:
    return None if attached is None or attached.target is None else replace(attached, stop=None)


Fitted = tuple[Plan, tuple[str, ...]]


async def _fitted(seat: Seat, origin: Origin, signal: Signal, amount: str) -> Fitted | Refusal:
    """Plan a signal so that it fits: leverage and size may only shrink, targets too small to place are left out."""
    instrument = find_instrument(seat, signal.pair)
    if isinstance(instrument, Refusal):
        return instrument
    mark = await _mark(seat, signal)
    if isinstance(mark, Refusal):
        return mark
    late = _too_late(signal, mark)
    if late is not None:
        return late
    limits = await seat.ledger.read(lambda tx: limits_for(tx, instrument.symbol, origin.person))
    notes: list[str] = []
    most = min(one for one in (limits.leverage, instrument.maximum_leverage) if one is not None)
    if signal.leverage is not None and signal.leverage > most:
        notes.append(f"Leverage is held to {plain(most)}x, the most allowed here")
    wish = wish_of(signal, amount, None if signal.leverage is None else min(signal.leverage, most))
    planned = await _sized(seat, origin, wish, limits.order_notional)
    while isinstance(planned, Plan) and _targets_too_small(planned, instrument):
        wish = replace(wish, targets=even(wish.targets[:-1]))
        planned = await _sized(seat, origin, wish, limits.order_notional)
    if len(wish.targets) < len(signal.targets):
        notes.append(f"Only {len(wish.targets)} of {len(signal.targets)} targets: the size is too small for more")
    if isinstance(planned, Refusal):
        return planned
    near = _liquidation_near(planned.preview)
    return near if near is not None else (planned, tuple(notes))


def wish_of(signal: Signal, amount: str, leverage: Decimal | None) -> OpenWish:
    """Write a signal as an opening: a zone or a price becomes a limit at the worst price still in it. Pure."""
    price = None
    if signal.entry:
        price = max(signal.entry) if signal.direction.sign > 0 else min(signal.entry)
    kind = OrderKind.MARKET if price is None else OrderKind.TRIGGER if signal.breakout else OrderKind.LIMIT
    return OpenWish(
        symbol=signal.pair,
        direction=signal.direction,
        amount=amount,
        kind=kind,
        price=price if kind is OrderKind.LIMIT else None,
        trigger=price if kind is OrderKind.TRIGGER else None,
        stop=signal.stop,
        targets=signal.targets,
        leverage=leverage,
    )


def even(targets: tuple[TargetWish, ...]) -> tuple[TargetWish, ...]:
    """Give targets equal shares of the position, the last takes what is left. Pure."""
    part = HUNDRED // len(targets)
    shares = [part] * (len(targets) - 1) + [HUNDRED - part * (len(targets) - 1)]
    return tuple(replace(one, share=share) for one, share in zip(targets, shares, strict=True))


async def _sized(seat: Seat, origin: Origin, wish: OpenWish, most: Decimal | None) -> Plan | Refusal:
    planned = await plan(seat, origin, wish)
    if isinstance(planned, Refusal) or most is None or planned.preview is None or planned.preview.notional <= most:
        return planned
    return await plan(seat, origin, replace(wish, amount=f"${plain(most)}"))


def _targets_too_small(planned: Plan, instrument: Instrument) -> bool:
    """Tell whether a target's share of this size is too small to be placed; a single target takes everything."""
    goals = [leg.intent.size for leg in planned.terms.legs if leg.intent.kind is OrderKind.TARGET]
    return len(goals) > 1 and any(size is None or size < max(instrument.minimum_size, instrument.size_step)
                                  for size in goals)


async def _mark(seat: Seat, signal: Signal) -> Decimal | Refusal:
    instrument = find_instrument(seat, signal.pair)
    if isinstance(instrument, Refusal):
        return instrument
    try:
        return (await seat.market.ticker(instrument.symbol)).mark
    except MarketSilent as silent:
        return refuse("no_price", f"There is no price of {instrument.symbol}: {silent}", "Send it again shortly.")


def _too_late(signal: Signal, mark: Decimal) -> Refusal | None:
    """Say why the market makes a signal void: its prices are elsewhere, its stop or its first target is passed."""
    if not is_near(signal, mark):
        return refuse(
            "signal_far", f"Its prices are more than {FACTOR} times away from the market at {plain(mark)}.",
            "Look at pair and figures; write the decimal point as a dot.", value=plain(mark),
        )
    sign = signal.direction.sign
    stop = signal.stop.price if signal.stop is not None else None
    if stop is not None and (mark - stop) * sign <= ZERO:
        return refuse(
            "signal_late", f"The market at {plain(mark)} is past its stop {plain(stop)} already.",
            "Nothing was proposed.", value=plain(mark), limit=plain(stop),
        )
    first = next((one.level.price for one in signal.targets if one.level.price is not None), None)
    if first is not None and (mark - first) * sign >= ZERO:
        return refuse(
            "signal_late", f"The market at {plain(mark)} is at its first target {plain(first)} already.",
            "Nothing was proposed.", value=plain(mark), limit=plain(first),
        )
    return None


def _liquidation_near(numbers: Preview | None) -> Refusal | None:
    if numbers is None or numbers.stop is None or numbers.liquidation is None:
        return None
    room = abs(numbers.price - numbers.stop) * LIQUIDATION_STOPS
    if abs(numbers.price - numbers.liquidation) >= room:
        return None
    return refuse(
        "liquidation_near",
        f"At {plain(numbers.leverage or ONE)}x its liquidation {plain(numbers.liquidation)} would lie within two stop"
        " distances.",
        "Take the trade by hand with less leverage.",
        value=plain(numbers.liquidation), limit=plain(room),
    )


def _key(tx: Tx, seat: Seat, name: str, signal: Signal) -> tuple[RequestKey, Proposal | None]:
    """Name a signal for the desk, by the sender's own id, else by its trade; and give what it raised before.

    The same trade is the same signal for as long as its proposal may wait; keys are cut from time, so that two
    arriving at once are one.
    """
    if name:
        key = RequestKey(f"signal:id:{name}"[:200])
        return key, tx.proposals.by_request_key(key)
    life = timedelta(seconds=seat.rules.proposal_life_s)
    now = seat.clock.now()
    place = int(now.timestamp() // life.total_seconds())
    keys = [RequestKey(f"signal:{digest_of(signal)}:{one}") for one in (place, place - 1)]
    for key in keys:
        known = tx.proposals.by_request_key(key)
        if known is not None and now - known.raised_at < life:
            return key, known
    return keys[0], None


async def _noted(seat: Seat, origin: Origin, sent: Sent, refused: Refusal) -> Refusal:
    words = storable(sent.words if len(sent.words) <= WORDS_MAX else f"{sent.words[:WORDS_MAX]}…")
    fact = refusal_of(origin, words, refused)
    await seat.ledger.transact(lambda tx: write(tx, fact, seat.clock.now(), actor_of(origin)))
    return refused
