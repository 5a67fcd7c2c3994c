"""Break the order path on purpose, one design of reliability section 2 at a time; by patches that only tests apply."""
from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from bot.adapters.bitget.classic import outcomes, venue_orders
from bot.adapters.bitget.codes import Kind, kind_of
from bot.adapters.store.fills import StoredFills
from bot.desk import cancel, execute, guard, protect, resolve, submit
from bot.desk import propose as proposing
from bot.desk import replace as replacing
from bot.desk.cancel import Canceling
from bot.desk.enter import enter
from bot.desk.rules import Rules
from bot.desk.verdict import Planned, plan_order
from bot.domain.absence import ClockRule
from bot.domain.fill import Fill
from bot.domain.happenings import EndedAtVenue
from bot.domain.ids import ClientOrderId, RequestKey, TradeId, client_order_id
from bot.domain.refusal import Refusal
from bot.domain.reports import Absent
from bot.ports.venue import AlreadyEnded, CancelRequested, Rejected, Unknown, VenueSilent


@contextmanager
def sign_at_send_time() -> Iterator[None]:
    """Sign with the moment of sending instead of the stored one (R2)."""
    real = venue_orders.submit

    async def late(link: Any, order: Any) -> Any:
        return await real(link, replace(order, signed_at=link.clock.now()))

    with patch.object(venue_orders, "submit", late):
        yield


@contextmanager
def retry_with_new_id() -> Iterator[None]:
    """Send again under another id when no clear answer came (R3)."""

    async def send(seat: Any, order: Any) -> Any:
        outcome = await seat.venue.submit(order)
        if isinstance(outcome, Unknown):
            again = client_order_id(seat.tag, str(order.client_order_id), 0, "again")
            await seat.venue.submit(replace(order, client_order_id=again, signed_at=seat.clock.now()))
        seat.sending.discard(order.client_order_id)
        return await submit.record(seat, order.client_order_id, outcome)

    with patch.object(submit, "send", send):
        yield


@contextmanager
def resend_with_same_id() -> Iterator[None]:
    """Send again under the same id when no clear answer came (R3)."""

    async def send(seat: Any, order: Any) -> Any:
        outcome = await seat.venue.submit(order)
        if isinstance(outcome, Unknown):
            outcome = await seat.venue.submit(replace(order, signed_at=seat.clock.now()))
        seat.sending.discard(order.client_order_id)
        return await submit.record(seat, order.client_order_id, outcome)

    with patch.object(submit, "send", send):
        yield


@contextmanager
def timeout_is_failed() -> Iterator[None]:
    """Take silence for a refusal (R4)."""
    real = submit.happening_of_answer

    def failed(outcome: Any, seat: Any) -> Any:
        return real(Rejected(code="timeout", words=outcome.why) if isinstance(outcome, Unknown) else outcome, seat)

    with patch.object(submit, "happening_of_answer", failed):
        yield


@contextmanager
def no_request_keys() -> Iterator[None]:
    """Take every delivery of a wish for a new one (P3)."""
    real, count = proposing.propose, itertools.count()

    async def anew(seat: Any, origin: Any, key: Any, wish: Any, **more: Any) -> Any:
        return await real(seat, origin, RequestKey(f"{key}-{next(count)}"), wish, **more)

    with patch.object(proposing, "propose", anew):
        yield


@contextmanager
def _clock_rule(rule: ClockRule) -> Iterator[None]:
    with patch.object(Rules, "clock_rule", property(lambda self: rule)):
        yield


def one_absence_is_final() -> Any:
    """Believe the first "no such order" (R5)."""
    return _clock_rule(ClockRule(validity_s=0, skew_s=0, lag_s=0, minimum_asks=1))


def five_absences_without_age() -> Any:
    """Believe five of them, however early (R5)."""
    return _clock_rule(ClockRule(validity_s=0, skew_s=0, lag_s=0, minimum_asks=5))


def age_without_margin() -> Any:
    """Believe one as soon as the validity is over, with no margin for lag and skew (R5)."""
    return _clock_rule(ClockRule(validity_s=30, skew_s=0, lag_s=0, minimum_asks=1))


@contextmanager
def error_is_absence() -> Iterator[None]:
    """Count a question that failed as "no such order" (R6)."""

    async def ask(seat: Any, order: Any) -> None:
        try:
            answer = await seat.venue.order(cancel.key_of(order))
        except VenueSilent:
            now = seat.clock.now()
            answer = Absent(
                client_order_id=order.client_order_id, venue_order_id=order.venue_order_id, asked_at=now
            )
        if isinstance(answer, Absent):
            await resolve.absent(seat, order, answer)
        else:
            await resolve.learn(seat, answer)

    async def listed(seat: Any, order: Any) -> bool:
        return False

    with patch.object(resolve, "ask", ask), patch.object(resolve, "_listed", listed):
        yield


@contextmanager
def duplicate_is_failure() -> Iterator[None]:
    """Take "this id is known" for a refusal instead of a reason to ask (R7)."""
    real = outcomes.ambiguous

    def sure(code: str) -> bool:
        return kind_of(code) is not Kind.DUPLICATE_ID and real(code)

    with patch.object(outcomes, "ambiguous", sure):
        yield


class _Undo(Exception):
    def __init__(self, planned: Planned | Refusal) -> None:
        super().__init__("planned without being stored")
        self.planned = planned


@contextmanager
def send_before_store() -> Iterator[None]:
    """Send first and store afterwards (R1)."""

    async def sent_first(
        seat: Any, proposal_id: Any, leg: Any, facts: Any, size: Any, replaces: Any
    ) -> Any:
        def plan(tx: Any) -> Any:
            return plan_order(tx, seat, proposal_id, leg, facts, size=size, replaces=replaces)

        def try_out(tx: Any) -> Any:
            raise _Undo(plan(tx))

        try:
            await seat.ledger.transact(try_out)
        except _Undo as undone:
            planned = undone.planned
        if isinstance(planned, Refusal) or not planned.fresh:
            return planned if isinstance(planned, Refusal) else planned.order
        outcome = await seat.venue.submit(planned.order)
        stored = await seat.ledger.transact(plan)
        if isinstance(stored, Refusal):
            return stored
        return await submit.record(seat, stored.order.client_order_id, outcome)

    with patch.object(submit, "_submit", sent_first):
        yield


@contextmanager
def replacement_of_full_size() -> Iterator[None]:
    """Let the later order of an amendment carry everything again (R9)."""
    real = replacing.submit

    async def whole(seat: Any, proposal_id: Any, leg: Any, facts: Any, **more: Any) -> Any:
        return await real(seat, proposal_id, leg, facts, **(more | {"size": leg.intent.size}))

    with patch.object(replacing, "submit", whole):
        yield


@contextmanager
def _cancel_ends(outcome_kind: type) -> Iterator[None]:
    real = cancel.cancel

    async def final(seat: Any, identity: ClientOrderId, **more: Any) -> Any:
        done = await real(seat, identity, **more)
        if isinstance(done, Canceling) and isinstance(done.outcome, outcome_kind):
            await seat.ledger.transact(lambda tx: _end(tx, seat, identity))
        return done

    with ExitStack() as stack:
        for module in (cancel, execute, guard, protect, replacing):
            stack.enter_context(patch.object(module, "cancel", final))
        yield


def _end(tx: Any, seat: Any, identity: ClientOrderId) -> None:
    order, now = tx.orders.get(identity), seat.clock.now()
    if not order.state.settled:
        over = EndedAtVenue(at=now, venue_order_id=None, filled=order.filled, reason="the cancel was answered")
        enter(tx, order, over, now)


def cancel_answer_is_final() -> Any:
    """Take the acknowledgement of a cancel for its effect (R8)."""
    return _cancel_ends(CancelRequested)


def cancel_not_found_is_cancelled() -> Any:
    """Take "nothing to cancel" for "cancelled" (R8)."""
    return _cancel_ends(AlreadyEnded)


@contextmanager
def no_fill_deduplication() -> Iterator[None]:
    """Book an execution as often as it is told (R10)."""
    real = StoredFills.insert

    def every_time(self: StoredFills, fill: Fill) -> bool:
        number, name = 1, fill.trade_id
        while self.get(name) is not None:
            number += 1
            name = TradeId(f"{fill.trade_id}-{number}")
        return real(self, replace(fill, trade_id=name))

    with patch.object(StoredFills, "insert", every_time):
        yield
