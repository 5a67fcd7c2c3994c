"""Change and cancel plans, and guard a position with stop and target in one call."""
from __future__ import annotations

from bot.adapters.bitget.classic import endpoints
from bot.adapters.bitget.classic.link import Link
from bot.adapters.bitget.classic.map_orders import Unwritable
from bot.adapters.bitget.classic.map_plans import NAMESPACES, guards_body, plan_change
from bot.adapters.bitget.classic.outcomes import cancelled_batch, failed, placed
from bot.adapters.bitget.classic.rows import all_of
from bot.adapters.bitget.classic.venue_orders import key_words, mind_mode, mode_or_why
from bot.adapters.bitget.classic.venue_reads import plan_rows
from bot.adapters.bitget.classic.wire_order import PlacedRow
from bot.adapters.bitget.classic.wire_value import Unreadable, text
from bot.adapters.bitget.classic.words import PLAN_KINDS, line_of, lower
from bot.adapters.bitget.http import Call, ReadFailed, Refused, Silent, Unsent
from bot.adapters.bitget.throttle import Lane
from bot.domain.intent import OrderKind
from bot.domain.order import Order
from bot.ports.venue import Accepted, AlreadyEnded, CancelOutcome, NeverLeft, OrderKey, Outcome, Unknown

# A canceled row is matched by kind, not by word: a stop is `loss_plan` with a size and `pos_loss` without.
GUARD_WORDS = frozenset(word for word, kind in PLAN_KINDS.items() if kind.is_guard)


async def _plan_word(link: Link, key: OrderKey) -> str | AlreadyEnded:
    """Name the planType to cancel by; a guard's is looked up, because only the exact one finds it (rest.md 6.6)."""
    if not key.kind.is_guard:
        return NAMESPACES[key.kind]
    rows = await plan_rows(link, endpoints.PLANS_PENDING, key)
    if not rows:
        return AlreadyEnded(words="no waiting plan has this id")
    word = lower(rows[0].get("planType"))
    if word not in GUARD_WORDS:
        raise Unreadable(f"planType: expected a stop or target, found {word!r}")
    return word


async def cancel_plan(link: Link, key: OrderKey) -> CancelOutcome:
    """Ask to cancel one plan in its own namespace (FF-37)."""
    try:
        word = await _plan_word(link, key)
        if isinstance(word, AlreadyEnded):
            return word
        body: dict[str, object] = {**link.place(key.symbol), "planType": word, "orderIdList": [key_words(key)]}
    except Unwritable as error:
        return NeverLeft(why=str(error))
    except (ReadFailed, Unreadable) as error:
        return NeverLeft(why=f"Which kind of plan this is could not be read, and cancelling depends on it: {error}")
    return cancelled_batch(await link.http.write(Call(endpoint=endpoints.CANCEL_PLAN, lane=Lane.CANCEL, body=body)))


async def amend_plan(link: Link, key: OrderKey, new: Order) -> Outcome:
    """Change trigger, price or size of a plan in place: its ids stay (rest.md 6.4, 6.5)."""
    if not new.intent.kind.is_plan:
        return NeverLeft(why=f"Expected a plan, found {new.intent.kind.value}; nothing was sent.")
    try:
        body = {**plan_change(new.intent, link.margin_coin(key.symbol)), **key_words(key)}
    except Unwritable as error:
        return NeverLeft(why=str(error))
    guards = new.intent.kind.is_guard
    endpoint = endpoints.MODIFY_GUARD if guards else endpoints.MODIFY_PLAN
    call = Call(endpoint=endpoint, lane=Lane.REDUCE if guards else Lane.OPEN, body=body)
    return placed(await link.http.write(call, new.signed_at), None)


def _pair_flaw(stop: Order, target: Order) -> str | None:
    if stop.intent.kind is not OrderKind.STOP or target.intent.kind is not OrderKind.TARGET:
        return "Expected a stop and a target; nothing was sent."
    if (stop.intent.symbol, stop.intent.direction) != (target.intent.symbol, target.intent.direction):
        return "Expected a stop and a target of one position; nothing was sent."
    if stop.signed_at is None or target.signed_at is None:
        return "A guard has no stored moment to sign with; nothing was sent."
    return None


async def submit_guards(link: Link, stop: Order, target: Order) -> tuple[Outcome, Outcome]:
    """Send a stop and a target of one position in one request; outcomes of stop and target (rest.md 6.3).

    The answer does not say which id is whose, so acceptances carry none: look them up by client order id.
    """
    flaw = _pair_flaw(stop, target)
    line = line_of(stop.intent.symbol)
    mode = NeverLeft(why=flaw) if flaw is not None else await mode_or_why(link, line)
    if isinstance(mode, NeverLeft):
        return mode, mode
    try:
        body = guards_body(
            (stop.intent, stop.client_order_id),
            (target.intent, target.client_order_id),
            mode,
            link.margin_coin(stop.intent.symbol),
        )
    except Unwritable as error:
        return NeverLeft(why=str(error)), NeverLeft(why=str(error))
    moments = [order.signed_at for order in (stop, target) if order.signed_at is not None]
    call = Call(endpoint=endpoints.PLACE_GUARDS, lane=Lane.REDUCE, body=body)
    answer = await link.http.write(call, min(moments))
    mind_mode(link, line, answer)
    if isinstance(answer, Refused | Unsent | Silent):
        return failed(answer), failed(answer)
    try:
        rows = all_of(answer.data, PlacedRow, "the acceptance")
    except Unreadable as error:
        return Unknown(why=str(error)), Unknown(why=str(error))
    if len([row for row in rows if text(row.orderId) is not None]) < 2:
        silent = Unknown(why=f"the answer names {len(rows)} plans instead of two")
        return silent, silent
    return Accepted(venue_order_id=None), Accepted(venue_order_id=None)
