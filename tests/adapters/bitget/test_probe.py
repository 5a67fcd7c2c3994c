"""The account is recognised, or the refusal says in a sentence what is wrong; nothing is changed."""
from __future__ import annotations

import pytest

from bot.adapters.bitget.http import ReadFailed
from bot.adapters.bitget.probe import Questions, probe
from bot.domain.account import PositionMode, World
from bot.domain.instrument import ProductLine
from bot.domain.reports import KeyRights
from bot.ports.venue import KeyRefused, VenueSilent
from tests.adapters.bitget.lab import Script, http_over, ok

RIGHTS = KeyRights(
    user_id="1", read=True, trade=True, withdraw=False, transfer=False, ip_bound=True, lead_trader=False
)


class Asked:
    """Answers to the questions; a code instead of an answer is a refusal."""

    def __init__(self, world: World = World.CLASSIC, first: str = "", rights: str = "", mode: str = "") -> None:
        self.first, self.refused_rights, self.refused_mode = first, rights, mode
        self.questions = Questions(
            world=world, asset_mode=self.asset_mode, rights=self.rights, position_mode=self.position_mode
        )

    async def asset_mode(self) -> str:
        return refuse(self.first) or "union"

    async def rights(self) -> KeyRights:
        refuse(self.refused_rights)
        return RIGHTS

    async def position_mode(self, line: ProductLine) -> PositionMode:
        if line is ProductLine.COIN:
            refuse(self.refused_mode)
        return PositionMode.ONE_WAY


def refuse(code: str) -> None:
    if code:
        raise ReadFailed(f"refused with {code}", None if code == "silence" else code)


def script() -> Script:
    return Script(by_path={"/time": ok({"serverTime": "1767268800000"})})


async def test_everything_is_read() -> None:
    found = await probe(http_over(script()), Asked().questions)
    assert (found.world, found.rights, found.asset_mode) == (World.CLASSIC, RIGHTS, "union")
    assert found.position_modes == dict.fromkeys(ProductLine, PositionMode.ONE_WAY)
    assert found.clock_offset_ms == 0 and found.clock_uncertainty_ms >= 1


@pytest.mark.parametrize(
    ("asked", "code", "found"),
    [
        (World.CLASSIC, "40085", World.UNIFIED), (World.UNIFIED, "40084", World.CLASSIC),
        (World.UNIFIED, "25245", World.CLASSIC),
    ],
)  # fmt: skip
async def test_ff54_account_of_the_other_world_is_recognised(asked: World, code: str, found: World) -> None:
    profile = await probe(http_over(script()), Asked(world=asked, first=code).questions)
    assert (profile.world, profile.rights, profile.position_modes) == (found, None, {})


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("40099", "demo key works only in the demo environment"), ("40037", "key is not known"),
        ("40006", "key is not known"), ("40009", "secret does not belong to this key"), ("40012", "passphrase"),
        ("40036", "enter all three again"),
        ("40018", "add this machine's address"), ("40008", "set the clock"),
        ("silence", "check the address and the network"),
        ("40084", "other generation"),
    ],
)  # fmt: skip
async def test_ff53_ff67_anything_else_stops_with_a_sentence(code: str, advice: str) -> None:
    with pytest.raises(VenueSilent, match=advice) as raised:
        await probe(http_over(script()), Asked(first=code).questions)
    # Waiting mends a clock and a network, but no key.
    assert isinstance(raised.value, KeyRefused) == (code not in ("40008", "silence", "40084"))


async def test_rights_that_cannot_be_read_are_not_assumed() -> None:
    with pytest.raises(VenueSilent, match="rights"):
        await probe(http_over(script()), Asked(rights="40014").questions)


async def test_line_the_account_does_not_have_is_left_out() -> None:
    found = await probe(http_over(script()), Asked(mode="40806").questions)
    assert set(found.position_modes) == {ProductLine.USDT, ProductLine.USDC}


async def test_ff55_line_that_did_not_answer_is_not_left_out() -> None:
    with pytest.raises(VenueSilent, match="modes of COIN"):
        await probe(http_over(script()), Asked(mode="silence").questions)
