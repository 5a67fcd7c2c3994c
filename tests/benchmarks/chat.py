"""Measure the chat: one answered command against the library's default client, and a fill's way to the phone.

The emulator (and the exchange) run in a process of their own, which also holds the stopwatch: from a person's words,
or the exchange's fill, to the message that Telegram is handed.
"""
from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from telegram import Bot
from telegram.request import BaseRequest, HTTPXRequest

from bot.chat.request import AioRequest
from bot.compose.run import live
from bot.runtime.data_dir import claimed
from bot.sandbox.exchange.stream_public import frame
from bot.sandbox.launch import Options, Sandbox, launch
from bot.sandbox.telegram import people
from bot.sandbox.telegram.emulator import Emulator
from bot.sandbox.telegram.server import serve
from bot.sandbox.telegram.world import TOKEN, World
from bot.settings import PREFIX, Settings
from tests.benchmarks.row import Missing, Row

OWNER = 7001
COMMANDS, WARM = 60, 10
FILLS, PUSHES_A_SECOND = 8, 200
# One chat takes one message a second, and a foreign fill makes several: far apart they measure the way, not the pace.
APART_S = 7.0
PATIENCE_S = 120.0


def _commands(pipe: Any) -> None:
    """Say a word, wait until the bot has answered, note how long it took."""

    async def run() -> None:
        world = World()
        async with serve(Emulator(world)) as served:
            pipe.send(served.root)
            loop = asyncio.get_running_loop()
            while await loop.run_in_executor(None, pipe.recv) == "go":
                taken = []
                for number in range(COMMANDS + WARM):
                    seen = world.revision
                    began = time.perf_counter()
                    people.say(world, OWNER, f"/status {number}")
                    while not _answered(world, number):
                        seen = world.revision
                        await world.changed(seen, 5)
                    taken.append((time.perf_counter() - began) * 1000)
                pipe.send(taken[WARM:])

    asyncio.run(run())


def _answered(world: World, number: int) -> bool:
    last = next(reversed(world.chats[OWNER].messages.values()))
    return last.sender_id == world.bot.id and last.text == f"answer to /status {number}"


@contextmanager
def _child(target: Any, *given: Any) -> Iterator[Any]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=target, args=(there, *given), daemon=True)
    process.start()
    # Ours must be the only open end, or a child that died would never be noticed.
    there.close()
    try:
        yield here
    finally:
        process.terminate()
        process.join(5)


async def _answer(root: str, request: BaseRequest, polling: BaseRequest, pipe: Any) -> list[float]:
    """Answer every message of the owner by the same code over a request class; gives milliseconds."""
    bot = Bot(TOKEN, base_url=f"{root}/bot", request=request, get_updates_request=polling)
    await bot.initialize()

    async def poll() -> None:
        offset = None
        while True:
            for update in await bot.get_updates(offset=offset, timeout=5):
                offset = update.update_id + 1
                if update.message is not None:
                    await bot.send_message(update.message.chat_id, f"answer to {update.message.text}")

    loop = asyncio.get_running_loop()
    polls = asyncio.create_task(poll())
    try:
        pipe.send("go")
        return list(await loop.run_in_executor(None, _received, pipe))
    finally:
        polls.cancel()
        with suppress(asyncio.CancelledError):
            await polls
        await bot.shutdown()


def answers() -> tuple[float, float]:
    """Give the median milliseconds of one answered command, ours and with the library's default client."""
    with _child(_commands) as pipe:
        root = _received(pipe)
        found: tuple[list[float], list[float]] = ([], [])
        for _ in range(3):
            found[0].extend(asyncio.run(_answer(root, AioRequest(), AioRequest(), pipe)))
            found[1].extend(asyncio.run(_answer(root, HTTPXRequest(), HTTPXRequest(), pipe)))
    return statistics.median(found[0]), statistics.median(found[1])


def _fills(pipe: Any, pushes: int) -> None:
    """Trade from outside, wait until the owner is told of the fill, note how long it took."""

    async def run() -> None:
        async with launch(Options(with_limits=False)) as sandbox:
            pipe.send(sandbox.ready)
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, pipe.recv)
            pushed = _stopwatch(sandbox)
            noise = asyncio.create_task(_noise(sandbox, pushes))
            taken = [await _fill(sandbox, pushed, number) for number in range(FILLS)]
            noise.cancel()
            pipe.send([one for one in taken if one is not None])

    asyncio.run(run())


def _stopwatch(sandbox: Sandbox) -> list[float]:
    """Note when the exchange pushes a fill: the exchange's own time before that is not the desk's."""
    pushed: list[float] = []
    feeds, publish = sandbox.venue.hub.private, sandbox.venue.hub.publish

    def timed(topic: Any, words: str) -> None:
        if topic[2] == "fill":
            pushed.append(time.perf_counter())
        publish(topic, words)

    feeds._publish = timed
    return pushed


async def _noise(sandbox: Sandbox, pushes: int) -> None:
    """Push the wallet so many times a second: each push is a transaction of the desk's."""
    topic = ("main", "USDT-FUTURES", "account", "default")
    shown = {"instType": "USDT-FUTURES", "channel": "account", "coin": "default"}
    row = {"marginCoin": "USDT", "frozen": "0", "available": "10000", "maxOpenPosAvailable": "10000",
           "maxTransferOut": "10000", "equity": "10000", "usdtEquity": "10000", "crossedRiskRate": "0",
           "unrealizedPL": "0"}
    number = 0
    while pushes:
        for _ in range(pushes // 20):
            number += 1
            sandbox.venue.hub.publish(topic, frame("snapshot", shown, [row], number))
        await asyncio.sleep(0.05)


async def _fill(sandbox: Sandbox, pushed: list[float], number: int) -> float | None:
    world = sandbox.telegram.emulator.world
    await asyncio.sleep(APART_S)
    size = f"0.{number + 11:03}"
    order = {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginMode": "crossed", "marginCoin": "USDT",
             "size": size, "side": "buy", "tradeSide": "open", "orderType": "market"}
    pushed.clear()
    sandbox.venue.outside.act("main", "order", order)
    end = time.perf_counter() + 5
    while time.perf_counter() < end:
        texts = [one.text for one in list(world.chats[OWNER].messages.values())[-8:]]
        if pushed and any(f"{size}" in text for text in texts):
            return (time.perf_counter() - pushed[0]) * 1000
        await world.changed(world.revision, 0.5)
    return None


async def _desk(ready: dict[str, Any], pipe: Any) -> list[float]:
    env = {name.removeprefix(PREFIX).lower(): value for name, value in ready["env"].items()}
    with tempfile.TemporaryDirectory() as home, claimed(Path(home)):
        settings = Settings(**(env | {"data": Path(home), "product_lines": "USDT", "log_level": "WARNING"}))
        running = asyncio.create_task(live(settings))
        loop = asyncio.get_running_loop()
        try:
            await asyncio.sleep(6)
            pipe.send("go")
            return list(await loop.run_in_executor(None, _received, pipe))
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


def _received(pipe: Any) -> Any:
    """Wait for the child's word; raises EOFError when it died, TimeoutError when it says nothing."""
    if not pipe.poll(PATIENCE_S):
        raise TimeoutError(f"The measuring process said nothing for {PATIENCE_S:.0f} s.")
    return pipe.recv()


def fills(pushes: int) -> list[float]:
    """Give the milliseconds from a fill at the exchange to its message at Telegram, under so many pushes a second."""
    with _child(_fills, pushes) as pipe:
        return asyncio.run(_desk(_received(pipe), pipe))


def rows() -> list[Row | Missing]:
    """Measure and give the table's rows."""
    ours, theirs = answers()
    found: list[Row | Missing] = [
        Row(name="command in, answer out", unit="ms", ours=ours, theirs=theirs, goal=2.5, note="against httpx client")
    ]
    for pushes in (0, PUSHES_A_SECOND):
        try:
            taken = sorted(fills(pushes))
        except (EOFError, TimeoutError) as fault:
            found.append(Missing(name="fill to phone", why=str(fault) or type(fault).__name__))
            continue
        name = "fill to phone" + (f", {pushes} pushes/s" if pushes else "")
        if len(taken) < FILLS // 2:
            found.append(Missing(name=name, why=f"only {len(taken)} of {FILLS} fills were told"))
            continue
        found.append(Row(name=f"{name}, median", unit="ms", ours=statistics.median(taken), goal=25))
        found.append(Row(name=f"{name}, worst", unit="ms", ours=taken[-1], goal=100, note=f"of {len(taken)}"))
    return found
