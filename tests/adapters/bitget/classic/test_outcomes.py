"""What an answer to a write proves, for placing, batches, cancelling, closing and settings."""
from __future__ import annotations

import pytest

from bot.adapters.bitget.classic import outcomes
from bot.adapters.bitget.http import Answer, Done, Refused, Silent, Unsent
from bot.domain.ids import ClientOrderId
from bot.ports.venue import (
    Accepted,
    AlreadyEnded,
    CancelRequested,
    Changed,
    Closing,
    NeverLeft,
    Rejected,
    Unknown,
)
from tests.adapters.bitget.lab import data_of

OURS = ClientOrderId("b-1")
OTHER = ClientOrderId("b-2")


def refused(code: str) -> Refused:
    return Refused(code=code, words="no")


ALIKE: list[tuple[Answer, type]] = [
    (Unsent(why="refused"), NeverLeft), (Silent(why="cut"), Unknown), (refused("429"), Unknown),
    (refused("40786"), Unknown), (refused("45001"), Unknown), (refused("12345"), Unknown), (refused("40762"), Rejected),
    (refused("40009"), Rejected), (refused("40099"), Rejected),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "expected"), ALIKE)
def test_r4_failures_mean_the_same_for_every_verb(answer: Answer, expected: type) -> None:
    assert isinstance(outcomes.placed(answer, OURS), expected)
    assert isinstance(outcomes.cancelled(answer), expected)
    assert isinstance(outcomes.cancelled_batch(answer), expected)
    assert isinstance(outcomes.closed(answer), expected)
    assert isinstance(outcomes.changed(answer), expected)
    assert [type(outcome) for outcome in outcomes.placed_batch(answer, (OURS, OTHER))] == [expected] * 2


def test_recorded_acceptance() -> None:
    answer = Done(data=data_of("order.place-order.sample"))
    assert outcomes.placed(answer, ClientOrderId("bot-20260101-000001")) == Accepted(
        venue_order_id="1111465253393825792"  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("order_id", [None, "", "0"])
def test_ff13_acceptance_without_an_order_id(order_id: object) -> None:
    answer = Done(data={"clientOid": "b-1", "orderId": order_id})
    assert outcomes.placed(answer, OURS) == Accepted(venue_order_id=None)


@pytest.mark.parametrize("data", [None, [], "", "success", 5, {"clientOid": "someone-else", "orderId": "1"}])
def test_ff58_success_of_another_shape_is_unknown(data: object) -> None:
    assert isinstance(outcomes.placed(Done(data=data), OURS), Unknown)


def test_recorded_batch_is_judged_item_by_item() -> None:
    first, second = outcomes.placed_batch(Done(data=data_of("order.batch-place-order.sample")), (OURS, OTHER))
    assert isinstance(first, Accepted)
    assert isinstance(second, Rejected) and second.code == "45110"
    assert "less than the minimum amount 5 USDT" in second.words
    swapped = outcomes.placed_batch(Done(data=data_of("order.batch-place-order.sample")), (OTHER, OURS))
    assert [type(outcome) for outcome in swapped] == [Rejected, Accepted]


def test_batch_item_without_code_or_mention_is_unknown() -> None:
    data = {"successList": None, "failureList": [{"clientOid": "b-1", "errorMsg": "hm"}]}
    assert [type(outcome) for outcome in outcomes.placed_batch(Done(data=data), (OURS, OTHER))] == [Unknown, Unknown]


@pytest.mark.parametrize("code", ["40768", "43001", "22001", "45057", "40109", "45055", "45031", "50062", "43026"])
def test_ff17_ff21_order_that_is_gone_is_asked_about(code: str) -> None:
    assert outcomes.cancelled(refused(code)) == AlreadyEnded(words="no")
    assert outcomes.cancelled_batch(refused(code)) == AlreadyEnded(words="no")


def test_recorded_cancellations() -> None:
    assert outcomes.cancelled(Done(data=data_of("order.cancel-order.sample"))) == CancelRequested()
    assert outcomes.cancelled_batch(Done(data=data_of("order.batch-cancel-orders.sample"))) == CancelRequested()
    assert outcomes.cancelled_batch(Done(data=data_of("order.cancel-all-orders.sample"))) == CancelRequested()
    assert isinstance(outcomes.cancelled(Done(data="")), Unknown)


def test_nothing_to_cancel_is_an_end() -> None:
    empty = Done(data={"successList": [], "failureList": None})
    assert outcomes.cancelled_batch(empty) == AlreadyEnded(words=outcomes.NOTHING)


def test_mixture_of_cancellations_is_asked_about() -> None:
    failure = {"clientOid": "b-2", "errorCode": "45056", "errorMsg": "not cancellable"}
    both = Done(data={"successList": [{"orderId": "1"}], "failureList": [failure]})
    assert isinstance(outcomes.cancelled_batch(both), Unknown)
    alone = Done(data={"successList": [], "failureList": [failure]})
    assert isinstance(outcomes.cancelled_batch(alone), Rejected)
    gone = Done(data={"successList": [], "failureList": [failure | {"errorCode": "43025"}]})
    assert isinstance(outcomes.cancelled_batch(gone), AlreadyEnded)


def test_recorded_flash_close() -> None:
    answer = Done(data=data_of("order.close-positions.sample"))
    assert outcomes.closed(answer) == Closing(orders=("1120923953904893955",))  # type: ignore[arg-type]
    assert outcomes.closed(refused("22002")) == Closing(orders=())
    failure = {"symbol": "BTCUSDT", "errorCode": "22044", "errorMsg": "ADL"}
    assert isinstance(outcomes.closed(Done(data={"successList": [], "failureList": [failure]})), Rejected)
    both = {"successList": [{"orderId": "1"}], "failureList": [failure]}
    assert isinstance(outcomes.closed(Done(data=both)), Unknown)


@pytest.mark.parametrize("code", ["40814", "45054"])
def test_ff49_setting_what_is_already_so_is_success(code: str) -> None:
    assert outcomes.changed(refused(code)) == Changed()


def test_settings() -> None:
    assert outcomes.changed(Done(data="")) == Changed()
    assert isinstance(outcomes.changed(refused("45117")), Rejected)
    assert isinstance(outcomes.changed(refused("22002")), Unknown)


def test_ff15_people_read_the_venues_words_and_what_to_do() -> None:
    outcome = outcomes.placed(Refused(code="40762", words="The order amount exceeds the balance"), OURS)
    assert isinstance(outcome, Rejected)
    assert outcome.words.startswith("The order amount exceeds the balance (")
