"""Ask a model: what it is shown, the idea it may return, and why it may say nothing (advisor section 5)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument
from bot.domain.intent import Direction
from bot.ports.market import Candle

THESIS_MAX, AGAINST_MAX, INVALIDATION_MAX = 300, 200, 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What an advisor wants to be shown: closed bars of one timeframe, and how many of them."""

    timeframe: str
    bars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an advisor is shown of one symbol: data only, no keys, nothing to call.

    `bars` are closed ones, oldest first; `mark` is the price now; `digest` is the SHA-256 of all of it. `asked` is
    True where a person wants to know: an advisor that speaks only on an occasion then speaks without one.
    """

    as_of: datetime
    symbol: Symbol
    timeframe: str
    length: timedelta
    bars: tuple[Candle, ...]
    mark: Decimal
    instrument: Instrument
    digest: str
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """A view of one symbol: no size, no leverage, no order type, on purpose.

    `probability_bp` is the raw claim in basis points, only ever shown calibrated. The texts are plain and short
    (THESIS_MAX and its neighbours); they are quoted to people and never obeyed. `risk_percent` is the share of the
    granted risk it may take at most; layers on its way only lower it (advisor section 9).
    """

    symbol: Symbol
    direction: Direction
    stop: Decimal
    target: Decimal
    horizon: timedelta
    thesis: str
    against: str
    invalidation: str
    context_digest: str
    probability_bp: int | None = None
    risk_percent: int = 100

    def __post_init__(self) -> None:
        """Refuse a share of risk outside 0 to 100."""
        if not 0 <= self.risk_percent <= 100:
            raise ValueError(f"The share of the granted risk is 0 to 100 percent, not {self.risk_percent}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstained:
    """Nothing to propose, and why, in a few words."""

    reason: str


class Advisor(Protocol):
    """A model behind the port; never raises for a bad answer of its own."""

    @property
    def name(self) -> str:
        """Name the advisor as cards and mandates do."""
        ...

    @property
    def needs(self) -> Needs:
        """Say what it wants to be shown."""
        ...

    async def propose(self, context: Context) -> Idea | Abstained:
        """Look at one context and give an idea or an abstention."""
        ...
