"""Spare the event loop the long looks of the garbage collector."""
from __future__ import annotations

import gc


def spare_what_stays() -> int:
    """Collect once and count everything still there as staying for ever; gives how many objects that are.

    Later collections look at what came after it only. A whole one looks at two hundred thousand objects that modules
    brought with them, and the loop stands still for it (40 ms on a quiet machine, 100 on a busy one), where 20 ms is
    the most it may (architecture section 23). Called once, before the loop runs: what is spared is never collected.
    """
    gc.collect()
    gc.freeze()
    return gc.get_freeze_count()
