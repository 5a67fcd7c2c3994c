"""A desk on a scripted venue, opened and closed around each test."""
from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.scripted import Bench


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Give an opened bench with 10,000 USDT and 1 BTC."""
    made = await Bench(tmp_path).open()
    yield made
    await made.close()
