"""Take the ledger out and put it back: export, backup, restore, audit; none of them needs the exchange (C4)."""
from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from bot.adapters.store import audit as chains
from bot.adapters.store import backup as whole
from bot.adapters.store.address import Address, parse_address
from bot.adapters.store.backup import Copied
from bot.adapters.store.export import export as read_all
from bot.adapters.store.schema import require_head
from bot.ports.ledger_rows import LedgerRefused, NotStored
from bot.runtime.data_dir import AlreadyRunning, UnusableDirectory, claimed
from bot.settings import Settings

STANDARD_OUTPUT = "-"
SEAL_KEY = "seal.key"


def export(settings: Settings, file: str) -> int:
    """Write everything the desk knows as one JSON object, to `file` (mode 0600) or standard output for `-`."""

    def work(address: Address) -> str:
        text = json.dumps(read_all(address), ensure_ascii=False)
        if file == STANDARD_OUTPUT:
            return text
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        # A file that was there before keeps its rights otherwise.
        os.fchmod(handle, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text + "\n")
        return f"Written to {file}."

    return _told(settings, work)


def backup(settings: Settings, file: Path) -> int:
    """Copy the database to a new file while the desk runs, and look whether the copy is whole."""

    def work(address: Address) -> str:
        done = _copied(whole.backup(address, file.resolve()), "Copied to")
        key = settings.data_dir / SEAL_KEY
        if not key.exists():
            return done
        return (f"{done} The key that opens the authenticator apps in it is not in the copy: keep {key} elsewhere, "
                "readable by you alone.")

    return _told(settings, work)


def restore(settings: Settings, file: Path) -> int:
    """Put a copy in the place of a database that was moved away; refuses while a desk runs."""

    def work(address: Address) -> str:
        with claimed(settings.data_dir):
            done = whole.restore(file.resolve(), address)
        said = (f"{_copied(done, 'Restored from')} Nothing was sent: the next start compares with the exchange and "
                "corrects.")
        if (settings.data_dir / SEAL_KEY).exists():
            return said
        return (f"{said} {SEAL_KEY} is not in {settings.data_dir}: put it there, else authenticator apps no longer "
                "count, PINs do, and each app is set up anew by /totp.")

    return _told(settings, work, exists=False)


def audit(settings: Settings) -> int:
    """Recompute the journal's chain; 0 when every line fits, else 1 after naming the first that does not."""

    def work(address: Address) -> str:
        found = chains.audit(address)
        broken = [f"The journal of {one.account} is broken at line {one.broken.seq}: {one.broken.why} Keep this file, "
                  "and restore the last backup." for one in found if one.broken is not None]
        if broken:
            raise NotStored("\n".join(broken))
        return "\n".join(f"{one.account}: {one.head.seq} lines, every one fits; head {one.head.hash}." for one in found)

    return _told(settings, work)


def _copied(done: Copied, verb: str) -> str:
    latest = f", the last line of {done.latest:%Y-%m-%d %H:%M:%S} UTC" if done.latest is not None else ""
    return f"{verb} {done.file}: {done.orders} orders, {done.fills} fills, {done.journal} journal lines{latest}."


def _told(settings: Settings, work: Callable[[Address], str], *, exists: bool = True) -> int:
    try:
        address = parse_address(settings.database.get_secret_value())
        if exists:
            if address.file is not None and not address.file.exists():
                raise NotStored(f"There is no database at {address.text} yet; start the desk once: `wiredesk run`.")
            require_head(address)
        print(work(address))
    except (LedgerRefused, AlreadyRunning, UnusableDirectory, ValueError) as no:
        print(no, file=sys.stderr)
        return 1
    except OSError as fault:
        print(f"{fault.filename}: {fault.strerror}. Name a file in a place this user may write to.", file=sys.stderr)
        return 1
    return 0
