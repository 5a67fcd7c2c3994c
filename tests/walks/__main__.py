"""Walk many seeds: `python -m tests.walks --seeds 2000 [--from N] [--jobs 2]`; replay one: `--seed N -v`."""
from __future__ import annotations

import argparse
import logging
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.walks.walk import STEPS, Walked, walk

BAR = 40


def played(seeds: range, jobs: int, steps: int) -> Iterator[Walked]:
    """Walk every seed, in as many processes as said."""
    if jobs <= 1:
        for seed in seeds:
            yield walk(seed, steps=steps)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(_one, [(seed, steps) for seed in seeds], chunksize=2)


def _one(what: tuple[int, int]) -> Walked:
    logging.disable(logging.CRITICAL)
    return walk(what[0], steps=what[1])


def bar(done: int, whole: int, failed: int, started: float) -> None:
    """Draw how far it is, where somebody watches."""
    if not sys.stderr.isatty() and done != whole and done % max(1, whole // 20) > whole // 200:
        return
    share = done * BAR // whole
    spent = time.monotonic() - started
    left = spent / done * (whole - done)
    line = f"[{'#' * share}{'.' * (BAR - share)}] {done}/{whole}  failed {failed}  {spent:.0f} s, {left:.0f} s left"
    print(f"\r{line}" if sys.stderr.isatty() else line, end="", file=sys.stderr, flush=True)
    if done == whole or not sys.stderr.isatty():
        print(file=sys.stderr)


def table(walks: list[Walked], spent: float) -> str:
    """Add up a run."""
    kinds = Counter(breach.invariant for one in walks for breach in {b.invariant: b for b in one.breaches}.values())
    rows = [
        ("seeds", len(walks)),
        ("failed", sum(not one.good for one in walks)),
        ("intents", sum(one.tally.intents for one in walks)),
        ("faults switched on", sum(one.tally.faults for one in walks)),
        ("crashes", sum(one.tally.crashes for one in walks)),
        ("deeds from outside", sum(one.tally.outside for one in walks)),
        ("orders at the exchange", sum(one.tally.orders for one in walks)),
        ("fills", sum(one.tally.fills for one in walks)),
        ("naked intervals", sum(one.naked for one in walks)),
        ("longest after the weather, s", round(max((one.worst_naked_s for one in walks), default=0), 1)),
        ("seconds", round(spent)),
    ]
    lines = [f"{name:<30}{value:>12}" for name, value in rows]
    for name, count in sorted(kinds.items()):
        seeds = [one.seed for one in walks if any(breach.invariant == name for breach in one.breaches)]
        lines.append(f"{name:<30}{count:>12}   seeds {' '.join(map(str, seeds[:12]))}")
    return "\n".join(lines)


def main() -> int:
    """Run; 1 when anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.walks", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int)
    parser.add_argument("-v", action="store_true")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if given.seed is not None:
        one = walk(given.seed, steps=given.steps, echo=print if given.v else None)
        print(one.failure() if not one.good else f"seed {one.seed}: everything held ({one.setting}, {one.tally})")
        return int(not one.good)
    started, walks, failed = time.monotonic(), [], 0
    seeds = range(given.first, given.first + given.seeds)
    for one in played(seeds, given.jobs, given.steps):
        walks.append(one)
        if not one.good:
            failed += 1
            print(one.failure() if given.v or failed <= 5 else one.failure().splitlines()[0])
        bar(len(walks), given.seeds, failed, started)
    print(table(walks, time.monotonic() - started))
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
