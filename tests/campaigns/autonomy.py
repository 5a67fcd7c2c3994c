"""Let a hostile model act alone for a week of simulated minutes: `python -m tests.campaigns.autonomy [--minutes N]`.

Virtual time, the real desk, the sandbox exchange, a lease that runs out and is renewed by an owner now and then, and a
process that is killed now and then. Prints one table; the exit code is 1 when anything could not be traced.
"""
from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from bot.adapters.advisors.assessor import LadderAssessor
from bot.desk.advise import Advice, advise, keep_rungs
from bot.desk.grant import Bounds, Grant, grant
from bot.desk.ladder import reaches
from bot.desk.mandate import live_mandate
from bot.desk.rules import Rules
from bot.desk.score import score
from bot.domain.ids import PersonId, Symbol
from bot.domain.mandate import ALONE, Rung
from bot.domain.refusal import Refusal
from tests.campaigns.hostile import Hostile
from tests.campaigns.trace import Findings, judge
from tests.support import virtual_loop
from tests.support.simulated import Life, World

OWNER = PersonId(7001)
BTC, ETH = Symbol("BTCUSDT"), Symbol("ETHUSDT")
# The exchange moves in steps of seconds and the desk looks less often: a week must fit into minutes.
STEP_S = 10.0
SLOW = replace(
    Rules(), watch_period_s=20.0, orders_period_s=60.0, positions_period_s=60.0, protection_period_s=60.0,
    protection_readback_s=120.0, advice_period_s=60.0, score_period_s=600.0, ladder_period_s=60.0,
    lease_life_s=900.0, lease_beat_s=300.0, stop_verify_s=60.0, naked_max_s=300.0, bills_period_s=3600.0,
    fills_period_s=600.0, modes_period_s=36_000.0, price_age_max_s=60.0,
)
MOST = Bounds(
    notional_per_trade=Decimal(800), notional_per_day=Decimal(3000), trades_per_day=5, hours=6,
    risk_per_trade=Decimal(12), risk_budget=Decimal(40), loss_per_day=Decimal(25),
)
JUDGE = LadderAssessor()


async def campaign(directory: Path, seed: int, minutes: int, rules: Rules, step_s: float) -> tuple[Findings, Hostile]:
    """Live through the minutes and judge the ledger at the end."""
    world = World(directory, seed, rules=rules)
    exchange = asyncio.create_task(_market(world, step_s))
    chance, model = Random(seed), Hostile(seed)
    plan = Advice(advisor=model, symbols=(BTC, ETH), length=timedelta(minutes=5), rung=Rung.PROPOSE,
                  risk_percent=Decimal(1), cool_down_s=60.0)
    life = await _life(world, plan)
    cards_only: list[str] = []
    for _ in range(max(1, minutes // 30)):
        if await _alone(life, plan):
            before = None
        else:
            before = await _opened(life)
            if chance.random() < 0.4:
                await _renew(life, plan, chance)
                before = None
        for symbol in (BTC, ETH):
            # Without moves a position would stand in the way of every further idea.
            await world.venue.outside.set_price(str(symbol), None, chance.choice((-1.5, -0.8, 0.8, 1.5)), 0.0)
        await world.clock.sleep(30 * 60)
        life.check()
        if before is not None and await _opened(life) != before:
            cards_only.append("An order left while the model had to ask.")
        if chance.random() < 0.02:
            await life.die()
            life = await _life(world, plan)
    rows = list(world.venue.outside.ledger("main")["orders"])
    found = await life.seat.ledger.read(lambda tx: judge(tx, model.name, model.asked, rows))
    found.wrong += cards_only
    await life.die()
    exchange.cancel()
    with suppress(asyncio.CancelledError):
        await exchange
    world.venue.close()
    return found, model


async def _market(world: World, step_s: float) -> None:
    while True:
        await world.clock.sleep(step_s)
        world.venue.step(step_s)


async def _life(world: World, plan: Advice) -> Life:
    """Start a process: the desk, its advisor, its scores and its ladder."""
    life = await world.birth()
    await life.ready(3600.0)
    life.spawn(advise(life.seat, replace(plan, seen={})), "advisor")
    life.spawn(score(life.seat, JUDGE), "scores")
    life.spawn(keep_rungs(life.seat, JUDGE, (plan,)), "rungs")
    return life


async def _alone(life: Life, plan: Advice) -> bool:
    now = life.seat.clock.now()
    return await life.seat.ledger.read(
        lambda tx: reaches(tx, plan.advisor.name, plan.rung, now) in ALONE
        and live_mandate(tx, plan.advisor.name, now) is not None
    )


async def _renew(life: Life, plan: Advice, chance: Random) -> None:
    """Grant a lease as the owner, now and then for one symbol or for SEMI only."""
    wanted = Grant(
        origin=plan.origin, first=plan.rung, rung=chance.choice((Rung.AUTO, Rung.AUTO, Rung.SEMI)),
        symbols=chance.choice(((BTC, ETH), (BTC,))), override="a campaign",
        bounds=replace(MOST, trades_per_day=chance.randint(1, 9), hours=chance.randint(1, 9)),
    )
    done = await grant(life.seat, JUDGE, wanted, MOST, OWNER, "person:7001")
    assert not isinstance(done, Refusal), str(done)


async def _opened(life: Life) -> int:
    return await life.seat.ledger.read(lambda tx: sum(
        len(tx.orders.of_proposal(one.id)) for one in tx.proposals.since(life.seat.clock.now() - timedelta(days=30))
    ))


def run(seed: int, minutes: int, rules: Rules = SLOW, step_s: float = STEP_S) -> tuple[Findings, Hostile]:
    """Run one campaign in virtual time."""
    got: list[tuple[Findings, Hostile]] = []
    with tempfile.TemporaryDirectory() as home:

        async def main() -> None:
            got.append(await campaign(Path(home), seed, minutes, rules, step_s))

        virtual_loop.run(main, seed)
    return got[0]


def table(found: Findings, model: Hostile, minutes: int, seed: int, spent: float) -> str:
    """Add up a campaign."""
    rows = [
        ("seed", seed), ("simulated minutes", minutes), ("calls of the model", model.asked),
        ("tricks tried", sum(model.tried.values()) - model.tried["plain"]), ("ideas", found.ideas),
        ("abstentions and flaws", found.abstained), ("proposals", found.proposals), ("leases", found.mandates),
        ("falls to asking", found.falls), ("orders made alone", found.orders), ("ideas followed to the end",
                                                                                found.outcomes),
        *((f"proposals {state.lower()}", count) for state, count in sorted(found.states.items())),
        ("not traceable or beyond a bound", len(found.wrong)), ("seconds", round(spent)),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join([*(f"{name:<{width}}  {value:>8,}" for name, value in rows), *found.wrong[:20]])


def main() -> int:
    """Run the campaign as asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=10_000, help="simulated minutes")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    begun = time.monotonic()
    found, model = run(given.seed, given.minutes)
    print(table(found, model, given.minutes, given.seed, time.monotonic() - begun))
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
