"""Halt by a file: it needs neither the desk nor its database, and every order looks at it before it leaves (C6, I14).

Each halt is a file of its own, so that taking one away never takes away one that came meanwhile.
"""
from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

FOLDER = "halted"


@dataclass(frozen=True, slots=True)
class HaltMarks:
    """The marks in one data directory; they are the `ports.switch.Switch` of its desk."""

    directory: Path

    @property
    def folder(self) -> Path:
        """Say where the marks lie."""
        return self.directory / FOLDER

    def throw(self, name: str) -> None:
        """Put a mark of this name there, on the disk when this returns. Raises OSError when that fails."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        for place in (self.folder, self.directory):
            handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def thrown(self) -> bool:
        """Tell whether a mark stands; True also where the folder cannot be read: whoever cannot look opens nothing."""
        try:
            with os.scandir(self.folder) as found:
                return next(found, None) is not None
        except FileNotFoundError:
            return False
        except OSError:
            return True

    def marks(self) -> tuple[str, ...]:
        """Name the marks that stand, oldest first; empty where they cannot be read."""
        try:
            return tuple(sorted(os.listdir(self.folder)))
        except OSError:
            return ()

    def clear(self, marks: tuple[str, ...]) -> bool:
        """Take these marks away, and no younger one; False when one of them could not be."""
        done = True
        for name in marks:
            try:
                with suppress(FileNotFoundError):
                    os.unlink(self.folder / name)
            except OSError:
                done = False
        return done
