"""Have another advisor's idea criticised: the opinion may lower its risk or veto it, and nothing else (advisor 8)."""
from __future__ import annotations

from dataclasses import replace

from bot.adapters.advisors.llm.answers import CriticAnswer, read
from bot.adapters.advisors.llm.client import Client
from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.prompt import CRITICISE_PURPOSE, criticism, plain_symbol
from bot.adapters.advisors.llm.spoken import spoken
from bot.ports.advisor import AGAINST_MAX, CRITIC_LOWERED, CRITIC_VETOED, Abstained, Advisor, Context, Idea, Needs

LOWERED_PERCENT = 50
NO_NAME = Failure(code="symbol", words="the name is more than a name", billed=False)


class Criticised:
    """An advisor with a critic behind it; its name stays, since the idea is its own."""

    def __init__(self, advisor: Advisor, client: Client) -> None:
        """Keep both; nothing is asked yet."""
        self._advisor = advisor
        self._client = client

    @property
    def name(self) -> str:
        """Name the advisor whose ideas these are."""
        return self._advisor.name

    @property
    def needs(self) -> Needs:
        """Ask for what the advisor wants to be shown."""
        return self._advisor.needs

    async def propose(self, context: Context) -> Idea | Abstained:
        """Give the idea as it was, at half its risk, or vetoed, which is none of its risk: it is still scored."""
        idea = await self._advisor.propose(context)
        if isinstance(idea, Abstained) or not plain_symbol(context):
            return idea if isinstance(idea, Abstained) else judged(idea, NO_NAME)
        opinion: CriticAnswer | Failure = await self._client.ask(
            CRITICISE_PURPOSE, str(context.symbol), context.digest, criticism(context, idea),
            lambda text: read(CriticAnswer, text),
        )
        return judged(idea, opinion)


def judged(idea: Idea, opinion: CriticAnswer | Failure) -> Idea:
    """Apply an opinion: agreement changes nothing, and nothing makes an idea larger or other than it was.

    Silence is no agreement: an idea the critic failed to judge goes on at half its risk, and says so.
    """
    if isinstance(opinion, Failure):
        return _lowered(idea, LOWERED_PERCENT, f"The critic gave no answer ({opinion.code}): half the risk.")
    reasons = "; ".join(opinion.reasons) or "; ".join(opinion.missing_evidence) or "no reason given"
    if opinion.verdict == "agree":
        return idea
    if opinion.verdict == "veto":
        return _lowered(idea, 0, f"{CRITIC_VETOED}: {reasons}")
    return _lowered(idea, LOWERED_PERCENT, f"{CRITIC_LOWERED}: {reasons}")


def _lowered(idea: Idea, most: int, words: str) -> Idea:
    return replace(
        idea, risk_percent=min(idea.risk_percent, most), against=spoken(f"{words} {idea.against}", AGAINST_MAX)
    )
