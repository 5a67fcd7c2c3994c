"""Name the holder of the desk's lease, and tell which earlier holders are proven dead (security section 13)."""
from __future__ import annotations

import os
import socket
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from bot.runtime.data_dir import LOCK

BOOT = Path("/proc/sys/kernel/random/boot_id")
PLACE_LETTERS = 8


def holder_of(directory: Path, boot: Path = BOOT) -> str:
    """Name this process, which holds the lock of `directory`: `host:pid@place`.

    The place stands for one lock file of one running machine; a copy of the directory, another machine and a restart
    of this one are other places. It is empty where the machine does not tell its boot.
    """
    return f"{socket.gethostname()}:{os.getpid()}@{_place(directory, boot)}"


def dead_to(holder: str, *, alone: bool) -> Callable[[str], bool]:
    """Give what tells whether another holder is proven dead by the lock that `holder` has.

    `alone` says that the ledger itself lies behind that lock (SQLite), so nobody else can act. Else only a holder of
    the same place is: it must have died for the lock to be free.
    """
    place = holder.rpartition("@")[2]
    return lambda other: alone or (bool(place) and other.rpartition("@")[2] == place)


def _place(directory: Path, boot: Path) -> str:
    try:
        kept = (directory / LOCK).stat()
        named = f"{boot.read_text().strip()}:{kept.st_dev}:{kept.st_ino}"
    except OSError:
        return ""
    return sha256(named.encode()).hexdigest()[:PLACE_LETTERS]
