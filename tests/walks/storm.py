"""Storm: `python -m tests.walks.storm --intents 10000 [--jobs 2]`: many intents at once under faults, one report.

Zero failures in n faults bound a rate at 3/n (95 %): the report says how many faults and crashes there were.
"""
from __future__ import annotations

import argparse
import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.support.simulated import Life
from tests.walks import intents, weather
from tests.walks.__main__ import bar
from tests.walks.stage import Stage
from tests.walks.walk import Walked, walk

STEPS = 40
# What each line of the report counts: the invariants that say so.
LINES = (
    ("lost orders", ("P1", "I1", "R5", "I6")),
    ("duplicated orders", ("I2", "R3")),
    ("phantom orders", ("I3", "R8")),
    ("fill differences", ("I4", "I5", "P4", "R10")),
    ("position differences", ("I7", "I22")),
    ("limit breaches", ("I10",)),
    ("naked beyond the deadline", ("I8",)),
    ("orphaned guards", ("I9",)),
    ("sent while halted", ("I14",)),
    ("sent without a decision", ("I12",)),
    ("audit, lease, fixed point", ("I17", "I18", "I21")),
    ("failed tasks", ("I20",)),
)


async def gust(stage: Stage, life: Life) -> None:
    """Several intents at once into one fault."""
    weather.fault(stage)
    for _ in range(stage.chance.randint(1, 4)):
        await intents.intend(stage, life)
    if stage.chance.random() < 0.4:
        await intents.resume(stage, life)
    await asyncio.sleep(stage.chance.choice((0.0, 0.5, 4.0)))


def _one(seed: int) -> Walked:
    logging.disable(logging.CRITICAL)
    return walk(seed, steps=STEPS, duel=gust)


def storm(wanted: int, jobs: int, first: int = 0) -> Iterator[Walked]:
    """Walk seeds until so many intents were put."""
    done, seed = 0, first
    with ProcessPoolExecutor(jobs) as pool:
        while done < wanted:
            for walked in pool.map(_one, range(seed, seed + 4 * jobs)):
                done += walked.tally.intents
                yield walked
            seed += 4 * jobs


def report(walks: list[Walked], spent: float) -> str:
    """Add up what was found; everything must be zero."""
    found = Counter(breach.invariant for one in walks for breach in one.breaches)
    met = (
        ("intents", sum(one.tally.intents for one in walks)),
        ("walks (seeds)", len(walks)),
        ("faults switched on", sum(one.tally.faults for one in walks)),
        ("crashes", sum(one.tally.crashes for one in walks)),
        ("orders at the exchange", sum(one.tally.orders for one in walks)),
        ("fills", sum(one.tally.fills for one in walks)),
        ("naked intervals, all shorter", sum(one.naked for one in walks)),
        ("seconds", round(spent)),
    )
    lines = [f"{name:<32}{value:>10}" for name, value in met]
    lines.append("-" * 42)
    lines += [f"{name:<32}{sum(found[code] for code in codes):>10}" for name, codes in LINES]
    return "\n".join(lines)


def main() -> int:
    """Let it storm; 1 when anything but zeros was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.walks.storm", description=__doc__)
    parser.add_argument("--intents", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--seed", type=int)
    given = parser.parse_args()
    if given.seed is not None:
        one = walk(given.seed, steps=STEPS, duel=gust, echo=print)
        print(one.failure() if not one.good else "everything held")
        return int(not one.good)
    started, walks, done = time.monotonic(), [], 0
    for one in storm(given.intents, given.jobs, given.first):
        walks.append(one)
        done += one.tally.intents
        if not one.good:
            print(one.failure().rsplit("\n", 1)[0])
            print(f"  replay: uv run python -m tests.walks.storm --seed {one.seed}", flush=True)
        bar(min(done, given.intents), given.intents, sum(not each.good for each in walks), started)
    print(report(walks, time.monotonic() - started))
    return int(any(not one.good for one in walks))


if __name__ == "__main__":
    raise SystemExit(main())
