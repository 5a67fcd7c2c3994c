"""Claim the data directory: private modes, and one process at a time (security sections 8 and 13, FF-88)."""
from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "wiredesk.lock"


class AlreadyRunning(Exception):
    """Another process holds this data directory."""


class UnusableDirectory(Exception):
    """The data directory cannot be made, read or written; the sentence says why."""


@contextmanager
def claimed(directory: Path) -> Iterator[Path]:
    """Make the directory (0700), tighten what lies in it (0600) and hold its lock until left; gives it back.

    The operating system frees the lock when the process dies, however it dies. New files of this process are private
    from here on (umask 077). Raises AlreadyRunning and UnusableDirectory, each with a sentence.
    """
    os.umask(0o077)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        tighten(directory)
        handle = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as fault:
        raise UnusableDirectory(f"{directory} cannot be used as data directory: {fault.strerror}. Give the user that "
                                "runs Wiredesk write access, or set WIREDESK_DATA to another place.") from fault
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            holder = os.read(handle, 20).decode(errors="replace").strip() or "unknown"
            raise AlreadyRunning(f"Wiredesk already runs on {directory} (process {holder}). Talk to it with "
                                 "`wiredesk status`, or stop it first.") from taken
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield directory
    finally:
        os.close(handle)


def tighten(directory: Path) -> list[Path]:
    """Take every right of others away from the directory and the files directly in it; give what was changed."""
    changed = []
    for path, mode in [(directory, 0o700), *((entry, 0o600) for entry in directory.iterdir() if entry.is_file())]:
        if not path.is_symlink() and path.stat().st_mode & 0o077:
            path.chmod(mode)
            changed.append(path)
    return changed
