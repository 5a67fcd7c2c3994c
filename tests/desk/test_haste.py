"""Whoever approves without reading is slowed down and told why (security section 9, human fatigue)."""
from __future__ import annotations

from dataclasses import replace

from bot.desk.decide import Answer, decide
from bot.desk.haste import hasty
from bot.desk.propose import Raised
from bot.domain.decision import Manner
from bot.domain.ids import PersonId
from bot.domain.intent import Effect
from bot.domain.proposal import Origin, OriginKind, Proposal, ProposalState, effect_of, terms_digest
from bot.domain.refusal import Refusal
from tests.desk.test_protect import held
from tests.desk.trade import say
from tests.support.scripted import Bench

BOB = Origin(kind=OriginKind.PERSON, name="Bob", person=PersonId(8))
ANA, EVE = 7, 9


async def card(bench: Bench, number: int, origin: Origin = BOB) -> Proposal:
    found = await say(bench, f"long btc 0.00{number % 9 + 1} sl 2%", f"k{number}", origin=origin, yes=None)
    assert isinstance(found, Raised), found
    return found.proposal


async def press(bench: Bench, proposal: Proposal, by: int, *, good: bool = True) -> str:
    """Answer a card; gives the code of the refusal, or the state it came to."""
    answer = Answer(yes=good, manner=Manner.BUTTON, by=PersonId(by), name="x", digest=terms_digest(proposal))
    done = await decide(bench.seat, proposal.id, answer)
    return done.code if isinstance(done, Refusal) else done.state.value


async def spree(bench: Bench, count: int, *, pause: float, origin: Origin = BOB, by: int = ANA) -> list[str]:
    """Answer so many cards, each a while after the one before."""
    found = []
    for number in range(count):
        found.append(await press(bench, await card(bench, number, origin), by))
        await bench.clock.advance(pause)
    return found


async def test_the_eleventh_yes_at_a_glance_waits_and_says_for_how_long(bench: Bench) -> None:
    assert await spree(bench, 10, pause=1.0) == ["APPROVED"] * 10
    waiting = await card(bench, 50)
    answer = Answer(yes=True, manner=Manner.BUTTON, by=PersonId(ANA), name="x", digest=terms_digest(waiting))
    refused = await decide(bench.seat, waiting.id, answer)
    assert isinstance(refused, Refusal) and refused.code == "haste"
    assert "10 ideas within 10 minutes" in str(refused) and "again in 29 s" in str(refused)
    assert await press(bench, waiting, EVE, good=False) == ProposalState.REJECTED.value, "a no is never slowed"
    assert await press(bench, await card(bench, 51), EVE) == "APPROVED", "others are not slowed"
    late = await card(bench, 52)
    await bench.clock.advance(29)
    assert await press(bench, late, ANA) == "APPROVED", "read in peace, it counts"
    assert await press(bench, await card(bench, 53), ANA) == "haste"
    await bench.clock.advance(600)
    assert await press(bench, await card(bench, 54), ANA) == "APPROVED"


async def test_whoever_reads_is_not_slowed(bench: Bench) -> None:
    reading = []
    for number in range(14):
        one = await card(bench, number)
        await bench.clock.advance(3.5)
        reading.append(await press(bench, one, EVE))
    assert reading == ["APPROVED"] * 14


async def test_what_people_typed_themselves_is_not_slowed(bench: Bench) -> None:
    own = replace(BOB, person=PersonId(ANA))
    assert set(await spree(bench, 15, pause=0.5, origin=own)) == {"APPROVED"}


async def test_what_only_closes_is_never_slowed(bench: Bench) -> None:
    """Stopping is cheap (security section 0)."""
    await held(bench)
    await spree(bench, 10, pause=0.5)
    assert await press(bench, await card(bench, 50), ANA) == "haste"
    raised = await say(bench, "close btc", "close", origin=BOB, yes=None)
    assert isinstance(raised, Raised) and effect_of(raised.proposal.terms) is Effect.CLOSE
    assert await bench.seat.ledger.read(lambda tx: hasty(tx, bench.seat, raised.proposal, PersonId(ANA))) is None
