"""Give the lab what it works with, in its own quiet process: no key, low priority, one thread (advisor section 6)."""
from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bot import __version__
from bot.adapters.bitget.classic.market import ClassicMarket
from bot.adapters.bitget.http import Http
from bot.adapters.bitget.throttle import Throttle
from bot.adapters.bitget.transport import HttpTransport
from bot.adapters.store.address import parse_address
from bot.adapters.store.engine import InlineEngine
from bot.adapters.store.ledger import StoreLedger
from bot.adapters.store.schema import prepare
from bot.adapters.system.clock import SystemClock
from bot.adapters.system.ids import chance
from bot.domain.ids import AccountId
from bot.domain.trading import Environment
from bot.lab import command
from bot.lab.registry import Origin
from bot.ports.ledger_rows import LedgerRefused
from bot.ports.market import Market
from bot.settings import Settings

NICE = 15
MEMORY_MAX = 4 << 30
COMPUTE_MAX_S = 6 * 3600
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def lab(settings: Settings, words: Sequence[str]) -> int:
    """Run one step of the lab and give its exit code."""
    step_aside()
    try:
        return asyncio.run(_run(settings, words))
    except BrokenPipeError:
        # Whoever read our words went away (`| head`); what was done is done.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def step_aside() -> None:
    """Yield to the desk: lowest useful priority, bounded memory and compute."""
    os.nice(max(0, NICE - os.nice(0)))
    for limit, most in ((resource.RLIMIT_AS, MEMORY_MAX), (resource.RLIMIT_CPU, COMPUTE_MAX_S)):
        _, hard = resource.getrlimit(limit)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


async def _run(settings: Settings, words: Sequence[str]) -> int:
    command.parser().parse_args(list(words))
    address = parse_address(settings.database.get_secret_value())
    clock = SystemClock()
    try:
        prepare(address)
        engine = InlineEngine(address, clock.monotonic)
    except LedgerRefused as refused:
        print(refused, file=sys.stderr)
        return 1

    @asynccontextmanager
    async def market() -> AsyncIterator[Market]:
        transport = HttpTransport(settings.address("bitget_rest"), Environment(settings.environment))
        try:
            yield ClassicMarket(Http(transport, clock, Throttle(clock), chance=chance), clock)
        finally:
            await transport.close()

    try:
        bench = command.Bench(
            ledger=StoreLedger(AccountId(settings.account), engine), clock=clock, folder=settings.data_dir / "lab",
            out=sys.stdout, origin=origin(), market=market)
        return await command.run(words, bench)
    finally:
        await engine.close()


def origin() -> Origin:
    """Say what makes models here: the revision of the source where there is one, and the versions that matter."""
    found = f"wiredesk {__version__}, python {platform.python_version()}"
    with contextlib.suppress(PackageNotFoundError):
        found += f", lightgbm {version('lightgbm')}"
    return Origin(revision=_revision(), versions=found)


def _revision() -> str:
    home = Path(__file__).resolve().parents[2]
    if not (home / ".git").exists():
        return __version__
    try:
        done = subprocess.run(["git", "-C", str(home), "rev-parse", "--short=12", "HEAD"], capture_output=True,
                              text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return __version__
    return done.stdout.strip() or __version__
