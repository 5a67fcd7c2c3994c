"""A killed life closes nothing: what Python says of its half-run generators is part of the kill, not a fault."""
from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

LEFT_BEHIND = ("aclose(): asynchronous generator is already running", "ignored GeneratorExit")


@pytest.fixture(autouse=True)
def _the_dead_are_cleared_away() -> Iterator[None]:
    before = sys.unraisablehook

    def told(said: sys.UnraisableHookArgs) -> None:
        if not (isinstance(said.exc_value, RuntimeError) and any(one in str(said.exc_value) for one in LEFT_BEHIND)):
            before(said)

    sys.unraisablehook = told
    try:
        yield
        # What this test killed is collected here, where it is expected, and not in the middle of another test.
        gc.collect()
    finally:
        sys.unraisablehook = before
