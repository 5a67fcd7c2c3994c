"""Autonomy from the phone: shown, granted with what is unmet and a PIN, stopped by a button, scored, asked."""
from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
import pytest_asyncio

from bot.chat.auto_words import AutoWish, read_auto
from bot.domain.intent import Direction
from bot.domain.mandate import Rung
from bot.domain.refusal import Refusal
from tests.chat.served import Served, served


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("desk")) as world:
        yield world


@pytest.mark.parametrize(("words", "wish"), [
    ("", AutoWish()),
    ("off", AutoWish(rung=Rung.OFF)),
    ("rules semi", AutoWish(rung=Rung.SEMI, advisor="rules")),
    ("semi btc eth", AutoWish(rung=Rung.SEMI, symbols=("btc", "eth"))),
    ("M-12 auto trade=$500 day=2,000 trades=5 hours=12h btc because a first try",
     AutoWish(rung=Rung.AUTO, advisor="M-12", symbols=("btc",), because="a first try",
              amounts=(("trade", Decimal(500)), ("day", Decimal(2000)), ("trades", Decimal(5)),
                       ("hours", Decimal(12))))),
    ("rules auto risk=20 budget=80 loss=40 btc SHORT",
     AutoWish(rung=Rung.AUTO, advisor="rules", symbols=("btc",), directions=frozenset({Direction.SHORT}),
              amounts=(("risk", Decimal(20)), ("budget", Decimal(80)), ("loss", Decimal(40))))),
    ("renew rules", AutoWish(renew=True, advisor="rules")),
    ("revoke rules", AutoWish(rung=Rung.PROPOSE, advisor="rules", revoke=True)),
    ("revoke", AutoWish(rung=Rung.PROPOSE, revoke=True)),
])
def test_what_follows_auto_is_read(words: str, wish: AutoWish) -> None:
    assert read_auto(words) == wish


@pytest.mark.parametrize("words", [
    "semi auto", "semi trade=0", "semi trade=x", "semi trades=1.5", "semi size=3", "semi because", "semi \u202e btc"])
def test_what_cannot_be_read_is_refused(words: str) -> None:
    assert isinstance(read_auto(words), Refusal)


@pytest.mark.asyncio(loop_scope="module")
async def test_it_is_shown_granted_with_a_pin_and_stopped_by_a_button(desk: Served) -> None:
    await desk.owner.ask("/auto", "Nothing acts alone")
    missing = await desk.owner.ask("/auto rules semi", "cannot be SEMI yet")
    assert "100" in missing["text"]
    denied = await desk.trader.ask("/auto rules off", "owner")
    assert "rules: OFF" not in denied["text"]
    said = "/auto rules auto trade=500 day=1000 trades=3 hours=2 btc because a first try"
    shown = await desk.owner.ask(said, "Type your PIN")
    preview = next(one for one in desk.owner.heard(shown["message_id"] - 2) if "conditions not met" in one["text"])
    assert "a first try" in preview["text"]
    await desk.owner.ask("000000", "alone inside its bounds")
    status = await desk.owner.ask("/auto", "1 acts alone")
    assert "0 of 3 trades" in status["text"]
    await desk.trader.sees("rules may act alone: AUTO")
    await desk.owner.tap(status, "Stop rules")
    renewed = await desk.owner.ask("/auto renew rules", "Type your PIN")
    assert "500 a trade" in renewed["text"]
    assert any("0 trades over" in one["text"] for one in desk.owner.heard(renewed["message_id"] - 3))
    await desk.owner.ask("/auto", "Nothing acts alone")
    await desk.owner.ask("000000", "alone inside its bounds")
    for words in ("/auto rules off", "/auto rules shadow", "/auto renew rules"):
        await desk.trader.ask(words, "owner")
    await desk.owner.ask("/auto", "1 acts alone")
    await desk.trader.ask("/auto revoke rules", "rules")
    await desk.owner.ask("/auto", "Nothing acts alone")
    await desk.trader.ask("/auto revoke rules", "does not act alone")


@pytest.mark.asyncio(loop_scope="module")
async def test_scores_models_and_views_are_answered(desk: Served) -> None:
    score = await desk.owner.ask("/score", "rules:")
    assert "no record yet" in score["text"]
    models = await desk.owner.ask("/models", "asked")
    assert "rules" in models["text"] and "wiredesk lab train" in models["text"]
    await desk.owner.ask("/models use M-9", "There is no advisor m-9")
    view = await desk.trader.ask("/ask what of btc?", "Nothing was proposed")
    assert "rules" in view["text"]
    await desk.owner.ask("/ask the weather", "no symbol")
