"""Kill the desk at every moment of every flow, restart, heal, judge: `python -m tests.walks.sweep [FLOW...]`.

A moment is a step of any task of the desk, and each side of every store and every send. Between two effects outside
the process all moments leave the same world behind; `--classes` dies once in each such class, without it everywhere.
"""
from __future__ import annotations

import argparse
import asyncio
import logging
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from bot.desk.wish import AmendWish, CancelWish, CloseWish, Level, OpenWish, Which, Wish
from bot.domain.decision import Manner
from bot.domain.ids import RequestKey
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction, OrderKind
from bot.domain.trading import Readiness
from tests.support import virtual_loop
from tests.support.simulated import Life
from tests.support.virtual_loop import VirtualLoop
from tests.walks import judge_after
from tests.walks.evidence import Breach
from tests.walks.gallows import CutTransport, Gallows, hang, under, watch_tasks
from tests.walks.stage import LOCAL, Setting, Stage, build, end
from tests.walks.walk import Court

SETTING = Setting(lines=(ProductLine.USDT,), one_way=False, isolated=False, limits=None, outside_opens=False)
AFTER_S = 1.5
HEAL_S, HEAL_MOST_S = 11.0, 60.0
MOST_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What is done: `before` prepares undisturbed, `deed` is killed."""

    name: str
    before: Callable[[Life], Awaitable[None]]
    deed: Callable[[Life], Awaitable[None]]
    from_birth: bool = False


async def _nothing(life: Life) -> None:
    await asyncio.sleep(0)


async def _say(life: Life, key: str, wish: Wish) -> None:
    await life.desk.propose(LOCAL, RequestKey(key), wish, yes=Manner.LOCAL)


def _market(symbol: str = "BTCUSDT", direction: Direction = Direction.LONG) -> OpenWish:
    return OpenWish(symbol=symbol, direction=direction, amount="$500", stop=Level(percent=Decimal(2)))


def _limit(life: Life) -> OpenWish:
    price = life.world.venue.market.listings["BTCUSDT"].last * Decimal("0.99")
    return OpenWish(
        symbol="BTCUSDT", direction=Direction.LONG, amount="$500", kind=OrderKind.LIMIT, price=price,
        stop=Level(percent=Decimal(2)),
    )


async def _open_market(life: Life) -> None:
    await _say(life, "deed", _market())


async def _open_limit(life: Life) -> None:
    await _say(life, "deed", _limit(life))


async def _held(life: Life) -> None:
    await _say(life, "before", _market())
    await asyncio.sleep(1.5)


async def _resting(life: Life) -> None:
    await _say(life, "before", _limit(life))
    await asyncio.sleep(1.5)


async def _amend(life: Life) -> None:
    (order,) = [one for one in await life.desk.orders() if not one.intent.kind.is_guard]
    price = life.world.venue.market.listings["BTCUSDT"].last * Decimal("0.995")
    await _say(life, "deed", AmendWish(order=order.client_order_id, price=price))


async def _cancel(life: Life) -> None:
    await _say(life, "deed", CancelWish(symbol="BTCUSDT"))


async def _close(life: Life) -> None:
    await _say(life, "deed", CloseWish(which=Which.ONE, symbol="BTCUSDT", direction=Direction.LONG))


async def _five(life: Life) -> None:
    for place, symbol in enumerate(("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "DOGEUSDT")):
        await _say(life, f"before-{place}", _market(symbol))
    await asyncio.sleep(1.5)


async def _flat(life: Life) -> None:
    await life.desk.flat(LOCAL, RequestKey("deed"), "local")


FLOWS = (
    Flow(name="open-market", before=_nothing, deed=_open_market),
    Flow(name="open-limit", before=_nothing, deed=_open_limit),
    Flow(name="scale-in", before=_held, deed=_open_market),
    Flow(name="amend", before=_resting, deed=_amend),
    Flow(name="cancel", before=_resting, deed=_cancel),
    Flow(name="close", before=_held, deed=_close),
    Flow(name="flat-of-five", before=_five, deed=_flat),
    Flow(name="start-up", before=_held, deed=_nothing, from_birth=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hanged:
    """One death: at which moment of which kind, and what did not hold afterwards."""

    flow: str
    at: int | None
    kind: str
    gallows: Gallows
    breaches: tuple[Breach, ...]

    def failure(self) -> str:
        """Say what failed and how to see it again."""
        lines = [f"{self.flow} dies at {self.at} ({self.kind}):", *(f"  {one}" for one in self.breaches[:4])]
        return "\n".join([*lines, f"  replay: uv run python -m tests.walks.sweep {self.flow} --at {self.at}"])


def die_at(flow: Flow, at: int | None, seed: int = 1) -> Hanged:
    """Play a flow, dying at one moment (never for None), and judge what is left once it has healed."""
    with tempfile.TemporaryDirectory(prefix="sweep") as directory:
        return virtual_loop.run(lambda: _play(Path(directory), flow, at, seed), seed)  # type: ignore[no-any-return]


async def _play(directory: Path, flow: Flow, at: int | None, seed: int) -> Hanged:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    watch_tasks(loop)
    stage = await build(directory, seed, SETTING)
    court = Court(stage)
    first = stage.life
    assert first is not None
    await flow.before(first)
    court.evidence()
    await first.die()
    stage.life = None
    gallows = Gallows(at=at)
    await _doom(stage, flow, gallows)
    await _heal(stage)
    court.judge()
    court.add(judge_after.judge(court.evidence()))
    await end(stage)
    kind = gallows.kinds[-1] if gallows.kinds else ""
    return Hanged(flow=flow.name, at=at, kind=kind, gallows=gallows, breaches=tuple(court.breaches))


async def _doom(stage: Stage, flow: Flow, gallows: Gallows) -> None:
    """Live a life under the gallows until it dies or the flow is through."""
    world = stage.world
    plain, world.transport = world.transport, CutTransport(world.transport, gallows)  # type: ignore[assignment]
    world.lives += 1
    life = Life(world, world.lives)
    world.transport = plain
    hang(life, gallows)
    gallows.armed = flow.from_birth
    with under(gallows):
        starting = life.spawn(life.start(), "start")
    patience = MOST_S
    while patience > 0 and not gallows.dead and life.gate.now is not Readiness.READY:
        life.check()
        await asyncio.sleep(0.05)
        patience -= 0.05
    if not gallows.dead and not flow.from_birth:
        gallows.armed = True
        with under(gallows):
            deed = life.spawn(_run(flow, life), "deed")
        while patience > 0 and not gallows.dead and not deed.done():
            await asyncio.sleep(0.05)
            patience -= 0.05
    if not gallows.dead:
        await asyncio.sleep(AFTER_S)
    life.check()
    gallows.dead = True
    starting.cancel()
    await life.die()


async def _run(flow: Flow, life: Life) -> None:
    await flow.deed(life)


async def _heal(stage: Stage) -> None:
    """Restart and wait until nothing is unclear any more."""
    stage.world.venue.clock.speed = 0
    life = await stage.be_born()
    await life.ready(60.0)
    await asyncio.sleep(HEAL_S)
    waited = HEAL_S
    while waited < HEAL_MOST_S and (await life.desk.status()).unresolved:
        await asyncio.sleep(1.0)
        waited += 1.0


def moments(flow: Flow, *, classes: bool) -> tuple[Gallows, list[int]]:
    """Count the moments of a flow; gives at which to die: all, or the first of each class of equal worlds."""
    counted = die_at(flow, None).gallows
    if not classes:
        return counted, list(range(1, counted.count + 1))
    firsts: dict[int, int] = {}
    for place, mark in enumerate(counted.marks, start=1):
        firsts.setdefault(mark, place)
    return counted, sorted(firsts.values())


def sweep(flow: Flow, *, classes: bool, tell: Callable[[Hanged], None] | None = None) -> list[Hanged]:
    """Die at every moment of a flow; gives those deaths after which something did not hold."""
    _, places = moments(flow, classes=classes)
    bad = []
    for place in places:
        hanged = die_at(flow, place)
        if hanged.breaches:
            bad.append(hanged)
            if tell is not None:
                tell(hanged)
    return bad


def main() -> int:
    """Sweep the flows named, all without names; print a table; 1 when anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.walks.sweep", description=__doc__)
    parser.add_argument("flows", nargs="*", default=[])
    parser.add_argument("--classes", action="store_true")
    parser.add_argument("--at", type=int)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    failed = 0
    chosen = [flow for flow in FLOWS if not given.flows or flow.name in given.flows]
    print(f"{'flow':<14}{'moments':>9}{'stores':>8}{'sends':>7}{'deaths':>8}{'failed':>8}{'seconds':>9}")
    for flow in chosen:
        started = time.monotonic()
        if given.at is not None:
            one = die_at(flow, given.at)
            print(one.failure() if one.breaches else f"{flow.name} at {given.at} ({one.kind}): everything held")
            failed += bool(one.breaches)
            continue
        counted, places = moments(flow, classes=given.classes)
        bad = sweep(flow, classes=given.classes, tell=lambda one: print(one.failure()[:2000]))
        failed += len(bad)
        stores, sends = counted.kinds.count("before a store"), counted.kinds.count("before a send")
        spent = time.monotonic() - started
        print(
            f"{flow.name:<14}{counted.count:>9}{stores:>8}{sends:>7}{len(places):>8}{len(bad):>8}{spent:>9.0f}",
            flush=True,
        )
    return int(failed > 0)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        raise SystemExit(main())
