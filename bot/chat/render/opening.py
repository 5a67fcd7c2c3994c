"""Say what an opening would do: the rows every opening card carries (features 2.7, section 4 number 2). Pure."""
from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.chat.render.figures import change, coins, counted, fixed, money, percent, price, say, side, size, times
from bot.chat.render.text import Part, Row, lines, rich, table
from bot.desk.planned import Preview
from bot.domain.events_proposals import ProposalRaised
from bot.domain.instrument import Instrument
from bot.domain.intent import Effect, MarginMode, OrderIntent, OrderKind
from bot.domain.numbers import ZERO
from bot.domain.proposal import Action, Proposal

MODES = {MarginMode.CROSSED: "cross", MarginMode.ISOLATED: "isolated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What is known of an opening's risk; the preview knows more than the journal's line keeps."""

    notional: Decimal | None = None
    margin: Decimal | None = None
    fees: Decimal | None = None
    loss: Decimal | None = None
    loss_percent: Decimal | None = None
    gain: Decimal | None = None
    reward_risk: Decimal | None = None
    liquidation: Decimal | None = None
    distance: Decimal | None = None
    before: Decimal | None = None
    after: Decimal | None = None
    price: Decimal | None = None
    coin: str = ""


def of_preview(preview: Preview) -> Numbers:
    """Take the numbers of planning."""
    return Numbers(
        notional=preview.notional, margin=preview.margin, fees=preview.fees, loss=preview.loss,
        loss_percent=preview.loss_percent, gain=preview.gain, reward_risk=preview.reward_risk,
        liquidation=preview.liquidation, distance=preview.distance, before=preview.exposure_before,
        after=preview.exposure_after, price=preview.price, coin=preview.coin,
    )


def of_fact(raised: ProposalRaised, instrument: Instrument | None) -> Numbers:
    """Take the numbers the journal keeps, and work out from them what follows: margin, fees, distance."""
    entry = entry_of(raised.proposal)
    reference = raised.proposal.reference_price
    at = (entry.limit_price if entry is not None else None) or reference
    distance = change(raised.liquidation, at)
    lever = entry.leverage if entry is not None else None
    linear = instrument is not None and not instrument.inverse and raised.notional is not None
    fees = None
    if linear and instrument is not None and raised.notional is not None:
        maker = entry is not None and entry.kind is OrderKind.LIMIT
        fees = raised.notional * ((instrument.maker_fee if maker else instrument.taker_fee) + instrument.taker_fee)
    return Numbers(
        notional=raised.notional,
        margin=raised.notional / lever if linear and lever and raised.notional is not None else None,
        fees=fees,
        loss=raised.worst_loss,
        loss_percent=raised.worst_loss_percent,
        liquidation=raised.liquidation,
        distance=abs(distance) if distance is not None else None,
        before=raised.exposure_before,
        after=raised.exposure_after,
        price=at,
        coin=instrument.margin_coin if instrument is not None else "",
    )


def entry_of(proposal: Proposal) -> OrderIntent | None:
    """Give the first opening order of the terms, else the first order."""
    legs = [leg.intent for leg in proposal.terms.legs]
    return next((one for one in legs if one.effect is Effect.OPEN), legs[0] if legs else None)


def repeatable(proposal: Proposal) -> bool:
    """Tell whether an opening is one single order, so that it can be written, edited and asked for again."""
    opening = [leg.intent for leg in proposal.terms.legs if leg.intent.effect is Effect.OPEN]
    single = proposal.terms.action is Action.PLACE and len(opening) == 1 and opening[0].size is not None
    return single and opening[0].kind in (OrderKind.MARKET, OrderKind.LIMIT)


def targets_of(proposal: Proposal) -> tuple[Decimal, ...]:
    """List the target prices of the terms."""
    legs = [leg.intent for leg in proposal.terms.legs]
    own = [one.attached.target for one in legs if one.attached is not None and one.attached.target is not None]
    later = [one.trigger.price for one in legs if one.kind is OrderKind.TARGET and one.trigger is not None]
    return tuple(dict.fromkeys((*own, *later)))


def risk_table(numbers: Numbers, entry: OrderIntent, targets: tuple[Decimal, ...], book: Instrument | None) -> Part:
    """Draw notional, margin, fees, stop, targets, reward to risk, liquidation and exposure.

    What is lost at the stop is said once, in bold below it (`worst_case`), for whoever does not read tables too.
    """
    quoted = book.quote if book is not None else ""
    at = numbers.price
    rows: list[Row | None] = [
        ("Notional", money(numbers.notional), quoted) if numbers.notional is not None else None,
        (f"Margin ({times(entry.leverage)})", coins(numbers.margin, numbers.coin), numbers.coin)
        if numbers.margin is not None else None,
        ("Fees in+out", coins(numbers.fees, numbers.coin), numbers.coin) if numbers.fees is not None else None,
    ]
    if entry.stop is not None:
        rows.append(("Stop", price(entry.stop, book), percent(change(entry.stop, at), sign=True)))
    else:
        rows.append(("Stop", "none"))
    for number, one in enumerate(targets, start=1):
        name = "Target" if len(targets) == 1 else f"Target {number}"
        rows.append((name, price(one, book), percent(change(one, at), sign=True)))
    if numbers.gain is not None:
        rows.append(("If target", coins(numbers.gain, numbers.coin, sign=True), numbers.coin))
    if numbers.reward_risk is not None:
        rows.append(("Reward/risk", fixed(numbers.reward_risk, 1)))
    if numbers.liquidation is not None:
        away = signed_distance(numbers.distance, entry)
        rows.append(("Liquidation", price(numbers.liquidation, book), away))
    else:
        rows.append(("Liquidation", "none near"))
    if numbers.after is not None:
        rows.append(("Exposure", f"{_multiple(numbers.before)} -> {_multiple(numbers.after)}"))
    return table(rows)


def signed_distance(distance: Decimal | None, entry: OrderIntent) -> str:
    """Give the way to liquidation in percent: below the price for a long, above it for a short."""
    if distance is None:
        return ""
    return percent(distance * -entry.direction.sign, places=1, sign=True)


def _multiple(value: Decimal | None) -> str:
    return "?" if value is None else f"{fixed(value, 2)}x"


def worst_case(numbers: Numbers, proposal: Proposal, book: Instrument | None) -> Part:
    """Say the loss in a sentence: the one figure of an opening card that nobody may miss."""
    coin = numbers.coin
    if numbers.loss is not None:
        equity = ""
        if numbers.loss_percent is not None:
            equity = f", {percent(abs(numbers.loss_percent))} of equity"
        return f"If stopped: {say(coins(-abs(numbers.loss), coin))} {coin}{equity}."
    if proposal.terms.waiver is not None:
        at_risk = f" About {coins(numbers.margin, coin)} {coin} of margin is at risk." if numbers.margin else ""
        return rich("🟡 ", f"No stop, on purpose: {proposal.terms.waiver}.", at_risk)
    return "🟡 What it may lose is not known, so it cannot be placed."


def changes(preview: Preview | None, proposal: Proposal, entry: OrderIntent, book: Instrument | None) -> Part | None:
    """Name what else a yes changes: leverage, margin mode, a stop nobody named, a size that was cut."""
    said: list[Part | None] = []
    terms = proposal.terms
    if terms.leverage is not None:
        was = f" from {times(preview.leverage_was)}" if preview is not None and preview.leverage_was else ""
        said.append(f"Leverage of {terms.symbol} changes{was} to {times(terms.leverage)}.")
    if terms.margin_mode is not None:
        said.append(f"Margin mode of {terms.symbol} changes to {MODES[terms.margin_mode]}.")
    if preview is not None and preview.default_stop:
        said.append(f"No stop was named: the default stop at {price(preview.stop, book)} goes with it.")
    if preview is not None and preview.rounded_from is not None:
        said.append(f"Size cut to the step, from {preview.rounded_from}.")
    said.extend(preview.notes if preview is not None else ())
    found = lines(*said)
    return found if found.plain else None


def verb(entry: OrderIntent) -> str:
    """Say what an order does: Buy, Sell short, Close long."""
    if entry.effect is Effect.CLOSE:
        return f"Close {side(entry.direction)}"
    return "Buy" if entry.buying else "Sell short"


def called(proposal: Proposal, book: Instrument | None, total: Decimal | None = None) -> str:
    """Name a proposal in a few words: "Buy 0.050 BTC", "Leverage BTCUSDT to 5x"."""
    terms, entry = proposal.terms, entry_of(proposal)
    if terms.action is Action.LEVERAGE:
        return f"Leverage {terms.symbol} to {times(terms.leverage)}"
    if terms.action is Action.MARGIN_MODE and terms.margin_mode is not None:
        return f"Margin {terms.symbol} to {MODES[terms.margin_mode]}"
    if terms.action is Action.CANCEL:
        count = len(terms.targets)
        return f"Cancel {count} order{'' if count == 1 else 's'}"
    if terms.action is Action.PROTECT:
        return f"Guard {terms.symbol}" if not terms.waiver else f"No stop for {terms.symbol}"
    if entry is None:
        return f"{terms.action.value.lower()} {terms.symbol or 'all'}".capitalize()
    if terms.action is Action.REVERSE:
        return f"Reverse {terms.symbol}"
    if terms.action is Action.CLOSE and len(terms.legs) > 1:
        return f"Close {counted(len(terms.legs), 'position')}"
    sizes = [leg.intent.size for leg in terms.legs if leg.intent.effect is entry.effect and leg.intent.size is not None]
    whole = total if total is not None else (sum(sizes, ZERO) if sizes else None)
    base = book.base if book is not None else str(entry.symbol)
    return f"{verb(entry)} {size(whole, book)} {base}"
