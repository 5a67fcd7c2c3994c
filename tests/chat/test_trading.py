"""Trade from the phone: by words, by buttons only, pressed twice, pressed fifty times, halted and flat."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.chat.served import Served, served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("desk")) as world:
        yield world


async def test_start_welcomes_and_shows_the_keyboard(desk: Served) -> None:
    shown = await desk.owner.ask("/start", "Desk is ready")
    assert "SANDBOX" in shown["text"]
    await desk.owner.sees("The keys below")


async def test_help_shows_only_what_the_role_may(desk: Served) -> None:
    owner = await desk.owner.ask("/help control", "/resume")
    assert "/invite" in owner["text"]
    trader = await desk.trader.ask("/help control", "/halt")
    assert "/invite" not in trader["text"] and "/resume" not in trader["text"]


async def test_a_misspelling_is_answered_with_the_nearest_and_does_nothing(desk: Served) -> None:
    before = await desk.entries()
    shown = await desk.owner.ask("/lnog btc $100", "No command lnog")
    assert [[one["text"] for one in row] for row in shown["buttons"]] == [["/long"]]
    assert await desk.entries() == before


async def test_a_typed_trade_lives_in_one_card_from_ticket_to_fill(desk: Served) -> None:
    before = await desk.entries()
    ticket = await desk.owner.ask("/long btc $100 5x sl 2% tp 4%", "Expires")
    assert "If stopped" in ticket["text"] and "Liquidation" in ticket["text"] and "Exposure" in ticket["text"]
    tapped = await desk.owner.tap(ticket, "Place order")
    assert tapped.answered and tapped.text == "Approved, sending now."
    filled = await desk.owner.sees("Filled", ticket["message_id"] - 1)
    assert filled["message_id"] == ticket["message_id"] and filled["edited"]
    assert await desk.entries() == before + 1
    again = await desk.owner.tap(filled, "Place order")
    assert again.text is not None and "Already approved by owner" in again.text
    assert await desk.entries() == before + 1


async def test_fifty_presses_at_once_make_one_order(desk: Served) -> None:
    """FF-97."""
    before = await desk.entries()
    ticket = await desk.trader.ask("/long eth $500 sl 2%", "Expires")
    presses = [desk.trader.tap(ticket, "Place order") for _ in range(50)]
    answers = [one.text or "" for one in await asyncio.gather(*presses)]
    assert sum(1 for one in answers if one == "Approved, sending now.") == 1
    assert sum(1 for one in answers if one.startswith("Already approved by trader")) == 49
    await desk.trader.sees("Filled", ticket["message_id"] - 1)
    assert await desk.entries() == before + 1


async def test_an_order_by_buttons_only(desk: Served) -> None:
    before = await desk.entries()
    card = await desk.owner.ask("/long", "step 1 of 4")
    await desk.owner.tap(card, "SOL")
    card = await desk.owner.sees("step 2 of 4", card["message_id"] - 1)
    await desk.owner.tap(card, "$50")
    card = await desk.owner.sees("step 3 of 4", card["message_id"] - 1)
    await desk.owner.tap(card, "Market")
    card = await desk.owner.sees("step 4 of 4", card["message_id"] - 1)
    await desk.owner.tap(card, "2%")
    ticket = await desk.owner.sees("Expires", card["message_id"])
    await desk.owner.tap(ticket, "Place order")
    await desk.owner.sees("Filled", ticket["message_id"] - 1)
    assert await desk.entries() == before + 1


async def test_a_cancelled_ticket_sends_nothing(desk: Served) -> None:
    before = await desk.entries()
    ticket = await desk.owner.ask("/short xrp $50 sl 2%", "Expires")
    tapped = await desk.owner.tap(ticket, "Cancel")
    assert tapped.text == "Nothing was sent."
    tapped = await desk.owner.tap(ticket, "Place order")
    assert tapped.text is not None and "Already rejected by owner" in tapped.text
    assert await desk.entries() == before


async def test_a_size_is_edited_into_a_new_ticket(desk: Served) -> None:
    before = await desk.entries()
    ticket = await desk.owner.ask("/long doge $50 sl 2%", "Expires")
    await desk.owner.tap(ticket, "Edit size")
    ask = await desk.owner.sees("Type the new size", ticket["message_id"])
    after = await desk.owner.ask("$80", "Expires")
    assert after["message_id"] > ask["message_id"]
    old = await desk.owner.tap(ticket, "Place order")
    assert old.text is not None and "Already rejected" in old.text
    assert await desk.entries() == before


async def test_closing_is_one_command(desk: Served) -> None:
    assert any(row["symbol"] == "SOLUSDT" for row in await desk.held())
    await desk.owner.ask("/close sol", "Filled")
    assert not any(row["symbol"] == "SOLUSDT" for row in await desk.held())


async def test_a_double_tap_on_a_share_closes_it_once(desk: Served) -> None:
    def size(rows: list[dict[str, str]]) -> float:
        return sum(float(row["total"]) for row in rows if row["symbol"] == "ETHUSDT")

    before = size(await desk.held())
    card = await desk.trader.ask("/positions eth", "ETHUSDT long")
    answers = await asyncio.gather(*(desk.trader.tap(card, "50%") for _ in range(10)))
    assert {one.text for one in answers} <= {"Sent.", "Already done; nothing more was sent."}
    await desk.trader.sees("Filled", card["message_id"])
    assert size(await desk.held()) == pytest.approx(before / 2, rel=0.2)


async def test_halt_stops_openings_and_resume_takes_the_pin(desk: Served) -> None:
    await desk.trader.ask("/halt", "halted")
    refused = await desk.owner.ask("/long btc $50 sl 2%", "trading is stopped")
    assert "halted" in refused["text"].lower()
    denied = await desk.trader.ask("/resume", "needs the role owner")
    ask = await desk.owner.ask("/resume", "Type your PIN")
    await desk.owner.ask("111111", "Wrong PIN")
    pin = desk.owner.say("000000")
    await desk.owner.sees("Trading resumed", ask["message_id"])
    assert denied and next(one for one in desk.owner.messages() if one["message_id"] == pin)["deleted"]


async def test_flat_halts_at_once_and_closes_after_the_second_step(desk: Served) -> None:
    card = await desk.owner.ask("/flat", "Close everything?")
    assert await desk.held()
    answers = await asyncio.gather(*(desk.owner.tap(card, "Close all") for _ in range(5)))
    assert all(one.text == "Closing everything now." for one in answers)
    report = await desk.owner.sees("Flat, read back", card["message_id"])
    assert report and not await desk.held()
    await desk.owner.ask("/resume", "Type your PIN")
    await desk.owner.ask("000000", "Trading resumed")
