"""The front door: every command answers, with a sentence and an exit code a script can rely on."""
from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import __main__ as door
from bot.runtime.local_socket import Declined, listening
from tests.house.tree import ROOT


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Give each test its own data directory and leave the log and the environment as they were."""
    for name in [name for name in os.environ if name.startswith("WIREDESK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WIREDESK_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.compose.commands.set_up", lambda *_, **__: None)
    yield
    logging.captureWarnings(False)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[list[dict[str, Any]]]:
    """Run a desk's socket in a thread; gives the list of what it was asked."""
    asked: list[dict[str, Any]] = []
    up, loop = threading.Event(), asyncio.new_event_loop()
    down = asyncio.Event()

    def action(name: str) -> Any:
        async def act(fields: dict[str, Any]) -> Any:
            asked.append({"do": name, **fields})
            if name == "resume":
                raise Declined("Only an owner resumes.")
            return {"readiness": "READY", "streams": {"private": 0.4}} if name == "status" else f"{name}: done."
        return act

    async def serve() -> None:
        known = ("status", "halt", "resume", "flat", "preview", "order")
        async with listening(tmp_path, {name: action(name) for name in known}):
            up.set()
            await down.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert up.wait(5)
    yield asked
    loop.call_soon_threadsafe(down.set)
    thread.join()
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        door.main(["--help"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in door.WORDS)
    plan = "run sandbox check doctor status order reconcile halt resume flat export backup restore audit lab mcp"
    assert list(door.WORDS) == plan.split()


def test_every_command_is_served() -> None:
    assert set(door.WORDS) == {*door.BUILT, "sandbox"}


@pytest.mark.parametrize(("words", "shown"), [
    (["mcp", "--help"], "--http HOST:PORT"), (["mcp", "token", "add", "--help"], "--scopes"),
    (["lab", "--help"], "STEP"),
])
def test_what_has_steps_reads_all_words_after_its_name(
    words: list[str], shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        door.main(words)
    assert ended.value.code == 0 and shown in capsys.readouterr().out


def test_an_unknown_word_is_exit_code_2() -> None:
    with pytest.raises(SystemExit) as ended:
        door.main(["fly"])
    assert ended.value.code == 2


def test_unusable_settings_are_sentences(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("WIREDESK_ENVIRONMENT", "paper")
    assert door.main(["status"]) == 1
    assert "not built yet; use sandbox" in capsys.readouterr().err


def test_status_of_nothing_is_stopped_and_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main(["status", "--json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert (found["readiness"], found["environment"]) == ("STOPPED", "demo")
    assert set(found) == {"readiness", "trading_state", "environment", "unresolved", "unprotected", "streams"}
    assert door.main(["status"]) == 3
    assert capsys.readouterr().out.startswith("readiness      STOPPED\n")


@pytest.mark.parametrize("name", ["flat", "reconcile", "resume", "check", "run"])
def test_commands_without_a_key_say_how_to_get_one(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main([name]) == 1
    told = capsys.readouterr()
    assert "WIREDESK_BITGET_KEY" in told.err
    assert "Traceback" not in told.err


def test_halting_needs_no_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main(["halt"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("HALTED by a mark in ") and "WIREDESK_BITGET_KEY" in told


@pytest.mark.parametrize("name", ["export", "audit"])
def test_a_ledger_that_is_not_there_is_a_sentence(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main([name]) == 1
    assert "There is no database at" in capsys.readouterr().err


def test_the_doctor_names_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "WRONG WIREDESK_BITGET_KEY" in said
    assert "note  No desk runs here now." in said
    assert "note  WIREDESK_TELEGRAM_TOKEN is not set" in said
    assert said.endswith("1 to be mended before the desk can run.\n")


def test_commands_reach_the_running_desk(desk: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["streams"] == {"private": 0.4}
    assert door.main(["status"]) == 0
    assert "private: heard 0 s ago" in capsys.readouterr().out
    assert door.main(["halt"]) == 0
    assert capsys.readouterr().out == "halt: done.\n"
    assert door.main(["resume"]) == 1
    assert capsys.readouterr().err == "Only an owner resumes.\n"
    assert door.main(["order", "long", "btc", "$100", "5x", "sl", "2%", "--yes"]) == 0
    assert desk[-1] == {"do": "order", "words": "long btc $100 5x sl 2%"}
    assert door.main(["reconcile"]) == 1
    assert "not known here" in capsys.readouterr().err


def test_an_order_without_a_terminal_needs_yes(
    desk: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    assert door.main(["order", "long", "btc", "1"]) == 1
    assert "--yes" in capsys.readouterr().err
    assert desk == []


@pytest.mark.parametrize(("answer", "code"), [("yes\n", 0), ("y\n", 0), ("no\n", 1), ("\n", 1), ("", 1)])
def test_an_order_at_a_terminal_is_shown_and_asked_for(
    desk: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: str,
    code: int,
) -> None:
    terminal = io.StringIO(answer)
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", terminal)
    assert door.main(["order", "long", "btc", "1"]) == code
    assert [one["do"] for one in desk] == (["preview", "order"] if code == 0 else ["preview"])
    assert "preview: done.\nPlace this order? [y/n]" in capsys.readouterr().out


def test_the_sandbox_gets_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def become(path: str, words: list[str]) -> None:
        seen.append((path, words))
        raise SystemExit(0)

    monkeypatch.setattr(os, "execv", become)
    with pytest.raises(SystemExit):
        door.main(["sandbox", "--headless", "--seed", "7"])
    assert seen == [(sys.executable, [sys.executable, "-m", "bot.sandbox", "--headless", "--seed", "7"])]


def test_the_installed_command_answers() -> None:
    done = subprocess.run([sys.executable, "-m", "bot", "--version"], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stdout.split()[0]) == (0, "wiredesk")


@pytest.mark.parametrize("command", ["check", "run", "halt", "status"])
def test_a_settings_file_that_is_not_there_is_said_and_nothing_is_done(
    desk: list[dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str,
) -> None:
    assert door.main(["--env-file", str(tmp_path / "prod.env"), command]) == 1
    assert f"{tmp_path / 'prod.env'} is not there" in capsys.readouterr().err
    assert desk == []
