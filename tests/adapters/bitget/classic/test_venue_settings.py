"""Leverage, margin and modes are written as the modes demand, and the account is probed."""
from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from bot.adapters.bitget.transport import NoAnswer, Request, Response
from bot.domain.account import PositionMode, World
from bot.domain.intent import Direction, MarginMode
from bot.ports.venue import (
    Changed,
    NeverLeft,
    Rejected,
    Unknown,
)
from tests.adapters.bitget.classic.venues import (
    BTC,
    HEDGE,
    ONE_WAY,
    USDT,
    venue_over,
)
from tests.adapters.bitget.lab import HandClock, Script, data_of, no, ok, order, recorded

LEVERAGES = [
    ("crossed", HEDGE, None, {"leverage": "25"}),
    ("crossed", HEDGE, Direction.LONG, {"leverage": "25"}),
    ("isolated", ONE_WAY, Direction.LONG, {"leverage": "25"}),
    ("isolated", HEDGE, Direction.SHORT, {"leverage": "25", "holdSide": "short"}),
    ("isolated", HEDGE, None, {"longLeverage": "25", "shortLeverage": "25"}),
]


@pytest.mark.parametrize(("margin", "mode", "direction", "words"), LEVERAGES)
async def test_leverage_in_each_pair_of_modes(
    margin: str, mode: PositionMode, direction: Direction | None, words: dict[str, str]
) -> None:
    position = {HEDGE: "hedge_mode", ONE_WAY: "one_way_mode"}[mode]
    now = ok(data_of("account.account.sample") | {"marginMode": margin, "posMode": position})
    script = Script(now, recorded("account.set-leverage.sample"))
    assert await venue_over(script).set_leverage(BTC, Decimal("25"), direction) == Changed()
    assert script.body() == {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginCoin": "USDT"} | words


async def test_ff49_leverage_that_was_so_and_leverage_that_cannot_be() -> None:
    account = recorded("account.account.sample")
    for reply, expected in ((no("40814"), Changed), (no("40730"), Rejected), (NoAnswer("cut"), Unknown)):
        outcome = await venue_over(Script(account, reply)).set_leverage(BTC, Decimal(25), None)
        assert isinstance(outcome, expected)
    silent = Script(*[NoAnswer("cut")] * 3)
    assert isinstance(await venue_over(silent).set_leverage(BTC, Decimal(25), None), NeverLeft)


async def test_settings_are_written_as_documented() -> None:
    script = Script(*[ok("success")] * 4)
    venue = venue_over(script)
    assert await venue.set_margin_mode(BTC, MarginMode.ISOLATED) == Changed()
    assert script.body()["marginMode"] == "isolated"
    assert await venue.add_margin(BTC, Direction.SHORT, Decimal("-2E+1")) == Changed()
    assert (script.body()["amount"], script.body()["holdSide"]) == ("-20", "short")
    assert await venue.set_auto_margin(BTC, Direction.LONG, on=True) == Changed()
    assert script.body() == {"symbol": "BTCUSDT", "marginCoin": "USDT", "autoMargin": "on", "holdSide": "long"}
    assert await venue.set_position_mode(USDT, ONE_WAY) == Changed()
    assert script.body() == {"productType": "USDT-FUTURES", "posMode": "one_way_mode"}


async def test_settings_of_a_symbol() -> None:
    found = await venue_over(Script(recorded("account.account.sample"))).settings(BTC)
    assert (found.margin_mode, found.leverage_long) == (MarginMode.CROSSED, 20)


def account_of(rights: dict[str, Any]) -> Script:
    stamp = ok({"serverTime": "1767268800000"})
    return Script(
        by_path={
            "/time": stamp,
            "/accounts": recorded("account.accounts.sample"),
            "/info": ok(data_of("spot.account.info.sample") | rights),
            "/account": recorded("account.account.sample"),
        }
    )


async def test_profile_of_a_classic_account() -> None:
    found = await venue_over(account_of({"authorities": ["coow", "cpow"]}), mode=None).profile()
    assert found.world is World.CLASSIC
    assert found.rights is not None and found.rights.trade
    assert set(found.position_modes.values()) == {HEDGE} and len(found.position_modes) == 3
    assert (found.asset_mode, found.clock_offset_ms) == ("single", 0)


async def test_lead_trader_is_slowed_to_one_order_a_second() -> None:
    script, clock = account_of({"traderType": "trader"}), HandClock()
    venue = venue_over(script, mode=None, clock=clock)
    await venue.profile()
    sent: list[float] = []

    def accept(request: Request) -> Response:
        sent.append(clock.monotonic())
        return ok({"orderId": "1"})

    script.by_path["place-order"] = accept
    for number in range(3):
        await venue.submit(order(f"wd-{number}", clock.now()))
    assert len(sent) == 3
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(sent))
