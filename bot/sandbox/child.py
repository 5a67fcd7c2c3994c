"""The bot beside the sandbox: a process of its own, started by its settings file, whose end is told and not hidden."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from bot.sandbox.kept import write_private

_STOP_S = 15.0
_LOOK_S = 0.05
_BROWSER_S = 5.0
_PREFIX = "WIREDESK_"
_SIGNAL_WHEN_PARENT_DIES = 1  # prctl(2)


class Child:
    """A started bot: its process, its settings file and its log."""

    def __init__(self, process: asyncio.subprocess.Process, settings: Path, log: Path) -> None:
        self.process, self.settings, self.log = process, settings, log
        self.stopping = False

    def health(self) -> dict[str, Any]:
        """Return the bot's part of `GET /health`."""
        code = self.process.returncode
        return {"running": code is None, "pid": self.process.pid, "exit_code": code}

    async def answering(self, answers: Callable[[], bool], within_s: float) -> bool:
        """Wait until the bot answers; False when it ended or took longer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self.process.returncode is None:
                    if answers():
                        return True
                    await asyncio.sleep(_LOOK_S)
        return False

    async def ended(self) -> str:
        """Wait until the process ends and return a sentence about it, with the last line it wrote."""
        code = await self.process.wait()
        last = last_line(self.log)
        return (f"The bot ended with exit code {code}{': ' + last if last else '.'}\n"
                f"  Exchange and chat page go on. Its log: {self.log}\n"
                f"  Start it again: wiredesk --env-file {self.settings} run")

    async def stop(self) -> None:
        """End the process in order, and by force when it takes too long."""
        self.stopping = True
        if self.process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            self.process.terminate()
        try:
            async with asyncio.timeout(_STOP_S):
                await self.process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()


def write_settings(path: Path, env: Mapping[str, str]) -> Path:
    """Write variables as a settings file and return it."""
    # Single quotes keep JSON as it is; none of our values holds one.
    return write_private(path, "".join(f"{name}='{value}'\n" for name, value in env.items()))


@asynccontextmanager
async def started(settings: Path, log: Path) -> AsyncIterator[Child]:
    """Run the bot with a settings file, its words going to a log, until the context ends."""
    # Whatever of ours stands in this shell belongs to another desk, perhaps to a live one.
    clean = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIX)}
    with log.open("ab") as words:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "--env-file", str(settings), "run", env=clean,
            stdin=asyncio.subprocess.DEVNULL, stdout=words, stderr=words,
            # Ctrl-C in a terminal reaches the whole group; the bot is to be stopped by us, in order.
            process_group=0, preexec_fn=_tied(),
        )
    child = Child(process, settings, log)
    try:
        yield child
    finally:
        await child.stop()


def _tied() -> Callable[[], object] | None:
    """Return what makes a child end when we are killed outright, where the system can do that."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return lambda: library.prctl(_SIGNAL_WHEN_PARENT_DIES, signal.SIGTERM)


async def open_page(address: str) -> None:
    """Open an address in the person's browser, if there is one; nothing waits for it."""
    browser = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "webbrowser", "-t", address, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, process_group=0,
    )
    with suppress(TimeoutError):
        async with asyncio.timeout(_BROWSER_S):
            await browser.wait()  # One that stays in the foreground is the person's own from now on.


def last_line(log: Path) -> str:
    """Return the last line of a log that says anything; empty when there is none."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
