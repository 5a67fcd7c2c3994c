"""Say what a proposal's own trade brought so far, from the books (advisor section 11)."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.executed import Executed, executed
from bot.domain.fill import tally
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument
from bot.domain.intent import Effect
from bot.domain.numbers import ZERO
from bot.domain.proposal import Origin, Proposal, stop_of
from bot.ports.ledger import Tx

# A trade that is older is no longer looked for.
TRADE_LIFE = timedelta(days=7)


def brought(tx: Tx, proposal: Proposal, instrument: Instrument, price: Decimal | None) -> Executed | None:
    """Add up a proposal's own trade, what is still open at `price`; None where nothing was opened under a stop.

    Without a price what is open counts as neither won nor lost.
    """
    stop, direction = stop_of(proposal.terms), proposal.terms.direction
    if proposal.reference_price is None or stop is None or direction is None:
        return None
    entries = [
        fill for order in tx.orders.of_proposal(proposal.id) if order.intent.effect is Effect.OPEN
        for fill in tx.fills.of_order(order.client_order_id)
    ]
    if not entries:
        return None
    exits = [
        one for one in tx.fills.since(min(fill.at for fill in entries), instrument.symbol)
        if one.effect is Effect.CLOSE and one.direction is direction
    ]
    at = tally(entries).average_price if price is None else price
    return executed(
        direction, entries, exits, reference=proposal.reference_price, stop=stop, price=at or proposal.reference_price,
        fee=instrument.taker_fee, inverse=instrument.inverse,
    )


def day_result(
    tx: Tx, origin: Origin, instruments: Mapping[Symbol, Instrument], marks: Mapping[Symbol, Decimal], *,
    day: datetime, since: datetime,
) -> Decimal:
    """Add up in quote units what an origin's own trades, entered from `since` on, brought on a day that began at `day`.

    A trade counts whole on the day it ends, and while it is open at its mark; where none is known it counts as even.
    """
    total = ZERO
    for proposal in tx.proposals.since(max(since - timedelta(days=1), day - TRADE_LIFE)):
        symbol = proposal.terms.symbol
        instrument = instruments.get(symbol) if symbol is not None and proposal.origin == origin else None
        if instrument is None:
            continue
        mark = marks.get(instrument.symbol)
        done = brought(tx, proposal, instrument, mark)
        if done is None or done.since < since or (done.closed >= done.opened and done.until < day):
            continue
        worth = mark or proposal.reference_price or ZERO
        total += done.result * worth if instrument.inverse else done.result
    return total
