"""The page in a real browser: be three people, press, edit, look at a photo, break Telegram from the panel."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.sandbox.telegram.launch import Running, launch
from tests.sandbox.telegram.demo_bot import PRICES, DemoBot, pretend

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    async with launch(prices=lambda: PRICES, extend=pretend) as started, aiohttp.ClientSession() as session:
        bot = asyncio.create_task(DemoBot(started, session).run())
        yield started
        bot.cancel()
        await asyncio.gather(bot, return_exceptions=True)


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        await started.close()


async def opened(browser: Browser, running: Running, width: int, scheme: str = "dark") -> tuple[Page, list[str]]:
    context = await browser.new_context(viewport={"width": width, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    await page.goto(running.chat_page)
    await page.get_by_role("radio", name="owner").wait_for()
    return page, complaints


async def test_a_phone_is_used_from_start_to_a_pressed_button(browser: Browser, running: Running) -> None:
    page, complaints = await opened(browser, running, 360)
    world = running.emulator.world
    await page.get_by_label("Message", exact=True).fill("/start")
    await page.keyboard.press("Enter")
    approve = page.get_by_role("button", name="Approve")
    await expect(page.locator("#pinned")).to_contain_text("+42.65 USDT today")
    await expect(page.locator("article img")).to_have_count(1)
    await expect(page.locator("time[data-unix]").last).to_have_text(re.compile(r"in [6-9]\d s"))
    await page.get_by_role("button", name="Show more").click()
    await approve.click()
    await expect(page.locator("article").last).to_contain_text("Approve by owner")
    await expect(page.locator("#toast")).to_have_text("Approve: done")
    await expect(approve).to_have_count(0)
    await page.get_by_role("button", name="Dashboard", exact=True).click()
    await expect(page.locator("article").last).to_contain_text("You said: Dashboard")
    await page.get_by_label("Message", exact=True).press("ArrowUp")
    await page.get_by_label("Message", exact=True).fill("Dash, corrected")
    await page.keyboard.press("Enter")
    await expect(page.locator("article.mine").last).to_contain_text("Dash, corrected")
    await expect(page.locator("article.mine").last).to_contain_text("edited")
    assert [m.text for m in world.chats[7001].messages.values() if m.sender_id == 7001] == ["/start", "Dash, corrected"]
    assert complaints == []


async def test_the_switcher_marks_and_shows_each_persons_own_chat(browser: Browser, running: Running) -> None:
    page, complaints = await opened(browser, running, 320, "light")
    await expect(page.get_by_text("No messages here yet.")).to_be_visible()
    async with aiohttp.ClientSession() as session:
        await DemoBot(running, session).send(7002, "For the <b>trader</b> &lt;script&gt;alert(1)&lt;/script&gt;")
    await expect(page.get_by_role("radio", name="trader").locator(".dot")).to_have_count(1)
    await page.get_by_role("radio", name="owner").press("ArrowRight")
    await expect(page.locator("article")).to_contain_text("For the trader <script>alert(1)</script>")
    await expect(page.get_by_role("radio", name="trader")).to_be_focused()
    widths = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]
    assert complaints == []


async def test_the_panel_moves_prices_and_breaks_telegram(browser: Browser, running: Running) -> None:
    page, complaints = await opened(browser, running, 1280)
    before = float(PRICES["BTCUSDT"])
    row = page.locator("#row-BTCUSDT")
    await row.get_by_role("button", name="+10%").click()
    await expect(row.locator("output")).to_have_text(f"{before * 1.1:,.1f}")
    slider = page.get_by_label("Drag the price of BTCUSDT")
    await slider.focus()
    await slider.press("ArrowLeft")
    await expect(row.locator("output")).to_have_text(f"{before * 1.1 * 0.999:,.1f}")
    await page.get_by_role("button", name="Take down 30 s").click()
    await expect(page.locator("#active-telegram")).to_contain_text("telegram down")
    assert running.emulator.world.faults.list(running.emulator.world.now())[0]["name"] == "telegram_down"
    await page.locator("#active-telegram").locator("..").get_by_role("button", name="Clear").click()
    await expect(page.locator("#active-telegram")).to_be_empty()
    await page.get_by_role("button", name="Block the bot").click()
    await expect(page.locator("#status")).to_have_text("blocked by you")
    assert complaints == []
