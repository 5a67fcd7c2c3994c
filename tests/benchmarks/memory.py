"""Measure what the bot of a sandbox needs: seconds from its start to READY, its memory now, later and in between.

As a row of the table it looks for a minute; `python -m tests.benchmarks.memory 60` looks for an hour of wall clock and
prints every sample beside the rows. Memory is what the kernel calls resident (VmRSS), in megabytes of 1024 kB.
"""
from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from tests.benchmarks.row import Missing, Row

MEMORY_MAX_MB, READY_MAX_S = 130, 3
SAMPLE_S = 10.0
PATIENCE_S = 60.0
STOP_S = 20
T = TypeVar("T")
READY = re.compile(r"(\S+)Z .*RECONCILING -> READY")


@contextlib.contextmanager
def _sandbox(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    words = [sys.executable, "-m", "bot", "sandbox", "--headless", "--data", str(home),
             "--ready-file", str(home / "ready.json")]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(STOP_S)


def _bot(sandbox: int) -> int | None:
    """Find the bot among the sandbox's children."""
    children = Path(f"/proc/{sandbox}/task/{sandbox}/children").read_text().split()
    for child in children:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{child}/cmdline").read_bytes().rstrip(b"\0").endswith(b"\0run"):
                return int(child)
    return None


def _began(pid: int) -> float:
    """Give the Unix time at which a process began."""
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    booted = float(Path("/proc/uptime").read_text().split()[0])
    return time.time() - booted + ticks / 100


def resident_mb(pid: int) -> float:
    """Give the resident memory of a process."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def _ready_at(log: Path) -> float | None:
    found = READY.search(log.read_text()) if log.exists() else None
    return datetime.fromisoformat(f"{found[1]}+00:00").timestamp() if found is not None else None


def _awaited(what: Callable[[], T | None]) -> T:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if (found := what()) is not None:
            return found
        time.sleep(0.05)
    raise TimeoutError("The sandbox and its bot did not come up.")


def measured(seconds: float, tell: Callable[[float, float], None] = lambda at, size: None) -> list[Row | Missing]:
    """Look at the bot for so many seconds; `tell` hears each sample, its second and its megabytes."""
    with tempfile.TemporaryDirectory() as home, _sandbox(Path(home)) as sandbox:
        pid = _awaited(lambda: _bot(sandbox.pid))
        ready_s = _awaited(lambda: _ready_at(Path(home) / "bot.log")) - _began(pid)
        samples: list[tuple[float, float]] = []
        begun = time.monotonic()
        while (now := time.monotonic() - begun) < seconds:
            samples.append((now, resident_mb(pid)))
            tell(*samples[-1])
            time.sleep(SAMPLE_S)
    half = [size for at, size in samples if at >= seconds / 2]
    note = f"at most; {max(size for _, size in samples):.1f} at most, {half[-1] - half[0]:+.1f} in the second half"
    return [
        Row(name="process start to READY", unit="s", ours=ready_s, goal=READY_MAX_S, note="at most; empty books"),
        Row(name=f"the bot's memory after {seconds / 60:.0f} min", unit="MB", ours=samples[-1][1],
            goal=MEMORY_MAX_MB, note=note),
    ]


def rows() -> list[Row | Missing]:
    """Measure for a minute."""
    return measured(60.0)


if __name__ == "__main__":
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    for row in measured(60 * minutes, lambda at, size: print(f"{at:7.0f} s {size:8.1f} MB", flush=True)):
        print(json.dumps({"what": row.name, "found": getattr(row, "ours", None), "note": getattr(row, "note", "")}))
