"""Keep what this process holds in memory and writes to itself (security sections 8 and 12)."""
from __future__ import annotations

import os
import resource


def keep_private() -> None:
    """Make new files their owner's alone (umask 077) and let no crash write memory, and so keys, to a disk.

    Processes started from here inherit both.
    """
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
