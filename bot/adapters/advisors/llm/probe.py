"""Notice a model that changes under one name: fixed questions, asked again, against the first answers (advisor 8)."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.adapters.advisors.llm.answers import idea_of
from bot.adapters.advisors.llm.client import Client
from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.prompt import BARS, decision
from bot.adapters.advisors.llm.wires import said
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument, ProductLine
from bot.ports.advisor import Abstained, Context, Idea
from bot.ports.market import Candle

PURPOSE, DAY = "probe", timedelta(days=1)
START, LENGTH = datetime(2026, 1, 5, tzinfo=UTC), timedelta(minutes=15)
# What a candle adds to the price, in steps, by its place: a rise, a fall, a range, a breakout, a breakdown.
SHAPES = (
    tuple(30 if place % 4 else -40 for place in range(BARS)),
    tuple(-30 if place % 4 else 40 for place in range(BARS)),
    tuple(50 if place % 2 else -50 for place in range(BARS)),
    (*(20 if place % 2 else -20 for place in range(BARS - 2)), 400, 500),
    (*(20 if place % 2 else -20 for place in range(BARS - 2)), -400, -500),
)
DRIFT_LEAST = 3
INSTRUMENT = Instrument(
    symbol=Symbol("BTCUSDT"), line=ProductLine.USDT, base="BTC", quote="USDT", margin_coin="USDT",
    price_step=Decimal("0.1"), size_step=Decimal("0.0001"), minimum_size=Decimal("0.0001"), minimum_notional=Decimal(5),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """How many fixed questions were asked, and how many views differ from the first answers."""

    asked: int
    changed: int

    @property
    def drifted(self) -> bool:
        """Tell whether so many differ that it is another model."""
        return self.changed >= DRIFT_LEAST

    @property
    def sentence(self) -> str:
        """Say it for people."""
        return f"{self.changed} of {self.asked} fixed questions are answered otherwise than on the first day"


def questions() -> tuple[Context, ...]:
    """Give the fixed contexts; never edited, or every model would seem to have changed."""
    return tuple(_context(number, shape) for number, shape in enumerate(SHAPES))


async def due(client: Client) -> bool:
    """Tell whether a day has passed since the last probe, in this process or an earlier one."""
    since = client.clock.now() - DAY
    rows = await client.ledger.read(lambda tx: tx.llm_calls.since(since))
    return not any(one.purpose == PURPOSE and one.advisor == client.advisor for one in rows)


async def probe(client: Client) -> Probed | Failure:
    """Ask every fixed question anew and compare; the first failure ends it."""
    changed, asked = 0, questions()
    for number, context in enumerate(asked):
        prompt = decision(context)
        digest = client.digest_of(prompt)
        first = await client.ledger.read(lambda tx, digest=digest: tx.llm_calls.first_answered(digest))  # type: ignore[misc]
        answer: Idea | Abstained | Failure = await client.ask(
            PURPOSE, str(number), context.digest, prompt, lambda text, context=context: idea_of(text, context),  # type: ignore[misc]
            fresh=True,
        )
        if isinstance(answer, Failure):
            return answer
        if first is not None and first.response is not None:
            before = said(client.provider, first.response.encode())
            was = before if isinstance(before, Failure) else idea_of(before.text, context)
            changed += view(was) != view(answer)
    return Probed(asked=len(asked), changed=changed)


def view(answer: Idea | Abstained | Failure) -> str:
    """Give what is compared of an answer: its direction, or that there is none."""
    return answer.direction.value if isinstance(answer, Idea) else "NONE"


def _context(number: int, shape: tuple[int, ...]) -> Context:
    price, bars = Decimal(60_000), []
    for place, steps in enumerate(shape):
        opened, price = price, price + steps
        bars.append(Candle(
            opened_at=START + place * LENGTH, open=opened, high=max(opened, price) + 15, low=min(opened, price) - 15,
            close=price, volume=Decimal(100 + abs(steps)), turnover=Decimal(0),
        ))
    return Context(
        as_of=START + len(shape) * LENGTH, symbol=INSTRUMENT.symbol, timeframe="15m", length=LENGTH, bars=tuple(bars),
        mark=price, instrument=INSTRUMENT, digest=hashlib.sha256(f"probe {number}".encode()).hexdigest(), asked=True,
    )
