"""Say what each tool takes: one model a tool, and nothing that it does not know gets through (advisor 3.6)."""
from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Symbol = Annotated[str, Field(pattern=r"^[A-Za-z0-9/\-]{2,24}$", description="such as BTCUSDT")]
Price = Annotated[str, Field(pattern=r"^\d{1,12}(\.\d{1,12})?$", description="a price above 0, as text: \"60500.5\"")]
Direction = Literal["LONG", "SHORT"]
Timeframe = Literal["5m", "15m", "30m", "1h", "4h"]
ProposalId = Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]{4,40}$")]
Reason = Annotated[str, Field(max_length=300, description="shown to people as a quotation")]
Key = Annotated[str, Field(pattern=r"^[\x21-\x7e]{8,64}$",
                           description="one per idea; the same key again gives the same proposal")]


class Closed(BaseModel):
    """A model that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Idea(Closed):
    """A view of one symbol. No size, no leverage, no order type: the desk chooses those, people decide."""

    symbol: Symbol
    direction: Direction
    stop: Price
    target: Price
    timeframe: Timeframe = "15m"
    chance_percent: Annotated[int, Field(ge=1, le=99)] | None = Field(
        default=None, description="your own chance of target before stop; kept and scored, shown only once calibrated")
    horizon_minutes: Annotated[int, Field(ge=1, le=10_080)] = 240
    thesis: Annotated[str, Field(max_length=300, description="why, quoted on the card")]
    against: Annotated[str, Field(max_length=200, description="what speaks against it")] = ""
    invalidation: Annotated[str, Field(max_length=160, description="what would make it wrong")] = ""


class Nothing(Closed):
    """No arguments."""


class OfSymbol(Closed):
    """A market."""

    symbol: Symbol


class Candles(Closed):
    """Closed candles, oldest first."""

    symbol: Symbol
    timeframe: Timeframe
    n: Annotated[int, Field(ge=1, le=200)] = 50


class Features(Closed):
    """The features the desk's own models see."""

    symbol: Symbol
    timeframe: Timeframe = "15m"


class Record(Closed):
    """Whose record; your own where nobody is named."""

    advisor: Annotated[str, Field(max_length=40)] | None = None


class OfProposal(Closed):
    """One of your own proposals."""

    id: ProposalId


class Checked(Closed):
    """An idea to try without proposing it."""

    idea: Idea


class Proposed(Closed):
    """An idea to put on the table."""

    idea: Idea
    idempotency_key: Key


class Close(Closed):
    """A position to reduce or close."""

    symbol: Symbol
    direction: Direction | None = None
    share_percent: Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,2})?$")] = "100"
    reason: Reason = ""
    idempotency_key: Key


class Tighten(Closed):
    """A stop nearer to the price than the one that stands."""

    symbol: Symbol
    direction: Direction | None = None
    stop: Price
    reason: Reason = ""
    idempotency_key: Key


class Withdrawn(Closed):
    """An own proposal to take back while it waits."""

    id: ProposalId
    reason: Reason = ""
