from __future__ import annotations

import gc

from bot.runtime.collector import spare_what_stays


class Node:
    """Something that a collection has to look at."""


def test_what_is_there_is_not_looked_at_again() -> None:
    old, before = Node(), gc.get_freeze_count()
    assert any(one is old for one in gc.get_objects())
    assert spare_what_stays() > before
    young = Node()
    seen = gc.get_objects()
    assert any(one is young for one in seen) and not any(one is old for one in seen)
