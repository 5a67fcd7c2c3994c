"""See who advises: how far each reaches, what is left of its mandate, what it earned; ask all of them for a view."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.desk.advise import Advice
from bot.desk.brief import brief
from bot.desk.grant import Bounds
from bot.desk.ladder import ORDER, evidence_of, reaches, stands_on, step
from bot.desk.mandate import live_mandate, usage_of
from bot.desk.plan_idea import flaw
from bot.desk.seat import Seat
from bot.domain.ids import PersonId, Symbol
from bot.domain.mandate import Mandate, Rung, Usage
from bot.domain.refusal import Refusal, refuse
from bot.ports.advisor import Abstained, Idea
from bot.ports.lab_rows import RungRow, VersionRow, VersionState
from bot.ports.ledger import Tx

# What a grant may give where the settings name nothing.
USUAL = Bounds(
    notional_per_trade=Decimal(1000), notional_per_day=Decimal(5000), trades_per_day=10, hours=24,
    risk_per_trade=Decimal(50), risk_budget=Decimal(250), loss_per_day=Decimal(100),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One advisor: `rung` is stored, `reach` what it may do now; mandate and usage where it may act alone."""

    name: str
    rung: Rung
    reach: Rung
    symbols: tuple[Symbol, ...]
    mandate: Mandate | None
    usage: Usage
    last: RungRow | None
    outcomes: int
    version: VersionRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What one advisor says of a symbol now; nothing is raised by it."""

    advisor: str
    says: Idea | Abstained


async def members(seat: Seat, advices: Sequence[Advice]) -> tuple[Member, ...]:
    """Read every advisor that is asked, in its order."""
    return await seat.ledger.read(lambda tx: tuple(member(tx, seat, one) for one in advices))


def member(tx: Tx, seat: Seat, advice: Advice) -> Member:
    """Read one advisor."""
    now, name = seat.clock.now(), advice.advisor.name
    mandate, evidence = live_mandate(tx, name, now), evidence_of(tx, name)
    rows = tx.lab_record.rungs(name)
    return Member(
        name=name, rung=stands_on(tx, name, advice.rung), reach=reaches(tx, name, advice.rung, now),
        symbols=advice.symbols, mandate=mandate,
        usage=Usage() if mandate is None else usage_of(tx, mandate, now), last=rows[-1] if rows else None,
        outcomes=0 if evidence is None else evidence.outcomes, version=tx.lab_models.version(name),
    )


def furthest(found: Sequence[Member]) -> Rung:
    """Give the furthest that any of them reaches; OFF without any."""
    return max((one.reach for one in found), key=ORDER.index, default=Rung.OFF)


async def views(seat: Seat, advices: Sequence[Advice], symbol: Symbol) -> tuple[View, ...] | Refusal:
    """Ask everybody who is not off about a symbol now; nothing is proposed, noted or sent."""
    found: list[View] = []
    refused: Refusal | None = None
    off = {one.name for one in await members(seat, advices) if one.reach is Rung.OFF}
    for one in (each for each in advices if each.advisor.name not in off):
        context = await brief(seat, symbol, one.advisor.needs, one.length)
        if isinstance(context, Refusal):
            refused = context
            continue
        says = await one.advisor.propose(replace(context, asked=True))
        wrong = flaw(says, context) if isinstance(says, Idea) else None
        found.append(View(advisor=one.advisor.name, says=says if wrong is None else Abstained(reason=wrong)))
    return refused if not found and refused is not None else tuple(found)


async def retire(seat: Seat, version: str, by: PersonId) -> VersionRow | Refusal:
    """Take a registered model out of service: it is OFF at once and is not served after the next start."""

    def work(tx: Tx) -> VersionRow | Refusal:
        found = tx.lab_models.version(version)
        if found is None or found.state is not VersionState.REGISTERED:
            state = "unknown" if found is None else found.state.value.lower()
            return refuse("not_registered", f"{version} is {state}.", "See /models.", value=state, limit="registered")
        tx.lab_models.move_version(version, VersionState.RETIRED)
        step(tx, version, Rung.SHADOW, Rung.OFF, by, "retired", seat.clock.now())
        return found

    return await seat.ledger.transact(work)
