"""The table of security section 7, from the wire's words to what the desk does (T8)."""
from __future__ import annotations

from typing import Any

import pytest

from bot.adapters.bitget.classic.map_account import key_rights
from bot.adapters.bitget.classic.wire_account import KeyData
from bot.compose.key_rules import key_findings
from bot.domain.account import World
from bot.domain.reports import Profile
from bot.settings import Settings

SOUND = ("coor", "coow", "cpor", "cpow")
EVERYWHERE = ("sandbox", "demo", "live")


def judged(environment: str, codes: Any, **more: Any) -> tuple[set[str], str]:
    """Give the codes of what forbids a start, and the warnings, for a key as the exchange tells it."""
    data = KeyData(**{"userId": "1", "ips": "203.0.113.7", "authorities": codes, "traderType": "not_trader"} | more)
    settings = Settings(environment=environment, _env_file=None)  # type: ignore[call-arg,arg-type]
    profile = Profile(world=World.CLASSIC, rights=key_rights(data))
    reasons, warnings = key_findings(profile, settings)
    return {one.code for one in reasons}, " ".join(warnings)


@pytest.mark.parametrize("environment", EVERYWHERE)
def test_a_sound_key_is_let_in(environment: str) -> None:
    assert judged(environment, [*SOUND]) == (set(), "")


@pytest.mark.parametrize("environment", EVERYWHERE)
@pytest.mark.parametrize(("code", "reason"), [
    ("wwow", "withdraw"), ("withdraw", "withdraw"), ("WWOW", "withdraw"), (" wwow ", "withdraw"),
    ("wtow", "transfer"), ("chow", "transfer"), ("p2p", "transfer"), ("pllw", "transfer"),
    ("zzzz", "unknown_rights"), ("wwox", "unknown_rights"), ("\u0441oow", "unknown_rights"), ("", "unknown_rights"),
    (7, "unknown_rights"), (None, "unknown_rights"), ({"wwow": 1}, "unknown_rights"),
])
def test_what_could_move_money_or_is_not_known_forbids_every_start(environment: str, code: Any, reason: str) -> None:
    """Unknown codes are dangerous until somebody has listed them."""
    reasons, _ = judged(environment, [*SOUND, code])
    assert reason in reasons


@pytest.mark.parametrize("codes", [None, [], "", {}, 5, True])
def test_rights_that_cannot_be_read_forbid_every_start(codes: Any) -> None:
    for environment in EVERYWHERE:
        assert judged(environment, codes)[0]


@pytest.mark.parametrize("ips", ["", "  ", None, [], 0, "*", "0.0.0.0", "0.0.0.0/0", "::/0", "203.0.113.7,0.0.0.0"])
def test_a_key_that_works_from_anywhere_is_refused_live_and_warned_of_in_demo(ips: Any) -> None:
    assert judged("live", [*SOUND], ips=ips)[0] == {"not_ip_bound"}
    reasons, warning = judged("demo", [*SOUND], ips=ips)
    assert reasons == set() and "any address" in warning


@pytest.mark.parametrize("codes", [["coor", "cpor"], ["coor", "coow", "cpor"], ["coor", "cpor", "cpow"]])
def test_a_key_that_cannot_trade_shows_everything_and_sends_nothing(codes: list[str]) -> None:
    for environment in EVERYWHERE:
        reasons, warning = judged(environment, codes)
        assert reasons == set() and "cannot trade" in warning


def test_a_lead_traders_key_is_explained() -> None:
    reasons, warning = judged("live", [*SOUND], traderType="trader")
    assert reasons == set() and "one a second" in warning


def test_another_world_and_unknown_rights_forbid_a_start() -> None:
    settings = Settings(environment="live", _env_file=None)  # type: ignore[call-arg]
    for profile, code in ((Profile(world=World.UNIFIED, rights=None), "unified_account"),
                          (Profile(world=World.CLASSIC, rights=None), "rights_unknown")):
        [reason], _ = key_findings(profile, settings)
        assert reason.code == code


@pytest.mark.parametrize("ips", ["203.0.113.7", "203.0.113.7,203.0.113.8", "203.0.113.0/24", "2001:db8::7"])
def test_named_addresses_bind(ips: str) -> None:
    assert judged("live", [*SOUND], ips=ips) == (set(), "")
