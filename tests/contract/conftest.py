"""Start one sandbox exchange for each test and give the implementations of the ports that are to keep the contract."""
from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from bot.adapters.bitget.classic.link import Link
from bot.adapters.bitget.classic.market import ClassicMarket
from bot.adapters.bitget.classic.private_feed import PrivateFeed
from bot.adapters.bitget.classic.stream_frames import Credentials as LoginCredentials
from bot.adapters.bitget.classic.venue import ClassicVenue
from bot.adapters.bitget.http import Http
from bot.adapters.bitget.sign import Credentials, signature
from bot.adapters.bitget.socket import WebSockets
from bot.adapters.bitget.throttle import Throttle
from bot.adapters.bitget.transport import HttpTransport
from bot.adapters.system.clock import SystemClock
from bot.domain.ids import AccountId, ClientOrderId, Symbol
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction, Effect, OrderIntent, OrderKind
from bot.domain.order import Order, OrderState
from bot.domain.trading import Environment
from bot.ports.venue import OrderKey
from bot.sandbox.launch import Options, launch

BTC = Symbol("BTCUSDT")
SIZE = Decimal("0.01")


@dataclass(slots=True, kw_only=True)
class Floor:
    """A venue and a market of one exchange, and a way to make orders for it."""

    venue: ClassicVenue
    market: ClassicMarket
    feed: PrivateFeed
    clock: SystemClock
    control: str
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def order(self, **changes: Any) -> Order:
        """Make an order stored just now, with an id of its own."""
        wish: dict[str, Any] = {
            "symbol": BTC,
            "direction": Direction.LONG,
            "effect": Effect.OPEN,
            "kind": OrderKind.MARKET,
            "size": SIZE,
        }
        now = self.clock.now()
        return Order(
            account=AccountId("main"),
            client_order_id=ClientOrderId(f"wd-0000-contract{next(self.numbers):08d}"),
            intent=OrderIntent(**(wish | changes)),
            state=OrderState.SUBMITTING,
            created_at=now,
            signed_at=now,
        )

    async def far_below(self) -> Decimal:
        """Give a limit price that rests in the book without trading."""
        ticker = await self.market.ticker(BTC)
        return (ticker.mark * Decimal("0.995")).quantize(Decimal("0.1"))


def key_of(order: Order) -> OrderKey:
    """Ask for an order by our id alone."""
    return OrderKey(
        symbol=order.intent.symbol,
        kind=order.intent.kind,
        client_order_id=order.client_order_id,
        venue_order_id=None,
    )


@pytest.fixture
async def floor() -> AsyncIterator[Floor]:
    """Offer the classic client over real sockets on the sandbox exchange."""
    async with launch(Options(seed=7)) as sandbox:
        ready, clock = sandbox.ready, SystemClock()
        credentials = Credentials(key=ready["key"], secret=ready["secret"], passphrase=ready["passphrase"])
        transport = HttpTransport(ready["rest"], Environment.SANDBOX)
        http = Http(transport, clock, Throttle(clock), chance=Random(1).random, credentials=credentials)

        def sign(timestamp: str) -> str:
            return signature(credentials.secret, f"{timestamp}GET/user/verify")

        feed = PrivateFeed(
            url=ready["ws_private"],
            connector=WebSockets(),
            clock=clock,
            chance=Random(2).random,
            credentials=LoginCredentials(api_key=credentials.key, passphrase=credentials.passphrase, sign=sign),
            lines=[ProductLine.USDT],
        )
        venue = ClassicVenue(Link(http, clock), feed.events)
        try:
            market = ClassicMarket(http, clock)
            yield Floor(venue=venue, market=market, feed=feed, clock=clock, control=ready["control"])
        finally:
            await transport.close()
