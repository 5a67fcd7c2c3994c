"""The simulated exchange put together: one object per exchange, no global state, driven by ``step``.

What it does not imitate: other traders' queue positions (depth is made up around the tape's price), real funding
rates, index constituents, delivery contracts, copy trading, union margin, RSA keys, and the unified account (v3).
A green run means that our logic is right for the behaviour written here, not that the real exchange agrees.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.sandbox.clock import Clock, wall_ms
from bot.sandbox.exchange.auth import Keys
from bot.sandbox.exchange.control import Control
from bot.sandbox.exchange.dispatch import Dispatch
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.faults import Faults
from bot.sandbox.exchange.gateway import Gateway, Sleep
from bot.sandbox.exchange.http import Request, Response
from bot.sandbox.exchange.hub import Hub
from bot.sandbox.exchange.lag import Lag
from bot.sandbox.exchange.ledger import Ledger
from bot.sandbox.exchange.market import Market
from bot.sandbox.exchange.outside import TRADES, Outside, new_key
from bot.sandbox.exchange.ratelimit import RateLimits
from bot.sandbox.exchange.recording import leader_of, read_recording
from bot.sandbox.exchange.sockets import InProcessSocket
from bot.sandbox.exchange.tape import Tape

STEP_S = 0.05
_PRICE_EVERY_S = 0.1


class Venue:
    """A running exchange. ``handle`` answers REST, ``connect`` opens a stream, ``step`` lets time pass."""

    def __init__(self, *, seed: int = 1, tape: Path | None = None, speed: float = 1.0,
                 wall: Callable[[], int] = wall_ms, sleep: Sleep = asyncio.sleep, with_checksum: bool = True,
                 with_limits: bool = True) -> None:
        self.clock = Clock(wall, speed)
        self._sleep = sleep
        self._unplayed = 0.0
        self.faults = Faults(self.clock.true_wall, self._fault_changed)
        self.engine = Engine(self.clock.wall, seed)
        self.keys = Keys()
        self.log = Ledger()
        self.limits = RateLimits(enabled=with_limits)
        recording = read_recording(tape) if tape else None
        self.tape = Tape(start_ms=self.clock.market(), seed=seed, recording=recording,
                         leader=leader_of(tape) if tape else "BTC")
        self.market = Market(self.tape, self.engine, seed=seed, stamp=self.clock.wall)
        self.market.stale = lambda: bool(self.faults and self.faults.find("stale_ticker"))
        self.engine.on_trade(self.market.own_trade)
        self._lag = Lag(self.engine, self.faults, self.clock.true_wall)
        self.dispatch = Dispatch(self.engine, self.faults, self._lag, self._settled)
        self.hub = Hub(engine=self.engine, market=self.market, keys=self.keys, faults=self.faults,
                       now=self.clock.wall, true_now=self.clock.true_wall, place=self.dispatch.place, seed=seed,
                       with_checksum=with_checksum)
        self.gateway = Gateway(market=self.market, accounts=self.dispatch, keys=self.keys, limits=self.limits,
                               faults=self.faults, ledger=self.log, now=self.clock.wall,
                               true_now=self.clock.true_wall, sleep=sleep)
        self.outside = Outside(clock=self.clock, engine=self.engine, market=self.market, keys=self.keys,
                               faults=self.faults, ledger=self.log, dispatch=self.dispatch, played=self, seed=seed,
                               health=self.health)
        self.control = Control(self.outside)
        self.engine.add_account("main")
        self.main = new_key(seed, "main", "live", frozenset(TRADES))
        self.keys.add(self.main)

    async def handle(self, request: Request) -> Response:
        """Answer one REST call."""
        return await self.gateway.handle(request)

    def connect(self, *, private: bool, demo: bool = False) -> InProcessSocket:
        """Return an in-process stream connection."""
        return self.hub.connect(private=private, demo=demo)

    def step(self, seconds: float) -> None:
        """Let wall seconds pass: prices, funding, triggers, due work and pushes."""
        self.clock.step(seconds)
        self._unplayed += seconds
        if self._unplayed >= _PRICE_EVERY_S - 1e-9:
            self._unplayed = 0.0
            self.play()
        self.engine.run_due()
        self.faults.active()
        self._lag.remember()
        self.hub.tick()

    def play(self) -> None:
        """Bring prices up to market time."""
        for moment in self.tape.step(self.clock.market()):
            self.market.apply(moment)
            self.engine.market_time(moment.ms)
        self.hub.private.flush()

    async def run(self) -> None:
        """Step for ever, by the time that really passed; cancel to stop."""
        last = self.clock.true_wall()
        while True:
            await self._sleep(STEP_S)
            now = self.clock.true_wall()
            self.step(max(0.0, min((now - last) / 1000, 5.0)))
            last = now

    def close(self) -> None:
        """Close every stream and drop withheld answers."""
        self.hub.drop_all("the sandbox stops")
        self.gateway.close()

    def health(self) -> dict[str, Any]:
        """Return the exchange's state for ``/health``."""
        return {"state": "ready", "market_time": self.clock.market(), "server_time": self.clock.wall(),
                "factor": self.clock.speed, "accounts": list(self.engine.accounts),
                "streams": self.hub.sessions(), "faults": [fault.row() for fault in self.faults.active()]}

    def _settled(self) -> None:
        self.hub.private.flush()

    def _fault_changed(self, name: str) -> None:
        if name == "clock_skew":
            skew = self.faults.find("clock_skew")
            self.clock.skew_ms = int(skew.parameters["ms"]) if skew else 0
        elif name in ("drop_socket", "maintenance") and self.faults.find(name):
            self.hub.drop_all()
            self.faults.take("drop_socket")
