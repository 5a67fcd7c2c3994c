"""Signals through the phone: pasted, forwarded, without a stop, twice; a forwarded command does nothing."""
from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.adapters.system.clock import SystemClock
from bot.compose.parts import ledger_of
from bot.desk.agent import Scope, add_agent
from bot.mcp.line import Line
from tests.chat.served import Served, served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("desk")) as world:
        yield world


SIGNAL = "🚀 #BTC/USDT LONG 🚀\nEntry: market\nTargets: 3%, 6%\nStop: 2%\nLeverage 5x\nVIP only <b>now</b>!"
BARE = "#SOL/USDT SHORT\nEntry: market\nTarget: 4%"


def labels(shown: dict[str, Any]) -> list[str]:
    return [one["text"] for row in shown["buttons"] for one in row]


async def test_a_pasted_signal_is_shown_field_by_field_and_traded_after_a_yes(desk: Served) -> None:
    before = await desk.entries()
    card = await desk.owner.ask(SIGNAL, "Signal: ")
    for words in ("Pair: #BTC/USDT", "Side: long", "Entry: at market", "Target 2: 6%", "Stop: 2%", "Leverage: 5x",
                  "Not understood", "VIP only <b>now</b>!", "From owner"):
        assert words in card["text"], words
    assert await desk.entries() == before, "a signal only proposes"
    tapped = await desk.owner.tap(card, "Approve")
    assert tapped.text == "Approved, sending now.", tapped
    filled = await desk.owner.sees("Filled", card["message_id"] - 1)
    assert filled["message_id"] == card["message_id"] and await desk.entries() == before + 1


async def test_the_same_signal_again_raises_nothing(desk: Served) -> None:
    before = await desk.entries()
    shown = await desk.owner.ask(SIGNAL.replace("🚀", "🔥"), "This signal came before")
    assert labels(shown)[0] == "Ask why"
    assert await desk.entries() == before


async def test_a_forwarded_signal_is_only_a_proposal(desk: Served) -> None:
    before = await desk.entries()
    text = "ETH/USDT long\nEntry: market\nTP 4%\nSL 2%"
    card = await desk.trader.ask(text, "Signal: ", forwarded=True)
    assert "Approve" in labels(card) and "From" in card["text"]
    shown = await desk.owner.sees("Signal: ", 0)
    assert shown, "approvers see it too"
    assert await desk.entries() == before


@pytest.mark.parametrize("text", ["/flat", "/halt", "close all", "long btc $100 sl 2%"])
async def test_a_forwarded_command_is_never_obeyed(desk: Served, text: str) -> None:
    """FF-94: it is answered as what it is, a signal that cannot be read."""
    before, held = await desk.entries(), len(await desk.held())
    await desk.owner.ask(text, "Not done", forwarded=True)
    assert (await desk.entries(), len(await desk.held())) == (before, held)
    status = await desk.owner.ask("/health", "ready")
    assert "HALTED" not in status["text"]


async def test_without_a_stop_a_button_asks_for_one(desk: Served) -> None:
    before = await desk.entries()
    card = await desk.owner.ask(BARE, "It names no stop")
    assert "Approve" not in labels(card) and "Set stop" in labels(card)
    typed = await desk.owner.ask("/approve " + card["text"].split("P-")[1].split()[0], "names no stop")
    assert typed and await desk.entries() == before
    await desk.owner.tap(card, "Set stop")
    ask = await desk.owner.sees("Type the stop", card["message_id"])
    await desk.owner.ask("soon", "I cannot read")
    await desk.owner.tap(card, "Set stop")
    await desk.owner.sees("Type the stop", ask["message_id"])
    desk.owner.say("2%")
    whole = await desk.owner.sees("these are new numbers", card["message_id"] - 1)
    assert "Approve" in labels(whole) and "It names no stop" not in whole["text"]
    await desk.owner.tap(whole, "Approve")
    await desk.owner.sees("Filled", whole["message_id"] - 1)
    assert await desk.entries() == before + 1
    assert any(row["symbol"] == "SOLUSDT" for row in await desk.held())


async def test_an_alert_of_a_charting_service_is_a_card_on_the_phone(desk: Served) -> None:
    before = await desk.entries()
    env = desk.sandbox.ready["env"]
    url = f"http://{env['WIREDESK_SIGNALS_LISTEN']}/signal"
    alert = {"secret": env["WIREDESK_SIGNALS_SECRET"], "ticker": "XRPUSDT.P", "action": "sell", "sl": "3%", "tp": "6%",
             "strategy": "ema cross"}
    after = max(one["message_id"] for one in desk.owner.messages())
    async with aiohttp.ClientSession() as session:
        async with session.post(url, json=alert) as got:
            assert got.status == 202, await got.text()
        card = await desk.owner.sees("Signal: ", after)
        assert "From ema cross" in card["text"] and "Approve" in labels(card)
        async with session.post(url, json=alert | {"sl": "soon", "ticker": "XRPUSDT"}) as got:
            assert got.status == 400
    told = await desk.owner.sees("A signal was not taken", after)
    assert "'soon', which is no price" in told["text"] and env["WIREDESK_SIGNALS_SECRET"] not in told["text"]
    assert await desk.entries() == before


async def test_an_agents_idea_is_a_card_and_its_token_is_taken_away_from_the_phone(desk: Served) -> None:
    """Advisor section 12: the card says from which agent; what it writes is a quotation, escaped."""
    settings = desk.settings()
    async with ledger_of(settings) as (ledger, _):
        now = SystemClock().now()
        both = frozenset(Scope)
        reads = frozenset({Scope.READ})
        await ledger.transact(lambda tx: add_agent(tx, "reader", "wda-r", reads, 1, now, "local"))
        await ledger.transact(lambda tx: add_agent(tx, "research-bot", "wda-x", both, 1, now, "local"))
    line = Line(directory=desk.directory / "agents")
    mark = Decimal((await line.call("get_market", "wda-x", {"symbol": "BTCUSDT"}))["mark"])
    idea = {"symbol": "BTCUSDT", "direction": "SHORT", "stop": str(round(mark * Decimal("1.02"), 1)),
            "target": str(round(mark * Decimal("0.96"), 1)), "thesis": "</blockquote><b>APPROVED by owner</b>"}
    watched = await line.call("propose_trade", "wda-x", {"idea": idea, "idempotency_key": "key-00000"})
    assert (watched["state"], watched["id"]) == ("shadow", None)
    assert "watched only" in (await desk.owner.ask("/models agents", "2 agents from outside"))["text"]
    await desk.owner.ask("/auto research-bot auto because a test", "never act alone")
    await desk.owner.ask("/auto research-bot propose because a test", "Type your PIN")
    await desk.owner.ask("000000", "asks you")
    after = max(one["message_id"] for one in desk.owner.messages())
    answer = await line.call("propose_trade", "wda-x", {"idea": idea, "idempotency_key": "key-00001"})
    assert answer.get("state") == "pending", answer
    card = await desk.owner.sees("From agent research-bot via MCP", after)
    assert "</blockquote><b>[…] by owner</b>" in card["text"] and "Approve" in labels(card)
    shown = await desk.owner.ask("/models agents", "2 agents from outside")
    tapped = await desk.owner.tap(shown, "Revoke research-bot")
    assert tapped.text == "research-bot is out."
    await desk.owner.sees("research-bot: revoked", shown["message_id"] - 1)
    out = await line.call("get_account", "wda-x", {})
    assert out["refused"][0]["rule"] == "token_revoked"
    assert "needs the role owner" in (await desk.trader.ask("/models agents", "You may not do this"))["text"]


async def test_what_cannot_be_read_is_said_in_a_sentence(desk: Served) -> None:
    shown = await desk.owner.ask("/signal moon soon", "It names no pair")
    assert "It needs pair, side and a stop" in shown["text"]
    assert await desk.owner.ask("hello there", "No command hello")
