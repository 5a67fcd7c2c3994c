"""Let days pass: `python -m tests.walks.soak [--days 6] [--seed 1]`: I20, I23 and I24 over funding, transfers, faults.

First one life trades through ten minutes a day with prices that run: at each day's end it goes flat and everything
that could have grown is measured. Then positions are kept over nights in which nobody is at the desk, and the money is
added up. Then openings saturate their lane while positions close.
"""
from __future__ import annotations

import argparse
import asyncio
import functools
import gc
import logging
import os
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

from bot.adapters.bitget import skew
from bot.adapters.bitget.classic import stream_protocol
from bot.adapters.store import prepared
from bot.desk.wish import CloseWish, Level, OpenWish, Which
from bot.domain.decision import Manner
from bot.domain.ids import RequestKey
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction, OrderKind
from bot.sandbox.exchange.endpoints import ENDPOINTS
from tests.support import virtual_loop
from tests.support.simulated import Life
from tests.walks import intents, judge_after, judge_soak, weather
from tests.walks.evidence import Breach
from tests.walks.judge_soak import Sizes
from tests.walks.stage import LOCAL, Setting, Stage, build, end
from tests.walks.walk import Court

SETTING = Setting(
    lines=(ProductLine.USDT, ProductLine.COIN), one_way=False, isolated=False, limits=None, outside_opens=False
)
MARKET_DAY_S, DAY_S, ROUND_S = 86_400, 600.0, 25.0
SMALL = 8
# Memories with a bound: made small, so that they are full on the first day.
BOUNDS = (
    (prepared, "MEMORY_MAX"), (stream_protocol, "OPENINGS_MAX"), (skew, "SAMPLES"), (skew, "OTHER_SAMPLES"),
)
EVENING_S, EVENING_ROUNDS, NIGHT_S, NIGHT_STEP_S = 160.0, 8, 86_000, 50
# Tables that keep no record: what lies in them is the present.
PRESENT = ("named_values", "bookmarks", "leases", "trading_states", "wallets", "positions", "protections", "presets")
SATURATING = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "DOGEUSDT")
SATURATED_S, OPEN_EVERY_S, CLOSE_EVERY_S = 60.0, 0.08, 0.5


@dataclass(slots=True)
class Soaked:
    """What a soak found and met."""

    breaches: list[Breach] = field(default_factory=list)
    looks: list[Sizes] = field(default_factory=list)
    fundings: int = 0
    transfers: int = 0
    fills: int = 0
    requests: int = 0
    waits_s: list[float] = field(default_factory=list)
    opened: int = 0


def soak(days: int, seed: int, day_s: float = DAY_S) -> Soaked:
    """Let so many days pass and judge them."""
    with ExitStack() as stack:
        for room, bound in BOUNDS:
            stack.enter_context(patch.object(room, bound, SMALL))
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="soak"))
        return virtual_loop.run(lambda: _days(Path(directory), days, seed, day_s), seed)  # type: ignore[no-any-return]


async def _days(directory: Path, days: int, seed: int, day_s: float) -> Soaked:
    stage, soaked = await build(directory, seed, SETTING, with_limits=True), Soaked()
    court = Court(stage)
    for _ in range(days):
        await _day(stage, soaked, day_s)
        soaked.looks.append(look(stage))
    seen = court.evidence()
    court.failures()
    soaked.breaches += [
        *court.breaches,
        *judge_after.judge(seen),
        *judge_soak.growth(soaked.looks),
        *judge_soak.budgets(seen, {key: one.per_second for key, one in ENDPOINTS.items()}),
    ]
    soaked.fills, soaked.requests = len(seen.export["fills"]), len(seen.truth["requests"])
    await end(stage)
    return soaked


def nights(count: int, seed: int) -> Soaked:
    """Keep positions over so many nights and add the money up."""
    with tempfile.TemporaryDirectory(prefix="nights") as directory:
        return virtual_loop.run(lambda: _nights(Path(directory), count, seed), seed)  # type: ignore[no-any-return]


async def _nights(directory: Path, count: int, seed: int) -> Soaked:
    stage, soaked = await build(directory, seed, SETTING, with_limits=True), Soaked()
    court, clock, venue = Court(stage), stage.world.clock, stage.world.venue
    begun = {row["marginCoin"]: Decimal(row["balance"]) for row in stage.truth()["balances"]}
    for _ in range(count):
        await _evening(stage, soaked)
        court.failures()
        await stage.crash()
        for _ in range(NIGHT_S // NIGHT_STEP_S):
            clock.jump(NIGHT_STEP_S)
            venue.step(NIGHT_STEP_S)
        await stage.settle_in()
    venue.clock.speed = 0
    await asyncio.sleep(60.0)
    prices = {coin: _worth(stage, coin) for coin in begun}
    seen = court.evidence()
    court.failures()
    soaked.breaches += [
        *court.breaches, *judge_after.judge(seen), *judge_soak.money(seen, begun, prices, count),
    ]
    soaked.fundings = sum("settle_fee" in bill["kind"] for bill in seen.export["bills"])
    soaked.fills = len(seen.export["fills"])
    await end(stage)
    return soaked


async def _evening(stage: Stage, soaked: Soaked) -> None:
    """Open and close, with faults and transfers, and leave positions open."""
    life = stage.life
    assert life is not None
    for number in range(EVENING_ROUNDS):
        await intents.intend(stage, life)
        if number % 3 == 1:
            weather.fault(stage)
        if number % 4 == 2:
            soaked.transfers += 1
            stage.act("transfer", coin="USDT", amount=str(stage.chance.choice((250, -100, 40))))
        await asyncio.sleep(EVENING_S / EVENING_ROUNDS)
    stage.world.venue.outside.fault("clear", {}, None, None)
    for symbol, side in (("BTCUSDT", Direction.LONG), ("ETHUSDT", Direction.SHORT), ("BTCUSD", Direction.LONG)):
        await _say(stage, life, OpenWish(
            symbol=symbol, direction=side, amount="$500", stop=Level(percent=Decimal(20)),
        ))
    await asyncio.sleep(60.0)


def _worth(stage: Stage, coin: str) -> Decimal:
    return stage.price(f"{coin}USDT") if f"{coin}USDT" in stage.world.venue.market.listings else Decimal(1)


async def _day(stage: Stage, soaked: Soaked, day_s: float) -> None:
    """Trade through a day of market time, then heal and go flat."""
    venue, life = stage.world.venue, stage.life
    assert life is not None
    venue.clock.speed = MARKET_DAY_S / DAY_S
    for number in range(round(day_s / ROUND_S)):
        await intents.intend(stage, life)
        if number % 6 == 2:
            weather.fault(stage)
        await asyncio.sleep(ROUND_S)
    venue.outside.fault("clear", {}, None, None)
    venue.clock.speed = 0
    await life.ready(120.0)
    await asyncio.sleep(60.0)
    stage.keys += 1
    report = await life.desk.flat(LOCAL, RequestKey(f"soak:{stage.keys}"), "local")
    if not report.flat:
        soaked.breaches.append(Breach(invariant="I7", words=f"not flat: {report.residuals}"))
    await life.desk.resume(by=None, why="soak", actor="local")
    await asyncio.sleep(60.0)


def look(stage: Stage) -> Sizes:
    """Measure what must not grow: containers, living objects and tasks of the desk, handles, rows of the present."""
    life = stage.life
    assert life is not None
    roots: dict[str, object] = {
        "seat": life.seat, "public": life.public, "private": life.private, "engine": life.engine,
        "diary": life.diary, "watched": life.watched,
    }
    for name, module in list(sys.modules.items()):
        if name.startswith("bot.") and not name.startswith("bot.sandbox"):
            roots |= {
                f"{name}.{each}": held for each, held in vars(module).items() if isinstance(held, dict | list | set)
            }
    found = judge_soak.sizes(roots)
    found["tasks"] = len(asyncio.all_tasks())
    found["handles"] = len(os.listdir("/proc/self/fd"))
    found |= _forgotten()
    gc.collect()
    kinds = Counter(type(one) for one in gc.get_objects())
    found |= {f"living {kind.__name__}": count for kind, count in kinds.items() if judge_soak.ours(kind)}
    with sqlite3.connect(stage.world.directory / "wiredesk.db") as file:
        for table in PRESENT:
            found[f"rows of {table}"] = file.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    file.close()
    return found


def _forgotten() -> Sizes:
    """Empty every bounded memory of answers, so that what still lives is held; measure those without a bound."""
    found: Sizes = {}
    for one in gc.get_objects():
        if type(one) is functools._lru_cache_wrapper and str(one.__module__).startswith("bot."):
            if one.cache_parameters()["maxsize"] is None:
                found[f"memory of {one.__qualname__}"] = one.cache_info().currsize
            else:
                one.cache_clear()
    return found


def saturate(seed: int) -> Soaked:
    """Fill the opening lane beyond its budget while positions are closed in pieces; measure what closing waits."""
    with tempfile.TemporaryDirectory(prefix="lanes") as directory:
        return virtual_loop.run(lambda: _saturate(Path(directory), seed), seed)  # type: ignore[no-any-return]


async def _saturate(directory: Path, seed: int) -> Soaked:
    setting = Setting(lines=(ProductLine.USDT,), one_way=False, isolated=False, limits=None, outside_opens=False)
    stage, soaked = await build(directory, seed, setting, with_limits=True), Soaked()
    life = stage.life
    assert life is not None
    stage.world.venue.clock.speed = 0
    for symbol in SATURATING:
        await _say(stage, life, OpenWish(symbol=symbol, direction=Direction.LONG, amount="$3000", stop=Level(
            percent=Decimal(4))))
    await asyncio.sleep(5.0)
    opening = asyncio.create_task(_openings(stage, life), name="openings")
    closings = []
    for number in range(round(SATURATED_S / CLOSE_EVERY_S)):
        symbol = SATURATING[number % len(SATURATING)]
        closings.append(asyncio.create_task(_closing(stage, life, symbol, soaked)))
        await asyncio.sleep(CLOSE_EVERY_S)
    await asyncio.gather(*closings)
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    await asyncio.sleep(40.0)
    seen = Court(stage).evidence()
    soaked.opened = sum(seen.leg(row)[1] == "OPEN" for row in seen.truth["orders"])
    soaked.breaches += [
        *judge_soak.lanes(soaked.waits_s, soaked.opened),
        *judge_soak.budgets(seen, {key: one.per_second for key, one in ENDPOINTS.items()}),
    ]
    await end(stage)
    return soaked


async def _openings(stage: Stage, life: Life) -> None:
    for number in range(round(SATURATED_S / OPEN_EVERY_S)):
        symbol = SATURATING[number % len(SATURATING)]
        wish = OpenWish(
            symbol=symbol, direction=Direction.LONG, amount="$20", kind=OrderKind.LIMIT,
            price=stage.price(symbol) * Decimal("0.97"), stop=Level(percent=Decimal(4)),
        )
        life.spawn(_say(stage, life, wish), f"opening {number}")
        await asyncio.sleep(OPEN_EVERY_S)


async def _say(stage: Stage, life: Life, wish: OpenWish) -> None:
    stage.keys += 1
    await life.desk.propose(LOCAL, RequestKey(f"soak:{stage.keys}"), wish, yes=Manner.LOCAL)


async def _closing(stage: Stage, life: Life, symbol: str, soaked: Soaked) -> None:
    """Close a piece and measure from the words to the exchange's stamp of the order."""
    stage.keys += 1
    began = stage.now
    wish = CloseWish(which=Which.ONE, symbol=symbol, direction=Direction.LONG, share=Decimal(4))
    raised = await life.desk.propose(LOCAL, RequestKey(f"soak:{stage.keys}"), wish, yes=Manner.LOCAL)
    done = getattr(raised, "done", None)
    if done is None or not done.orders:
        soaked.breaches.append(Breach(invariant="I24", words=f"a reduction did not leave: {raised}"))
        return
    # The answer comes in the moment of the arrival: no fault is on, and virtual time is charged to waiting alone.
    soaked.waits_s.append(stage.now - began)


def main() -> int:
    """Soak and saturate; print one table; 1 when anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.walks.soak", description=__doc__)
    parser.add_argument("--days", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    began = time.monotonic()
    long, kept, full = soak(given.days, given.seed), nights(given.days, given.seed), saturate(given.seed)
    found = (*long.breaches, *kept.breaches, *full.breaches)
    waits = sorted(full.waits_s) or [0.0]
    rows = (
        ("days at the desk", given.days), ("fills", long.fills), ("signed requests", long.requests),
        ("containers and counts measured", len(long.looks[-1]) if long.looks else 0),
        ("nights kept", given.days), ("fills", kept.fills), ("funding payments", kept.fundings),
        ("transfers", kept.transfers), ("openings through the saturated lane", full.opened),
        ("reductions beside them", len(full.waits_s)),
        ("reducing waited, p50 s", f"{waits[len(waits) // 2]:.3f}"),
        ("reducing waited, p99 s", f"{waits[len(waits) * judge_soak.PERCENTILE // 100]:.3f}"),
        ("seconds", round(time.monotonic() - began)), ("breaches", len(found)),
    )
    for name, value in rows:
        print(f"{name:<40}{value:>12}")
    for breach in found:
        print(str(breach)[:1500])
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
