"""One command: within seconds a welcome, a moving market and a proposal; Ctrl-C leaves nothing behind (C9)."""
from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from tests.demo.started import OWNER, demo


async def test_the_first_command_shows_a_desk_that_works(tmp_path: Path) -> None:
    async with demo(tmp_path) as run:
        proposal = await run.seen("rules wants")
        welcome = await run.seen("/help")
        assert "SANDBOX" in welcome["text"]
        assert [button["text"] for row in proposal["buttons"] for button in row][:2] == ["Approve", "Reject"]
        first = (await run.call("/telegram/market"))["prices"]
        health = await run.call("/health")
        assert health["bot"]["running"]
        assert health["telegram"]["polling"]
        people = {row["name"]: row["id"] for row in json.loads(run.ready["env"]["WIREDESK_SEED_PEOPLE"])}
        assert people == {"owner": OWNER, "trader": OWNER + 1}
        for _ in range(100):
            if (moved := (await run.call("/telegram/market"))["prices"]) != first:
                break
            await asyncio.sleep(0.05)
        assert moved != first
        await run.call(f"/people/{run.ready['people']['stranger']}/say", {"text": "/flat"})
        await run.call(f"/people/{OWNER}/say", {"text": "/status"})
        pressed = await run.call(
            f"/people/{OWNER}/tap", {"message_id": proposal["message_id"], "label": "Approve"}
        )
        assert pressed["answered"]
        await run.seen("Filled")
        ledger = await run.call("/exchange/ledger")
        assert [row["symbol"] for row in ledger["positions"]] == ["BTCUSDT"]
        pid = health["bot"]["pid"]
    assert run.process.returncode == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
