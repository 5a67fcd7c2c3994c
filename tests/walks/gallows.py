"""Kill one life of the desk at a counted moment: at any step of any of its tasks, around every store and every send.

From that moment nothing of the life runs on: its tasks stop at their next step, its database and its wires are cut.
"""
from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from bot.adapters.bitget.transport import Request, Response, Transport
from bot.adapters.store.engine import InlineEngine
from tests.support.simulated import Life
from tests.support.virtual_loop import VirtualLoop

CLOSINGS = 20
STEP, STORE, STORED, SEND, ARRIVED = "step", "before a store", "after a store", "before a send", "after a send"


@dataclass
class Gallows:
    """Counts the moments of a life while `armed`; at the moment `at` the life is dead.

    `world` is a mark of everything outside the process that the life has caused: moments of equal mark between the
    same two effects leave the same world behind.
    """

    at: int | None = None
    armed: bool = False
    count: int = 0
    dead: bool = False
    kinds: list[str] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    effects: int = 0

    def moment(self, kind: str) -> bool:
        """Pass one moment; False when the life is dead from here on."""
        if self.dead:
            return False
        if not self.armed:
            return True
        self.count += 1
        self.kinds.append(kind)
        self.marks.append(self.effects)
        if self.at is not None and self.count >= self.at:
            self.dead = True
            return False
        return True

    async def pass_by(self, kind: str) -> None:
        """Pass one moment or stop for ever."""
        if not self.moment(kind):
            await asyncio.get_running_loop().create_future()


HANGING: ContextVar[Gallows | None] = ContextVar("gallows", default=None)


class _Steps:
    """A coroutine that passes the gallows before each of its steps."""

    def __init__(self, inner: Coroutine[Any, Any, Any], gallows: Gallows) -> None:
        self._inner, self._gallows = inner, gallows

    def __await__(self) -> Generator[Any, Any, Any]:
        value: Any = None
        fault: BaseException | None = None
        while True:
            if self._gallows.dead or (fault is None and not self._gallows.moment(STEP)):
                yield from self._hang(fault)
            try:
                what = self._inner.send(value) if fault is None else self._inner.throw(fault)
            except StopIteration as over:
                return over.value
            value, fault = None, None
            try:
                value = yield what
            except BaseException as thrown:
                fault = thrown

    def _hang(self, fault: BaseException | None) -> Generator[Any, Any, None]:
        """Stand still until somebody clears the task away; what the coroutine tidies then reaches nobody."""
        try:
            if fault is not None:
                raise fault
            yield from asyncio.get_running_loop().create_future()
        finally:
            # A coroutine that awaits while it is closed says so and wants to be closed again.
            for _ in range(CLOSINGS):
                try:
                    self._inner.close()
                    break
                except RuntimeError:
                    continue


async def _stepped(inner: Coroutine[Any, Any, Any], gallows: Gallows) -> Any:
    return await _Steps(inner, gallows)


def watch_tasks(loop: VirtualLoop) -> None:
    """Let every task that a life starts, its children included, pass the gallows of that life."""
    bear = loop.get_task_factory()
    assert bear is not None

    def factory(where: asyncio.AbstractEventLoop, coro: Any, **more: Any) -> Any:
        gallows = HANGING.get()
        return bear(where, coro if gallows is None else _stepped(coro, gallows), **more)

    loop.set_task_factory(factory)


class CutTransport:
    """The wires of a life: cut with it; what was on its way arrives all the same."""

    def __init__(self, inner: Transport, gallows: Gallows) -> None:
        self._inner, self._gallows = inner, gallows

    async def __call__(self, request: Request) -> Response:
        """Carry one request."""
        writes = request.method == "POST"
        await self._gallows.pass_by(SEND if writes else STEP)
        if writes:
            self._gallows.effects += 1
        with under(None):
            # The exchange is no part of the life: it goes on with what has arrived.
            going = asyncio.ensure_future(self._carry(request))
        response = await asyncio.shield(going)
        if writes:
            self._gallows.effects += 1
        await self._gallows.pass_by(ARRIVED if writes else STEP)
        return response

    async def _carry(self, request: Request) -> Response:
        return await self._inner(request)


@contextmanager
def under(gallows: Gallows | None) -> Iterator[None]:
    """Let tasks started inside pass these gallows."""
    token = HANGING.set(gallows)
    try:
        yield
    finally:
        HANGING.reset(token)


def hang(life: Life, gallows: Gallows) -> None:
    """Put a life's database and wires under the gallows; its tasks are by `watch_tasks`."""
    engine: InlineEngine = life.engine
    run = engine.run

    async def stored(unit: Any, *, write: bool) -> Any:
        await gallows.pass_by(STORE if write else STEP)
        if write:
            gallows.effects += 1
        told = await run(unit, write=write)
        await gallows.pass_by(STORED if write else STEP)
        return told

    engine.run = stored  # type: ignore[method-assign]
