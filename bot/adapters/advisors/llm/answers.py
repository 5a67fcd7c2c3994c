"""Check what a model answered: exactly the fields asked for, exactly their types, sane on the mark (advisor 8, 9)."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.parse import one_object
from bot.adapters.advisors.llm.spoken import spoken
from bot.domain.intent import Direction
from bot.domain.numbers import ZERO, floor_to
from bot.ports.advisor import AGAINST_MAX, INVALIDATION_MAX, THESIS_MAX, Abstained, Context, Idea

TARGET_R_MOST = 3
REASON_MOST = 120
Price = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,12})?$", max_length=25)]
Text = Annotated[str, Field(max_length=4_000)]


class Answer(BaseModel):
    """What every answer is: frozen, of exact types, with no field too many."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class IdeaAnswer(Answer):
    """A view of one symbol, or none."""

    kind: Literal["OPEN", "NONE"]
    symbol: Annotated[str, Field(max_length=40)]
    direction: Literal["LONG", "SHORT"] | None
    stop: Price | None
    target: Price | None
    horizon: Annotated[int, Field(ge=300, le=604_800)] | None
    probability_bp: Annotated[int, Field(ge=0, le=10_000)] | None
    thesis: Text
    against: Text
    invalidation: Text


class CriticAnswer(Answer):
    """A second opinion."""

    verdict: Literal["agree", "lower", "veto"]
    reasons: Annotated[list[Text], Field(max_length=3)]
    missing_evidence: Annotated[list[Text], Field(max_length=3)]


class ReaderAnswer(Answer):
    """What a text is about."""

    topic: Literal["regulation", "listing", "hack", "outage", "macro", "flows", "technology", "other"]
    sentiment: Annotated[int, Field(ge=-2, le=2)]
    symbols: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=50)]


A = TypeVar("A", bound=Answer)


def read(shape: type[A], text: str) -> A | Failure:
    """Read a model's text as one answer of a shape."""
    found = one_object(text)
    if isinstance(found, Failure):
        return found
    try:
        return shape.model_validate(found)
    except ValidationError as fault:
        return Failure(code="shape", words=_fault(fault))


def idea_of(text: str, context: Context) -> Idea | Abstained | Failure:
    """Read a view: an idea that is sane on the mark, an honest nothing, or why it is neither."""
    answer = read(IdeaAnswer, text)
    if isinstance(answer, Failure):
        return answer
    if answer.symbol != context.symbol:
        return Failure(code="symbol", words=f"it speaks of {spoken(answer.symbol, 20)}, not of {context.symbol}")
    if answer.kind == "NONE":
        return Abstained(reason=spoken(answer.thesis, THESIS_MAX) or "it sees nothing worth proposing")
    if answer.direction is None or answer.stop is None or answer.target is None or answer.horizon is None:
        return Failure(code="shape", words="an idea needs direction, stop, target and horizon")
    direction, step = Direction(answer.direction), context.instrument.price_step
    idea = Idea(
        symbol=context.symbol,
        direction=direction,
        stop=floor_to(Decimal(answer.stop), step),
        target=floor_to(Decimal(answer.target), step),
        horizon=timedelta(seconds=answer.horizon),
        thesis=spoken(answer.thesis, THESIS_MAX),
        against=spoken(answer.against, AGAINST_MAX),
        invalidation=spoken(answer.invalidation, INVALIDATION_MAX),
        context_digest=context.digest,
        probability_bp=answer.probability_bp,
    )
    wrong = misfit(idea, context)
    return idea if wrong is None else Failure(code="geometry", words=wrong)


def misfit(idea: Idea, context: Context) -> str | None:
    """Say what is wrong with an idea's prices on the mark, never on an entry of its own (traps 1 and 10)."""
    risk = (context.mark - idea.stop) * idea.direction.sign
    reward = (idea.target - context.mark) * idea.direction.sign
    if idea.stop <= ZERO or idea.target <= ZERO:
        return "its prices are no prices"
    if risk <= ZERO:
        return "its stop is on the winning side of the mark"
    if reward <= ZERO:
        return "its target is on the losing side of the mark"
    if reward > TARGET_R_MOST * risk:
        return f"its target is more than {TARGET_R_MOST} stop distances away"
    return None


def _fault(fault: ValidationError) -> str:
    first = fault.errors(include_input=False, include_url=False)[0]
    where = spoken(".".join(str(part) for part in first["loc"]), 40) or "the answer"
    return f"{where}: {first['msg']} ({fault.error_count()} in all)"
