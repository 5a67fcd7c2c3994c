"""The front door: `wiredesk COMMAND`. It reads the words and the settings, and hands over to `compose`."""
from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bot import __version__
from bot.compose import commands as compose
from bot.compose import copies
from bot.compose.check import check
from bot.compose.doctor import doctor
from bot.compose.halting import halt
from bot.compose.lab import lab
from bot.compose.mcp import mcp
from bot.compose.run import run
from bot.settings import Settings, Unusable, load

Arguments = argparse.Namespace
Command = Callable[[Settings, Arguments], int]

# What each command says of itself, in the order of the help.
WORDS = {
    "run": "run the desk until it is told to stop",
    "sandbox": "start a simulated exchange, chat and model on this machine; `sandbox --help` lists its options",
    "check": "connect with these settings, read everything once, say what was found",
    "doctor": "say in plain words what is missing or wrong",
    "status": "say how the running desk is",
    "order": "trade as if typed in the chat: wiredesk order long btc $100 5x sl 2%%",
    "reconcile": "compare with the exchange, correct, print, leave",
    "halt": "stop opening, now and until resumed",
    "resume": "allow opening again",
    "flat": "halt, cancel, close everything, and read it back",
    "export": "print everything the desk knows as JSON",
    "backup": "copy the database while the desk runs",
    "restore": "put a copy back in place of the database",
    "audit": "verify the journal's chain",
    "lab": "train, test and register models; `lab` alone lists its steps",
    "mcp": "offer reading and proposing to other programs, without any key; `mcp --help` lists its options",
}
STEPS = ("sandbox", "lab", "mcp")
BUILT: dict[str, Command] = {
    "run": lambda settings, given: run(settings),
    "check": lambda settings, given: check(settings),
    "doctor": lambda settings, given: doctor(settings, given.env_file),
    "export": lambda settings, given: copies.export(settings, given.json),
    "backup": lambda settings, given: copies.backup(settings, given.file),
    "restore": lambda settings, given: copies.restore(settings, given.file),
    "audit": lambda settings, given: copies.audit(settings),
    "status": lambda settings, given: compose.status(settings, as_json=given.json),
    "halt": lambda settings, given: halt(settings),
    "resume": lambda settings, given: compose.tell(settings, "resume"),
    "reconcile": lambda settings, given: compose.tell(settings, "reconcile"),
    "flat": lambda settings, given: compose.tell(settings, "flat"),
    "mcp": lambda settings, given: mcp(settings, given.rest),
    "lab": lambda settings, given: lab(settings, given.rest or ["--help"]),
    "order": lambda settings, given: compose.order(settings, " ".join(given.words), yes=given.yes),
}


def parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    top = argparse.ArgumentParser(prog="wiredesk", description="A trading desk for Bitget futures in a Telegram chat.")
    top.add_argument("--version", action="version", version=f"wiredesk {__version__}")
    top.add_argument("--env-file", type=Path, default=Path(".env"), metavar="FILE",
                     help="settings file (default: .env)")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    made = {
        # What has steps of its own reads every word after its name itself, those with dashes and --help too.
        name: commands.add_parser(name, help=words, add_help=False, prefix_chars="\0") if name in STEPS
        else commands.add_parser(name, help=words, description=words)
        for name, words in WORDS.items()
    }
    made["status"].add_argument("--json", action="store_true", help="one JSON object")
    made["order"].add_argument("words", nargs="+", help="the words of a typed trade")
    made["order"].add_argument("--yes", action="store_true", help="place it without asking; needed without a terminal")
    made["export"].add_argument("--json", nargs="?", const="-", default="-", metavar="FILE", help="where to write it")
    for name in ("backup", "restore"):
        made[name].add_argument("file", type=Path, help="the copy")
    for name in STEPS:
        made[name].add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code: 0 done, 1 not done, 2 not understood, 3 nothing runs."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["sandbox"]:
        # A stranger to the product, so it gets a process of its own; this one becomes it.
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "bot.sandbox", *words[1:]])
    given = parser().parse_args(words)
    command = BUILT[given.command]
    try:
        settings = load(given.env_file)
    except Unusable as fault:
        return compose.say_no("\n".join(fault.sentences))
    compose.start_log(settings, quiet=given.command != "run")
    try:
        return command(settings, given)
    except BrokenPipeError:
        # Whoever read has left (`| head`); what is still in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return compose.NOT_DONE


if __name__ == "__main__":
    sys.exit(main())
