"""Build a classic venue over scripted answers."""
from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

from bot.adapters.bitget.classic.venue import ClassicVenue
from bot.domain.account import PositionMode
from bot.domain.ids import ClientOrderId, Symbol, VenueOrderId
from bot.domain.instrument import ProductLine
from bot.domain.intent import OrderKind, Trigger
from bot.ports.venue import (
    OrderKey,
    VenueEvent,
)
from tests.adapters.bitget.lab import HandClock, Script, link_over

BTC, ETH = Symbol("BTCUSDT"), Symbol("ETHUSDT")
OID, VID = ClientOrderId("wd-0000-aaaaaaaaaaaaaaaabb"), VenueOrderId("1111465253393825792")
USDT = ProductLine.USDT
HEDGE, ONE_WAY = PositionMode.HEDGE, PositionMode.ONE_WAY
AT = Trigger(price=Decimal(24100))


async def no_events() -> AsyncIterator[VenueEvent]:
    return
    yield


def venue_over(script: Script, mode: PositionMode | None = HEDGE, clock: HandClock | None = None) -> ClassicVenue:
    return ClassicVenue(link_over(script, mode, clock), no_events)


def key(kind: OrderKind = OrderKind.LIMIT, ours: str | None = OID, theirs: str | None = None) -> OrderKey:
    return OrderKey(
        symbol=BTC,
        kind=kind,
        client_order_id=None if ours is None else ClientOrderId(ours),
        venue_order_id=None if theirs is None else VenueOrderId(theirs),
    )
