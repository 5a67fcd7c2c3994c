"""Plan any wish: read what its kind needs, then hand it to the pure planner of that kind."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.desk.exposure import price_of
from bot.desk.facts import Facts, find_instrument, gather
from bot.desk.plan_close import Holding, plan_close, plan_reverse
from bot.desk.plan_guard import Guarded, plan_protect
from bot.desk.plan_open import Ground, Wallet, plan_open
from bot.desk.plan_order import plan_amend, plan_cancel, plan_leverage, plan_margin_mode
from bot.desk.plan_schedule import plan_ladder, plan_twap
from bot.desk.planned import Plan
from bot.desk.seat import Seat
from bot.desk.verdict import limits_for
from bot.desk.wish import (
    AmendWish,
    CancelWish,
    CloseWish,
    LadderWish,
    LeverageWish,
    MarginModeWish,
    OpenWish,
    ProtectWish,
    ReverseWish,
    TwapWish,
    Wish,
)
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument
from bot.domain.intent import Direction, Effect, OrderKind
from bot.domain.liquidation import Stake
from bot.domain.numbers import ZERO, plain
from bot.domain.order import Order, Owner, unfilled
from bot.domain.position import Position
from bot.domain.proposal import Origin
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.market import MarketSilent


async def plan(seat: Seat, origin: Origin, wish: Wish) -> Plan | Refusal:
    """Plan a wish; gives terms with their numbers, or a Refusal in words."""
    if isinstance(wish, CloseWish):
        return await _close(seat, origin, wish)
    if isinstance(wish, CancelWish):
        return await _cancel(seat, origin, wish)
    if isinstance(wish, AmendWish):
        return await _amend(seat, origin, wish)
    instrument = find_instrument(seat, wish.symbol)
    if isinstance(instrument, Refusal):
        return instrument
    facts = await gather(seat, instrument, opening=not isinstance(wish, ProtectWish | LeverageWish | MarginModeWish))
    if isinstance(facts, Refusal):
        return facts
    ground, held, live = await seat.ledger.read(lambda tx: _books(tx, seat, origin, instrument))
    if isinstance(wish, MarginModeWish):
        return plan_margin_mode(wish, facts, held, live, ground)
    wallet = await seat.ledger.read(lambda tx: _wallet(tx, facts, getattr(wish, "direction", None)))
    if isinstance(wish, LeverageWish):
        return plan_leverage(wish, facts, held, wallet.equity, ground)
    if isinstance(wish, OpenWish):
        return plan_open(wish, facts, wallet, ground)
    if isinstance(wish, LadderWish):
        return plan_ladder(wish, facts, wallet, ground)
    if isinstance(wish, TwapWish):
        return plan_twap(wish, facts, wallet, ground)
    position = pick(held, wish.direction, instrument.symbol)
    if isinstance(position, Refusal):
        return position
    if isinstance(wish, ReverseWish):
        holding = Holding(position=position, instrument=instrument, mark=facts.mark, exits=exits_of(live, position))
        return _turned(plan_reverse(holding, facts, ground), position, facts, wallet, ground)
    return plan_protect(wish, guarded_of(live, position), facts, ground)


def _turned(planned: Plan, position: Position, facts: Facts, wallet: Wallet, ground: Ground) -> Plan:
    """Give the turn of a position the numbers of what it opens; exposure stays what it was (features 4, no. 2)."""
    other = position.direction.other
    wish = OpenWish(symbol=str(position.symbol), direction=other, amount=plain(position.size))
    opened = plan_open(wish, facts, replace(wallet, held=None), ground)
    if isinstance(opened, Refusal) or opened.preview is None:
        return planned
    first = f"First the {position.direction.value.lower()} of {plain(position.size)} is closed at market."
    numbers = replace(opened.preview, exposure_after=opened.preview.exposure_before, notes=(first,),
                      stop=planned.terms.legs[-1].intent.stop)
    return replace(planned, preview=numbers)


def pick(held: tuple[Position, ...], direction: Direction | None, symbol: Symbol) -> Position | Refusal:
    """Give the one position a wish is about; a Refusal when there is none, or two and no side was named."""
    fits = [one for one in held if direction is None or one.direction is direction]
    if len(fits) == 1:
        return fits[0]
    if not fits:
        return refuse("no_position", f"There is no open position in {symbol}.", "See /positions for what is open.")
    return refuse("which_side", f"{symbol} is held long and short.", "Say which: long or short.")


def exits_of(live: tuple[Order, ...], position: Position) -> tuple[Order, ...]:
    """Give our resting book orders that would close this position: they compete for its size (FF-43)."""
    return tuple(
        order
        for order in live
        if order.owner is Owner.OURS
        and order.intent.effect is Effect.CLOSE
        and not order.intent.kind.is_plan
        and (order.intent.symbol, order.intent.direction) == (position.symbol, position.direction)
    )


def guarded_of(live: tuple[Order, ...], position: Position) -> Guarded:
    """Give a position with the guards we know of it."""
    mine = [
        order
        for order in live
        if order.intent.kind.is_guard
        and (order.intent.symbol, order.intent.direction) == (position.symbol, position.direction)
    ]
    return Guarded(
        position=position,
        stops=tuple(order for order in mine if order.intent.kind is not OrderKind.TARGET),
        targets=tuple(order for order in mine if order.intent.kind is OrderKind.TARGET),
    )


def ground_of(tx: Tx, seat: Seat, origin: Origin, symbol: Symbol | None) -> Ground:
    """Give account, environment, rules and the limits in force."""
    limits = limits_for(tx, symbol, origin.person)
    return Ground(account=seat.account, environment=seat.environment, rules=seat.rules, limits=limits)


Books = tuple[Ground, tuple[Position, ...], tuple[Order, ...]]


def _books(tx: Tx, seat: Seat, origin: Origin, instrument: Instrument) -> Books:
    held = tuple(one for one in tx.positions.held() if one.symbol == instrument.symbol)
    return ground_of(tx, seat, origin, instrument.symbol), held, tx.orders.live(instrument.symbol)


def _wallet(tx: Tx, facts: Facts, direction: Direction | None) -> Wallet:
    instrument = facts.instrument
    account = tx.accounts.get(instrument.line, instrument.margin_coin)
    position = tx.positions.get(instrument.symbol, direction) if direction is not None else None
    held = None
    if position is not None and position.size > ZERO:
        held = Stake(direction=position.direction, size=position.size, entry=position.entry)
    exposure = sum((one.size * facts.marks.get(one.symbol, one.entry) for one in tx.positions.held()), ZERO)
    waiting = (order for order in tx.orders.live() if order.intent.effect is Effect.OPEN)
    exposure += sum((unfilled(order) * price_of(order, facts.marks) for order in waiting), ZERO)
    return Wallet(
        equity=account.equity if account is not None else ZERO,
        available=account.available if account is not None else ZERO,
        held=held,
        exposure=exposure,
    )


async def _close(seat: Seat, origin: Origin, wish: CloseWish) -> Plan | Refusal:
    symbol: Symbol | None = None
    if wish.symbol is not None:
        instrument = find_instrument(seat, wish.symbol)
        if isinstance(instrument, Refusal):
            return instrument
        symbol = instrument.symbol

    def read(tx: Tx) -> Books:
        return ground_of(tx, seat, origin, symbol), tx.positions.held(), tx.orders.live()

    ground, held, live = await seat.ledger.read(read)
    holdings = []
    for position in held:
        contract = seat.shelf.instruments.get(position.symbol)
        if contract is not None:
            mark = await _mark(seat, position)
            exits = exits_of(live, position)
            holdings.append(Holding(position=position, instrument=contract, mark=mark, exits=exits))
    return plan_close(wish, tuple(holdings), symbol, ground)


async def _mark(seat: Seat, position: Position) -> Decimal:
    try:
        return (await seat.market.ticker(position.symbol)).mark
    except MarketSilent:
        # Closing must work without prices: the entry only sorts winners from losers then.
        return position.entry


async def _cancel(seat: Seat, origin: Origin, wish: CancelWish) -> Plan | Refusal:
    symbol: Symbol | None = None
    if wish.symbol is not None:
        instrument = find_instrument(seat, wish.symbol)
        if isinstance(instrument, Refusal):
            return instrument
        symbol = instrument.symbol

    def read(tx: Tx) -> tuple[Ground, tuple[Order, ...]]:
        if wish.order is not None:
            one = tx.orders.get(wish.order)
            open_one = one is not None and not one.state.settled
            found: tuple[Order, ...] = (one,) if one is not None and open_one else ()
        else:
            found = tuple(order for order in tx.orders.live(symbol) if not order.intent.kind.is_guard)
        return ground_of(tx, seat, origin, symbol), found

    ground, orders = await seat.ledger.read(read)
    return plan_cancel(orders, wish.order or symbol or "all", ground)


async def _amend(seat: Seat, origin: Origin, wish: AmendWish) -> Plan | Refusal:
    order = await seat.ledger.read(lambda tx: tx.orders.get(wish.order))
    instrument = seat.shelf.instruments.get(order.intent.symbol) if order is not None else None
    if order is None or instrument is None:
        return refuse("order_unknown", f"There is no order {wish.order}.", "See /orders for the open ones.")
    facts = await gather(seat, instrument)
    if isinstance(facts, Refusal):
        return facts
    ground = await seat.ledger.read(lambda tx: ground_of(tx, seat, origin, order.intent.symbol))
    return plan_amend(wish, order, facts, ground)
