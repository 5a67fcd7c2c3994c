"""Lend a mandate to an advisor of a test's desk, and look at what it did under it."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.adapters.advisors.assessor import LadderAssessor
from bot.desk.advise import Advice
from bot.desk.grant import Bounds, Grant, Weighed, grant
from bot.desk.ladder import fall_if_due, stands_on
from bot.desk.mandate import live_mandate, usage_of
from bot.domain.mandate import Mandate, Rung, Usage
from bot.domain.refusal import Refusal
from bot.ports.assessor import Falls
from tests.desk.table import ANA, BTC
from tests.support.simulated import Life

JUDGE = LadderAssessor()
MOST = Bounds(
    notional_per_trade=Decimal(2000), notional_per_day=Decimal(5000), trades_per_day=4, hours=24,
    risk_per_trade=Decimal(60), risk_budget=Decimal(200), loss_per_day=Decimal(100),
)


async def granted(
    life: Life, plan: Advice, *, rung: Rung = Rung.AUTO, override: str | None = "a test", **bounds: object
) -> Weighed | Refusal:
    """Grant a rung as the owner; evidence is skipped with a reason unless the test says not to."""
    asked = replace(MOST, **bounds)  # type: ignore[arg-type]
    wanted = Grant(origin=plan.origin, first=plan.rung, rung=rung, symbols=(BTC,), bounds=asked, override=override)
    return await grant(life.seat, JUDGE, wanted, MOST, ANA, "person:7001")


async def lease(life: Life, plan: Advice) -> Mandate | None:
    """Give the live mandate of an advisor."""
    return await life.seat.ledger.read(lambda tx: live_mandate(tx, plan.advisor.name, life.seat.clock.now()))


async def usage(life: Life, mandate: Mandate) -> Usage:
    """Give what is used of a mandate."""
    return await life.seat.ledger.read(lambda tx: usage_of(tx, mandate, life.seat.clock.now()))


async def rung(life: Life, plan: Advice) -> Rung:
    """Give the rung an advisor stands on."""
    return await life.seat.ledger.read(lambda tx: stands_on(tx, plan.advisor.name, plan.rung))


async def fallen(life: Life, plan: Advice) -> Falls | None:
    """Let the ladder look once."""
    return await fall_if_due(life.seat, JUDGE, plan.origin, plan.rung, {})
