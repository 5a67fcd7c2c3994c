"""One exchange process for all journeys of a file; an installation of its own for each journey."""
from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import Exchange, Installation, exchange, installed

NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """Run a sandbox for the file."""
    with exchange(tmp_path_factory.mktemp("venue")) as made:
        yield made


@pytest.fixture
def account(request: pytest.FixtureRequest) -> str:
    """Name an account of its own at the exchange."""
    return f"{request.node.name[:24]}-{next(NUMBERS)}"


@pytest.fixture
def desk(tmp_path: Path, venue: Exchange, account: str) -> Iterator[Installation]:
    """Set up an installation with that account's key."""
    with installed(tmp_path, venue, **venue.open_account(account)) as made:
        yield made
    venue.fault("clear")
