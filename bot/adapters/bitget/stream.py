"""Run sockets around a protocol: reconnect with back-off, rotate before the venue cuts, never hide a loss."""
from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.adapters.bitget.classic.stream_events import Lost, Odd, ProtocolEvent, Rotated, Settled, Trouble
from bot.adapters.bitget.classic.stream_protocol import StreamProtocol
from bot.adapters.bitget.classic.topic import Topic
from bot.adapters.bitget.socket import Connector, Socket, SocketClosed
from bot.ports.clock import Clock

# Pushes waiting for their reader. More than this is not a burst but a reader that has stopped (architecture 9(b)).
PUSH_QUEUE_MAX = 10_000
# The venue cuts every connection at 24 h; the next one is up before (FF-65).
ROTATE_AFTER_S = 23 * 3600.0
ROTATE_AGAIN_S = 600.0
BACK_OFF_FIRST_S = 1.0
BACK_OFF_MAX_S = 60.0
# A connection that lived this long clears the record of failures before it.
SOUND_AFTER_S = 60.0
BACK_OFF_LEAST_S = {Trouble.AUTH: 30.0, Trouble.LIMIT: 30.0}

log = logging.getLogger(__name__)

StreamEvent = ProtocolEvent | Rotated


@dataclass(slots=True, eq=False)
class Connection:
    """One socket's life; `number` grows with each, `lost` says how it ended."""

    number: int
    protocol: StreamProtocol
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    settled_at: float | None = None
    lost: Lost | None = None
    socket: Socket | None = None
    task: asyncio.Task[None] | None = None


class Stream:
    """One endless stream over one connection at a time, two while rotating.

    `make` builds a protocol for each connection; `chance` draws from 0 to 1 for the jitter of the back-off;
    `offset_ms` is the venue's clock minus ours and enters the login's timestamp. `follow` yields (connection number,
    event); Lost always means: pushes are missing from here on until the next Settled.
    """

    def __init__(
        self,
        *,
        url: str,
        connector: Connector,
        clock: Clock,
        chance: Callable[[], float],
        make: Callable[[], StreamProtocol],
        offset_ms: Callable[[], int] = lambda: 0,
        queue_max: int = PUSH_QUEUE_MAX,
        rotate_after_s: float = ROTATE_AFTER_S,
    ) -> None:
        self._url = url
        self._connector = connector
        self._clock = clock
        self._chance = chance
        self._make = make
        self._offset_ms = offset_ms
        self._rotate_after_s = rotate_after_s
        self._queue: asyncio.Queue[tuple[int, StreamEvent]] = asyncio.Queue(queue_max)
        self._connections: list[Connection] = []
        self._failures = 0
        self._numbers = 0
        self._followed = False

    @property
    def protocols(self) -> tuple[StreamProtocol, ...]:
        """List the protocols of the open connections, the oldest first: none while down, two while rotating."""
        return tuple(connection.protocol for connection in self._connections)

    async def follow(self) -> AsyncIterator[tuple[int, StreamEvent]]:
        """Connect and yield events for ever; closing the iterator closes the sockets. One follower at a time."""
        if self._followed:
            raise RuntimeError("This stream is followed already; it has one reader at a time.")
        self._followed = True
        runner = self._spawn(self._run())
        getter: asyncio.Task[Any] = runner
        try:
            while True:
                while not self._queue.empty():
                    yield self._queue.get_nowait()
                getter = self._spawn(self._queue.get())
                await asyncio.wait({getter, runner}, return_when=asyncio.FIRST_COMPLETED)
                if runner.done():
                    runner.result()
                yield getter.result()
        finally:
            self._followed = False
            await _ended((getter, runner))

    def next_now(self) -> tuple[int, StreamEvent] | None:
        """Give the next event that has come already, None when none has; for whoever follows."""
        return None if self._queue.empty() else self._queue.get_nowait()

    def resync(self, number: int, topic: Topic) -> None:
        """Ask for a fresh snapshot of a topic on one connection; one that is gone by now is none to repair."""
        for connection in self._connections:
            if connection.number == number:
                self._take(connection, connection.protocol.resync(topic, self._clock.monotonic()))

    def subscribe(self, topics: Iterable[Topic]) -> None:
        """Follow more topics on the open connections; `make` must know them for the later ones."""
        for topic in topics:
            for protocol in self.protocols:
                protocol.subscribe(topic)

    def expect(self, topic: Topic, within_s: float) -> None:
        """Await a push on a topic; the connection is lost when none comes in time (FF-63)."""
        for protocol in self.protocols:
            protocol.expect(topic, self._clock.monotonic() + within_s)

    def caught_up(self) -> None:
        """Note that reads made after the latest Settled have completed the picture."""
        for protocol in self.protocols:
            protocol.caught_up(self._clock.monotonic())

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        # The one place of this wing that makes tasks; whoever calls it also ends them.
        return asyncio.get_running_loop().create_task(work)

    async def _run(self) -> None:
        current = self._connect()
        rotate_in_s = self._rotate_after_s
        try:
            while True:
                timer = self._spawn(self._clock.sleep(rotate_in_s))
                try:
                    await asyncio.wait({timer, _task(current)}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    await _ended((timer,))
                if _task(current).done():
                    _task(current).result()
                    await self._back_off(current)
                    current, rotate_in_s = self._connect(), self._rotate_after_s
                    continue
                successor = await self._rotate(current)
                rotate_in_s = self._rotate_after_s if successor is not current else ROTATE_AGAIN_S
                current = successor
        finally:
            await _ended([_task(connection) for connection in self._connections])

    async def _rotate(self, old: Connection) -> Connection:
        """Bring up a successor while the old connection still speaks; gives the one that goes on."""
        new = self._connect()
        settled = self._spawn(new.settled.wait())
        try:
            await asyncio.wait({settled, _task(new), _task(old)}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _ended((settled,))
        if _task(new).done():
            _task(new).result()
            log.warning("The successor of a stream could not be brought up; the old connection goes on.")
            return old
        if new.settled.is_set() and not _task(old).done():
            self._put(new, Rotated(old.number))
            await _ended((_task(old),))
        return new

    async def _back_off(self, ended: Connection) -> None:
        lived = self._clock.monotonic() - ended.settled_at if ended.settled_at is not None else 0.0
        self._failures = 0 if lived >= SOUND_AFTER_S else self._failures
        most = min(BACK_OFF_MAX_S, BACK_OFF_FIRST_S * 2.0 ** min(self._failures, 10))
        if ended.lost is not None:
            most = max(most, BACK_OFF_LEAST_S.get(ended.lost.trouble, 0.0))
        self._failures += 1
        await self._clock.sleep(most * (1.0 + self._chance()) / 2.0)

    def _connect(self) -> Connection:
        self._numbers += 1
        connection = Connection(self._numbers, self._make())
        self._connections.append(connection)
        connection.task = self._spawn(self._live(connection))
        return connection

    async def _live(self, connection: Connection) -> None:
        """Open, read and tick one connection until it is lost."""
        connection.protocol.connecting(self._clock.monotonic())
        work = tuple(self._spawn(self._guarded(connection, part)) for part in (self._read, self._tick))
        try:
            done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await _ended(work)
            self._connections.remove(connection)
            if connection.socket is not None:
                await connection.socket.close()

    async def _guarded(self, connection: Connection, part: Callable[[Connection], Coroutine[Any, Any, None]]) -> None:
        try:
            await part(connection)
        except SocketClosed as fault:
            self._take(connection, connection.protocol.closed(self._clock.monotonic(), str(fault)))

    async def _read(self, connection: Connection) -> None:
        clock, protocol = self._clock, connection.protocol
        socket = await self._connector.connect(self._url)
        connection.socket = socket
        protocol.opened(clock.monotonic(), clock.now() + timedelta(milliseconds=self._offset_ms()))
        await self._flush(connection)
        while connection.lost is None:
            frame = await socket.recv()
            self._take(connection, protocol.received(frame, clock.monotonic(), clock.now()))
            await self._flush(connection)

    async def _tick(self, connection: Connection) -> None:
        clock, protocol = self._clock, connection.protocol
        while connection.lost is None:
            await clock.sleep(protocol.wake_in_s(clock.monotonic()))
            self._take(connection, protocol.tick(clock.monotonic()))
            await self._flush(connection)

    async def _flush(self, connection: Connection) -> None:
        while connection.socket is not None:
            frame = connection.protocol.next_frame(self._clock.monotonic())
            if frame is None:
                return
            await connection.socket.send(frame)

    def _take(self, connection: Connection, events: Iterable[ProtocolEvent]) -> None:
        for event in events:
            if connection.lost is not None:
                return
            if isinstance(event, Lost):
                log.warning("A stream was lost: %s.", event.why)
                connection.lost = event
            elif isinstance(event, Settled):
                connection.settled_at = self._clock.monotonic()
                connection.settled.set()
            elif isinstance(event, Odd):
                log.info("The venue said on a stream: %s", event.what)
                continue
            self._put(connection, event)

    def _put(self, connection: Connection, event: StreamEvent) -> None:
        try:
            self._queue.put_nowait((connection.number, event))
        except asyncio.QueueFull:
            # What waits is thrown away with the connections: a truth with a hole is worse than none (R6).
            while not self._queue.empty():
                self._queue.get_nowait()
            why = f"our own queue of {self._queue.maxsize} pushes overflowed"
            log.warning("A stream was lost: %s.", why)
            for other in {id(one): one for one in (*self._connections, connection)}.values():
                other.protocol.closed(self._clock.monotonic(), why)
                other.lost = Lost(Trouble.OVERFLOW, why)
                self._queue.put_nowait((other.number, other.lost))


def _task(connection: Connection) -> asyncio.Task[None]:
    assert connection.task is not None
    return connection.task


async def _ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    waiting = [task for task in tasks if not task.done()]
    for task in waiting:
        task.cancel()
    if waiting:
        await asyncio.wait(waiting)
