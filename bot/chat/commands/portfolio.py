"""Serve what is open: positions, orders, risk, balance, and the buttons on their cards."""
from __future__ import annotations

from dataclasses import replace

from bot.chat import questions
from bot.chat.call import Call, Counter, Handler, Reply
from bot.chat.commands.raise_wish import no, propose, turn
from bot.chat.commands.watchers import chart
from bot.chat.held import SIDES, same_position
from bot.chat.render import control, orders, portfolio, replies
from bot.chat.trade_words import read_trade
from bot.desk.verdict import limits_for
from bot.desk.views import HoldingView
from bot.desk.wish import CancelWish, CloseWish, ProtectWish, Which
from bot.domain.ids import ClientOrderId
from bot.domain.intent import Direction, Effect
from bot.domain.numbers import HUNDRED, parse, plain
from bot.domain.order import Order
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Plain

TYPED = {"sl": ("stop", "59800, 1.5%, be or off"), "tp": ("target", "63500 or 4%"), "tr": ("trail", "1%")}
WORDS = {"sl": "sl", "tp": "tp", "tr": "trail"}


async def positions(counter: Counter, call: Call) -> Reply:
    """Serve /positions: all, or one in detail."""
    held = await counter.desk.holdings()
    wanted = call.args
    if not wanted or wanted in ("t", "table"):
        card = portfolio.compact(held, counter.chip) if wanted else portfolio.positions(held, counter.chip)
        return Reply(cards=(card,))
    found = counter.desk.instrument(str(wanted))
    if isinstance(found, Refusal):
        return no(counter, call, found)
    mine = [one for one in held if one.position.symbol == found.symbol]
    if not mine:
        words = f"There is no open position in {found.symbol}."
        return no(counter, call, refuse("no_position", words, "See /positions."))
    return Reply(cards=tuple(portfolio.position(one, counter.chip, counter.now()) for one in mine))


async def page_of_positions(counter: Counter, page: int) -> Reply:
    """Show a page of the positions."""
    return Reply(cards=(portfolio.positions(await counter.desk.holdings(), counter.chip, page=page),))


async def open_orders(counter: Counter, call: Call) -> Reply:
    """Serve /orders: all, or those of one symbol."""
    found = await counter.desk.orders()
    if call.args:
        instrument = counter.desk.instrument(str(call.args))
        if isinstance(instrument, Refusal):
            return no(counter, call, instrument)
        found = tuple(one for one in found if one.intent.symbol == instrument.symbol)
    return Reply(cards=(orders.listed(found, counter.chip, counter.books()),))


async def page_of_orders(counter: Counter, page: int) -> Reply:
    """Show a page of the orders."""
    return Reply(cards=(orders.listed(await counter.desk.orders(), counter.chip, counter.books(), page=page),))


async def balance(counter: Counter, call: Call) -> Reply:
    """Serve /balance."""
    return Reply(cards=(portfolio.balance(await counter.desk.account(), counter.chip),))


async def risk(counter: Counter, call: Call) -> Reply:
    """Serve /risk."""
    desk = counter.desk
    limits = await desk.seat.ledger.read(lambda tx: limits_for(tx, None, call.principal.person))
    held, account, status = await desk.holdings(), await desk.account(), await desk.status()
    return Reply(cards=(portfolio.risk(held, account, status, limits, counter.chip, counter.books()),))


async def holding_pressed(counter: Counter, call: Call) -> Reply:
    """Serve a press on a position's card: reducing happens at once, moving a guard asks for its level."""
    press = call.press
    assert press is not None
    symbol, _, letter = press.id.rpartition(".")
    direction = SIDES.get(letter)
    if direction is None:
        return Reply(toast="I do not know this position.", loud=True)
    one = await _held(counter, symbol, direction)
    if one is None:
        return Reply(toast="This position is closed; nothing was done.", loud=True)
    card = portfolio.position(one, counter.chip, counter.now())
    if press.verb == "v":
        return Reply(cards=(card,))
    if press.verb == "ch":
        return await chart(counter, replace(call, args=(symbol,)))
    name = f"h:{press.id}:{press.verb}:{press.digest}"
    if not same_position(press.digest, press.verb, one.position.entry, one.position.size):
        if await _just_pressed(counter, name):
            return Reply(toast="Already done; nothing more was sent.")
        return Reply(cards=(card,), toast="The position is another one by now: here it is. Nothing was done.",
                     loud=True)
    if press.verb in TYPED:
        return _ask_level(counter, call, symbol, direction, press.verb)
    key = await turn(counter, call, name)
    if press.verb == "be":
        guard = ProtectWish(symbol=symbol, direction=direction, break_even=True)
        return _briefly(await propose(counter, call, guard, key))
    wish = CloseWish(which=Which.ONE, symbol=symbol, direction=direction, share=parse(press.verb) or HUNDRED)
    return _briefly(await propose(counter, call, wish, key))


async def _just_pressed(counter: Counter, name: str) -> bool:
    """Tell whether this very button has acted within the last moments: then it is why the position is another one."""
    last = await counter.desk.seat.ledger.read(lambda tx: tx.desk.value(f"pressed:{name}"))
    return bool(last) and last is not None and counter.now().timestamp() - last["at"] < counter.rules.repeat_s


def _briefly(reply: Reply) -> Reply:
    """Keep a refusal in the toast alone where the press is answered with it."""
    return Reply(toast=reply.toast, loud=True) if reply.loud else reply


async def _held(counter: Counter, symbol: str, direction: Direction) -> HoldingView | None:
    fits = (one for one in await counter.desk.holdings()
            if (str(one.position.symbol), one.position.direction) == (symbol, direction))
    return next(fits, None)


def _ask_level(counter: Counter, call: Call, symbol: str, direction: Direction, verb: str) -> Reply:
    noun, examples = TYPED[verb]
    card = replies.typed(counter.chip, f"{symbol}: new {noun}", f"Type {examples}.")
    side = direction.value.lower()

    def work(tx: Tx) -> None:
        questions.put(tx, call.principal.person, "level", counter.now(), counter.rules.question_s,
                      verb=WORDS[verb], symbol=symbol, side=side)

    return Reply(cards=(card,), work=work, toast="Type it.")


async def level_typed(counter: Counter, call: Call) -> Reply:
    """Take a typed level for a guard."""
    asked: Plain = call.asked or {}
    wish = read_trade(f"{asked['verb']} {asked['symbol']} {call.words} {asked['side']}")
    if isinstance(wish, Refusal):
        return no(counter, call, wish)
    reply = await propose(counter, call, wish, call.key)
    return Reply(cards=reply.cards, work=lambda tx: questions.drop(tx, call.principal.person, counter.now()))


async def order_pressed(counter: Counter, call: Call) -> Reply:
    """Serve a press on an order: cancel it, or settle a foreign one."""
    press = call.press
    assert press is not None
    name = ClientOrderId(press.id)
    if press.verb == "x":
        return _briefly(await propose(counter, call, CancelWish(order=name), await turn(counter, call)))
    if press.verb == "u":
        return await _undo(counter, call, name)
    done = await counter.desk.settle_foreign(name, "adopt" if press.verb == "ad" else "ignore", actor=call.actor)
    if isinstance(done, Refusal):
        return Reply(toast=str(done), loud=True)
    words = "Adopted: it is ours now." if press.verb == "ad" else "Ignored: it stays counted."
    return Reply(cards=(control.acknowledged(words, counter.chip),), toast=words)


async def _undo(counter: Counter, call: Call, name: ClientOrderId) -> Reply:
    """Close again what an order has opened, as long as nothing of it was closed since."""

    def read(tx: Tx) -> tuple[Order | None, bool]:
        order = tx.orders.get(name)
        if order is None:
            return None, False
        mine = tx.fills.of_order(name)
        since = max((one.at for one in mine), default=order.created_at)
        later = tx.fills.since(since, order.intent.symbol)
        direction = order.intent.direction
        return order, any(one.effect is Effect.CLOSE and one.direction in (direction, None) for one in later)

    order, touched = await counter.desk.seat.ledger.read(read)
    key = f"o:{name}:u"
    if touched and await _just_pressed(counter, key):
        return Reply(toast="Already done; nothing more was sent.")
    if order is None or not order.filled or touched:
        return Reply(toast="This trade was closed or reduced since; see /positions. Nothing was done.", loud=True)
    wish = CloseWish(
        which=Which.ONE, symbol=str(order.intent.symbol), direction=order.intent.direction, amount=plain(order.filled)
    )
    return _briefly(await propose(counter, call, wish, await turn(counter, call, key)))


HANDLERS: dict[str, Handler] = {
    "positions": positions, "orders": open_orders, "balance": balance, "risk": risk,
}
