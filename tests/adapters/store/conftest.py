"""Give every store test both databases."""
from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.adapters.store.address import Address
from bot.adapters.store.ledger import StoreLedger
from bot.adapters.store.link import Link
from bot.adapters.store.tx import StoreTx
from tests.support.ledgers import ACCOUNT, KINDS, database, threaded


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Address]:
    """A new database at head."""
    with database(request.param, tmp_path / "desk") as found:
        yield found


@pytest.fixture(scope="session", params=KINDS)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """One database for all tests that undo what they did."""
    with database(request.param, tmp_path_factory.mktemp("shared") / "desk") as found:
        yield found


@pytest.fixture
def link(shared: Address) -> Iterator[Link]:
    """A connection in a transaction that is undone afterwards: triggers that were dropped are back."""
    found = Link(shared)
    found.begin({ACCOUNT})
    yield found
    found.close()


@pytest.fixture
def tx(link: Link) -> StoreTx:
    """The open transaction over the account of the tests."""
    return StoreTx(ACCOUNT, link)


@pytest.fixture
async def ledger(address: Address) -> AsyncIterator[StoreLedger]:
    """A ledger on its thread."""
    async with threaded(address) as found:
        yield found
