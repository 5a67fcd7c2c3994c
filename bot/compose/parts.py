"""Build what one desk is made of out of the settings; nothing is connected and nothing is sent yet."""
from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields

from bot.adapters.advisors.assessor import LadderAssessor
from bot.adapters.advisors.llm.client import Client
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
from bot.adapters.bitget.socket import WebSockets
from bot.adapters.bitget.throttle import Throttle
from bot.adapters.bitget.transport import HttpTransport
from bot.adapters.store.address import parse_address
from bot.adapters.store.engine import ThreadEngine
from bot.adapters.store.ledger import StoreLedger
from bot.adapters.store.schema import prepare
from bot.adapters.system.clock import SystemClock
from bot.adapters.system.ids import SystemIds, chance
from bot.compose.advice import advices_of, registry_of
from bot.compose.language import voices
from bot.compose.predictions import Heard
from bot.compose.registry import Served
from bot.desk.advise import Advice
from bot.desk.control import set_limits
from bot.desk.council import USUAL
from bot.desk.front import Desk
from bot.desk.grant import Bounds
from bot.desk.rules import NakedPolicy, Rules
from bot.desk.seat import Seat
from bot.domain.ids import AccountId, Symbol, instance_tag
from bot.domain.instrument import ProductLine
from bot.domain.limits import Limits
from bot.domain.record import to_plain
from bot.domain.trading import Environment
from bot.ports.assessor import Assessor
from bot.ports.gate import Gate
from bot.ports.ledger import Ledger, Tx
from bot.ports.market import Ticker
from bot.ports.reader import Reader
from bot.runtime.halt_marks import HaltMarks
from bot.settings import Settings

CEILING = "ceiling"
SEED = "instance_seed"
SEED_LENGTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """One account's parts, ready to be run."""

    seat: Seat
    http: Http
    private: PrivateFeed
    public: PublicFeed
    engine: ThreadEngine
    advices: list[Advice]
    assessor: Assessor
    most: Bounds
    heard: Heard
    served: Served
    reader: Reader | None = None
    proposers: tuple[Client, ...] = ()

    @property
    def desk(self) -> Desk:
        """Bundle the use cases for whoever drives the desk."""
        return Desk(self.seat, self.advices, self.assessor, self.most)


def rules_of(settings: Settings) -> Rules:
    """Read the desk's numbers out of the settings, divided by the time scale (C2)."""
    known = {field.name for field in fields(Rules)}
    times = {name: value for name, value in settings.times().items() if name in known}
    rules = Rules(
        **times,
        absent_answers=settings.absent_answers,
        default_stop_percent=settings.default_stop,
        day_move_percent=settings.advisor_day_move,
        naked_policy=NakedPolicy(settings.naked_policy),
    )
    return rules.scaled(settings.time_scale)


def bounds_of(settings: Settings) -> Bounds:
    """Read the most that a mandate may give; modest bounds where the settings name none."""
    return Bounds(
        notional_per_trade=settings.mandate_notional_per_trade or USUAL.notional_per_trade,
        notional_per_day=settings.mandate_notional_per_day or USUAL.notional_per_day,
        trades_per_day=settings.mandate_trades_per_day or USUAL.trades_per_day,
        hours=settings.mandate_hours or USUAL.hours,
        risk_per_trade=settings.mandate_risk_per_trade or USUAL.risk_per_trade,
        risk_budget=settings.mandate_risk_budget or USUAL.risk_budget,
        loss_per_day=settings.mandate_loss_per_day or USUAL.loss_per_day,
    )


Exchange = tuple[ClassicVenue, ClassicMarket, Http, PrivateFeed, PublicFeed]


@asynccontextmanager
async def exchange(settings: Settings) -> AsyncIterator[Exchange]:
    """Build the client of the exchange; its connections are closed on leaving. Raises Unusable without a key."""
    settings.need_venue()
    clock = SystemClock()
    environment = Environment(settings.environment)
    credentials = credentials_of(settings)
    transport = HttpTransport(settings.address("bitget_rest"), environment)
    validity = rules_of(settings).clock_rule.validity_s
    # Our own work goes no faster under a scale: only the shorter validity bounds it.
    patience = Patience(send_delay_max_s=min(settings.send_delay_max_s, validity / 2), validity_s=validity)
    demo = environment is Environment.DEMO
    http = Http(
        transport, clock, Throttle(clock), chance=chance, credentials=credentials, demo=demo, patience=patience,
        stopped=HaltMarks(settings.data_dir).thrown,
    )
    public = PublicFeed(
        url=settings.address("bitget_ws_public"), connector=WebSockets(), clock=clock, chance=chance
    )
    private = PrivateFeed(
        url=settings.address("bitget_ws_private"),
        connector=WebSockets(),
        clock=clock,
        chance=chance,
        credentials=login_of(credentials),
        lines=lines_of(settings),
        offset_ms=lambda: round(http.offset.ms) if http.offset is not None else 0,
    )
    followed: set[Symbol] = set()

    def streamed(symbol: Symbol) -> Ticker | None:
        if symbol not in followed:
            followed.add(symbol)
            public.follow(line_of(symbol), "ticker", (symbol,))
        return public.ticker(symbol)

    venue = ClassicVenue(Link(http, clock), private.events, private.expect_order)
    market = ClassicMarket(http, clock, streamed)
    try:
        yield venue, market, http, private, public
    finally:
        await transport.close()


def credentials_of(settings: Settings) -> Credentials:
    """Open the exchange key of the settings; raises Unusable without one."""
    settings.need_venue()
    assert settings.bitget_key and settings.bitget_secret and settings.bitget_passphrase
    return Credentials(
        key=settings.bitget_key.get_secret_value(),
        secret=settings.bitget_secret.get_secret_value(),
        passphrase=settings.bitget_passphrase.get_secret_value(),
    )


def login_of(credentials: Credentials) -> StreamCredentials:
    """Give what the private stream logs in with."""
    return StreamCredentials(
        api_key=credentials.key,
        passphrase=credentials.passphrase,
        sign=lambda stamp: signature(credentials.secret, stamp + LOGIN_PATH),
    )


def lines_of(settings: Settings) -> tuple[ProductLine, ...]:
    """Give the product lines in use."""
    return tuple(ProductLine(name) for name in settings.product_lines)


@asynccontextmanager
async def ledger_of(settings: Settings) -> AsyncIterator[tuple[StoreLedger, ThreadEngine]]:
    """Open the database, made at head where there is none.

    Raises LedgerRefused with a sentence for one that is not at head, from the future, or not writable.
    """
    address = parse_address(settings.database.get_secret_value())
    prepare(address)
    engine = ThreadEngine(address, SystemClock().monotonic)
    try:
        poll = 1.0 if address.server is not None else None
        yield StoreLedger(AccountId(settings.account), engine, poll_s=poll), engine
    finally:
        await engine.close()


async def tag_of_installation(ledger: Ledger) -> str:
    """Give this installation's instance tag; its seed is drawn once and stored."""
    ids, clock = SystemIds(), SystemClock()

    def work(tx: Tx) -> str:
        stored = tx.desk.value(SEED)
        if stored is None:
            stored = {"seed": ids.new_token(SEED_LENGTH)}
            tx.desk.set_value(SEED, stored, clock.now())
        return str(stored["seed"])

    return instance_tag(await ledger.transact(work))


@asynccontextmanager
async def built(settings: Settings, gate: Gate) -> AsyncIterator[Parts]:
    """Build a whole desk: ledger, client, seat; closed in reverse on leaving. The settings' ceilings are stored."""
    async with ledger_of(settings) as (ledger, engine), exchange(settings) as (venue, market, http, private, public):
        seat = Seat(
            account=AccountId(settings.account),
            environment=Environment(settings.environment),
            tag=await tag_of_installation(ledger),
            lines=lines_of(settings),
            venue=venue,
            market=market,
            ledger=ledger,
            clock=SystemClock(),
            ids=SystemIds(),
            gate=gate,
            switch=HaltMarks(settings.data_dir),
            rules=rules_of(settings),
        )
        await ceilings(seat, settings)
        heard = Heard(clock=seat.clock)
        async with voices(seat, settings) as spoken:
            advices = list(await advices_of(ledger, settings, spoken, heard))
            yield Parts(
                seat=seat, http=http, private=private, public=public, engine=engine,
                advices=advices, assessor=LadderAssessor(),
                most=bounds_of(settings), heard=heard, served=registry_of(settings, spoken, heard, advices),
                reader=spoken.newsroom, proposers=tuple(spoken.proposers.values()),
            )


async def ceilings(seat: Seat, settings: Settings) -> None:
    """Store the ceilings of the settings as the outermost limits where they changed; no chat can raise them."""
    limits = Limits(**settings.ceilings(), mark_age_s=int(settings.price_age_max_s))  # type: ignore[arg-type]
    stored = await seat.ledger.read(lambda tx: {row.scope: row.values for row in tx.desk.limits()})
    if stored.get(CEILING) != to_plain(limits):
        await set_limits(seat, CEILING, limits, by=None, actor="local")
