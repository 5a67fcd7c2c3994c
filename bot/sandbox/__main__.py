"""``python -m bot.sandbox``: start the sandbox and the bot, print where to look, run until told to stop (C9)."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bot.sandbox.child import Child, last_line, open_page, started, write_settings
from bot.sandbox.launch import PIN, Options, Sandbox, launch
from bot.sandbox.moods import MOODS
from bot.sandbox.telegram import people

START_S = 30.0


class NotStarted(Exception):
    """The bot ended before it answered; the text says what it said last."""


def parser() -> argparse.ArgumentParser:
    """Return the command line of C9."""
    parser = argparse.ArgumentParser(
        prog="wiredesk sandbox", description="A practice exchange, a chat and the bot, all on this machine.")
    parser.add_argument("--headless", action="store_true", help="open no browser")
    parser.add_argument("--no-bot", action="store_true", help="do not start the bot beside it")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="write addresses and keys here, as JSON")
    parser.add_argument("--host", default="127.0.0.1", help="loopback address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port of page and control (default: a free one)")
    parser.add_argument("--data", type=Path, metavar="DIR",
                        help="directory for the bot's books and the logs (default: one that is removed at the end)")
    parser.add_argument("--tape", default="synthetic", metavar="synthetic|FILE", help="where prices come from")
    parser.add_argument("--speed", type=float, default=1.0, metavar="X", help="how fast market time runs")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="seed of everything random")
    parser.add_argument("--model", choices=MOODS, metavar="MOOD",
                        help="let the bot ask the practice model for ideas instead of its fixed rules; MOOD is how it "
                             f"answers: {', '.join(MOODS)} (change it on the way at /model/fault)")
    return parser


def options_of(args: argparse.Namespace) -> Options:
    """Return launch options from parsed arguments."""
    tape = None if args.tape == "synthetic" else Path(args.tape)
    return Options(host=args.host, port=args.port, data=args.data, tape=tape, speed=args.speed, seed=args.seed,
                   model=args.model)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the sandbox until SIGTERM or SIGINT; return 0, or 1 after a sentence on what went wrong."""
    args = parser().parse_args(argv)
    try:
        _keep_log(args.data)
        with _directory(args) as data:
            asyncio.run(_run(replace(options_of(args), data=data), args))
    except (ValueError, OSError, NotStarted) as error:
        print(f"The sandbox did not start: {error}", file=sys.stderr)
        return 1
    return 0


def _keep_log(data: Path | None) -> None:
    """Write what was refused to the data directory; keep quiet without one."""
    if data:
        data.mkdir(parents=True, exist_ok=True)
        logging.basicConfig(filename=data / "sandbox.log", level=logging.INFO,
                            format="%(asctime)s %(levelname)s %(name)s %(message)s")


@contextlib.contextmanager
def _directory(args: argparse.Namespace) -> Iterator[Path | None]:
    """Yield the data directory; a bot without one gets a place that is gone afterwards, like its exchange."""
    if args.data or args.no_bot:
        yield args.data
        return
    made = Path(tempfile.mkdtemp(prefix="wiredesk-sandbox-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


async def _run(options: Options, args: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(launch(options))
        child = None
        settings = write_settings(options.data / "bot.env", sandbox.ready["env"]) if options.data else None
        if settings and not args.no_bot and options.data:
            print("Starting exchange, chat and bot ...", flush=True)
            child = await stack.enter_async_context(started(settings, options.data / "bot.log"))
            sandbox.venue.control.part("bot", child.health)
            await _joined(sandbox, child, stop)
        if stop.is_set():
            return
        if args.ready_file:
            sandbox.write_ready_file(args.ready_file)
        print(_where(sandbox, child, settings), flush=True)
        if not args.headless:
            await open_page(sandbox.ready["chat_page"])
        await _until(stop, child)


async def _joined(sandbox: Sandbox, child: Child, stop: asyncio.Event) -> None:
    """Wait until the bot listens to its chat, then let the owner say hello. Raises NotStarted when it ended."""
    updates = sandbox.telegram.emulator.world.updates
    listens = await child.answering(lambda: stop.is_set() or updates.parked is not None, START_S)
    if child.process.returncode is not None:
        raise NotStarted(f"the bot ended with exit code {child.process.returncode}. {last_line(child.log)}")
    if listens and not stop.is_set():
        people.say(sandbox.telegram.emulator.world, sandbox.ready["people"]["owner"], "/start")


async def _until(stop: asyncio.Event, child: Child | None) -> None:
    """Wait for the signal to stop; a bot that ends before is told and not started again."""
    waiting = asyncio.create_task(stop.wait())
    watching = asyncio.create_task(child.ended()) if child else None
    try:
        await asyncio.wait([task for task in (waiting, watching) if task], return_when=asyncio.FIRST_COMPLETED)
        if watching and watching.done() and not stop.is_set():
            print(watching.result(), file=sys.stderr, flush=True)
            await waiting
    finally:
        for task in (waiting, watching):
            if task:
                task.cancel()


def _where(sandbox: Sandbox, child: Child | None, settings: Path | None) -> str:
    ready = sandbox.ready
    lines = [
        "The sandbox is running. Nothing in here is real.",
        f"  Chat page         {ready['chat_page']}   (you are the owner; PIN {PIN})",
        f"  Control           {ready['control']}   (try /health)",
        f"  Exchange (REST)   {ready['rest']}",
        f"  Public stream     {ready['ws_public']}",
        f"  Private stream    {ready['ws_private']}",
        f"  Bot API           {ready['telegram_root']}",
        f"  Model             {ready['model_url']}",
        "  Account main      10,000 USDT, 10,000 USDC, 1 BTC, 10 ETH",
    ]
    if child:
        lines += [
            f"  Bot's log         {child.log}",
            f"  Ask the bot       wiredesk --env-file {child.settings} status",
        ]
    else:
        lines += [
            f"  Key               {ready['key']}",
            f"  Secret            {ready['secret']}",
            f"  Passphrase        {ready['passphrase']}",
        ]
        if settings:
            lines.append(f"  Start the bot     wiredesk --env-file {settings} run")
    return "\n".join([*lines, "Stop it with Ctrl-C."])


if __name__ == "__main__":
    sys.exit(main())
