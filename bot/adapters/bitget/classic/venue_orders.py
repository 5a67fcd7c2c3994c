"""Place, change, cancel and close: every call here changes state and is made at most once."""
from __future__ import annotations

from collections.abc import Sequence

from bot.adapters.bitget.classic import endpoints
from bot.adapters.bitget.classic.link import Link
from bot.adapters.bitget.classic.map_orders import (
    Unwritable,
    book_body,
    book_item,
    price_word,
    size_word,
)
from bot.adapters.bitget.classic.map_plans import guard_body, plan_body
from bot.adapters.bitget.classic.outcomes import cancelled, cancelled_batch, closed, placed, placed_batch
from bot.adapters.bitget.classic.wire_value import Unreadable
from bot.adapters.bitget.classic.words import HOLD_WORDS, LINE_WORDS, MARGIN_MODE_WORDS, line_of
from bot.adapters.bitget.codes import Kind
from bot.adapters.bitget.http import Answer, Call, Endpoint, ReadFailed, Refused
from bot.adapters.bitget.throttle import Lane
from bot.domain.account import PositionMode
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from bot.domain.intent import Attached, Direction, Effect, OrderIntent, OrderKind
from bot.domain.numbers import plain
from bot.domain.order import Order
from bot.ports.venue import Accepted, CancelOutcome, CloseOutcome, NeverLeft, OrderKey, Outcome

BATCH_MAX = 50
REMOVED = "0"


def lane_of(intent: OrderIntent) -> Lane:
    """Give reducing orders and guards the lane that never waits behind openings (I24)."""
    return Lane.REDUCE if intent.effect is Effect.CLOSE or intent.kind.is_guard else Lane.OPEN


async def mode_or_why(link: Link, line: ProductLine) -> PositionMode | NeverLeft:
    """Give the position mode, or why nothing may be sent without it."""
    try:
        return await link.mode(line)
    except (ReadFailed, Unreadable) as error:
        return NeverLeft(why=f"The position mode could not be read, and an order depends on it: {error}")


def key_words(key: OrderKey) -> dict[str, str]:
    """Write the id to ask by: the venue's own where known, else ours. Raises Unwritable for neither."""
    if key.venue_order_id is not None:
        return {"orderId": str(key.venue_order_id)}
    if key.client_order_id is not None:
        return {"clientOid": str(key.client_order_id)}
    raise Unwritable("Expected an order id, found none; nothing was sent.")


def _request(order: Order, mode: PositionMode, margin_coin: str) -> tuple[Endpoint, dict[str, object]]:
    intent, client_id = order.intent, order.client_order_id
    if not intent.kind.is_plan:
        return endpoints.PLACE_ORDER, book_body(intent, client_id, mode, margin_coin)
    if intent.kind.is_guard:
        return endpoints.PLACE_GUARD, guard_body(intent, client_id, mode, margin_coin)
    return endpoints.PLACE_PLAN, plan_body(intent, client_id, mode, margin_coin)


def mind_mode(link: Link, line: ProductLine, answer: Answer) -> None:
    """Forget a position mode that the venue contradicts, so that it is read before the next order (FF-45)."""
    if isinstance(answer, Refused) and (answer.kind is Kind.POSITION_MODE or answer.code == "400172"):
        link.forget_modes(line)


async def submit(link: Link, order: Order) -> Outcome:
    """Send an order or plan, signed with its stored moment (R1-R4)."""
    if order.signed_at is None:
        return NeverLeft(why="The order has no stored moment to sign with; nothing was sent.")
    line = line_of(order.intent.symbol)
    mode = await mode_or_why(link, line)
    if isinstance(mode, NeverLeft):
        return mode
    try:
        endpoint, body = _request(order, mode, link.margin_coin(order.intent.symbol))
    except Unwritable as error:
        return NeverLeft(why=str(error))
    call = Call(endpoint=endpoint, lane=lane_of(order.intent), body=body)
    answer = await link.http.write(call, order.signed_at)
    mind_mode(link, line, answer)
    return placed(answer, order.client_order_id)


def _batch_flaw(orders: Sequence[Order]) -> str | None:
    if len(orders) > BATCH_MAX:
        return f"Expected at most {BATCH_MAX} orders in one batch, found {len(orders)}; nothing was sent."
    if len({(order.intent.symbol, order.intent.margin_mode) for order in orders}) != 1:
        return "Expected orders of one symbol and one margin mode in a batch; nothing was sent."
    if any(order.signed_at is None for order in orders):
        return "An order of the batch has no stored moment to sign with; nothing was sent."
    return None


async def submit_batch(link: Link, orders: Sequence[Order]) -> tuple[Outcome, ...]:
    """Send several book orders in one request, signed with the oldest of their stored moments."""
    if not orders:
        return ()
    flaw = _batch_flaw(orders)
    if flaw is not None:
        return tuple(NeverLeft(why=flaw) for _ in orders)
    first = orders[0].intent
    line = line_of(first.symbol)
    mode = await mode_or_why(link, line)
    if isinstance(mode, NeverLeft):
        return tuple(mode for _ in orders)
    try:
        listed = [book_item(order.intent, order.client_order_id, mode) for order in orders]
    except Unwritable as error:
        return tuple(NeverLeft(why=str(error)) for _ in orders)
    body: dict[str, object] = {
        **link.place(first.symbol),
        "marginMode": MARGIN_MODE_WORDS[first.margin_mode],
        "orderList": listed,
    }
    lane = max(lane_of(order.intent) for order in orders)
    signed_at = min(order.signed_at for order in orders if order.signed_at is not None)
    answer = await link.http.write(Call(endpoint=endpoints.PLACE_BATCH, lane=lane, body=body), signed_at)
    mind_mode(link, line, answer)
    return placed_batch(answer, tuple(order.client_order_id for order in orders))


async def cancel_order(link: Link, key: OrderKey) -> CancelOutcome:
    """Ask to cancel one book order."""
    try:
        body = {**link.place(key.symbol), **key_words(key)}
    except Unwritable as error:
        return NeverLeft(why=str(error))
    return cancelled(await link.http.write(Call(endpoint=endpoints.CANCEL_ORDER, lane=Lane.CANCEL, body=body)))


async def cancel_all(link: Link, line: ProductLine, symbol: Symbol | None) -> CancelOutcome:
    """Ask to cancel all book orders of a line, or of one symbol by the batch call without a list (rest.md 5.6)."""
    body: dict[str, object] = {"productType": LINE_WORDS[line]}
    endpoint = endpoints.CANCEL_ALL
    if symbol is not None:
        body, endpoint = dict(link.place(symbol)), endpoints.CANCEL_BATCH
    return cancelled_batch(await link.http.write(Call(endpoint=endpoint, lane=Lane.CANCEL, body=body)))


async def amend(link: Link, old: OrderKey, new: Order) -> Outcome:
    """Ask to replace an open limit order; the answer names the old order, so the new one's id is never in it (R9)."""
    if new.signed_at is None:
        return NeverLeft(why="The order has no stored moment to sign with; nothing was sent.")
    if new.intent.kind is not OrderKind.LIMIT:
        return NeverLeft(why=f"Expected a limit order as the replacement, found {new.intent.kind.value}.")
    try:
        body = {
            **link.place(old.symbol),
            **key_words(old),
            "newClientOid": str(new.client_order_id),
            "newSize": size_word(new.intent.size),
            "newPrice": price_word("limit price", new.intent.limit_price),
        }
    except Unwritable as error:
        return NeverLeft(why=str(error))
    call = Call(endpoint=endpoints.MODIFY_ORDER, lane=lane_of(new.intent), body=body)
    outcome = placed(await link.http.write(call, new.signed_at), None)
    return Accepted(venue_order_id=None) if isinstance(outcome, Accepted) else outcome


async def amend_attached(link: Link, key: OrderKey, attached: Attached) -> Outcome:
    """Change the stop and target inside an open limit order: both are stated, `0` removes one (semantics 7)."""
    target, stop = attached.target, attached.stop
    try:
        body = {
            **link.place(key.symbol),
            **key_words(key),
            "newPresetStopSurplusPrice": REMOVED if target is None else plain(target),
            "newPresetStopLossPrice": REMOVED if stop is None else plain(stop),
        }
    except Unwritable as error:
        return NeverLeft(why=str(error))
    call = Call(endpoint=endpoints.MODIFY_ORDER, lane=Lane.REDUCE, body=body)
    return placed(await link.http.write(call), None)


async def close_position(link: Link, symbol: Symbol, direction: Direction | None) -> CloseOutcome:
    """Flash-close a symbol at market; `holdSide` is left out for both, and ignored in one-way mode (rest.md 5.8)."""
    body: dict[str, object] = {"symbol": str(symbol), "productType": LINE_WORDS[line_of(symbol)]}
    if direction is not None:
        body["holdSide"] = HOLD_WORDS[direction]
    return closed(await link.http.write(Call(endpoint=endpoints.CLOSE_POSITIONS, lane=Lane.REDUCE, body=body)))
