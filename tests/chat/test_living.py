"""Dashboard, alerts and charts on the running desk, seen from the phone."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chat.served import Served, served


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desk")


@pytest.fixture
async def desk(directory: Path) -> AsyncIterator[Served]:
    async with served(directory) as running:
        yield running


async def test_the_dashboard_is_pinned_and_edited_in_place_on_a_fill(desk: Served) -> None:
    board = await desk.owner.ask("/dash", "models:")
    assert "No open positions" in board["text"]
    chat = desk.owner.world.chats[desk.owner.id]
    await asyncio.sleep(0)
    ticket = await desk.owner.ask("/long btc $200 5x sl 2%", "Expires")
    await desk.owner.tap(ticket, "Place order")
    for _ in range(400):
        if "BTC" in chat.messages[board["message_id"]].text:
            break
        await asyncio.sleep(0.02)
    shown = chat.messages[board["message_id"]].text
    assert "BTC" in shown and "L5x" in shown, shown
    assert len([one for one in desk.owner.heard() if "models:" in one["text"]]) == 1
    tapped = await desk.owner.tap(board, "Refresh")
    assert tapped.text is not None and "two minutes" in tapped.text

    chart = await desk.owner.ask("/chart btc 1m", "BTC")
    end = asyncio.get_running_loop().time() + 25
    while not any(one.photo for one in chat.messages.values()):
        assert asyncio.get_running_loop().time() < end, chart
        await asyncio.sleep(0.05)
    caption = next(one.text for one in chat.messages.values() if one.photo)
    assert "Entry" in caption and "Stop" in caption

    await desk.owner.ask("/alert btc > 1", "Alert set")
    rang = await desk.owner.sees("Alert BTC: > 1")
    assert rang["buttons"] == [], "a one-shot alert left the list when it rang: nothing to delete or snooze"
    await desk.owner.ask("/alert btc > 900000000", "Alert set")
    listed = await desk.owner.ask("/alerts", "1 alert")
    assert (await desk.owner.tap(listed, "✕ 1")).text == "Deleted."
    await desk.owner.ask("/alerts", "No alerts set")
