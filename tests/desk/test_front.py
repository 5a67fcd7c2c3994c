"""The desk as its drivers see it: every use case bound to one seat."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from bot.desk.answer import Answered
from bot.desk.decide import Answer
from bot.desk.facts import Facts
from bot.desk.front import Desk
from bot.desk.planned import Plan
from bot.desk.propose import Raised
from bot.desk.revise import Change
from bot.desk.wish import OpenWish
from bot.domain.decision import Manner
from bot.domain.ids import ClientOrderId, RequestKey
from bot.domain.intent import Direction
from bot.domain.limits import Limits
from bot.domain.proposal import terms_digest
from bot.domain.refusal import Refusal
from bot.domain.trading import TradingState
from bot.ports.advisor import Abstained
from tests.desk.trade import ANA
from tests.support.scripted import BTC, Bench

WISH = OpenWish(symbol="btc", direction=Direction.LONG, amount="0.01")


async def test_a_trade_goes_through_one_bundle(bench: Bench) -> None:
    desk = Desk(bench.seat)
    preview = await desk.preview(ANA, WISH)
    assert isinstance(preview, Plan)
    assert await desk.orders() == () and (await desk.status()).orders == 0, "a preview saves nothing"
    raised = await desk.propose(ANA, RequestKey("k"), WISH, life=timedelta(minutes=5))
    assert isinstance(raised, Raised) and raised.plan.terms == preview.terms
    revised = await desk.revise(
        raised.proposal.id, Change(share=Decimal(50)), by=ANA.person, name="Ana",
        digest=terms_digest(raised.proposal),
    )
    assert isinstance(revised, Raised), str(revised)
    digest = terms_digest(revised.proposal)
    given = Answer(yes=True, manner=Manner.BUTTON, by=ANA.person, name="Ana", digest=digest)
    answered = await desk.answer(revised.proposal.id, given)
    assert isinstance(answered, Answered) and answered.done is not None
    orders = await desk.orders()
    assert [one.intent.size for one in orders] == [Decimal("0.005")]
    story = await desk.explain(orders[0].client_order_id)
    assert story is not None and story.proposal is not None


async def test_the_controls_reach_the_seat(bench: Bench) -> None:
    desk = Desk(bench.seat)
    for verb, state in ((desk.pause, TradingState.REDUCE_ONLY), (desk.halt, TradingState.HALTED),
                        (desk.resume, TradingState.ACTIVE)):
        assert (await verb(by=None, why="test", actor="local")).now is state
        assert (await desk.account()).trading is state
    await desk.set_limits("account", Limits(order_notional=Decimal(1)), by=None, actor="local")
    assert isinstance(await desk.propose(ANA, RequestKey("k"), WISH), Refusal)
    assert isinstance(await desk.settle_foreign(ClientOrderId("x"), "adopt", actor="local"), Refusal)
    assert isinstance(desk.instrument("doge"), Refusal) and desk.instrument("btc") == BTC
    assert isinstance(await desk.facts(BTC), Facts)
    assert await desk.holdings() == () and await desk.profits(bench.clock.now()) == ()
    assert (await desk.reconcile("test")).corrections == 0
    flat = await desk.flat(ANA, RequestKey("flat"), "local")
    assert flat.flat and flat.proven


async def test_without_an_advisor_there_is_no_idea(bench: Bench) -> None:
    assert isinstance(await Desk(bench.seat).idea(BTC.symbol), Abstained)
