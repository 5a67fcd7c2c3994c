"""Propose from a language model, on an occasion: a candidate of cheaper rules, or a person who asks (advisor 5, 8)."""
from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.adapters.advisors.llm.answers import idea_of
from bot.adapters.advisors.llm.client import Client
from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.prompt import BARS, PROPOSE_PURPOSE, Mention, decision, plain_symbol
from bot.domain.ids import Symbol
from bot.ports.advisor import Abstained, Advisor, Context, Idea, Needs

Heard = Callable[[Symbol], Sequence[Mention]]


def unheard(symbol: Symbol) -> Sequence[Mention]:
    """Have heard nothing about a symbol."""
    return ()


class LlmAdvisor:
    """A language model behind the advisor port.

    `screen` is the advisor whose idea is the occasion to ask; without one every closed candle is, which costs. `heard`
    gives what the reader made of recent texts about a symbol.
    """

    def __init__(
        self, client: Client, timeframe: str, *, screen: Advisor | None = None, heard: Heard = unheard
    ) -> None:
        """Keep the voice and the occasion; nothing is asked yet."""
        least = screen.needs.bars if screen is not None else 0
        self._client = client
        self._needs = Needs(timeframe=timeframe, bars=max(BARS, least))
        self._screen = screen
        self._heard = heard

    @property
    def name(self) -> str:
        """Name the advisor by its version."""
        return self._client.advisor

    @property
    def needs(self) -> Needs:
        """Ask for what the question shows, and for what the screen looks at."""
        return self._needs

    async def propose(self, context: Context) -> Idea | Abstained:
        """Give the model's idea, or why there is none: every failure is an abstention with its reason."""
        if not plain_symbol(context):
            return Abstained(reason="symbol: its name is more than a name, and is shown to no model")
        if not context.bars:
            return Abstained(reason="warm_up: no candle was shown")
        if self._screen is not None and not context.asked:
            candidate = await self._screen.propose(context)
            if isinstance(candidate, Abstained):
                return Abstained(reason=f"no candidate: {candidate.reason}")
        answer: Idea | Abstained | Failure = await self._client.ask(
            PROPOSE_PURPOSE, str(context.symbol), context.digest, decision(context, self._heard(context.symbol)),
            lambda text: idea_of(text, context),
        )
        return Abstained(reason=answer.sentence) if isinstance(answer, Failure) else answer
