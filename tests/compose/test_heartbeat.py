"""Somebody elsewhere is told every minute that the desk lives, and nothing while it does not (reliability 5.6)."""
from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from aiohttp import web

from bot.compose import heartbeat
from bot.domain.trading import Readiness
from bot.settings import Settings
from tests.support.scripted import Bench


async def test_it_is_called_each_minute_while_the_desk_lives_and_never_followed(tmp_path: Path) -> None:
    calls: list[str] = []

    async def take(request: web.Request) -> web.Response:
        calls.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    app = web.Application()
    app.router.add_get("/{any}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bench = await Bench(tmp_path).open()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/ping-canary"
    settings = Settings(environment="sandbox", heartbeat_url=address, _env_file=None)  # type: ignore[call-arg,arg-type]
    state = {"now": Readiness.STARTING}
    gate: Any = SimpleNamespace(readiness=lambda: state["now"])
    [work] = heartbeat.works(cast(Any, SimpleNamespace(seat=bench.seat)), gate, settings)
    task = asyncio.create_task(work.run())

    async def minute() -> None:
        before = len(calls)
        await bench.clock.advance(60)
        for _ in range(100):
            if len(calls) > before:
                return
            await asyncio.sleep(0.002)

    await minute()
    assert calls == [], "a desk that has not opened gives no sign"
    state["now"] = Readiness.DEGRADED
    await minute()
    state["now"] = Readiness.READY
    await minute()
    assert calls == ["/ping-canary"] * 2
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert heartbeat.works(cast(Any, None), gate, Settings(environment="sandbox", _env_file=None)) == []  # type: ignore[call-arg]
    await bench.close()
    await runner.cleanup()
