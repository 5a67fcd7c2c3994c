"""Watch the disk and keep a ballast file that can be thrown away when it is full (reliability section 3, FF-81)."""
from __future__ import annotations

import os
import shutil
from pathlib import Path

BALLAST = 16 * 1024 * 1024


def free_bytes(directory: Path) -> int | None:
    """Give the free bytes where the directory lies; None when the system does not say."""
    try:
        return shutil.disk_usage(directory).free
    except OSError:
        return None


def load_ballast(directory: Path, size: int = BALLAST) -> bool:
    """Reserve `size` bytes in a file of mode 0600; False when there is no room, and then nothing is left behind."""
    file = directory / "ballast"
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(handle).st_size < size:
                os.posix_fallocate(handle, 0, size)
        finally:
            os.close(handle)
    except OSError:
        drop_ballast(directory)
        return False
    return True


def drop_ballast(directory: Path) -> bool:
    """Throw the ballast away, so that the last words can be written; False when there was none."""
    try:
        (directory / "ballast").unlink()
    except OSError:
        return False
    return True
