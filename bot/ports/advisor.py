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

# No target lies farther than this many times the risk (advisor section 5).
TARGET_R_MOST = Decimal(3)
OUTSIDE = "outside"
# How what speaks against an idea begins where a critic had it vetoed, or lowered its risk.
CRITIC_VETOED, CRITIC_LOWERED = "Critic, veto", "Critic, half the risk"
THESIS_MAX, AGAINST_MAX, INVALIDATION_MAX = 300, 200, 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What an advisor wants to be shown: closed bars of one timeframe, and how many of them."""

    timeframe: str
    bars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an advisor is shown of one symbol: data only, no keys, nothing to call.

    `bars` are closed ones, oldest first; `mark` is the price now; `digest` is the SHA-256 of these. Funding is
    paid next at `funding_at`, None where it never is. `asked` is True where a person wants to know: an advisor that
    speaks only on an occasion then speaks without one.
    """

    as_of: datetime
    symbol: Symbol
    timeframe: str
    length: timedelta
    bars: tuple[Candle, ...]
    mark: Decimal
    instrument: Instrument
    digest: str
    funding_at: datetime | None = None
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """A view of one symbol: no size, no leverage, no order type, on purpose.

    `probability_bp` is the raw claim in basis points, only ever shown calibrated. The texts are plain and short
    (THESIS_MAX and its neighbours); they are quoted to people and never obeyed. `risk_percent` is the share of the
    granted risk it may take at most; layers on its way only lower it (advisor section 9). `usual` says in R between
    which ends most ideas like it ended, and on how many outcomes that rests.
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
    usual: tuple[Decimal, Decimal, int] | None = None

    def __post_init__(self) -> None:
        """Refuse a share of risk outside 0 to 100."""
        if not 0 <= self.risk_percent <= 100:
            raise ValueError(f"The share of the granted risk is 0 to 100 percent, not {self.risk_percent}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstained:
    """Nothing to propose, and why, in a few words; one that begins with OUTSIDE knows no market like this."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A trade of the advisor's own that is open: no size, no money.

    `stop` is the one that stands, `target` None where there is none, `risk` the distance in price that was at risk at
    the entry (1R), `until` when the idea behind it ends.
    """

    symbol: Symbol
    direction: Direction
    entry: Decimal
    stop: Decimal
    target: Decimal | None
    risk: Decimal
    until: datetime

    def in_r(self, price: Decimal) -> Decimal:
        """Give how far a price lies from the entry, in units of what was at risk; positive is a gain."""
        return (price - self.entry) * self.direction.sign / self.risk


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Cut an open trade: `share` percent of it, 1 to 100."""

    symbol: Symbol
    direction: Direction
    share: int
    why: str
    context_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tighten:
    """Move the stop of an open trade nearer to the price."""

    symbol: Symbol
    direction: Direction
    stop: Decimal
    why: str
    context_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Take another share of the granted risk in a symbol: `percent` of it, 0 to 100."""

    percent: int
    why: str


class Scaler(Protocol):
    """An advisor that says how much of its granted risk it wants; less counts at once, more is for people."""

    def scale(self, context: Context) -> Scale:
        """Say what share it wants, seeing one context."""
        ...


class Keeper(Protocol):
    """An advisor that looks after its own open trades; what it may do only reduces risk."""

    async def review(self, context: Context, held: Held) -> Close | Tighten | Abstained:
        """Look at an open trade once a candle closed; never raises for a bad answer of its own."""
        ...


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
