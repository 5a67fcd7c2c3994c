"""Put the whole desk on the virtual loop: real desk, real client, real SQLite ledger inline, real sandbox in process.

Nothing is faked but time and the wires: requests and frames are handed over as values. A crash drops every task and
every object of the desk and keeps only the database file and the exchange.
"""
from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.adapters.bitget.classic.link import Link
from bot.adapters.bitget.classic.market import ClassicMarket
from bot.adapters.bitget.classic.private_feed import PrivateFeed
from bot.adapters.bitget.classic.public_feed import PublicFeed
from bot.adapters.bitget.classic.stream_frames import LOGIN_PATH
from bot.adapters.bitget.classic.stream_frames import Credentials as StreamCredentials
from bot.adapters.bitget.classic.venue import ClassicVenue
from bot.adapters.bitget.classic.words import line_of
from bot.adapters.bitget.http import Http, Patience
from bot.adapters.bitget.sign import Credentials, signature
from bot.adapters.bitget.socket import Socket, SocketClosed
from bot.adapters.bitget.throttle import Throttle
from bot.adapters.bitget.transport import NoAnswer, Request, Response
from bot.adapters.store.address import in_directory
from bot.adapters.store.engine import InlineEngine
from bot.adapters.store.ledger import StoreLedger
from bot.adapters.store.schema import prepare
from bot.desk.front import Desk
from bot.desk.life import Opening, beat, open_desk, take_lease, tasks
from bot.desk.protect import Watched
from bot.desk.rules import Rules
from bot.desk.seat import Seat
from bot.desk.watch import Diary
from bot.domain.ids import AccountId, ProposalId, Symbol, instance_tag
from bot.domain.instrument import ProductLine
from bot.domain.trading import Environment, Readiness
from bot.ports.market import Ticker
from bot.runtime.halt_marks import HaltMarks
from bot.sandbox.exchange import http as wire
from bot.sandbox.exchange.sockets import InProcessSocket
from bot.sandbox.exchange.sockets import SocketClosed as SandboxClosed
from bot.sandbox.exchange.venue import Venue
from tests.support.clock import FakeClock

ANSWER_MAX_S = 10.0
STEP_S = 0.1
ACCOUNT = AccountId("main")


class InProcess:
    """A Transport that hands requests to the sandbox; a silent or endless answer is no answer after ten seconds."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue

    async def __call__(self, request: Request) -> Response:
        """Carry one request."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = wire.Request(
            method=request.method, path=request.path, query=request.query, headers=headers, body=request.body
        )
        try:
            async with asyncio.timeout(ANSWER_MAX_S):
                answer = await self.venue.handle(call)
        except TimeoutError:
            raise NoAnswer("no answer within 10 s") from None
        if answer.silent:
            raise NoAnswer("the connection ended without an answer")
        return Response(status=answer.status, body=answer.body)


class Wire:
    """A Socket of the client over an in-process stream of the sandbox."""

    def __init__(self, inner: InProcessSocket) -> None:
        self.inner = inner

    async def send(self, text: str) -> None:
        """Send one frame."""
        try:
            await self.inner.send(text)
        except SandboxClosed as closed:
            raise SocketClosed(str(closed)) from closed

    async def recv(self) -> str | bytes:
        """Wait for the next frame."""
        try:
            return await self.inner.recv()
        except SandboxClosed as closed:
            raise SocketClosed(str(closed)) from closed

    async def close(self) -> None:
        """Close."""
        await self.inner.close()


class Wires:
    """A Connector that opens in-process streams."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue

    async def connect(self, url: str) -> Socket:
        """Open a stream."""
        await asyncio.sleep(0)
        return Wire(self.venue.connect(private=url.endswith("private")))


class SeededIds:
    """The ids port, seeded."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def new_proposal_id(self) -> ProposalId:
        """Make ten letters."""
        return ProposalId(self.new_token(10))

    def new_token(self, length: int) -> str:
        """Make letters."""
        return "".join(self._random.choice("0123456789abcdefghjkmnpqrstvwxyz") for _ in range(length))


class FixedGate:
    """The gate port: whatever the simulation says."""

    def __init__(self) -> None:
        self.now = Readiness.STARTING

    def readiness(self) -> Readiness:
        """Give the readiness."""
        return self.now


class Life:
    """One life of the desk's process, from start to death."""

    def __init__(self, world: World, number: int) -> None:
        self.world, self.number = world, number
        self.gate = FixedGate()
        self.engine = InlineEngine(in_directory(world.directory), world.clock.monotonic)
        ledger = StoreLedger(ACCOUNT, self.engine)
        http = Http(
            world.transport,
            world.clock,
            Throttle(world.clock),
            credentials=world.credentials,
            patience=Patience(),
            chance=world.chance.random,
            stopped=HaltMarks(world.directory).thrown,
        )
        wires = Wires(world.venue)
        self.public = PublicFeed(
            url="ws://sandbox/public", connector=wires, clock=world.clock, chance=world.chance.random
        )
        self.private = PrivateFeed(
            url="ws://sandbox/private",
            connector=wires,
            clock=world.clock,
            chance=world.chance.random,
            credentials=StreamCredentials(
                api_key=world.credentials.key,
                passphrase=world.credentials.passphrase,
                sign=lambda stamp: signature(world.credentials.secret, stamp + LOGIN_PATH),
            ),
            lines=world.lines,
        )
        followed: set[Symbol] = set()

        def streamed(symbol: Symbol) -> Ticker | None:
            if symbol not in followed:
                followed.add(symbol)
                self.public.follow(line_of(symbol), "ticker", (symbol,))
            return self.public.ticker(symbol)

        venue = ClassicVenue(Link(http, world.clock), self.private.events, self.private.expect_order)
        self.seat = Seat(
            account=ACCOUNT,
            environment=Environment.SANDBOX,
            tag=instance_tag("simulation"),
            lines=world.lines,
            venue=venue,
            market=ClassicMarket(http, world.clock, streamed),
            ledger=ledger,
            clock=world.clock,
            ids=SeededIds(world.seed * 1000 + number),
            gate=self.gate,
            switch=HaltMarks(world.directory),
            rules=world.rules,
        )
        self.desk = Desk(self.seat)
        self.running: set[asyncio.Task[Any]] = set()
        self.opening = Opening(ready=asyncio.Event(), trouble=[])
        self.failures: list[BaseException] = []
        self.diary, self.watched = Diary(), Watched()

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Start a task that dies with this life; its failure is kept, never swallowed."""
        task = asyncio.create_task(work, name=f"{name}#{self.number}")
        self.running.add(task)

        def over(done: asyncio.Task[Any]) -> None:
            self.running.discard(done)
            if not done.cancelled() and (fault := done.exception()) is not None:
                self.failures.append(fault)

        task.add_done_callback(over)
        return task

    async def start(self) -> None:
        """Take the lease and start every task of the desk, as compose does."""
        holder = f"life-{self.number}"
        refused = await take_lease(self.seat, holder, dead=lambda _: True)
        assert refused is None, str(refused)
        self.gate.now = Readiness.RECONCILING
        diary, watched = self.diary, self.watched
        self.spawn(beat(self.seat, holder), "lease")
        self.spawn(self.public.run(), "public")
        for name, task in tasks(self.seat, self.opening, diary, watched).items():
            self.spawn(task(), name)  # type: ignore[arg-type]

        async def opener() -> None:
            refused = await open_desk(self.seat, self.opening, lambda profile: None, diary, watched)
            assert refused is None, str(refused)
            self.gate.now = Readiness.READY

        self.spawn(opener(), "opening")

    async def ready(self, within_s: float = 60.0) -> None:
        """Wait until the desk is READY; raises what a task failed with."""
        async with asyncio.timeout(within_s):
            while self.gate.now is not Readiness.READY:
                self.check()
                await self.world.clock.sleep(0.05)

    def check(self) -> None:
        """Raise the first failure of any task."""
        if self.failures:
            raise self.failures[0]

    async def die(self) -> None:
        """End as by SIGKILL: every task stops where it is, nothing is tidied, the database connection drops."""
        for task in list(self.running):
            task.cancel()
        for task in list(self.running):
            with suppress(BaseException):
                await task
        await self.engine.close()


class World:
    """A sandbox exchange, a database file and the lives that come and go between them."""

    def __init__(
        self,
        directory: Path,
        seed: int,
        *,
        lines: tuple[ProductLine, ...] = (ProductLine.USDT,),
        rules: Rules | None = None,
        with_limits: bool = True,
    ) -> None:
        self.directory, self.seed, self.lines = directory, seed, lines
        self.clock = FakeClock()
        self.chance = random.Random(seed)
        self.rules = rules or Rules()
        self.venue = Venue(
            seed=seed,
            wall=lambda: int(self.clock.now().timestamp() * 1000),
            sleep=self.clock.sleep,
            with_limits=with_limits,
        )
        key = self.venue.main
        self.credentials = Credentials(key=key.key, secret=key.secret, passphrase=key.passphrase)
        self.transport = InProcess(self.venue)
        self.lives = 0
        prepare(in_directory(directory))
        self._ticking: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Let the exchange's time pass."""
        self._ticking = asyncio.create_task(self._tick(), name="exchange")

    async def _tick(self) -> None:
        while True:
            await self.clock.sleep(STEP_S)
            self.venue.step(STEP_S)

    async def life(self) -> Life:
        """Start a new life of the desk and wait until it is READY."""
        life = await self.birth()
        await life.ready()
        return life

    async def birth(self) -> Life:
        """Start a new life of the desk."""
        self.lives += 1
        life = Life(self, self.lives)
        await life.start()
        return life

    async def end(self) -> None:
        """Stop the exchange."""
        if self._ticking is not None:
            self._ticking.cancel()
            with suppress(asyncio.CancelledError):
                await self._ticking
        self.venue.close()
