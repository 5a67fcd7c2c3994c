"""Decide what an answer to a write means, item by item: one table for each family of verbs. Pure."""
from __future__ import annotations

from bot.adapters.bitget.classic.rows import all_of, one
from bot.adapters.bitget.classic.wire_order import BatchData, FailedRow, PlacedRow
from bot.adapters.bitget.classic.wire_value import Unreadable, text
from bot.adapters.bitget.codes import Kind, ambiguous, kind_of, sentence
from bot.adapters.bitget.http import WORDS_MAX, Answer, Refused, Silent, Unsent
from bot.domain.ids import ClientOrderId, VenueOrderId
from bot.ports.venue import (
    Accepted,
    AlreadyEnded,
    CancelOutcome,
    CancelRequested,
    Changed,
    ChangeOutcome,
    CloseOutcome,
    Closing,
    NeverLeft,
    Outcome,
    Rejected,
    Unknown,
)

ENDED = (Kind.NOT_FOUND, Kind.ALREADY_FINAL, Kind.NOTHING_TO_CANCEL)
NOTHING = "there was nothing to cancel"


def failed(answer: Refused | Unsent | Silent) -> Rejected | NeverLeft | Unknown:
    """Turn anything but success into an outcome: unknown and busy codes and duplicate ids are asked about (R4, R7)."""
    if isinstance(answer, Unsent):
        return NeverLeft(why=answer.why)
    if isinstance(answer, Silent):
        return Unknown(why=answer.why)
    if ambiguous(answer.code):
        return Unknown(why=f"{answer.code} {answer.words}".strip())
    return Rejected(code=answer.code, words=words_of(answer))


def words_of(answer: Refused) -> str:
    """Give the venue's words, and ours on what to do where there are some."""
    advice = sentence(answer.code)
    return f"{answer.words} ({advice})" if advice and answer.words else answer.words or advice or ""


def venue_id(raw: object) -> VenueOrderId | None:
    """Read an order id; None where an acceptance carries none (FF-13)."""
    word = text(raw)
    return None if word is None or word == "0" else VenueOrderId(word)


def placed(answer: Answer, client_id: ClientOrderId | None) -> Outcome:
    """Read the answer to placing: accepted only in the expected shape and about our own id (FF-58)."""
    if isinstance(answer, Refused | Unsent | Silent):
        return failed(answer)
    try:
        row = one(answer.data, PlacedRow, "the acceptance")
    except Unreadable as error:
        return Unknown(why=str(error))
    echoed = text(row.clientOid)
    if client_id is not None and echoed is not None and echoed != client_id:
        return Unknown(why=f"the acceptance names another order, {echoed[:40]}")
    return Accepted(venue_order_id=venue_id(row.orderId))


def placed_batch(answer: Answer, client_ids: tuple[ClientOrderId, ...]) -> tuple[Outcome, ...]:
    """Read the answer to a batch by client order id; an item in neither list is unknown (FF-58)."""
    if isinstance(answer, Refused | Unsent | Silent):
        return tuple(failed(answer) for _ in client_ids)
    try:
        successes, failures = batch(answer.data)
    except Unreadable as error:
        return tuple(Unknown(why=str(error)) for _ in client_ids)
    told: dict[str, Outcome] = {}
    for row in successes:
        told[text(row.clientOid) or ""] = Accepted(venue_order_id=venue_id(row.orderId))
    for failure in failures:
        told[text(failure.clientOid) or ""] = failed(item_refusal(failure))
    return tuple(told.get(client_id, Unknown(why="the answer does not name this order")) for client_id in client_ids)


def batch(data: object) -> tuple[list[PlacedRow], list[FailedRow]]:
    """Read both lists of a batch answer. Raises Unreadable."""
    both = one(data, BatchData, "the batch answer")
    successes = all_of(both.successList, PlacedRow, "successList")
    return successes, all_of(both.failureList, FailedRow, "failureList")


def item_refusal(row: FailedRow) -> Refused:
    """Read why one item failed; without a code it stays unknown."""
    return Refused(code=text(row.errorCode) or "", words=(text(row.errorMsg) or "no reason given")[:WORDS_MAX])


def cancelled(answer: Answer) -> CancelOutcome:
    """Read the answer to cancelling one order: it says whether the wish was taken, never how the order ended (R8)."""
    if isinstance(answer, Refused) and answer.kind in ENDED:
        return AlreadyEnded(words=answer.words)
    if isinstance(answer, Refused | Unsent | Silent):
        return failed(answer)
    if type(answer.data) is not dict:
        return Unknown(why="the answer to cancelling has another shape than expected")
    return CancelRequested()


def cancelled_batch(answer: Answer) -> CancelOutcome:
    """Read the answer to cancelling several: one wish for all; a mixture is unknown, so that it is asked about."""
    if isinstance(answer, Refused | Unsent | Silent):
        return cancelled(answer)
    try:
        successes, failures = batch(answer.data)
    except Unreadable as error:
        return Unknown(why=str(error))
    refusals = [item_refusal(row) for row in failures]
    open_still = [refusal for refusal in refusals if kind_of(refusal.code) not in ENDED]
    if successes and not open_still:
        return CancelRequested()
    if not open_still:
        return AlreadyEnded(words=refusals[0].words if refusals else NOTHING)
    if not successes and len(open_still) == 1:
        return failed(open_still[0])
    first = open_still[0]
    return Unknown(why=f"{len(successes)} taken, {len(open_still)} refused, the first with {first.code} {first.words}")


def closed(answer: Answer) -> CloseOutcome:
    """Read the answer to a flash close; "no position" closes nothing and is no refusal."""
    if isinstance(answer, Refused) and answer.kind is Kind.NOTHING_TO_CLOSE:
        return Closing(orders=())
    if isinstance(answer, Refused | Unsent | Silent):
        return failed(answer)
    try:
        successes, failures = batch(answer.data)
    except Unreadable as error:
        return Unknown(why=str(error))
    refusals = [item_refusal(row) for row in failures]
    refusals = [refusal for refusal in refusals if kind_of(refusal.code) is not Kind.NOTHING_TO_CLOSE]
    if refusals and successes:
        first = refusals[0]
        return Unknown(why=f"{len(successes)} closing, {len(refusals)} refused with {first.code} {first.words}")
    if refusals:
        return failed(refusals[0])
    orders = (venue_id(row.orderId) for row in successes)
    return Closing(orders=tuple(order for order in orders if order is not None))


def changed(answer: Answer) -> ChangeOutcome:
    """Read the answer to a setting; one that was so before is success (FF-49)."""
    if isinstance(answer, Refused) and answer.kind is Kind.UNCHANGED:
        return Changed()
    if isinstance(answer, Refused) and answer.kind is Kind.NOTHING_TO_CLOSE:
        # Reported for an unchanged leverage, documented as "no position" (errors.md section 6): read it back.
        return Unknown(why=f"{answer.code} {answer.words}".strip())
    if isinstance(answer, Refused | Unsent | Silent):
        return failed(answer)
    return Changed()
