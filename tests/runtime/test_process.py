"""The boiler room as a real process: it answers, stops in order when asked, and starts again after a kill (C3, C5)."""
from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.runtime.local_socket import NothingRuns, ask
from tests.house.tree import ROOT

PROGRAM = """
import asyncio, pathlib, sys
from bot.adapters.system.clock import SystemClock
from bot.adapters.system.logging import set_up
from bot.runtime.data_dir import claimed
from bot.runtime.lifecycle import Lifecycle
from bot.runtime.local_socket import listening
from bot.runtime.stalls import Stalls, watch_stalls
from bot.runtime.supervisor import Work, supervise, until_signalled

clock, stalls = SystemClock(), Stalls()

async def status(_):
    return {"readiness": "READY", "stalls": stalls.count}

async def watching():
    await watch_stalls(stalls, monotonic=clock.monotonic, now=clock.now, sleep=clock.sleep)

async def main(directory):
    async with Lifecycle() as life:
        await life.enter("socket", listening(directory, {"status": status}))
        print("up", flush=True)
        ending = await supervise([Work(name="stalls", run=watching),
                                  Work(name="signals", run=until_signalled, orderly=True)])
    print(ending.sentence)
    return ending.exit_code

set_up([])
with claimed(pathlib.Path(sys.argv[1])) as directory:
    sys.exit(asyncio.run(main(directory)))
"""


@contextmanager
def running(directory: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-X", "dev", "-c", PROGRAM, str(directory)], cwd=ROOT, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_stops_in_order_when_asked(tmp_path: Path, kind: signal.Signals) -> None:
    with running(tmp_path) as process:
        assert asyncio.run(ask(tmp_path, "status"))["readiness"] == "READY"
        process.send_signal(kind)
        said, log = process.communicate(timeout=10)
    assert (process.returncode, said) == (0, "Stopped as asked (signals).\n")
    assert f"{kind.name} received" in log
    assert "Warning" not in log
    assert os.listdir(tmp_path) == ["wiredesk.lock"]


def test_it_starts_again_after_a_kill_and_nobody_is_fooled_by_what_it_left(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        process.kill()
        process.wait()
    assert (tmp_path / "wiredesk.sock").exists()
    with pytest.raises(NothingRuns):
        asyncio.run(ask(tmp_path, "status"))
    with running(tmp_path):
        assert asyncio.run(ask(tmp_path, "status"))["readiness"] == "READY"
