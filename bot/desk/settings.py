"""Set leverage and margin mode of a symbol as an action of its own; believe only what is read back (FF-48, FF-49)."""
from __future__ import annotations

from decimal import Decimal

from bot.desk.enter import write
from bot.desk.seat import Seat
from bot.domain.events_holdings import LeverageChanged, MarginModeChanged
from bot.domain.ids import Symbol
from bot.domain.intent import Direction, MarginMode
from bot.domain.numbers import plain
from bot.domain.proposal import Terms
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.venue import Changed, ChangeOutcome, Rejected, SymbolSettings, VenueSilent


async def ensure_settings(seat: Seat, terms: Terms, actor: str) -> Refusal | None:
    """Bring margin mode and leverage to what the terms name, where they name any; None when they are read back so."""
    if terms.symbol is None or (terms.leverage is None and terms.margin_mode is None):
        return None
    try:
        now = await seat.venue.settings(terms.symbol)
        if terms.margin_mode is not None and now.margin_mode is not terms.margin_mode:
            refused = await _margin_mode(seat, terms.symbol, now, terms.margin_mode, actor)
            if refused is not None:
                return refused
            now = await seat.venue.settings(terms.symbol)
        if terms.leverage is not None:
            return await _leverage(seat, terms.symbol, now, terms.leverage, terms.direction, actor)
    except VenueSilent as silent:
        return _unread(terms.symbol, str(silent))
    return None


def _unread(symbol: Symbol, why: str) -> Refusal:
    return refuse(
        "settings_unread",
        f"Leverage and margin mode of {symbol} cannot be read: {why}",
        "No order was sent. Try again.",
    )


async def _leverage(
    seat: Seat, symbol: Symbol, now: SymbolSettings, wanted: Decimal, direction: Direction | None, actor: str
) -> Refusal | None:
    sides = (direction,) if direction is not None else tuple(Direction)
    if all(now.leverage(side) == wanted for side in sides):
        seat.shelf.settings[symbol] = now
        return None
    isolated = now.margin_mode is MarginMode.ISOLATED
    outcome = await seat.venue.set_leverage(symbol, wanted, direction if isolated else None)
    after = await seat.venue.settings(symbol)
    seat.shelf.settings[symbol] = after
    if any(after.leverage(side) != wanted for side in sides):
        found = plain(after.leverage(sides[0]))
        return _not_set(symbol, f"leverage {plain(wanted)}x", f"{found}x", outcome)
    fact = LeverageChanged(
        symbol=symbol, direction=direction, was=now.leverage(sides[0]), now=wanted, outside=False
    )
    await seat.ledger.transact(lambda tx: _told(tx, seat, fact, actor))
    return None


async def _margin_mode(
    seat: Seat, symbol: Symbol, now: SymbolSettings, wanted: MarginMode, actor: str
) -> Refusal | None:
    outcome = await seat.venue.set_margin_mode(symbol, wanted)
    after = await seat.venue.settings(symbol)
    seat.shelf.settings[symbol] = after
    if after.margin_mode is not wanted:
        return _not_set(symbol, f"margin mode {wanted.value.lower()}", after.margin_mode.value.lower(), outcome)
    fact = MarginModeChanged(symbol=symbol, was=now.margin_mode, now=wanted, outside=False)
    await seat.ledger.transact(lambda tx: _told(tx, seat, fact, actor))
    return None


def _told(tx: Tx, seat: Seat, fact: LeverageChanged | MarginModeChanged, actor: str) -> None:
    write(tx, fact, seat.clock.now(), actor)


def _not_set(symbol: Symbol, wanted: str, found: str, outcome: ChangeOutcome) -> Refusal:
    if isinstance(outcome, Rejected):
        why = f"the exchange says {outcome.words} ({outcome.code})"
    elif isinstance(outcome, Changed):
        why = "the exchange took it and shows another value"
    else:
        why = outcome.why
    return refuse(
        "setting_not_taken",
        f"{symbol} was to get {wanted}; read back is {found}: {why}.",
        "No order was sent. Cancel open orders of the symbol or close its position first, or trade as it is set.",
        value=found,
        limit=wanted,
    )
