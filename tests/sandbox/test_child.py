"""The bot beside the sandbox: its end is told, its settings are its own, and it does not outlive us."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.sandbox.child import last_line, started, write_settings


async def test_a_bot_that_cannot_start_is_told_with_its_own_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A setting of the person's own shell must not reach the sandbox's bot.
    monkeypatch.setenv("WIREDESK_ENVIRONMENT", "live")
    settings = write_settings(tmp_path / "bot.env", {"WIREDESK_ENVIRONMENT": "sandbox", "WIREDESK_DATA": str(tmp_path)})
    assert settings.stat().st_mode & 0o077 == 0
    async with started(settings, tmp_path / "bot.log") as child:
        told = await asyncio.wait_for(child.ended(), 30)
        assert "exit code 1" in told
        assert "WIREDESK_BITGET_KEY" in told
        assert f"--env-file {settings} run" in told
        assert "sandbox" in told  # what is missing is asked for in the words of the sandbox, not of live trading
        assert child.health() == {"running": False, "pid": child.process.pid, "exit_code": 1}
        assert not await child.answering(lambda: True, 1)


def test_the_last_line_of_a_log(tmp_path: Path) -> None:
    assert last_line(tmp_path / "none") == ""
    (tmp_path / "log").write_text("one\ntwo  \n\n")
    assert last_line(tmp_path / "log") == "two"
