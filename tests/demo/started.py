"""Start `wiredesk sandbox` as a person does, as one process, and look at it through its page and control surface."""
from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
START_S = 60.0
OWNER = 7001
Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Demo:
    """A running sandbox with its bot."""

    ready: dict[str, Any]
    session: aiohttp.ClientSession
    process: asyncio.subprocess.Process

    async def call(self, path: str, body: object = None) -> Any:
        """Ask the control surface; a body makes it a POST."""
        method = "GET" if body is None else "POST"
        async with self.session.request(method, self.ready["control"] + path, json=body) as reply:
            answer = await reply.json()
            assert reply.status == 200, answer
            return answer

    async def messages(self, person: int = OWNER) -> list[Message]:
        """List a person's chat with the bot, oldest first."""
        return list((await self.call(f"/people/{person}/chat"))["messages"])

    async def seen(self, words: str, person: int = OWNER, within_s: float = 20.0) -> Message:
        """Wait until a message of the chat holds these words and give it."""
        async with asyncio.timeout(within_s):
            while True:
                for message in reversed(await self.messages(person)):
                    if words in message["text"] and message["from"] != person:
                        return message
                await asyncio.sleep(0.05)


@asynccontextmanager
async def demo(directory: Path, *words: str) -> AsyncIterator[Demo]:
    """Run the one command until the context ends; nothing of this shell's own settings reaches it."""
    file = directory / "ready.json"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREDESK_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "sandbox", "--headless", "--ready-file", str(file),
        "--data", str(directory / "data"), *words, env=clean,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(START_S):
            while not file.exists():
                if process.returncode is not None:
                    assert process.stderr is not None
                    raise AssertionError((await process.stderr.read()).decode())
                await asyncio.sleep(0.05)
        async with aiohttp.ClientSession() as session:
            yield Demo(json.loads(file.read_text()), session, process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Start the installed chromium."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield started
        finally:
            await started.close()


async def opened(found: Browser, address: str, width: int, height: int, scheme: str, scale: float = 1) -> Page:
    """Open the page as the owner, in a window of this size."""
    context = await found.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme,  # type: ignore[arg-type]
        device_scale_factor=scale,
    )
    page = await context.new_page()
    await page.goto(address)
    await page.get_by_role("radio", name="owner").wait_for()
    return page
