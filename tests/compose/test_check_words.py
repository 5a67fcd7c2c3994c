"""What checking found, in words: dangers by name, a clock that is off, streams that are silent or refused."""
from __future__ import annotations

from dataclasses import replace

import pytest

from bot.adapters.bitget.classic.topic import Topic
from bot.compose import check_words as words
from bot.compose.first_pushes import Heard
from bot.domain.account import PositionMode, World
from bot.domain.instrument import ProductLine
from bot.domain.reports import KeyRights, Profile

RIGHTS = KeyRights(user_id="7", read=True, trade=True, withdraw=False, transfer=False, ip_bound=True, lead_trader=False)
PROFILE = Profile(world=World.CLASSIC, rights=RIGHTS, position_modes={ProductLine.USDT: PositionMode.ONE_WAY},
                  clock_offset_ms=-120, clock_uncertainty_ms=8)
TICKER, FILL = Topic(line=ProductLine.USDT, channel="ticker", symbol="BTCUSDT"), Topic(line=ProductLine.USDT,
                                                                                       channel="fill")


def test_a_key_is_said_with_its_dangers() -> None:
    assert words.key(PROFILE, ()) == ("Key of user 7: may read, trade futures; may not withdraw, move money between "
                                      "accounts; bound to an IP address.")
    loose = replace(PROFILE, rights=replace(RIGHTS, withdraw=True, ip_bound=False))
    said = words.key(loose, ("This key can withdraw money.",))
    assert "may read, trade futures, withdraw;" in said
    assert "usable from any address" in said
    assert said.endswith("\n  Danger: This key can withdraw money.")


@pytest.mark.parametrize(("offset_ms", "side", "wrong"), [
    (-120, "ahead of", 0), (1999, "behind", 0), (2001, "behind", 1), (-60_000, "ahead of", 1)])
def test_ff62_a_clock_beyond_what_is_allowed_is_wrong(offset_ms: int, side: str, wrong: int) -> None:
    profile = replace(PROFILE, clock_offset_ms=offset_ms)
    assert side in words.clock(profile)
    found = words.clock_trouble(profile, 2.0)
    assert len(found) == wrong
    assert all(side in one and "Set the clock" in one for one in found)


def test_a_stream_says_what_it_heard_and_what_it_did_not() -> None:
    heard = Heard(ages={TICKER: 0.0123}, settled=True)
    assert words.stream("Public", heard, [TICKER, FILL]) == (
        "Public stream: acknowledged.\n  BTCUSDT ticker: first push 12 ms old\n"
        "  USDT fill: subscribed, nothing to say yet")
    assert words.stream_trouble("Public", heard) == []
    refused = Heard(refused={FILL: "30016 Param error"}, settled=True)
    assert "USDT fill: refused: 30016 Param error" in words.stream("Private", refused, [FILL])
    down = Heard(why_down="the login was refused: 30011")
    assert words.stream("Private", down, [FILL]).startswith("Private stream: not available.")
    assert "30011" in words.stream_trouble("Private", down)[0]
