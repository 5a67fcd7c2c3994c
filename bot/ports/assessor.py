"""Judge what advisors said: follow an idea to its end, weigh outcomes, say which rung they earn (advisor section 11).

The arithmetic is floating and lives behind this port; what comes out are decimals and sentences.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from bot.domain.mandate import Rung
from bot.ports.lab_rows import EvidenceRow, IdeaRow, OutcomeRow, VersionRow
from bot.ports.market import Candle

Judged = tuple[IdeaRow, OutcomeRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """How an idea ended on closed one-minute bars, R before and after fees, spread and funding; 0 where unfilled."""

    filled: bool
    exit: str
    gross_r: Decimal
    net_r: Decimal
    entered_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the desk itself knows of an advisor's standing; everything else is read from its outcomes.

    `since` is when it came to its rung, `fell_at` when it last fell by itself. `outliers` is the share of its last 50
    looks at the market that were nothing like its training, 0 before there are 50. `halted` covers account breakers.
    """

    rung: Rung
    since: datetime | None
    fell_at: datetime | None
    version: VersionRow | None
    lease_over: bool = False
    nobody_active_24h: bool = False
    daily_loss_hit: bool = False
    rejections_in_row: int = 0
    protection_unverified: bool = False
    drift: bool = False
    stream_trouble: bool = False
    circuit_open: bool = False
    skew: bool = False
    outliers: Decimal = Decimal(0)
    expired: bool = False
    halted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Falls:
    """An advisor falls: to which rung, why, and what brings it back; `anew` when its evidence starts from 1."""

    to: Rung
    why: str
    back: str
    anew: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A scorecard in words that are ready to print: a head and its lines of name and value."""

    head: str
    rows: tuple[tuple[str, str], ...]


class Assessor(Protocol):
    """Pure and stateless: the same rows give the same judgement."""

    def follow(
        self, idea: IdeaRow, bars: Sequence[Candle], fee: Decimal, paid: Sequence[tuple[datetime, Decimal]] = ()
    ) -> Followed | None:
        """Follow an idea over the closed minutes after it, oldest first; None while minutes are missing.

        One about an open trade is held against doing nothing: its R is what following it was worth. `fee` is the taker
        fee as a fraction, `paid` the funding rates and when they were paid.
        """
        ...

    def weigh(
        self, so_far: EvidenceRow | None, advisor: str, group: str, outcomes: Sequence[Judged], at: datetime
    ) -> EvidenceRow:
        """Take outcomes into the evidence of a key, in the order their ideas were had; those taken before are skipped.

        No idea older than one of these may still be open, so that weighing in parts and anew gives the same.
        """
        ...

    def anew(self, advisor: str, group: str, at: datetime) -> EvidenceRow:
        """Start the evidence of a key from 1: only ideas from `at` on count."""
        ...

    def fall(self, about: Circumstances, evidence: EvidenceRow | None, outcomes: Sequence[Judged]) -> Falls | None:
        """Say which fall is due now; None while nothing triggers or the advisor already stands as low."""
        ...

    def suspended(self, about: Circumstances) -> Falls | None:
        """Say what keeps an advisor lower than its rung for now, and how low; None where nothing does."""
        ...

    def unmet(
        self, wanted: Rung, about: Circumstances, evidence: EvidenceRow | None, outcomes: Sequence[Judged]
    ) -> tuple[str, ...]:
        """List what is missing for a rung, a sentence each; empty when a person may grant it."""
        ...

    def spread(self, values: Sequence[Decimal]) -> str:
        """Say how many there are, their mean in R, and whether that is more than chance."""
        ...

    def score(self, advisor: str, evidence: EvidenceRow | None, outcomes: Sequence[Judged]) -> Score:
        """Print the scorecard of an advisor."""
        ...
