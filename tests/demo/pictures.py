"""Make the README's two pictures from the running page: ``python -m tests.demo.pictures``."""
from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Page, expect

from tests.demo.started import Demo, browser, demo, opened
from tests.demo.test_browser import SOON, trade_by_buttons

HERE = Path(__file__).parent
WIDTH, HEIGHT, SCALE = 390, 800, 2


async def _approving(page: Page) -> None:
    await expect(page.locator("article").filter(has_text="rules wants")).to_be_visible(timeout=SOON)
    await _taken(page, "approving")


async def _trading(page: Page, run: Demo) -> None:
    await trade_by_buttons(page, run)
    await expect(page.locator("#toast")).to_be_hidden(timeout=SOON)
    await _taken(page, "trading")


async def _taken(page: Page, name: str) -> None:
    await page.locator("#toggle").click()
    await page.locator("#down").click() if await page.locator("#down").is_visible() else None
    await asyncio.sleep(0.5)
    await page.locator("main.phone").screenshot(path=HERE / f"{name}.png")
    await page.locator("#toggle").click()


async def main() -> None:
    """Start the sandbox, use it, and write approving.png and trading.png beside this file."""
    with tempfile.TemporaryDirectory() as directory:
        async with demo(Path(directory)) as run, browser() as found:
            page = await opened(found, run.ready["chat_page"], WIDTH, HEIGHT, "dark", SCALE)
            await _approving(page)
            await _trading(page, run)


if __name__ == "__main__":
    asyncio.run(main())
