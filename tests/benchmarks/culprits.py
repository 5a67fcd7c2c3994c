"""Tell a stall of our own making from one of a busy machine's, and say whose code it was."""
from __future__ import annotations

import asyncio
import sys
import threading
import time
import traceback
from collections import Counter

STEP_S = 0.005
STALL_S = 0.020
SHOWN = ("/bot/", "/tests/")


class Culprits:
    """Watch the running event loop from another thread: while it does not tick, look at what it is doing.

    `worst_ms` is the longest stall during which this process was busy itself, in milliseconds of its own processor
    time; a machine that gives the processor to somebody else adds nothing to it.
    """

    def __init__(self) -> None:
        """Begin to watch the loop of this thread."""
        self.worst_ms = 0.0
        self.count = 0
        self.seen: Counter[str] = Counter()
        self._ticked = time.perf_counter()
        self._spent = time.process_time()
        self._loop_thread = threading.get_ident()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    async def tick(self) -> None:
        """Show for ever that the loop runs."""
        while True:
            await asyncio.sleep(STEP_S)
            now, spent = time.perf_counter(), time.process_time()
            own = min(now - self._ticked - STEP_S, spent - self._spent)
            if own > STALL_S:
                self.count, self.worst_ms = self.count + 1, max(self.worst_ms, own * 1000)
            self._ticked, self._spent = now, spent

    def forget(self) -> None:
        """Begin anew: what was seen so far was the measuring's own doing."""
        self.worst_ms, self.count = 0.0, 0
        self.seen.clear()

    def stop(self) -> None:
        """End the watching."""
        self._over.set()

    @property
    def words(self) -> str:
        """Name where the loop was found most often while it stood still."""
        return ", ".join(f"{place} ({count})" for place, count in self.seen.most_common(3))

    def _watch(self) -> None:
        while not self._over.wait(STEP_S):
            if time.perf_counter() - self._ticked > STALL_S and time.process_time() - self._spent > STALL_S:
                frame = sys._current_frames().get(self._loop_thread)
                ours = [one for one in traceback.extract_stack(frame) if any(part in one.filename for part in SHOWN)]
                if ours:
                    place = ours[-1]
                    self.seen[f"{place.filename.rsplit('/', 1)[-1]}:{place.lineno} {place.name}"] += 1
