"""Halt, whoever holds lock, lease or database: a mark in the data directory first, then the books (C6, I14, FF-81)."""
from __future__ import annotations

import asyncio
import os
import sys

from bot.adapters.system.clock import SystemClock
from bot.adapters.system.ids import SystemIds
from bot.compose.actions import halted
from bot.compose.parts import built
from bot.domain.record import milliseconds
from bot.ports.ledger_rows import LedgerRefused
from bot.runtime.data_dir import AlreadyRunning, UnusableDirectory, claimed
from bot.runtime.halt_marks import HaltMarks
from bot.runtime.local_socket import Declined, NothingRuns, ask
from bot.runtime.readiness import ReadinessGate
from bot.settings import Settings, Unusable

# Longer than any desk that is well takes; one that stands still is halted by the mark already.
ANSWER_S = 2.0
TOKEN = 8


def halt(settings: Settings) -> int:
    """Halt and print how; 0 when nothing that opens can leave from here on, else 1 after one sentence.

    A running desk takes it into the books; where none answers this process does; where the books cannot be written
    the mark stays, which every order looks at before it leaves, until a desk has taken it into its books.
    """
    marks = HaltMarks(settings.data_dir)
    name, unmarked = f"{milliseconds(SystemClock().now()):014d}-{SystemIds().new_token(TOKEN)}", None
    try:
        _make(settings)
        marks.throw(name)
    except (UnusableDirectory, OSError) as fault:
        unmarked = f"{marks.folder} cannot be written: {fault}"
    try:
        print(asyncio.run(_in_books(settings)))
        marks.clear((name,))
        return 0
    except (UnusableDirectory, Unusable, LedgerRefused, Declined, ValueError) as no:
        if unmarked is None and (settings.database_url is None or _runs_here(settings)):
            print(f"HALTED by a mark in {marks.folder}: nothing that opens leaves a desk of this directory. The books "
                  f"take it as soon as they can be written; not now: {no}")
            return 0
        elsewhere = f"A mark in {marks.folder} halts only what runs on this directory, and nothing does."
        print(f"NOT HALTED. {no} {unmarked or elsewhere}", file=sys.stderr)
        return 1


async def _in_books(settings: Settings) -> str:
    """Have the desk store the halt, or store it past it: it is one row, and every sending transaction reads it (P6)."""
    try:
        return str(await ask(settings.data_dir, "halt", within_s=ANSWER_S))
    except (NothingRuns, Declined, TimeoutError):
        async with built(settings, ReadinessGate()) as parts:
            return await halted(parts.seat)


def _make(settings: Settings) -> None:
    """Make the data directory private where there is none yet; one that is claimed stays as it is."""
    os.umask(0o077)
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise UnusableDirectory(f"{settings.data_dir} cannot be made: {fault.strerror}. Set WIREDESK_DATA to a "
                                "place this user may write to.") from fault


def _runs_here(settings: Settings) -> bool:
    try:
        with claimed(settings.data_dir):
            return False
    except AlreadyRunning:
        return True
