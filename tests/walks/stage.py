"""Set the stage of one walk: a sandbox exchange, a database, and the lives that come and go; everything from a seed."""
from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.adapters.bitget.transport import Request, Response, Transport
from bot.adapters.store.address import Address, in_directory
from bot.adapters.store.export import export
from bot.desk.control import set_limits
from bot.desk.wish import Wish
from bot.domain.ids import RequestKey
from bot.domain.instrument import ProductLine
from bot.domain.limits import Limits
from bot.domain.order import Order
from bot.domain.proposal import Origin, OriginKind
from bot.ports.venue import Outcome
from bot.runtime.halt_marks import HaltMarks
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.control import Wrong
from tests.support import ledgers
from tests.support.simulated import Life, World

LOCAL = Origin(kind=OriginKind.LOCAL, name="walk")
SYMBOLS = {
    ProductLine.USDT: ("BTCUSDT", "ETHUSDT"),
    ProductLine.USDC: ("BTCPERP",),
    ProductLine.COIN: ("BTCUSD",),
}
PRODUCT = {ProductLine.USDT: "USDT-FUTURES", ProductLine.USDC: "USDC-FUTURES", ProductLine.COIN: "COIN-FUTURES"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What one walk is played in, drawn from its seed."""

    lines: tuple[ProductLine, ...]
    one_way: bool
    isolated: bool
    limits: Limits | None
    outside_opens: bool

    @property
    def symbols(self) -> tuple[str, ...]:
        """List the symbols traded."""
        return tuple(symbol for line in self.lines for symbol in SYMBOLS[line])

    def words(self) -> str:
        """Describe it in a line."""
        lines = "+".join(line.name for line in self.lines)
        mode = "one-way" if self.one_way else "hedge"
        margin = "isolated" if self.isolated else "crossed"
        return f"{lines} {mode} {margin}{' limited' if self.limits else ''}"


# Orders of a walk are worth about 500 in quote; four fit below the notionals, so one too many is a fifth too much.
BOUNDS = Limits(
    symbol_notional=Decimal(2100), account_notional=Decimal(4200), positions=3, symbol_orders=4, orders=7
)


def draw_setting(chance: random.Random) -> Setting:
    """Draw product lines, modes and limits."""
    lines = chance.choices(
        [(ProductLine.USDT,), (ProductLine.USDC,), (ProductLine.COIN,), (ProductLine.USDT, ProductLine.COIN)],
        weights=[6, 1, 2, 1],
    )[0]
    limited = chance.random() < 0.35
    return Setting(
        lines=lines,
        one_way=chance.random() < 0.4,
        isolated=chance.random() < 0.35,
        limits=BOUNDS if limited else None,
        outside_opens=not limited,
    )


@dataclass(slots=True)
class Tally:
    """What a walk met, for the tables."""

    intents: int = 0
    faults: int = 0
    crashes: int = 0
    outside: int = 0
    orders: int = 0
    fills: int = 0


@dataclass
class Stage:
    """One walk's world with its record: `trace` is what a person reads, `disturbed_at` when weather last ended."""

    world: World
    setting: Setting
    chance: random.Random
    seed: int
    life: Life | None = None
    trace: list[str] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    step: int = 0
    keys: int = 0
    disturbed_until: float = 0.0
    blocked_until: float = 0.0
    stalls: list[float] = field(default_factory=list)
    spread: bool = False
    echoes: int = 0
    echoed: set[str] = field(default_factory=set)
    ready_at: float = 0.0
    marked: list[int] = field(default_factory=list)
    said: list[tuple[RequestKey, Wish]] = field(default_factory=list)
    echo: Callable[[str], None] | None = None

    @property
    def now(self) -> float:
        """Give the virtual seconds."""
        return self.world.clock.monotonic()

    @property
    def address(self) -> Address:
        """Say where the books lie."""
        return in_directory(self.world.directory)

    def say(self, words: str) -> None:
        """Write a line of the trace."""
        line = f"{self.now:8.2f} #{self.step:<3} {words}"
        self.trace.append(line)
        if self.echo is not None:
            self.echo(line)

    def mark(self) -> None:
        """Halt by a mark beside the books, as `wiredesk halt` does first."""
        self.marked.append(self.world.venue.clock.true_wall())
        HaltMarks(self.world.directory).throw(f"{len(self.marked):06d}")

    def act(self, do: str, **given: Any) -> Any:
        """Do something in the account as its owner would elsewhere; gives the refusal instead of raising it."""
        try:
            return self.world.venue.outside.act("main", do, dict(given))
        except (Refused, Wrong) as refused:
            return refused

    def disturb(self, seconds: float) -> None:
        """Note that the exchange is not itself for so long."""
        self.disturbed_until = max(self.disturbed_until, self.now + seconds)

    def price(self, symbol: str) -> Decimal:
        """Give the last price."""
        return self.world.venue.market.listings[symbol].last

    def truth(self) -> dict[str, Any]:
        """Read the exchange's own ledger."""
        return self.world.venue.outside.ledger("main")

    def books(self) -> dict[str, Any]:
        """Read the desk's export."""
        return export(self.address)

    async def be_born(self) -> Life:
        """Start a life without waiting for it; its sends can be held up between storing and signing (R2)."""
        self.life = life = await self.world.birth()
        self.ready_at = self.now
        submit = life.seat.venue.submit

        async def held_up(order: Order) -> Outcome:
            if self.stalls:
                seconds = self.stalls.pop()
                self.say(f"{order.client_order_id} stalls {seconds} s between storing and sending")
                self.disturb(seconds + 30)
                await asyncio.sleep(seconds)
            return await submit(order)

        life.seat.venue.submit = held_up  # type: ignore[method-assign]
        return life

    async def crash(self) -> None:
        """Kill the life that is."""
        if self.life is not None:
            self.tally.crashes += 1
            await self.life.die()
            self.life = None

    async def settle_in(self, within_s: float = 60.0) -> Life:
        """Have a life that is READY."""
        life = self.life or await self.be_born()
        await life.ready(within_s)
        return life


class Echoing:
    """Wires on which a request that places an order may arrive twice; the second answer is the one that comes back."""

    def __init__(self, inner: Transport, stage: Stage) -> None:
        self._inner, self._stage = inner, stage

    async def __call__(self, request: Request) -> Response:
        """Carry one request."""
        stage = self._stage
        if stage.echoes and request.method == "POST" and request.path.endswith("place-order"):
            stage.echoes -= 1
            name = str(json.loads(request.body).get("clientOid"))
            stage.echoed.add(name)
            stage.say(f"{name} arrives twice")
            await self._inner(request)
        return await self._inner(request)


async def build(directory: Path, seed: int, setting: Setting | None = None, *, with_limits: bool = False) -> Stage:
    """Build the stage of a seed: modes set at the exchange, limits stored, a first life READY."""
    chance = random.Random(f"walk:{seed}")
    drawn = draw_setting(chance)
    setting = setting or drawn
    ledgers.sqlite(directory)
    world = World(directory, seed, lines=setting.lines, with_limits=with_limits)
    stage = Stage(world=world, setting=setting, chance=chance, seed=seed)
    world.transport = Echoing(world.transport, stage)  # type: ignore[assignment]
    if setting.one_way:
        for line in setting.lines:
            stage.act("position_mode", symbol=SYMBOLS[line][0], posMode="one_way_mode", productType=PRODUCT[line])
    if setting.isolated:
        for symbol in setting.symbols:
            stage.act("margin_mode", symbol=symbol, marginMode="isolated")
    world.begin()
    life = await stage.be_born()
    await life.ready()
    if setting.limits is not None:
        await set_limits(life.seat, "account", setting.limits, by=None, actor="local")
    stage.say(f"seed {seed}: {setting.words()}")
    return stage


async def end(stage: Stage) -> None:
    """Leave the stage."""
    if stage.life is not None:
        await stage.life.die()
        stage.life = None
    await stage.world.end()
    await asyncio.sleep(0)
