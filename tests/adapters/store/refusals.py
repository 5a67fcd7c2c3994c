"""Tell what the database itself refuses, in the ledger's own words."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.store.link import explain
from bot.ports.ledger_rows import ImpossibleChange


@contextmanager
def impossible(words: str) -> Iterator[None]:
    """Expect an ImpossibleChange of these words, from the repository or from a trigger."""
    with pytest.raises(ImpossibleChange, match=words):
        try:
            yield
        except SQLAlchemyError as failure:
            raise explain(failure) from failure
