"""The demo in a real browser: hello, a trade by buttons only, its fill, an approval, a double press, panic."""
from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.demo.started import CHROMIUM, Demo, browser, demo, opened

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
SOON = 15_000


async def say(page: Page, words: str) -> None:
    await page.get_by_label("Message", exact=True).fill(words)
    await page.keyboard.press("Enter")


def last_key(page: Page, name: str) -> Locator:
    """Find the newest button of that name under a message."""
    return page.locator(".keys").get_by_role("button", name=name, exact=True).last


async def positions(run: Demo) -> dict[str, str]:
    rows = (await run.call("/exchange/ledger"))["positions"]
    return {row["symbol"]: row["holdSide"] for row in rows}


async def trade_by_buttons(page: Page, run: Demo) -> None:
    await page.locator("#keyboard").get_by_role("button", name="Long", exact=True).click()
    for step, choice in (("step 1", "ETH"), ("step 2", "$500"), ("step 3", "Market"), ("step 4", "2%")):
        await expect(page.locator("article").filter(has_text=step)).to_be_visible(timeout=SOON)
        await last_key(page, choice).click()
    await expect(last_key(page, "Place order")).to_be_visible(timeout=SOON)
    await last_key(page, "Place order").dblclick()
    await expect(page.locator("article").filter(has_text=re.compile("Filled: (buy|bought) .* ETH"))).to_be_visible(
        timeout=SOON
    )
    assert (await positions(run)).get("ETHUSDT") == "long"


async def fits(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


async def test_a_person_trades_approves_and_panics(tmp_path: Path) -> None:
    async with demo(tmp_path) as run, browser() as found:
        page = await opened(found, run.ready["chat_page"], 360, 780, "dark")
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await say(page, "/start")
        await expect(page.locator("article").filter(has_text="rules wants")).to_be_visible(timeout=SOON)
        await trade_by_buttons(page, run)
        approve = last_key(page, "Approve")
        await approve.click()
        await expect(page.locator("article").filter(has_text=re.compile("Filled: (buy|bought) .* BTC"))).to_be_visible(
            timeout=SOON
        )
        await expect(approve).to_have_count(0)
        orders = (await run.call("/exchange/ledger"))["orders"]
        assert sorted(row["symbol"] for row in orders) == ["BTCUSDT", "ETHUSDT"]
        await say(page, "/flat")
        await last_key(page, "Close all").click()
        await expect(page.locator("article").filter(has_text="Flat, read back")).to_be_visible(timeout=SOON)
        assert await positions(run) == {}
        assert await fits(page)
        assert complaints == []
        desktop = await opened(found, run.ready["chat_page"], 1200, 780, "light")
        await expect(desktop.locator("article").filter(has_text="Flat, read back")).to_be_visible(timeout=SOON)
        assert await fits(desktop)
