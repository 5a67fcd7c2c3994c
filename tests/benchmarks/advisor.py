"""Measure what models cost: a judged candle, a training of 100,000 rows, and the loop beside a training.

Goals of issue 5: under 1 ms a candle for kernel, model, explanation and outlier distance; under 10 s for 100,000 rows
on one core (logit); p99 of a live loop under 10 ms while `wiredesk lab` trains beside it. The first two are CPU time;
the third is only worth its line "alone": on a busy machine both are the machine's.
"""
from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

from bot.adapters.advisors.artefact import Artefact, load_artefact
from bot.adapters.advisors.gbt import Trees, read_trees
from bot.adapters.advisors.kernel import WARMUP
from bot.adapters.advisors.local import Local
from bot.lab.train_logit import fit_logit
from tests.adapters.advisors.models import WIDTH, written
from tests.adapters.advisors.synthetic import learnable, walk
from tests.benchmarks.row import ROUNDS, Row

CANDLES, TREES, LEAVES, ROWS, FEATURES = 1000, 200, 31, 100_000, 45
BEATS, BEAT_S = 1500, 0.005


def rows() -> Iterator[Row]:
    """Give the lines of the table; nobody to compare with."""
    for kind, artefact in (("logit", load_artefact(*written(spread=3.0))), (f"{TREES} trees", forested())):
        mean, late = judged(artefact)
        yield Row(name=f"a candle, both sides, {kind}", unit="us", ours=mean, goal=1000,
                  note=f"(p99 {late:,.0f}, with kernel, explanation, outlier)")
    seconds = trained()
    yield Row(name=f"logit on {ROWS:,} rows", unit="s", ours=seconds, goal=10, note=f"({FEATURES} features, one core)")
    alone, beside = asyncio.run(beats(None)), trained_beside()
    yield Row(name="loop beside lab train, p99", unit="ms", ours=beside, goal=10, note=f"(alone {alone:.1f})")


def judged(artefact: Artefact) -> tuple[float, float]:
    """Give the least mean of all rounds and the p99 of the best, in CPU microseconds a candle."""
    bars = walk(WARMUP + CANDLES, 5)
    found = []
    for _ in range(ROUNDS):
        local, taken = Local(artefact), []
        local.warm_up(bars[:WARMUP])
        for bar in bars[WARMUP:]:
            began = time.thread_time_ns()
            local.push(bar)
            taken.append((time.thread_time_ns() - began) / 1000)
        found.append((sum(taken) / len(taken), sorted(taken)[len(taken) * 99 // 100]))
    return min(found)


def forested() -> Artefact:
    """Give an artefact whose sides are forests of the size LightGBM makes."""
    made = load_artefact(*written("gbt", spread=3.0))
    return replace(made, heads=tuple(replace(head, model=forest(at)) for at, head in enumerate(made.heads)))


def forest(seed: int) -> Trees:
    """Draw a forest in LightGBM's text: every tree grows leaf by leaf, so that children come after their parents."""
    chance, texts = Random(seed), []
    for number in range(TREES):
        left, right = [-1], [-2]
        for leaf in range(2, LEAVES):
            node = len(left)
            ends = [(side, at) for side in (left, right) for at, child in enumerate(side) if child < 0]
            side, at = chance.choice(ends)
            old = side[at]
            side[at] = node
            left.append(old)
            right.append(-leaf - 1)
        inner = len(left)
        texts.append(
            f"Tree={number}\nnum_leaves={LEAVES}\nnum_cat=0\n"
            f"split_feature={_spell(chance.randrange(WIDTH) for _ in range(inner))}\n"
            f"threshold={_spell(round(chance.gauss(0, 1), 6) for _ in range(inner))}\n"
            f"decision_type={_spell(2 for _ in range(inner))}\n"
            f"left_child={_spell(left)}\nright_child={_spell(right)}\n"
            f"leaf_value={_spell(round(chance.gauss(0, 0.02), 6) for _ in range(LEAVES))}\n"
            f"internal_value={_spell(round(chance.gauss(0, 0.01), 6) for _ in range(inner))}\nis_linear=0\n\n")
    head = f"tree\nversion=v4\nnum_class=1\nmax_feature_idx={WIDTH - 1}\nobjective=binary sigmoid:1\n\n"
    return read_trees(head + "".join(texts) + "end of trees\n")


def _spell(values: Iterable[float]) -> str:
    return " ".join(map(str, values))


def trained() -> float:
    """Give the CPU seconds of one fit."""
    given, hits = learnable(ROWS, FEATURES, 7)
    began = time.process_time()
    fit_logit(given, hits, [1.0] * ROWS, 7)
    return time.process_time() - began


def trained_beside() -> float:
    """Give the p99 of the loop while the shipped command trains in a process of its own."""
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "BTCUSDT-1m-x.csv"
        file.write_text("open_time_ms,open,high,low,close,volume\n" + "".join(
            ",".join(map(repr, bar)) + "\n" for bar in walk(60_000, 3)))
        lab = [sys.executable, "-m", "bot", "lab"]
        environment = {"WIREDESK_DATA": home, "PATH": "/usr/bin:/bin", "HOME": home}
        subprocess.run([*lab, "import", str(file)], check=True, env=environment, stdout=subprocess.DEVNULL)
        training = subprocess.Popen([*lab, "train", "--tf", "1m"], env=environment, stdout=subprocess.DEVNULL)
        try:
            return asyncio.run(beats(training))
        finally:
            training.kill()
            training.wait()


async def beats(training: subprocess.Popen[bytes] | None) -> float:
    """Judge a candle on every beat of 5 ms and give the p99 of how late the beats come, in milliseconds.

    Raises RuntimeError where the training was over before enough beats were counted.
    """
    local, bars, late = Local(forested()), walk(WARMUP + BEATS, 9), []
    local.warm_up(bars[:WARMUP])
    for bar in bars[WARMUP:]:
        began = time.perf_counter()
        await asyncio.sleep(BEAT_S)
        local.push(bar)
        late.append((time.perf_counter() - began - BEAT_S) * 1000)
        if training is not None and training.poll() is not None:
            raise RuntimeError(f"The training ended after {len(late)} of {BEATS} beats; give it more to do.")
    return sorted(late)[len(late) * 99 // 100]
