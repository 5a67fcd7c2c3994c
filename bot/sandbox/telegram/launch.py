"""Start the emulator and its page by themselves, each on a loopback port; the whole sandbox mounts them itself."""
from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from bot.sandbox.telegram.control import Prices, mount
from bot.sandbox.telegram.emulator import Emulator
from bot.sandbox.telegram.server import address, serve, start_loopback
from bot.sandbox.telegram.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Where everything answers; no address carries a trailing slash but the page's."""

    emulator: Emulator
    telegram_root: str
    control: str
    chat_page: str


@asynccontextmanager
async def launch(
    world: World | None = None, *, host: str = "127.0.0.1", port: int = 0, prices: Prices | None = None,
    notes: Mapping[str, str] | None = None, extend: Callable[[web.Application], None] | None = None,
) -> AsyncIterator[Running]:
    """Run Bot API, control surface and page until the context ends.

    `port` is that of page and control, 0 takes a free one; `extend` may add routes beside them. Raises ValueError
    for an address that is not loopback, OSError when the port is taken.
    """
    emulator = Emulator(world or World())
    async with serve(emulator, host=host) as bot_side:
        app = web.Application()
        mount(app, emulator, prices=prices, notes=notes)
        if extend is not None:
            extend(app)
        runner = await start_loopback(app, host, port)
        try:
            control = address(runner)
            yield Running(
                emulator=emulator, telegram_root=bot_side.root, control=control, chat_page=f"{control}/",
            )
        finally:
            await runner.cleanup()
