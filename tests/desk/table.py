"""Set a table for tests of proposals: a desk in virtual time with an advisor, and what people do at it."""
from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from bot.adapters.advisors.rules import Rules as RulesAdvisor
from bot.desk.advise import Advice, look
from bot.desk.answer import Answered, answer
from bot.desk.decide import Answer
from bot.domain.decision import Manner
from bot.domain.events_proposals import ProposalRaised
from bot.domain.ids import PersonId, Symbol
from bot.domain.mandate import Rung
from bot.domain.proposal import OriginKind, Proposal, button_digest
from bot.domain.refusal import Refusal
from bot.ports.advisor import Abstained, Advisor, Context, Idea, Needs
from tests.support import virtual_loop
from tests.support.simulated import Life, World

ANA = PersonId(7001)
BTC, ETH = Symbol("BTCUSDT"), Symbol("ETHUSDT")


class Scripted:
    """An advisor that says what a test wrote."""

    def __init__(self, idea: Callable[[Context], Idea | Abstained]) -> None:
        self.idea = idea
        self.asked: list[Context] = []

    @property
    def name(self) -> str:
        """Name it."""
        return "scripted"

    @property
    def needs(self) -> Needs:
        """Ask for few candles."""
        return Needs(timeframe="15m", bars=20)

    async def propose(self, context: Context) -> Idea | Abstained:
        """Say it."""
        self.asked.append(context)
        return self.idea(context)


def advice(
    advisor: Advisor | None = None, *, symbols: tuple[Symbol, ...] = (BTC,), rung: Rung = Rung.PROPOSE,
    cool_down_s: float = 1800,
) -> Advice:
    """Ask an advisor (the shipped one by default) about some symbols."""
    return Advice(
        advisor=advisor or RulesAdvisor("15m"), symbols=symbols, length=timedelta(minutes=15), rung=rung,
        risk_percent=Decimal("0.5"), cool_down_s=cool_down_s,
    )


def at_the_table(directory: Path, seed: int, play: Callable[[World, Life], Awaitable[Life | None]]) -> None:
    """Play a scene at a desk that is READY; it may give a later life than it got. Failures of tasks fail the test."""

    async def main() -> None:
        world = World(directory, seed)
        world.begin()
        life = await world.life()
        life = await play(world, life) or life
        life.check()
        await life.die()
        await world.end()

    virtual_loop.run(main, seed)


async def proposals(life: Life) -> list[Proposal]:
    """List the model's proposals, oldest first."""
    since = life.world.clock.now() - timedelta(days=1)
    found = await life.seat.ledger.read(lambda tx: tx.proposals.since(since))
    return [one for one in found if one.origin.kind is OriginKind.ADVISOR]


async def raised(life: Life, plan: Advice) -> Proposal:
    """Look once and give the one proposal that came of it."""
    await look(life.seat, plan)
    found = await proposals(life)
    assert len(found) == 1, found
    return found[0]


async def press(life: Life, proposal: Proposal, *, yes: bool = True, reason: str | None = None) -> Answered | Refusal:
    """Press a button of a proposal's card as the owner."""
    given = Answer(
        yes=yes, manner=Manner.BUTTON, by=ANA, name="Ana", digest=button_digest(proposal), reason=reason
    )
    return await answer(life.seat, proposal.id, given)


async def facts(life: Life, subject: str) -> list[str]:
    """List the kinds of journal lines about a subject, in order."""
    entries = await life.seat.ledger.read(lambda tx: tx.journal.about(subject))
    return [entry.kind for entry in entries]


async def numbers_of(life: Life, proposal: Proposal) -> ProposalRaised:
    """Give the line that raised a proposal."""
    entries = await life.seat.ledger.read(lambda tx: tx.journal.about(str(proposal.id)))
    fact = next(entry.fact for entry in entries if isinstance(entry.fact, ProposalRaised))
    assert isinstance(fact, ProposalRaised)
    return fact


async def drag(world: World, symbol: Symbol, price: Decimal) -> None:
    """Put the market at a price and let the desk see it."""
    await world.venue.outside.set_price(str(symbol), str(price), None, 0)
    await world.clock.sleep(1)
