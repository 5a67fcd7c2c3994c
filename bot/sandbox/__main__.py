"""``python -m bot.sandbox``: start the sandbox, print where to look, run until told to stop (C9)."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.sandbox.launch import Options, Sandbox, launch


def parser() -> argparse.ArgumentParser:
    """Return the command line of C9."""
    parser = argparse.ArgumentParser(prog="wiredesk sandbox", description="A practice exchange on this machine.")
    parser.add_argument("--headless", action="store_true", help="open no browser")
    parser.add_argument("--no-bot", action="store_true", help="do not start the bot beside it")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="write addresses and keys here, as JSON")
    parser.add_argument("--host", default="127.0.0.1", help="loopback address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port of page and control (default: a free one)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="directory for what the sandbox keeps")
    parser.add_argument("--tape", default="synthetic", metavar="synthetic|FILE", help="where prices come from")
    parser.add_argument("--speed", type=float, default=1.0, metavar="X", help="how fast market time runs")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="seed of everything random")
    return parser


def options_of(args: argparse.Namespace) -> Options:
    """Return launch options from parsed arguments."""
    tape = None if args.tape == "synthetic" else Path(args.tape)
    return Options(host=args.host, port=args.port, data=args.data, tape=tape, speed=args.speed, seed=args.seed)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the sandbox until SIGTERM or SIGINT; return 0, or 1 after a sentence on what went wrong."""
    args = parser().parse_args(argv)
    try:
        _keep_log(args.data)
        asyncio.run(_run(options_of(args), args.ready_file))
    except (ValueError, OSError) as error:
        print(f"The sandbox did not start: {error}", file=sys.stderr)
        return 1
    return 0


def _keep_log(data: Path | None) -> None:
    """Write what was refused to the data directory; keep quiet without one."""
    if data:
        data.mkdir(parents=True, exist_ok=True)
        logging.basicConfig(filename=data / "sandbox.log", level=logging.INFO,
                            format="%(asctime)s %(levelname)s %(name)s %(message)s")


async def _run(options: Options, ready_file: Path | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with launch(options) as sandbox:
        if ready_file:
            sandbox.write_ready_file(ready_file)
        print(_where(sandbox), flush=True)
        await stop.wait()


def _where(sandbox: Sandbox) -> str:
    ready = sandbox.ready
    lines = [
        "The sandbox is running. Nothing in here is real.",
        f"  Exchange (REST)   {ready['rest']}",
        f"  Public stream     {ready['ws_public']}",
        f"  Private stream    {ready['ws_private']}",
        f"  Control           {ready['control']}   (try /health)",
        "  Account main      10,000 USDT, 10,000 USDC, 1 BTC, 10 ETH",
        f"  Key               {ready['key']}",
        f"  Secret            {ready['secret']}",
        f"  Passphrase        {ready['passphrase']}",
        "Stop it with Ctrl-C.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
