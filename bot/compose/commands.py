"""Know everybody: build the parts, wire them, and answer the operator's commands (architecture section 10).

Each command is one function: settings and plain values in, an exit code out, one sentence on standard error when it
is not zero. Exit codes: 0 done as said, 1 not done, 2 not built or not understood, 3 nothing runs.
"""
from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from bot.adapters.system.logging import set_up
from bot.adapters.system.redaction import Redactor
from bot.runtime.local_socket import Declined, NothingRuns, ask
from bot.settings import Settings

DONE, NOT_DONE, NOT_BUILT, NOTHING_RUNS = 0, 1, 2, 3
# How long a command may take before the person is told that it goes on without him.
WITHIN_S = {"status": 5.0, "halt": 10.0, "resume": 10.0, "order": 30.0, "reconcile": 120.0, "flat": 300.0}
STOPPED: dict[str, Any] = {"readiness": "STOPPED", "trading_state": None, "unresolved": None, "unprotected": None,
                           "streams": {}}


def start_log(settings: Settings) -> Redactor:
    """Start the log with every secret of the settings crossed out; the redactor can learn more."""
    return set_up((secret.get_secret_value() for secret in settings.secrets()),
                  form=settings.log_format, level=settings.log_level)


def say_no(sentence: str, code: int = NOT_DONE) -> int:
    """Print a sentence on standard error and give the exit code."""
    print(sentence, file=sys.stderr)
    return code


def tell(settings: Settings, do: str, **fields: Any) -> int:
    """Have the running desk do something and print what it says; gives 0, 1 or, when nothing runs, 3."""
    try:
        result = asyncio.run(ask(settings.data_dir, do, within_s=WITHIN_S[do], **fields))
    except NothingRuns as nobody:
        return say_no(str(nobody), NOTHING_RUNS)
    except Declined as no:
        return say_no(str(no))
    except TimeoutError:
        return say_no(f"No answer to {do} within {WITHIN_S[do]:g} s. It may still be under way; look at "
                      "`wiredesk status`, and do not repeat it before.")
    print(result if isinstance(result, str) else json.dumps(result, indent=2, ensure_ascii=False))
    return DONE


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
    return "unknown" if value is None else str(value)
