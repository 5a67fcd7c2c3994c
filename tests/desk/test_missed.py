"""What came from outside ends by itself when the price did not wait: stop touched, or half the way gone."""
from __future__ import annotations

from decimal import Decimal

import pytest

from bot.desk.missed import end_missed, from_outside
from bot.desk.propose import Raised, propose
from bot.desk.signal_raise import raise_text
from bot.desk.wish import Level, OpenWish, TargetWish
from bot.domain.events_proposals import ProposalExpired
from bot.domain.ids import RequestKey
from bot.domain.intent import Direction
from bot.domain.proposal import Origin, OriginKind, ProposalState
from tests.desk.trade import journal
from tests.support.scripted import BTC, Bench

SIGNAL = Origin(kind=OriginKind.SIGNAL, name="VIP")
AGENT = Origin(kind=OriginKind.ADVISOR, name="mcp:research-bot")
RULES = Origin(kind=OriginKind.ADVISOR, name="rules")
WISH = OpenWish(
    symbol="btc", direction=Direction.LONG, amount="0.01", stop=Level(price=Decimal(59_000)),
    targets=(TargetWish(level=Level(price=Decimal(62_000))),),
)


async def state(bench: Bench, raised: object) -> ProposalState:
    assert isinstance(raised, Raised), raised
    found = await bench.seat.ledger.read(lambda tx: tx.proposals.get(raised.proposal.id))
    assert found is not None
    return found.state


@pytest.mark.parametrize(("mark", "words"), [("58900", "its stop was touched"), ("61100", "half the way")])
async def test_signals_and_agents_ideas_end_when_their_moment_is_gone(bench: Bench, mark: str, words: str) -> None:
    signal = await raise_text(bench.seat, SIGNAL, "LONG BTC/USDT now, SL 59000, TP 62000")
    idea = await propose(bench.seat, AGENT, RequestKey("a"), WISH)
    own = await propose(bench.seat, RULES, RequestKey("r"), WISH)
    await end_missed(bench.seat, from_outside)
    assert {await state(bench, one) for one in (signal, idea, own)} == {ProposalState.AWAITING}
    bench.market.marks[BTC.symbol] = Decimal(mark)
    await end_missed(bench.seat, from_outside)
    assert await state(bench, signal) is await state(bench, idea) is ProposalState.EXPIRED
    assert await state(bench, own) is ProposalState.AWAITING, "its own advisor looks after it"
    told = [one.fact.why for one in await journal(bench) if isinstance(one.fact, ProposalExpired)]
    assert len(told) == 2 and all(words in one for one in told)


async def test_without_a_price_or_a_stop_nothing_ends(bench: Bench) -> None:
    bare = await raise_text(bench.seat, SIGNAL, "LONG BTC/USDT now, TP 62000")
    bench.market.marks[BTC.symbol] = Decimal(61_900)
    await end_missed(bench.seat, from_outside)
    bench.market.silent = True
    await end_missed(bench.seat, from_outside)
    assert await state(bench, bare) is ProposalState.AWAITING
