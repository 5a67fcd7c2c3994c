"""The walls around every test: no network but loopback, asyncio's own checks on, files that grow too long named."""
from __future__ import annotations

import _socket
import asyncio
import gc
import inspect
import ipaddress
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.house.test_sizes import close_to_the_limit

# The gate gives the same answer on the same code, on a busy machine too; campaigns search with fresh chance.
settings.register_profile("gate", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("search", deadline=None)
settings.load_profile("gate")

# Where the address stands among an audited event's arguments.
WATCHED = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1, "socket.getaddrinfo": 0,
           "socket.gethostbyname": 0}
# asyncio's debug mode costs several times the speed, so it is on where tests are many and small.
DEBUGGED = ("runtime", "support", "chat", "desk")
# These wait for processes and clocks more than they work: begun first, they wait while the others work.
WAITING = ("journeys", "demo", "chat", "walks", "compose")


def _near(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(address, "ipv4_mapped", None) or address
    return bool(inner.is_loopback or inner.is_unspecified)


def _close_the_network(event: str, args: tuple[Any, ...]) -> None:
    if event not in WATCHED:
        return
    address = args[WATCHED[event]]
    if isinstance(args[0], socket.socket | _socket.socket):
        if args[0].family == socket.AF_UNIX or not isinstance(address, tuple):
            return
        address = address[0]
    host = address.decode() if isinstance(address, bytes) else address
    if host and not _near(host):
        raise PermissionError(f"Tests reach loopback only, and this one asked for {host!r}.")


sys.addaudithook(_close_the_network)


@pytest.fixture
async def asyncio_debug() -> AsyncIterator[None]:
    """Turn on asyncio's debug mode for one test."""
    asyncio.get_running_loop().set_debug(True)
    yield


def _floor(item: pytest.Item) -> str:
    here = Path(__file__).parent
    return item.path.relative_to(here).parts[0] if item.path.is_relative_to(here) else ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what waits first, and run the small asynchronous tests in debug mode."""
    items.sort(key=lambda item: WAITING.index(_floor(item)) if _floor(item) in WAITING else len(WAITING))
    for item in items:
        if _floor(item) in DEBUGGED and inspect.iscoroutinefunction(getattr(item, "function", None)):
            item.add_marker(pytest.mark.usefixtures("asyncio_debug"))


def pytest_collection_finish() -> None:
    """Leave what is imported by now out of every later collection, which otherwise walks through all of it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the files that should be split before they reach the limit."""
    close = close_to_the_limit(Path(__file__).parents[1])
    if close:
        terminalreporter.write_line("Close to the limit of 400 lines, split soon: " + ", ".join(close))
