"""Know everybody: build the parts, wire them, and answer the operator's commands (architecture section 10).

Each command is one function: settings and plain values in, an exit code out, one sentence on standard error when it
is not zero. Exit codes: 0 done as said, 1 not done, 2 not understood, 3 nothing runs.
"""
from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from bot.adapters.system.clock import SystemClock
from bot.adapters.system.logging import set_up
from bot.adapters.system.redaction import Redactor
from bot.compose.alone import carry_out
from bot.runtime.data_dir import AlreadyRunning
from bot.runtime.local_socket import Declined, NothingRuns, ask
from bot.runtime.privacy import keep_private
from bot.settings import Settings

DONE, NOT_DONE, NOTHING_RUNS = 0, 1, 3
# How long a command may take before the person is told that it goes on without him.
WITHIN_S = {
    "status": 5.0, "resume": 10.0, "preview": 30.0, "order": 30.0, "reconcile": 120.0, "flat": 300.0,
}
# A desk that is just starting holds its directory before it listens.
STARTING_S, STARTING_LOOK_S = 5.0, 0.2
STOPPED: dict[str, Any] = {"readiness": "STOPPED", "trading_state": None, "unresolved": None, "unprotected": None,
                           "streams": {}}


def start_log(settings: Settings, *, quiet: bool = False) -> Redactor:
    """Start the log with every secret of the settings crossed out, and keep this process's memory and files private.

    The redactor can learn more secrets. `quiet` is for commands that answer in a sentence: the log says only what
    nobody else would.
    """
    keep_private()
    level = "CRITICAL" if quiet and settings.log_level != "DEBUG" else settings.log_level
    return set_up((secret.get_secret_value() for secret in settings.secrets()), form=settings.log_format, level=level)


def say_no(sentence: str, code: int = NOT_DONE) -> int:
    """Print a sentence on standard error and give the exit code."""
    print(sentence, file=sys.stderr)
    return code


def tell(settings: Settings, do: str, words: str = "") -> int:
    """Have the running desk do something, or do it alone where nothing runs, and print what it came to.

    Gives 0 when it is done as said, else 1 after one sentence.
    """
    answered = _asked(settings, do, words)
    for _ in range(round(STARTING_S / STARTING_LOOK_S)):
        if answered is not None:
            return answered
        try:
            return carry_out(settings, do, words)
        except AlreadyRunning:
            asyncio.run(SystemClock().sleep(STARTING_LOOK_S))
        answered = _asked(settings, do, words)
    return say_no(f"A desk is starting on {settings.data_dir} and does not listen yet; try again.")


def _asked(settings: Settings, do: str, words: str) -> int | None:
    """Ask the running desk and give the exit code; None when nothing runs."""
    fields = {"words": words} if words else {}
    try:
        result = asyncio.run(ask(settings.data_dir, do, within_s=WITHIN_S[do], **fields))
    except NothingRuns:
        return None
    except Declined as no:
        return say_no(str(no))
    except TimeoutError:
        return say_no(f"No answer to {do} within {WITHIN_S[do]:g} s. It may still be under way; look at "
                      "`wiredesk status`, and do not repeat it before.")
    print(result if isinstance(result, str) else json.dumps(result, indent=2, ensure_ascii=False))
    return DONE


def order(settings: Settings, words: str, *, yes: bool) -> int:
    """Place a typed trade; at a terminal only after its plan and risk were shown and answered with y."""
    if not yes:
        if not sys.stdin.isatty():
            return say_no("Nothing was placed. Say --yes to place an order without being asked.")
        if (code := tell(settings, "preview", words)) != DONE:
            return code
        try:
            answer = input("Place this order? [y/n] ")
        except EOFError:
            answer = ""
        if answer.strip().lower() not in ("y", "yes"):
            return say_no("Nothing was placed.")
    return tell(settings, "order", words)


def status(settings: Settings, *, as_json: bool) -> int:
    """Print how the desk is (C5): one JSON object or lines for people; 3 and STOPPED when nothing runs."""
    try:
        found = asyncio.run(ask(settings.data_dir, "status", within_s=WITHIN_S["status"]))
        code = DONE
    except NothingRuns:
        found, code = {**STOPPED, "environment": settings.environment}, NOTHING_RUNS
    except (Declined, TimeoutError) as silent:
        return say_no(str(silent) or "A desk runs here but does not answer; look into its log.")
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return code
    print("\n".join(f"{name.replace('_', ' '):<14} {_spoken(value)}" for name, value in found.items()))
    return code


def _spoken(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_spoken(each)}" for name, each in value.items()) or "none"
    if isinstance(value, float):
        return f"heard {value:.0f} s ago"
    return "unknown" if value is None else str(value)
