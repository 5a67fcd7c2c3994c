"""The supervisor: the first to end stops all, in order, in time, and says who it was."""
from __future__ import annotations

import asyncio
import logging
import os
import signal

import pytest

from bot.runtime.supervisor import Work, guarded, supervise, until_signalled
from tests.support.virtual_loop import run


async def forever() -> None:
    await asyncio.Event().wait()


def sleeper(name: str, said: list[str]) -> Work:
    async def work() -> None:
        try:
            await asyncio.sleep(1e6)
        finally:
            said.append(name)

    return Work(name=name, run=work)


@pytest.mark.parametrize("seed", range(20))
def test_a_fault_stops_all_in_reverse_order(seed: int) -> None:
    said: list[str] = []

    async def failing() -> None:
        await asyncio.sleep(3)
        raise OSError("line cut")

    ending = run(lambda: supervise([sleeper("stream", said), sleeper("ingest", said), Work(name="bad", run=failing),
                                    sleeper("courier", said)]), seed)
    assert said == ["courier", "ingest", "stream"]
    assert (ending.name, ending.exit_code) == ("bad", 1)
    assert ending.sentence == "Stopped because bad failed: OSError: line cut"


def test_a_quiet_end_is_a_fault_too() -> None:
    async def ends() -> None:
        await asyncio.sleep(1)

    ending = run(lambda: supervise([sleeper("stream", []), Work(name="courier", run=ends)]))
    assert (ending.exit_code, ending.sentence) == (1, "Stopped because courier ended, which it never should.")


def test_an_orderly_end_is_exit_code_0_and_lets_the_courier_drain() -> None:
    said: list[str] = []

    async def drain() -> None:
        await asyncio.sleep(2)
        said.append("drained")

    async def asked() -> str:
        await asyncio.sleep(1)
        return "SIGTERM"

    async def main() -> tuple[object, float]:
        courier = Work(name="courier", run=sleeper("courier", said).run, wind_down=drain, wind_down_s=5)
        ending = await supervise([sleeper("stream", said), courier, Work(name="signals", run=asked, orderly=True)])
        assert (ending.exit_code, ending.sentence) == (0, "Stopped as asked (signals).")
        return ending, asyncio.get_running_loop().time()

    assert run(main)[1] == 3
    assert said == ["drained", "courier", "stream"]


def test_draining_is_bounded_in_time() -> None:
    async def ends() -> None:
        await asyncio.sleep(1)

    async def main() -> float:
        stuck = Work(name="courier", run=forever, wind_down=forever, wind_down_s=5)
        await supervise([stuck, Work(name="end", run=ends, orderly=True)])
        return asyncio.get_running_loop().time()

    assert run(main) == 6


def test_a_task_that_will_not_stop_is_abandoned_and_named(caplog: pytest.LogCaptureFixture) -> None:
    said: list[str] = []

    async def stubborn() -> None:
        while True:
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                if asyncio.get_running_loop().time() > 60:
                    raise

    async def ends() -> None:
        await asyncio.sleep(1)

    async def main() -> object:
        ending = await supervise([sleeper("stream", said), Work(name="stubborn", run=stubborn),
                                  Work(name="end", run=ends, orderly=True)], give_up_s=2)
        await asyncio.sleep(100)
        return ending

    ending = run(main)
    assert ending.abandoned == ("stubborn",)
    assert ending.exit_code == 1
    assert said == ["stream"]
    assert "stubborn did not stop within 2 s" in caplog.text


def test_a_fault_explains_more_than_a_quiet_end_in_the_same_moment() -> None:
    async def ends() -> None:
        await asyncio.sleep(1)

    async def fails() -> None:
        await asyncio.sleep(1)
        raise OSError

    for seed in range(10):
        ending = run(lambda: supervise([Work(name="quiet", run=ends), Work(name="loud", run=fails)]), seed)
        assert (ending.name, type(ending.fault)) == ("loud", OSError)


def test_cancelling_the_supervisor_winds_down_and_passes_on() -> None:
    said: list[str] = []

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await supervise([sleeper("stream", said), sleeper("courier", said)])

    run(main)
    assert said == ["courier", "stream"]


def test_a_fault_while_stopping_hinders_nobody(caplog: pytest.LogCaptureFixture) -> None:
    said: list[str] = []

    async def breaks() -> None:
        try:
            await asyncio.sleep(1e6)
        finally:
            raise KeyError("while stopping")

    async def ends() -> None:
        await asyncio.sleep(1)

    run(lambda: supervise([sleeper("stream", said), Work(name="breaks", run=breaks),
                           Work(name="end", run=ends, orderly=True)]))
    assert said == ["stream"]
    assert "breaks failed while stopping" in caplog.text


@pytest.mark.parametrize("works", [[], [Work(name="a", run=forever), Work(name="a", run=forever)]])
def test_works_must_be_there_and_differ(works: list[Work]) -> None:
    with pytest.raises(ValueError, match="different names"):
        run(lambda: supervise(works))


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_is_an_orderly_wish_and_the_second_one_is_not_ours(kind: signal.Signals) -> None:
    before = signal.getsignal(kind)
    async with asyncio.TaskGroup() as group:
        heard = group.create_task(until_signalled())
        await asyncio.sleep(0)
        os.kill(os.getpid(), kind)
    assert heard.result() == kind.name
    assert signal.getsignal(kind) in (before, signal.SIG_DFL, signal.default_int_handler)


async def test_guarded_gives_the_fault_and_logs_it(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        raise KeyError("x")

    assert isinstance(await guarded("Part", fails(), 1), KeyError)
    assert isinstance(await guarded("Part", forever(), 0.001), TimeoutError)
    assert await guarded("Part", asyncio.sleep(0), 1) is None
    assert [record.levelno for record in caplog.records if record.name.endswith("supervisor")] == [logging.ERROR] * 2


async def test_guarded_lets_a_cancellation_through() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await guarded("Part", forever(), 10)
