from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.adapters.store.address import Address
from bot.adapters.store.engine import GROUP_MAX, InlineEngine, Meter, ThreadEngine
from bot.adapters.store.ledger import StoreLedger
from bot.adapters.store.link import Link
from bot.adapters.store.tx import StoreTx
from bot.domain.events import SettingChanged
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import NotStored
from tests.adapters.store.values import ACCOUNT, T0, order
from tests.support.ledgers import inline, sqlite, threaded
from tests.support.virtual_loop import VirtualLoop

ROOT = Path(__file__).parents[3]


def put(name: str) -> Callable[[Tx], str]:
    def work(tx: Tx) -> str:
        tx.desk.set_value(name, {}, T0)
        return name

    return work


async def rounds(told: list[str], until: asyncio.Event) -> list[int]:
    """Count how many answers came in each round of the loop."""
    found, before = [0], len(told)
    while not until.is_set():
        await asyncio.sleep(0)
        found.append(len(told) - before)
        before = len(told)
    return found


async def test_five_hundred_queued_commits_never_hold_the_loop(ledger: StoreLedger) -> None:
    """What the loop does at once is bounded by the group; how long that takes is a matter of the benchmark."""
    most: list[int] = []
    # A busy machine may let a few groups come together in a round, not all of them time and again.
    while len(most) < 8 and (not most or min(most) > 2 * GROUP_MAX):
        told: list[str] = []
        done = asyncio.Event()
        counting = asyncio.ensure_future(rounds(told, done))

        async def one(name: str, told: list[str] = told) -> None:
            told.append(await ledger.transact(put(name)))

        names = [f"{len(most)}:{number}" for number in range(500)]
        await asyncio.gather(*(one(name) for name in names))
        done.set()
        most.append(max(await counting))
        assert told == names
    assert min(most) <= 2 * GROUP_MAX, most


async def test_what_waits_is_committed_together(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    measure = Meter.measure

    def counting(meter: Meter, link: Link, units: list[object]) -> list[object]:
        sizes.append(len(units))
        return measure(meter, link, units)  # type: ignore[arg-type,return-value]

    monkeypatch.setattr(Meter, "measure", counting)
    async with threaded(address) as ledger:
        await asyncio.gather(*(ledger.transact(put(str(number))) for number in range(200)))
    assert sum(sizes) == 200
    assert max(sizes) <= GROUP_MAX
    assert statistics.mean(sizes) > 5


async def test_fifty_intents_against_room_for_six(ledger: StoreLedger) -> None:
    def submit(number: int, tx: Tx) -> bool:
        if len(tx.orders.live()) >= 6:
            return False
        tx.orders.insert(order(number))
        return True

    told = await asyncio.gather(*(ledger.transact(partial(submit, number)) for number in range(50)))
    assert sum(told) == 6
    assert len(await ledger.read(lambda tx: tx.orders.live())) == 6


async def test_two_processes_of_one_account_are_one_line(address: Address) -> None:
    def submit(number: int, tx: Tx) -> bool:
        if len(tx.orders.live()) >= 6:
            return False
        tx.orders.insert(order(number))
        return True

    async with threaded(address) as one, threaded(address) as two:
        told = await asyncio.gather(*(
            (one if number % 2 else two).transact(partial(submit, number)) for number in range(50)
        ))
    assert sum(told) == 6


async def test_a_caller_that_leaves_does_not_undo(ledger: StoreLedger) -> None:
    waits = asyncio.ensure_future(ledger.transact(put("stays")))
    await asyncio.sleep(0)
    waits.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waits
    assert await ledger.read(lambda tx: tx.desk.value("stays")) == {}


async def test_closing_finishes_what_waits(address: Address) -> None:
    engine = ThreadEngine(address, time.monotonic)
    ledger = StoreLedger(ACCOUNT, engine)
    waiting = asyncio.gather(*(ledger.transact(put(str(number))) for number in range(100)))
    await asyncio.sleep(0)
    await engine.close()
    await engine.close()
    assert len(await waiting) == 100
    with pytest.raises(NotStored, match="closed"):
        await ledger.transact(put("late"))


async def test_a_server_that_comes_back_is_used_again(address: Address) -> None:
    if address.file is not None:
        pytest.skip("A file does not go away.")
    async with threaded(address) as ledger:
        await ledger.transact(put("before"))
        other = Link(address)
        other.plainly("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                      " WHERE datname = current_database() AND pid <> pg_backend_pid()")
        other.close()
        with pytest.raises(NotStored):
            await ledger.transact(put("lost"))
        await ledger.transact(put("after"))
        found = await ledger.read(lambda tx: tx.desk.values(""))
    assert sorted(found) == ["after", "before"]


async def test_the_pulse_tells_how_slow_commits_are(tmp_path: Path) -> None:
    times = iter([0.0, 1.0, 3.5, 10.0, 10.5] + [20.0] * 9)
    engine = InlineEngine(sqlite(tmp_path), lambda: next(times))
    ledger = StoreLedger(ACCOUNT, engine)
    assert ledger.pulse().last_commit == timedelta(0)
    await ledger.transact(put("a"))
    await ledger.transact(put("b"))
    assert (ledger.pulse().last_commit, ledger.pulse().worst_commit) == (timedelta(seconds=6.5), timedelta(seconds=6.5))
    await engine.close()


async def test_the_pulse_shows_a_thread_that_hangs(tmp_path: Path) -> None:
    address = sqlite(tmp_path)
    async with threaded(address) as ledger:
        blocker = Link(address)
        blocker.begin({ACCOUNT})
        waits = [asyncio.ensure_future(ledger.transact(put(str(number)))) for number in range(3)]
        while ledger.pulse().oldest_wait < timedelta(milliseconds=5):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        blocker.close()
        await asyncio.gather(*waits)
        async with asyncio.timeout(5):
            # Callers are answered a moment before the thread calls itself idle.
            while ledger.pulse().oldest_wait > timedelta(0):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        assert ledger.pulse().worst_commit >= timedelta(milliseconds=5)


def test_simulation_needs_no_thread_and_repeats(tmp_path: Path) -> None:
    def run(seed: int, directory: Path) -> tuple[int, list[int]]:
        async def desk() -> list[int]:
            async with inline(sqlite(directory)) as ledger:
                def say(number: int, tx: Tx) -> int:
                    fact = SettingChanged(name=str(number), was=None, now="x", by=None)
                    return tx.journal.append(fact, at=T0, actor="local", subject="s")

                return await asyncio.gather(*(ledger.transact(partial(say, number)) for number in range(8)))

        loop = VirtualLoop(seed)
        try:
            return loop.trace, loop.run_until_complete(desk())
        finally:
            loop.close()

    first, again, other = run(1, tmp_path / "1"), run(1, tmp_path / "2"), run(2, tmp_path / "3")
    assert first == again
    assert sorted(first[1]) == list(range(1, 9))
    assert first[1] != other[1]


CHILD = """
import asyncio, sys, time
from bot.adapters.store.address import in_directory
from bot.adapters.store.engine import ThreadEngine
from bot.adapters.store.ledger import StoreLedger
from pathlib import Path
from tests.adapters.store.values import ACCOUNT, T0, order
from bot.domain.events import SettingChanged

async def main():
    ledger = StoreLedger(ACCOUNT, ThreadEngine(in_directory(Path(sys.argv[1])), time.monotonic))
    def store(number, tx):
        tx.orders.insert(order(number))
        fact = SettingChanged(name=str(number), was=None, now="x", by=None)
        tx.journal.append(fact, at=T0, actor="local", subject=str(number))
    async def writer(first):
        for number in range(first, 10**9, 8):
            await ledger.transact(lambda tx: store(number, tx))
            print(number, flush=True)
    await asyncio.gather(*(writer(first) for first in range(8)))

asyncio.run(main())
"""


@pytest.mark.parametrize("after", [1, 25, 120])
def test_what_was_told_stored_survives_a_kill(tmp_path: Path, after: int) -> None:
    address = sqlite(tmp_path / "desk")
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(tmp_path / "desk")], cwd=ROOT, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
    )
    assert child.stdout is not None
    told = [int(child.stdout.readline()) for _ in range(after)]
    child.send_signal(signal.SIGKILL)
    told += [int(line) for line in child.stdout if line.endswith("\n")]
    child.wait()
    child.stdout.close()
    link = Link(address)
    link.begin({ACCOUNT})
    tx = StoreTx(ACCOUNT, link)
    stored = {found.client_order_id for found in tx.orders.live()}
    assert {order(number).client_order_id for number in told} <= stored
    assert tx.journal.verify() is None
    # Each unit is whole: one order, one line.
    assert tx.journal.head().seq == len(stored)
    assert link.plainly("PRAGMA integrity_check") == [("ok",)]
    link.close()
