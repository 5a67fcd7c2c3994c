"""Bind the ports for one account: everything a use case needs, handed in as one frozen value."""
from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from bot.desk.rules import Rules
from bot.desk.steady import Steady
from bot.domain.account import PositionMode
from bot.domain.ids import AccountId, ClientOrderId, ProposalId, Symbol
from bot.domain.instrument import Instrument, ProductLine, Tier
from bot.domain.reports import Profile
from bot.domain.trading import Environment
from bot.ports.clock import Clock, Ids
from bot.ports.gate import Gate
from bot.ports.ledger import Ledger
from bot.ports.market import Market
from bot.ports.switch import Switch
from bot.ports.venue import SymbolSettings, Venue


@dataclass(slots=True)
class Lanes:
    """One serial lane per symbol (R13): whoever sends for a symbol holds its lock."""

    locks: dict[Symbol, asyncio.Lock] = field(default_factory=dict)

    def of(self, symbol: Symbol) -> asyncio.Lock:
        """Give the lock of a symbol."""
        return self.locks.setdefault(symbol, asyncio.Lock())


@dataclass(slots=True)
class Shelf:
    """What was last read of the venue: instruments, tiers, profile, settings, marks; refreshed, never guessed.

    `marks` holds the last mark of every symbol a wish was planned for, so that a verdict can value an order that was
    planned between its reading of prices and its transaction.
    """

    instruments: dict[Symbol, Instrument] = field(default_factory=dict)
    tiers: dict[Symbol, tuple[Tier, ...]] = field(default_factory=dict)
    settings: dict[Symbol, SymbolSettings] = field(default_factory=dict)
    profile: Profile | None = None
    marks: dict[Symbol, Decimal] = field(default_factory=dict)

    def position_mode(self, line: ProductLine) -> PositionMode | None:
        """Give the position mode of a product line as last read; None before the first probe."""
        return self.profile.position_modes.get(line) if self.profile is not None else None


@dataclass(slots=True)
class Fence:
    """The fencing number of the lease this process holds; None while it holds none (security section 13).

    `since` is when the lease was taken: what was sent for us after that has a row here.
    """

    epoch: int | None = None
    since: datetime | None = None


@dataclass(slots=True)
class Unfinished:
    """The proposals that may have legs left to send; before the first look into the books nobody knows (`known`).

    Whoever carries one out notes it first and strikes it out when nothing waits any more, so that the watch need not
    read two days of proposals every half second.
    """

    ids: set[ProposalId] = field(default_factory=set)
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One account's desk: its ports, its rules, and the little that must be shared between use cases.

    `sending` names the orders whose request is under way right now: nobody may take their silence for doubt yet.
    `wake` is set when the watch has something new to do. `streams` says since when the private stream of a product
    line is live, None while it is not; `suspect` names lines whose positions a push and our books see differently.
    """

    account: AccountId
    environment: Environment
    tag: str
    lines: tuple[ProductLine, ...]
    venue: Venue
    market: Market
    ledger: Ledger
    clock: Clock
    ids: Ids
    gate: Gate
    switch: Switch
    rules: Rules
    lanes: Lanes = field(default_factory=Lanes)
    shelf: Shelf = field(default_factory=Shelf)
    fence: Fence = field(default_factory=Fence)
    sending: set[ClientOrderId] = field(default_factory=set)
    steady: Steady = field(default_factory=Steady)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    streams: dict[ProductLine, datetime | None] = field(default_factory=dict)
    suspect: set[ProductLine] = field(default_factory=set)
    unfinished: Unfinished = field(default_factory=Unfinished)
