"""Plans are changed and cancelled in their own namespace, stop and target placed together."""
from __future__ import annotations

from decimal import Decimal

from bot.adapters.bitget.transport import NoAnswer
from bot.domain.intent import Effect, OrderKind, Trigger
from bot.ports.venue import (
    Accepted,
    AlreadyEnded,
    CancelRequested,
    NeverLeft,
    Rejected,
    Unknown,
)
from tests.adapters.bitget.classic.venues import (
    AT,
    OID,
    key,
    venue_over,
)
from tests.adapters.bitget.lab import Script, data_of, no, ok, order, recorded


async def test_ff37_plans_are_cancelled_in_their_own_namespace() -> None:
    done = ok({"successList": [{"orderId": "5"}], "failureList": []})
    for kind, word in ((OrderKind.TRIGGER, "normal_plan"), (OrderKind.TRAILING, "track_plan")):
        script = Script(done)
        assert await venue_over(script).cancel(key(kind)) == CancelRequested()
        assert script.body()["planType"] == word
        assert script.body()["orderIdList"] == [{"clientOid": OID}]


async def test_ff37_a_guard_is_looked_up_before_it_is_cancelled() -> None:
    row = data_of("order.orders-plan-pending.sample")["entrustedList"][0] | {"clientOid": OID, "planType": "pos_loss"}
    done = ok({"successList": [{"orderId": "5"}], "failureList": []})
    script = Script(ok({"entrustedList": [row]}), done)
    assert await venue_over(script).cancel(key(OrderKind.STOP)) == CancelRequested()
    assert script.query(0)["planType"] == "profit_loss"
    assert script.query(0)["clientOid"] == OID
    assert script.body()["planType"] == "pos_loss"
    gone = Script(ok({"entrustedList": None}))
    assert isinstance(await venue_over(gone).cancel(key(OrderKind.STOP)), AlreadyEnded)
    silent = Script(*[NoAnswer("cut")] * 3)
    assert isinstance(await venue_over(silent).cancel(key(OrderKind.STOP)), NeverLeft)


async def test_plans_are_changed_in_place() -> None:
    script = Script(recorded("order.modify-plan-order.sample"), recorded("order.modify-tpsl-order.sample"))
    venue = venue_over(script)
    wish = order(kind=OrderKind.TRIGGER, trigger=AT)
    assert isinstance(await venue.amend_plan(key(OrderKind.TRIGGER), wish), Accepted)
    assert script.body()["clientOid"] == OID
    assert isinstance(await venue.amend_plan(key(OrderKind.STOP), order(kind=OrderKind.STOP, trigger=AT)), Accepted)
    assert script.paths == ["modify-plan-order", "modify-tpsl-order"]
    assert isinstance(await venue.amend_plan(key(), order()), NeverLeft)


async def test_stop_and_target_in_one_request() -> None:
    stop = order("sl-9", kind=OrderKind.STOP, size=None, trigger=Trigger(price=Decimal(55001)), effect=Effect.CLOSE)
    target = order("tp-9", kind=OrderKind.TARGET, size=None, trigger=Trigger(price=Decimal(69000)), effect=Effect.CLOSE)
    script = Script(recorded("order.place-pos-tpsl.sample"), ok([]), no("40837"), NoAnswer("cut"))
    venue = venue_over(script)
    assert await venue.submit_guards(stop, target) == (Accepted(venue_order_id=None),) * 2
    for expected in (Unknown, Rejected, Unknown):
        assert [type(outcome) for outcome in await venue.submit_guards(stop, target)] == [expected] * 2
    assert [type(outcome) for outcome in await venue.submit_guards(target, stop)] == [NeverLeft] * 2
