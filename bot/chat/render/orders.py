"""Draw one order from ticket to outcome in one card, told from the ledger; and the list of open orders. Pure.

"Filled", "closed" and "cancelled" appear only when proven (I16): the words follow the order's state and its fills.
"""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.chat.card import SUCCESS, Card, press, proposal_key
from bot.chat.held import held_press
from bot.chat.render.autonomy import resolved
from bot.chat.render.figures import KIND_WORDS, Books, base_of, bought, coins, letter, level, price, say, side, size
from bot.chat.render.opening import called, entry_of, repeatable
from bot.chat.render.text import Chip, Part, Row, bold, card, clean, code, fitting, grid, lines, moment, rich, table
from bot.chat.tale import Tale, unsent
from bot.domain.fill import Fill, tally
from bot.domain.instrument import Instrument
from bot.domain.intent import Effect, OrderKind
from bot.domain.numbers import ZERO
from bot.domain.order import Order, OrderState, Owner
from bot.domain.proposal import Action, OriginKind, ProposalState
from bot.domain.protection import ProtectionState
from bot.ports.messenger import Button

S = OrderState
WAITING = (S.NEW, S.SUBMITTING)
WORDS = {
    S.NEW: "sending", S.SUBMITTING: "sending", S.IN_DOUBT: "not confirmed", S.OPEN: "on the book",
    S.PARTLY_FILLED: "partly filled", S.FILLED: "filled", S.CANCELED: "cancelled", S.REJECTED: "rejected",
    S.NOT_PLACED: "not sent",
}
# What the exchange says of an order that somebody cancelled: its card says so in words.
PLAIN_ENDS = ("normal_cancel", "normal cancel")
ENDINGS = {
    ProposalState.EXPIRED: "Expired, nothing was sent",
    ProposalState.SUPERSEDED: "Replaced by a newer idea",
    ProposalState.WITHDRAWN: "Withdrawn, nothing was sent",
}


def outcome(tale: Tale, chip: Chip, books: Books, now: datetime) -> Card:
    """Draw what became of a proposal after its ticket; a proposal that still waits has its own card."""
    proposal = tale.proposal
    book = books.get(proposal.terms.symbol) if proposal.terms.symbol is not None else None
    main = [one for one in tale.orders if not one.intent.kind.is_guard] or list(tale.orders)
    if not main:
        return _without_orders(tale, chip, book)
    if len(main) > 1:
        return _several(tale, main, chip, books)
    return _one(tale, main[0], chip, book, books)


def _by(tale: Tale, verb: str = "Approved") -> Part | None:
    votes = [one for one in tale.decisions if one.revision == tale.proposal.revision]
    if not votes or tale.proposal.state is ProposalState.AWAITING:
        return None
    return rich(f"{verb} by {clean(tale.decided_by, 40)} ", moment(votes[-1].at))


def _came_of_it(tale: Tale) -> Part | None:
    """Say what the idea behind it came to, once it is over."""
    done = tale.outcome
    return None if done is None else resolved(done.outcome, done.result_r, done.executed_r, done.at)


def _without_orders(tale: Tale, chip: Chip, book: Instrument | None) -> Card:
    proposal, state = tale.proposal, tale.proposal.state
    what = called(proposal, book)
    key = proposal_key(proposal.id)
    if state is ProposalState.REJECTED:
        reason = next((one.reason for one in reversed(tale.decisions) if one.reason), None)
        why = f"Reason: {clean(reason, 200)}" if reason else None
        return card(chip, f"Not placed: {what}", _by(tale, "Turned down"), why, _came_of_it(tale), key=key)
    if state is ProposalState.REFUSED:
        return card(chip, f"Not sent: {what}", *(str(one) for one in tale.refusals or ()),
                    *(proposal.reasons if not tale.refusals else ()), _by(tale), _came_of_it(tale), emoji="⛔", key=key,
                    rows=((*_again(tale), Button(label="Why", data=press("p", proposal.id, "w"))),))
    if state in ENDINGS:
        again = _again(tale)
        rows = (again,) if again else ()
        return card(chip, ENDINGS[state], f"It was: {what}.", _came_of_it(tale), key=key, rows=rows)
    if state is ProposalState.ORDERED:
        return card(chip, f"{what}: done at the exchange", _by(tale), emoji="✅", key=key) \
            if proposal.terms.action in (Action.LEVERAGE, Action.MARGIN_MODE) \
            else _asked(tale, chip, book, what)
    return card(chip, f"Sending: {what}", _by(tale), emoji="⏳", key=key)


def _asked(tale: Tale, chip: Chip, book: Instrument | None, what: str) -> Card:
    """Say what was asked of guards or orders that are there already; what came of it is told by facts of its own."""
    guards = [leg.intent for leg in tale.proposal.terms.legs if leg.intent.kind.is_guard]
    later = "What became of each order is told as it is known."
    if tale.proposal.terms.action is Action.PROTECT and guards and guards[0].trigger is not None:
        noun = "target" if guards[0].kind is OrderKind.TARGET else "stop"
        what = f"{base_of(guards[0].symbol, {})} {noun} to {price(guards[0].trigger.price, book)}"
        later = "It counts once it is read back from the exchange; that is told as well."
    return card(chip, f"Asked: {what}", later, _by(tale), key=proposal_key(tale.proposal.id))


def _one(tale: Tale, order: Order, chip: Chip, book: Instrument | None, books: Books) -> Card:
    intent, base = order.intent, base_of(order.intent.symbol, books)
    what = f"{'buy' if intent.buying else 'sell'} {size(intent.size, book)} {base}"
    filled = f"{size(order.filled, book)} of {size(intent.size, book)} {base}"
    emoji, head = "⏳", f"Sending: {what}"
    if order.state is S.IN_DOUBT:
        emoji, head = "🟡", f"Sent, not confirmed: {what}"
    elif order.state is S.OPEN:
        head = fitting(f"Waiting: {what} {level(intent, book)}", f"Waiting: {what}")
    elif order.state is S.PARTLY_FILLED:
        head = f"Partly filled: {filled}"
    elif order.state is S.FILLED:
        emoji, amount = "✅", f"{size(order.filled, book)} {base}"
        at = _average(order, book)
        short = "buy" if intent.buying else "sell"
        head = fitting(f"Filled: {bought(intent)} {amount} @ {at}", f"Filled: {short} {amount} @ {at}",
                       f"Filled: {bought(intent)} {amount}")
    elif order.state is S.CANCELED:
        emoji = ""
        head = f"Over: {filled} filled" if order.filled > ZERO else f"Cancelled: {what}"
    elif order.state is S.REJECTED:
        emoji, head = "🔴", f"Rejected: {what}"
    elif order.state is S.NOT_PLACED:
        emoji, head = "", f"Not sent: {what}"
    return card(
        chip,
        head,
        _fill_table(order, tale.fills, book) if order.filled > ZERO else None,
        _sentence(order, book),
        f"{level(intent, book).capitalize()}." if order.state is S.OPEN else None,
        _guarded(tale, book) if intent.effect is Effect.OPEN and order.filled > ZERO else None,
        _undo(order, book),
        _came_of_it(tale),
        _by(tale),
        code(_short(order)),
        emoji=emoji,
        rows=_order_buttons(tale, order),
        key=proposal_key(tale.proposal.id),
    )


def _average(order: Order, book: Instrument | None) -> str:
    return price(order.average_price, book)


def _short(order: Order) -> str:
    """Give the end of an id: enough to ask /why about, short enough for a card."""
    return f"ord-{order.client_order_id[-6:]}"


def _fill_table(order: Order, fills: Sequence[Fill], book: Instrument | None) -> Part:
    mine = tally(one for one in fills if one.client_order_id == order.client_order_id)
    coin = book.margin_coin if book is not None else ""
    fee_coin = next((one.fee_coin for one in fills if one.client_order_id == order.client_order_id), coin)
    average = order.average_price or ZERO
    limit = order.intent.limit_price
    closing = order.intent.effect is Effect.CLOSE
    better = (limit - average) * (1 if order.intent.buying else -1) if limit is not None else None
    rows: list[Row | None] = [
        ("Avg price", price(order.average_price, book)),
        ("Cost" if not closing else "Worth", f"{average * order.filled:,.2f}", book.quote if book is not None else ""),
        ("Fee", coins(mine.fees, fee_coin), fee_coin),
        ("Gross", coins(mine.realised, coin, sign=True), coin) if closing else None,
        ("Net", coins(mine.realised - mine.fees, coin, sign=True), coin)
        if closing and fee_coin == coin else None,
        ("Slippage", price(-better, book), "better" if better > ZERO else "worse")
        if better is not None and better != ZERO else None,
    ]
    return table(rows)


def _sentence(order: Order, book: Instrument | None) -> Part | None:
    why = clean(order.reason, 200) if order.reason else None
    if order.state is S.IN_DOUBT:
        return ("No clear answer from the exchange; it is being asked by the order's id. "
                f"Nothing new opens in {order.intent.symbol} until it is known. Do not repeat the order.")
    if order.state is S.REJECTED:
        return rich("The exchange said: ", why or "no reason given", ". Nothing was opened by it.")
    if order.state is S.NOT_PLACED:
        return rich("It never reached the exchange", f": {why}" if why else "", ". It is safe to try again.")
    if order.state is S.CANCELED:
        said = why if why is not None and why not in PLAIN_ENDS else ""
        rest = "The rest is cancelled" if order.filled > ZERO else "Nothing of it was filled"
        return rich(rest, f": {said}" if said else "", ".")
    if order.cancel_requested_at is not None and not order.state.settled:
        return "Cancelling was asked for; how it ends is shown here."
    if order.state in WAITING:
        return None
    return None


def _guarded(tale: Tale, book: Instrument | None) -> Part:
    guard = tale.protection
    if guard is None or guard.state is ProtectionState.PLACING:
        return "⏳ The stop is being checked at the exchange."
    if guard.state is ProtectionState.WAIVED and guard.waiver is not None:
        return rich("🟡 No stop until ", moment(guard.waiver.until), f": {clean(guard.waiver.reason, 120)}")
    if guard.state is ProtectionState.VERIFIED and guard.stop is not None:
        goals = f" and {len(guard.targets)} target{'s' if len(guard.targets) > 1 else ''}" if guard.targets else ""
        are = "are" if guard.targets else "is"
        return f"Stop {price(guard.stop, book)}{goals} {are} at the exchange."
    return "🔴 No stop is at the exchange."


def _undo(order: Order, book: Instrument | None) -> Part | None:
    if order.state is not S.FILLED or order.intent.effect is not Effect.OPEN or book is None:
        return None
    if order.average_price is None:
        return None
    cost = book.margin_value(order.filled, order.average_price) * book.taker_fee
    return f"Closing it now is a new trade and costs about {coins(cost, book.margin_coin)} {book.margin_coin} in fees."


def _again(tale: Tale) -> tuple[Button, ...]:
    """Offer a new ticket for what a person wanted and provably nobody sent; a model's idea has had its time."""
    proposal = tale.proposal
    typed = proposal.origin.kind in (OriginKind.PERSON, OriginKind.LOCAL)
    if not repeatable(proposal) or not unsent(tale) or not (typed or tale.orders):
        return ()
    return (Button(label="Try again", data=press("p", proposal.id, "ag")),)


def _order_buttons(tale: Tale, order: Order) -> tuple[tuple[Button, ...], ...]:
    intent = order.intent
    copy = Button(label="Copy id", copy=order.client_order_id)
    if order.state in (S.OPEN, S.PARTLY_FILLED):
        return ((Button(label="Cancel order", data=press("o", order.client_order_id, "x")), copy),)
    if order.state is S.FILLED and intent.effect is Effect.OPEN:
        return (
            (Button(label="Position", data=held_press(intent.symbol, intent.direction, "v")), copy),
            (Button(label="Undo: close now", data=press("o", order.client_order_id, "u")),),
        )
    if order.state in (S.REJECTED, S.NOT_PLACED) and order.proposal_id is not None:
        held = (Button(label="Position", data=held_press(intent.symbol, intent.direction, "v")),) \
            if intent.effect is Effect.CLOSE else _again(tale)
        return (*((held,) if held else ()), (Button(label="Why", data=press("p", order.proposal_id, "w")), copy))
    return ((copy,),)


def _several(tale: Tale, orders: Sequence[Order], chip: Chip, books: Books) -> Card:
    """Draw ladders, slices, reversals and bulk closes: one line an order, one card for all of them."""
    entry = entry_of(tale.proposal)
    book = books.get(entry.symbol) if entry is not None else None
    over = [one for one in orders if one.state.settled]
    filled = [one for one in orders if one.state is S.FILLED]
    legs = max(len(orders), sum(1 for leg in tale.proposal.terms.legs if not leg.intent.kind.is_guard))
    emoji = "✅" if len(filled) == legs else "🟡" if any(one.state is S.IN_DOUBT for one in orders) else "⏳"
    if len(over) == legs and len(filled) < legs:
        emoji = ""
    what = called(tale.proposal, book)
    rows = [(base_of(one.intent.symbol, books), letter(one.intent.direction),
             size(one.intent.size, books.get(one.intent.symbol)), WORDS[one.state]) for one in orders[:12]]
    more = f"and {len(orders) - 12} more" if len(orders) > 12 else None
    wrong = [f"{base_of(one.intent.symbol, books)}: {clean(one.reason, 120)}" for one in orders
             if one.reason and one.state in (S.REJECTED, S.NOT_PLACED)]
    realised = sum((one.realised - one.fee for one in tale.fills), ZERO)
    closing = any(one.intent.effect is Effect.CLOSE for one in orders)
    alive = [one for one in orders if one.state in (S.OPEN, S.PARTLY_FILLED)]
    buttons = ((Button(label="Cancel the rest", data=press("p", tale.proposal.id, "x")),),) if alive else ()
    head = f"{len(filled)} of {legs} filled: {what}"
    if all(one.intent.kind.is_guard for one in orders):
        waiting = sum(one.state is S.OPEN for one in orders)
        emoji = "" if waiting == legs else emoji
        head = f"{waiting} of {legs} wait at the exchange"
    return card(
        chip,
        head,
        grid(("SYM", "", "SIZE", "STATE"), rows, left=2),
        more,
        f"Net so far {say(coins(realised, '', sign=True))}." if closing and filled else None,
        *wrong[:4],
        _by(tale),
        emoji=emoji,
        rows=buttons,
        key=proposal_key(tale.proposal.id),
    )


def listed(orders: Sequence[Order], chip: Chip, books: Books, *, page: int = 0, per_page: int = 6) -> Card:
    """Draw the open orders, guards apart, with a button to cancel each; the rest is on further pages."""
    plain = [one for one in orders if not one.intent.kind.is_guard]
    guards = len(orders) - len(plain)
    pages = max(1, -(-len(plain) // per_page))
    page = min(max(0, page), pages - 1)
    shown = plain[page * per_page : (page + 1) * per_page]
    if not plain:
        return card(chip, "No open orders", f"{guards} guards wait at the exchange." if guards else None)
    blocks = [_row(one, books) for one in shown]
    cancels = [Button(label=f"✕ {base_of(one.intent.symbol, books)}"[:9], data=press("o", one.client_order_id, "x"))
               for one in shown]
    rows = [tuple(cancels[place : place + 3]) for place in range(0, len(cancels), 3)]
    if pages > 1:
        rows.append(_pager("orders", page, pages))
    if len(plain) > 1:
        rows.append((Button(label="Cancel all", data=press("c", "cancel", "all"), style="danger"),))
    return card(
        chip, f"{len(plain)} open order{'' if len(plain) == 1 else 's'}", lines(*blocks),
        f"And {guards} guards of positions." if guards else None, rows=tuple(rows),
    )


def _pager(what: str, page: int, pages: int) -> tuple[Button, ...]:
    return (
        Button(label="‹", data=press("c", what, str(max(0, page - 1)))),
        Button(label=f"{page + 1}/{pages}", data=press("c", what, str(page))),
        Button(label="›", data=press("c", what, str(min(pages - 1, page + 1)))),
    )


def _row(order: Order, books: Books) -> Part:
    intent, book = order.intent, books.get(order.intent.symbol)
    verb = "Buy" if intent.buying else "Sell"
    state = "" if order.state is S.OPEN else f" · {WORDS[order.state]}"
    if order.filled > ZERO:
        state = f" · {size(order.filled, book)} filled"
    flag = "🟡 not ours · " if order.owner is Owner.FOREIGN else ""
    closing = ", closes" if intent.effect is Effect.CLOSE else ""
    stop = f", stop {price(intent.stop, book)}" if intent.stop is not None else ""
    return rich(
        flag, bold(f"{verb} {size(intent.size, book)} {base_of(intent.symbol, books)}"),
        f" {level(intent, book)}{closing}{stop}{state}\n", code(_short(order)),
    )


def canceled(asked: int, refused: Sequence[str], chip: Chip, scope: str) -> Card:
    """Answer a cancel with its scope and what was asked; how each ends comes later (R8)."""
    return card(
        chip, f"Cancelling {asked} order{'' if asked == 1 else 's'}: {clean(scope, 20)}",
        "The outcome of each is told as the exchange confirms it.",
        *(clean(one, 200) for one in refused[:5]), emoji="⏳" if asked else "",
    )


def moved_price(order: Order, now: Decimal, books: Books) -> str:
    """Say how far the market is from a resting order."""
    at = order.intent.limit_price or (order.intent.trigger.price if order.intent.trigger is not None else None)
    if at is None or now <= ZERO:
        return ""
    return f"{say(f'{(at - now) / now * 100:+.2f}')}% from {price(now, books.get(order.intent.symbol))}"


def foreign(order: Order, chip: Chip, books: Books) -> Card:
    """Offer what to do with an order that is not ours (features section 4, number 16)."""
    intent, book = order.intent, books.get(order.intent.symbol)
    verb = "buy" if intent.buying else "sell"
    kind = "order" if not intent.kind.is_plan else f"{KIND_WORDS[intent.kind]} order"
    return card(
        chip,
        f"Not ours: {verb} {size(intent.size, book)} {base_of(intent.symbol, books)}",
        f"A {kind} {level(intent, book) if intent.kind is not OrderKind.MARKET else 'at market'} appeared at the "
        f"exchange that this desk did not send. It counts to {side(intent.direction)} exposure now.",
        "Adopt: it becomes ours. Ignore: it stays counted and quiet. Cancel: it is taken off.",
        code(_short(order)),
        emoji="🟡",
        rows=((
            Button(label="Adopt", data=press("o", order.client_order_id, "ad"), style=SUCCESS),
            Button(label="Ignore", data=press("o", order.client_order_id, "ig")),
            Button(label="Cancel it", data=press("o", order.client_order_id, "x")),
        ),),
        key=f"foreign:{order.client_order_id}",
    )
