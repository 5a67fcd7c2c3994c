"""Compare our answer to `/positions` with freqtrade's to `/status`, which says the same: words in to message out.

Both answer one owner at one emulator, one after the other, with one position open: ours is a whole desk that trades at
a simulated exchange meanwhile, theirs its Telegram handler over a database in memory with prices that cost nothing.
Needs an interpreter that has freqtrade: `python -m tests.benchmarks freqtrade --freqtrade PYTHON`.
"""
from __future__ import annotations

import asyncio
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bot.compose.run import live
from bot.runtime.data_dir import claimed
from bot.sandbox.launch import Options, Sandbox, launch
from bot.sandbox.telegram import people
from bot.sandbox.telegram.world import TOKEN
from bot.settings import PREFIX, Settings
from tests.benchmarks.chat import OWNER, _child, _received
from tests.benchmarks.row import Missing, Row

PEER = Path(__file__).with_name("freqtrade_peer.py")
# Our chat takes twenty commands a minute from one person; faster questions would measure that.
APART_S = 3.2
QUESTIONS, WARM = 14, 2
ANSWER_S = 20.0
SETTLED_S = 8.0
START_S = 90
HELD = {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginMode": "crossed", "marginCoin": "USDT",
        "size": "0.01", "side": "buy", "tradeSide": "open", "orderType": "market"}

# The interpreter that has freqtrade; None where nobody said one.
python: str | None = None


def _stopwatch(pipe: Any) -> None:
    """Ask as the owner, wait for the answer, note how long it took."""

    async def run() -> None:
        async with launch(Options(with_limits=False)) as sandbox:
            pipe.send(sandbox.ready)
            loop = asyncio.get_running_loop()
            while (asked := await loop.run_in_executor(None, pipe.recv)) is not None:
                if asked == "hold":
                    sandbox.venue.outside.act("main", "order", HELD)
                    pipe.send("held")
                    continue
                taken = []
                for _ in range(QUESTIONS + WARM):
                    taken.append(await _answered(sandbox, *asked))
                    await asyncio.sleep(APART_S)
                pipe.send(taken[WARM:])

    asyncio.run(run())


async def _answered(sandbox: Sandbox, words: str, sign: str) -> float:
    """Give the milliseconds from the words to a message of the bot that bears the sign."""
    world = sandbox.telegram.emulator.world
    messages = world.chats[OWNER].messages
    known = set(messages)
    began = time.perf_counter()
    people.say(world, OWNER, words)
    while time.perf_counter() - began < ANSWER_S:
        seen = world.revision
        fresh = [one for number, one in messages.items() if number not in known and one.sender_id == world.bot.id]
        if any(sign in one.text for one in fresh):
            return (time.perf_counter() - began) * 1000
        await world.changed(seen, 1)
    last = [one.text[:200] for one in list(messages.values())[-4:]]
    raise TimeoutError(f"{words} was not answered within {ANSWER_S:.0f} s; the chat ends with {last}")


async def _ours(ready: dict[str, Any], pipe: Any) -> list[float]:
    env = {name.removeprefix(PREFIX).lower(): value for name, value in ready["env"].items()}
    with tempfile.TemporaryDirectory() as home, claimed(Path(home)):
        settings = Settings(**(env | {"data": Path(home), "product_lines": "USDT", "log_level": "WARNING"}))
        running = asyncio.create_task(live(settings))
        try:
            await asyncio.sleep(SETTLED_S)
            pipe.send("hold")
            await asyncio.to_thread(_received, pipe)
            await asyncio.sleep(SETTLED_S)
            pipe.send(("/positions", "BTCUSDT"))
            return list(await asyncio.to_thread(_received, pipe))
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


@contextmanager
def _peer(interpreter: str, root: str) -> Iterator[None]:
    # -P: this module would otherwise be found in place of the one it is named after.
    words = [interpreter, "-P", str(PEER), root, TOKEN, str(OWNER)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            if process.stdout.readline().strip() != "ready":
                raise TimeoutError("freqtrade did not start.")
            time.sleep(SETTLED_S)
            yield
        finally:
            process.kill()


def installed(interpreter: str) -> bool:
    """Tell whether an interpreter has freqtrade."""
    with suppress(OSError, subprocess.SubprocessError):
        found = subprocess.run([interpreter, "-c", "import freqtrade"], capture_output=True, timeout=START_S)
        return found.returncode == 0
    return False


def rows() -> list[Row | Missing]:
    """Measure both; nothing is measured without freqtrade."""
    if python is None or not installed(python):
        return [Missing(name="positions asked for in chat", why="freqtrade is not installed; say --freqtrade PYTHON")]
    with _child(_stopwatch) as pipe:
        ready = _received(pipe)
        ours = asyncio.run(_ours(ready, pipe))
        with _peer(python, ready["telegram_root"]):
            pipe.send(("/status", "Trade ID"))
            theirs = list(_received(pipe))
        pipe.send(None)
    return [Row(name="positions asked for in chat", unit="ms", ours=statistics.median(ours),
                theirs=statistics.median(theirs), goal=4, note="(freqtrade: /status, one trade, prices for nothing)")]
