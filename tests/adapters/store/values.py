"""Values with every field set, so that a forgotten column shows."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.account import Account
from bot.domain.decision import Decision, Manner
from bot.domain.fill import Cause, Fill, Liquidity
from bot.domain.ids import AccountId, ClientOrderId, PersonId, ProposalId, RequestKey, Symbol, TradeId, VenueOrderId
from bot.domain.instrument import ProductLine
from bot.domain.intent import (
    Attached,
    Direction,
    Effect,
    MarginMode,
    OrderIntent,
    OrderKind,
    TimeInForce,
    Trigger,
    TriggerBy,
)
from bot.domain.mandate import Mandate, Rung
from bot.domain.order import Order, OrderState, Owner
from bot.domain.position import Position
from bot.domain.proposal import Action, Leg, Origin, OriginKind, Proposal, Terms
from bot.domain.protection import Protection, ProtectionState, Waiver
from bot.domain.reports import Bill
from bot.domain.trading import Environment

ACCOUNT = AccountId("main")
BTC = Symbol("BTCUSDT")
T0 = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)
PROPOSAL = ProposalId("K7Q2M4X9TB")


def later(seconds: float) -> datetime:
    """Give the moment so many seconds after T0."""
    return T0 + timedelta(seconds=seconds)


def intent(**changes: Any) -> OrderIntent:
    """An intent with every field set."""
    whole = OrderIntent(
        symbol=BTC, direction=Direction.SHORT, effect=Effect.OPEN, kind=OrderKind.TRIGGER, size=Decimal("0.0015"),
        limit_price=Decimal("66420.5"),
        trigger=Trigger(price=Decimal("66500"), by=TriggerBy.LAST, callback=Decimal("1.5")),
        time_in_force=TimeInForce.POST_ONLY,
        attached=Attached(stop=Decimal("67000"), target=Decimal("60000.10"), by=TriggerBy.LAST),
        margin_mode=MarginMode.ISOLATED, leverage=Decimal("7"),
    )
    return replace(whole, **changes)


def order(number: int = 1, **changes: Any) -> Order:
    """An order with every field set, SUBMITTING unless changed."""
    whole = Order(
        account=ACCOUNT, client_order_id=ClientOrderId(f"wd-abcd-{number:016d}xy"), intent=intent(),
        state=OrderState.SUBMITTING, created_at=later(number), proposal_id=PROPOSAL,
        venue_order_id=VenueOrderId(f"v{number}"), executed_as=VenueOrderId(f"x{number}"), filled=Decimal("0.0005"),
        reported=Decimal("0.0006"), average_price=Decimal("66419.9"), fees=Decimal("0.0199"),
        signed_at=later(number + 1),
        cancel_requested_at=later(number + 2), ended_at=later(number + 3), settled_at=later(number + 4),
        venue_updated_at=later(number + 5), replaces=ClientOrderId("wd-abcd-replaced"),
        parent=ClientOrderId("wd-abcd-parent"), owner=Owner.FOREIGN, reason="because", asked_absent=2,
        last_absent_at=later(number + 6), version=3,
    )
    return replace(whole, **changes)


def fill(number: int = 1, **changes: Any) -> Fill:
    """A fill with every field set."""
    whole = Fill(
        trade_id=TradeId(f"t{number}"), venue_order_id=VenueOrderId("v1"),
        client_order_id=ClientOrderId("wd-abcd-0000000000000001xy"), symbol=BTC, direction=Direction.LONG,
        effect=Effect.CLOSE, size=Decimal("0.0005"), price=Decimal("66420.1"), fee=Decimal("-0.001"), fee_coin="USDT",
        realised=Decimal("1.25"), liquidity=Liquidity.MAKER, at=later(number), cause=Cause.DELEVERAGED, inferred=False,
        claimed=Decimal("0.001"),
    )
    return replace(whole, **changes)


def position(**changes: Any) -> Position:
    """A position with every field set."""
    whole = Position(
        symbol=BTC, direction=Direction.LONG, size=Decimal("0.004"), entry=Decimal("65910.25"),
        margin_mode=MarginMode.CROSSED, leverage=Decimal("5"), margin_coin="USDT", liquidation=Decimal("51000"),
        realised=Decimal("-3.2"), as_of=T0,
    )
    return replace(whole, **changes)


def protection(**changes: Any) -> Protection:
    """A protection with every field set."""
    whole = Protection(
        account=ACCOUNT, symbol=BTC, direction=Direction.LONG, state=ProtectionState.WAIVED, stop=Decimal("64000"),
        stop_size=Decimal("0.004"), stop_order=ClientOrderId("wd-abcd-stop"),
        targets=(ClientOrderId("wd-abcd-tp1"), ClientOrderId("wd-abcd-tp2")),
        verified_at=later(1), naked_since=later(2),
        waiver=Waiver(by=PersonId(17), reason="watching", at=later(3), until=later(600)),
        break_even_at=Decimal("67000"), trail=Decimal("1.5"), version=0,
    )
    return replace(whole, **changes)


def proposal(number: int = 1, **changes: Any) -> Proposal:
    """A proposal with every field set, AWAITING unless changed."""
    terms = Terms(
        account=ACCOUNT, environment=Environment.SANDBOX, action=Action.PLACE, symbol=BTC, direction=Direction.SHORT,
        legs=(Leg(child="entry", intent=intent()),), targets=(ClientOrderId("wd-abcd-other"),), leverage=Decimal("5"),
        margin_mode=MarginMode.ISOLATED, waiver="none needed",
    )
    whole = Proposal(
        id=ProposalId(f"P{number:09d}"), account=ACCOUNT, request_key=RequestKey(f"tg:1:{number}"),
        origin=Origin(kind=OriginKind.PERSON, name="Ana", person=PersonId(17)), terms=terms,
        reference_price=Decimal("66400"), drift_allowed=Decimal("0.005"), raised_at=later(number),
        expires_at=later(number + 60), drift_in_r=True, thesis="breakout", confidence=Decimal("0.7"),
        reasons=("trend", "volume"), revision=0, version=0,
    )
    return replace(whole, **changes)


def decision(**changes: Any) -> Decision:
    """A decision with every field set."""
    whole = Decision(
        account=ACCOUNT, proposal_id=PROPOSAL, revision=0, answer=True, manner=Manner.BUTTON, by=PersonId(17), at=T0,
        digest="a1b2c3d4", reason="looks right",
    )
    return replace(whole, **changes)


def mandate(**changes: Any) -> Mandate:
    """A mandate with every field set."""
    whole = Mandate(
        id="m1", account=ACCOUNT, advisor="rules", rung=Rung.AUTO, symbols=frozenset({BTC, Symbol("ETHUSDT")}),
        notional_per_trade=Decimal("500"), notional_per_day=Decimal("2000"), trades_per_day=6,
        minimum_confidence=Decimal("0.6"), cool_down_s=900, risk_per_trade=Decimal("12.5"), risk_budget=Decimal("60"),
        loss_per_day=Decimal("30"), directions=frozenset({Direction.LONG}), granted_by=PersonId(1), granted_at=T0,
        expires_at=later(3600),
        revoked_at=None, version=0,
    )
    return replace(whole, **changes)


def account(**changes: Any) -> Account:
    """A wallet with every field set."""
    whole = Account(
        line=ProductLine.USDT, margin_coin="USDT", equity=Decimal("10012.5"), available=Decimal("9000"),
        in_use=Decimal("1000"), unrealised=Decimal("12.5"), margin_ratio=Decimal("0.01"), as_of=T0,
    )
    return replace(whole, **changes)


def bill(number: int = 1, **changes: Any) -> Bill:
    """A bill with every field set."""
    whole = Bill(
        bill_id=f"b{number}", line=ProductLine.USDT, coin="USDT", kind="contract_settle_fee", symbol=BTC,
        amount=Decimal("-0.12"), fee=Decimal("0.01"), balance=Decimal("9999.88"), at=later(number),
    )
    return replace(whole, **changes)
