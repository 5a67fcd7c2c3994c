"""Walk the desk through one seed: intents, weather and crashes, judged after every step and once all is calm again."""
from __future__ import annotations

import asyncio
import tempfile
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.trading import Readiness
from tests.support import virtual_loop
from tests.support.simulated import Life
from tests.walks import intents, judge_after, judge_always, judge_told, weather
from tests.walks.evidence import Breach, Evidence, Memory
from tests.walks.stage import Setting, Stage, Tally, build, end
from tests.walks.watchman import Watchman

STEPS = 22
CALM_S = 60.0
ENOUGH_BREACHES = 6
# Secrets besides the key's own that must be written down nowhere (I19).
CANARIES: tuple[str, ...] = ()
DUEL_SHARE = 0.7
Deed = Callable[[Stage, Life], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """How a walk went: breaches found (none is good), at which step the first, and what it met."""

    seed: int
    setting: str
    breaches: tuple[Breach, ...]
    step: int
    tally: Tally
    trace: tuple[str, ...]
    worst_naked_s: float = 0.0
    naked: int = 0

    @property
    def good(self) -> bool:
        """Tell whether everything held."""
        return not self.breaches

    def failure(self) -> str:
        """Say which invariant failed, both sides, and the command that replays it."""
        lines = [f"seed {self.seed} ({self.setting}), step {self.step}:"]
        lines += [f"  {breach}" for breach in self.breaches[:ENOUGH_BREACHES]]
        lines.append(f"  replay: uv run python -m tests.walks --seed {self.seed} -v")
        return "\n".join(lines)


@dataclass
class Court:
    """Collects breaches over a walk."""

    stage: Stage
    memory: Memory = field(default_factory=Memory)
    breaches: list[Breach] = field(default_factory=list)
    step: int = 0

    def evidence(self) -> Evidence:
        """Read both sides of this very moment."""
        stage = self.stage
        wall = stage.world.venue.clock.true_wall()
        tag = stage.life.seat.tag if stage.life is not None else self.memory.tag
        self.memory.tag = tag
        return Evidence(
            truth=stage.truth(), export=stage.books(), now=wall, tag=tag, one_way=stage.setting.one_way,
            echoed=frozenset(stage.echoed), marked=tuple(stage.marked),
            said=len(stage.said),
        )

    def judge(self) -> None:
        """Judge what must hold always; crashes of our own tasks are breaches too (I20)."""
        seen = self.evidence()
        start = self.stage.world.venue.clock.started_ms
        until = start + round(max(self.stage.disturbed_until, self.stage.ready_at) * 1000)
        self.add(judge_always.judge(seen, self.memory, unreachable_until=until))
        self.failures()

    def failures(self) -> None:
        """Take what tasks of the life failed with."""
        life = self.stage.life
        if life is None:
            return
        for fault in life.failures:
            text = "".join(traceback.format_exception(fault))
            self.add([Breach(invariant="I20", words=f"a task failed: {fault!r}", books=text)])
        life.failures.clear()

    def add(self, found: list[Breach]) -> None:
        """Keep breaches; the first says at which step."""
        if found and not self.breaches:
            self.step = self.stage.step
        for breach in found:
            self.stage.say(f"BREACH {breach}")
        self.breaches += found


async def _step(stage: Stage, duel: Deed | None = None) -> None:
    """Do one thing, drawn; a `duel` takes most turns where it is given."""
    chance = stage.chance
    life = stage.life
    if life is None:
        life = await stage.be_born()
        stage.say("a new life begins")
        if chance.random() < 0.7:
            with suppress(TimeoutError):
                await life.ready(15.0)
        return
    if duel is not None and chance.random() < DUEL_SHARE:
        await duel(stage, life)
        return
    dice = chance.random()
    if dice < 0.42:
        await intents.intend(stage, life)
        if chance.random() < 0.15:
            await intents.intend(stage, life)
    elif dice < 0.70:
        weather.fault(stage)
        if chance.random() < 0.6:
            await intents.intend(stage, life)
    elif dice < 0.78:
        weather.outside(stage)
    elif dice < 0.86:
        await weather.price(stage)
    elif dice < 0.90:
        await intents.control(stage, life)
    elif dice < 0.93:
        await intents.resume(stage, life)
    elif dice < 0.94:
        stage.echoes += 1
        await intents.intend(stage, life)
    elif dice < 0.95:
        stage.stalls.append(round(chance.uniform(0.5, 25), 1))
        await intents.intend(stage, life)
    else:
        stage.say("crash")
        await stage.crash()


async def _walk(stage: Stage, steps: int, court: Court, watchman: Watchman, duel: Deed | None) -> None:
    chance = stage.chance
    for stage.step in range(1, steps + 1):
        await _step(stage, duel)
        pause = chance.choice((0.02, 0.15, 0.4, 1.0, 1.0, 3.0, 6.0))
        if stage.step % 8 == 0:
            pause += chance.choice((0.0, 15.0))
        if chance.random() < 0.05 and stage.life is not None:
            # A crash at a moment of its own, in the middle of whatever goes on.
            await asyncio.sleep(chance.uniform(0, 0.6))
            stage.say("crash in between")
            await stage.crash()
        await asyncio.sleep(pause)
        court.judge()
        court.add(watchman.breaches)
        watchman.breaches = []
        if court.breaches:
            return
        life = stage.life
        if life is not None and chance.random() < 0.5 and stage.step % 5 == 0:
            await intents.resume(stage, life)


async def calm(stage: Stage, seconds: float = CALM_S) -> None:
    """Heal: no faults, prices that stand still, a desk that is READY, and time to settle.

    Where something is still unknown or spread over time after `seconds`, the full time is given.
    """
    venue = stage.world.venue
    venue.outside.fault("clear", {}, None, None)
    venue.clock.speed = 0
    stage.stalls.clear()
    stage.disturb(0)
    life = stage.life or await stage.be_born()
    stage.say("calm")
    if life.gate.now is not Readiness.READY:
        await life.ready(90.0)
    await asyncio.sleep(seconds)
    if seconds < CALM_S and (stage.spread or (await life.desk.status()).unresolved):
        await asyncio.sleep(CALM_S - seconds)


async def settle(stage: Stage, court: Court) -> None:
    """Judge after recovery, then recover twice more: the second must change nothing (I21)."""
    court.judge()
    seen, key = court.evidence(), stage.world.credentials
    court.add([*judge_after.judge(seen), *judge_told.judge(seen, (key.secret, key.passphrase, *CANARIES))])
    if court.breaches:
        return
    looks = []
    for _ in range(2):
        await stage.crash()
        stage.tally.crashes -= 1
        life = await stage.be_born()
        await life.ready(30.0)
        looks.append(court.evidence())
        court.failures()
    court.add([*judge_after.fixed_point(*looks), *judge_told.baselines(*looks)])


def walk(
    seed: int,
    *,
    steps: int = STEPS,
    setting: Setting | None = None,
    echo: Callable[[str], None] | None = None,
    calm_s: float = CALM_S,
    duel: Deed | None = None,
) -> Walked:
    """Play one seed on a virtual loop and judge it; never raises for what the desk did wrong."""
    with tempfile.TemporaryDirectory(prefix="walk") as directory:
        return virtual_loop.run(lambda: _play(Path(directory), seed, steps, setting, echo, calm_s, duel), seed)  # type: ignore[no-any-return]


async def _play(
    directory: Path,
    seed: int,
    steps: int,
    setting: Setting | None,
    echo: Callable[[str], None] | None,
    calm_s: float,
    duel: Deed | None,
) -> Walked:
    stage = await build(directory, seed, setting)
    stage.echo = echo
    court, watchman = Court(stage), Watchman(stage)
    watching = asyncio.create_task(watchman.run(), name="watchman")
    try:
        await _walk(stage, steps, court, watchman, duel)
        if not court.breaches:
            stage.step = steps + 1
            await calm(stage, calm_s)
            court.add(watchman.breaches)
            await settle(stage, court)
    except Exception as fault:
        text = "".join(traceback.format_exception(fault))
        court.failures()
        court.add([Breach(invariant="I20", words=f"the walk stopped: {fault!r}", books=text)])
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    truth = stage.truth()
    stage.tally.orders, stage.tally.fills = len(truth["orders"]), len(truth["fills"])
    try:
        await end(stage)
    except Exception as fault:
        court.add([Breach(invariant="I20", words=f"the exchange itself failed: {fault!r}")])
    return Walked(
        seed=seed,
        setting=stage.setting.words(),
        breaches=tuple(court.breaches),
        step=court.step,
        tally=stage.tally,
        trace=tuple(stage.trace),
        worst_naked_s=watchman.worst,
        naked=watchman.intervals,
    )
