"""The log: one line a record with its ids, and canaries come to nothing wherever a secret could hide (P8, T9)."""
from __future__ import annotations

import asyncio
import io
import json
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bot.adapters.system import logging as desk_log
from bot.adapters.system.logging import correlated, correlation, set_up

CANARY = "canary-7f3a"
TOKEN = f"123456789:{CANARY}_{'x' * 30}"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, hook = list(root.handlers), root.level, sys.excepthook
    of_threads, unraisable = threading.excepthook, sys.unraisablehook
    levels = {name: logging.getLogger(name).level for name in desk_log.LOUD}
    yield
    logging.captureWarnings(False)
    root.handlers[:], sys.excepthook = handlers, hook
    threading.excepthook, sys.unraisablehook = of_threads, unraisable
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)


def written(form: Any = "json", **more: Any) -> tuple[io.StringIO, logging.Logger]:
    stream = io.StringIO()
    set_up([CANARY], form=form, stream=stream, **more)
    return stream, logging.getLogger("bot.desk.submit")


def lines(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_json_line_says_when_who_and_what() -> None:
    stream, log = written()
    with correlated(proposal="K7Q2M4X9TB"), correlated(order="wd-1"):
        log.info("Sent %s of %d", "leg", 2, extra={"symbol": "BTCUSDT"})
    line = lines(stream)[0]
    assert line.pop("at").endswith("Z")
    assert line == {"level": "INFO", "logger": "bot.desk.submit", "message": "Sent leg of 2",
                    "proposal": "K7Q2M4X9TB", "order": "wd-1", "symbol": "BTCUSDT"}


def test_a_human_line_cannot_be_faked_by_its_message() -> None:
    stream, log = written("human")
    with correlated(order="wd-1"):
        log.warning("first\n2026-01-05T12:00:00.000Z INFO root: forged")
    assert stream.getvalue().count("\n") == 1
    assert "WARNING bot.desk.submit: first\\n2026" in stream.getvalue()
    assert stream.getvalue().endswith("[order=wd-1]\n")


@pytest.mark.parametrize("form", ["json", "human"])
def test_canaries_come_to_nothing_wherever_they_hide(form: str) -> None:
    stream, log = written(form)
    log.info("plain " + CANARY)
    log.info("argument %s", CANARY)
    log.info("mapping %(key)s", {"key": CANARY})
    log.info("nested %r", {"headers": [("ACCESS-KEY", CANARY)]})
    log.info("unformattable %d", CANARY)
    log.info("extra", extra={"payload": {"secret": CANARY}})
    with correlated(place=CANARY):
        log.info("correlated", stack_info=True)
    try:
        try:
            secret = CANARY
            raise ValueError(f"inner {secret}")
        except ValueError as inner:
            inner.add_note("a note with " + CANARY)
            raise RuntimeError(TOKEN) from inner
    except RuntimeError:
        log.exception("failed for %s", CANARY)
    try:
        raise ExceptionGroup("many " + CANARY, [KeyError(CANARY), OSError(CANARY)])
    except ExceptionGroup as fault:
        log.error("group", exc_info=fault)
    text = stream.getvalue()
    assert "canary" not in text
    assert text.count("[secret]") >= 13
    assert "RuntimeError" in text and "KeyError" in text and "unformattable" in text


def test_an_exception_lost_in_a_task_is_redacted_too() -> None:
    stream, _ = written()

    async def main() -> None:
        asyncio.get_running_loop().call_exception_handler(
            {"message": "Task exception was never retrieved", "exception": ValueError(CANARY)})

    asyncio.run(main())
    assert lines(stream)[0]["level"] == "ERROR"
    assert "canary" not in stream.getvalue()


def test_a_second_handler_sees_no_secret_either() -> None:
    _, log = written()
    seen: list[str] = []

    class Second(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(f"{record.getMessage()} {record.args} {record.exc_info}")

    logging.getLogger().addHandler(second := Second())
    log.info("argument %s", CANARY)
    logging.getLogger().removeHandler(second)
    assert "canary" not in seen[0]


def test_the_http_library_prints_no_address() -> None:
    stream, _ = written(level="DEBUG")
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200)), trust_env=False) as client:
        client.get(f"https://api.telegram.org/bot{TOKEN}/getMe")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("name", desk_log.LOUD)
def test_loud_libraries_are_quietened(name: str) -> None:
    stream, _ = written()
    logging.getLogger(name).info("GET /bot1/x")
    logging.getLogger(name + ".below").info("GET /bot1/x")
    logging.getLogger(name).warning("trouble")
    assert [line["message"] for line in lines(stream)] == ["trouble"]


def test_warnings_of_the_interpreter_are_logged_and_redacted() -> None:
    stream, _ = written()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn("about " + CANARY, stacklevel=1)
        logging.captureWarnings(False)
    assert "canary" not in stream.getvalue() and "[secret]" in stream.getvalue()


async def test_tasks_carry_the_ids_of_who_started_them() -> None:
    async def child() -> dict[str, str]:
        with correlated(order="2"):
            return correlation()

    with correlated(proposal="1"):
        async with asyncio.TaskGroup() as group:
            task = group.create_task(child())
    assert task.result() == {"proposal": "1", "order": "2"}
    assert correlation() == {}


def test_a_secret_learned_later_is_crossed_out() -> None:
    stream = io.StringIO()
    redactor = set_up([], stream=stream)
    redactor.learn("late-canary")
    logging.getLogger("x").info("late-canary")
    assert "canary" not in stream.getvalue()


def test_an_uncaught_exception_leaves_no_secret_on_the_terminal() -> None:
    code = ("from bot.adapters.system.logging import set_up\n"
            f"set_up(['{CANARY}'])\nraise ValueError('{CANARY}')\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ValueError: [secret]" in done.stderr
    # The source line itself stands in "-c" and is not printed; a file's would be cleaned like any text.
    assert "canary" not in done.stderr + done.stdout


UNSEEN = "\x1b\x00\x08\x7f\x9b\r\u2028\u2029\u202e\u2066\ufeff"
FORGED = "2026-01-05T12:00:00.000Z INFO    root: forged"


@pytest.mark.parametrize("form", ["json", "human"])
def test_nothing_unseen_reaches_a_terminal_and_no_line_is_faked(form: str) -> None:
    """Names, reasons and the exchange's words are outside text: they end up in messages, ids, extras and traces."""
    stream, log = written(form)
    with correlated(order=f"x{UNSEEN}\n{FORGED}"):
        log.warning("name %s", UNSEEN, extra={"payload": f"{UNSEEN}\n{FORGED}"})
    try:
        raise ValueError(f"{UNSEEN}\n{FORGED}")
    except ValueError:
        log.exception("failed")
    text = stream.getvalue()
    assert not set(text) & set(UNSEEN), sorted(map(hex, map(ord, set(text) & set(UNSEEN))))
    assert not any(line.startswith("2026-01-05") for line in text.splitlines())
    if form == "json":
        assert lines(stream)[0]["payload"] == f"{UNSEEN}\n{FORGED}", "the reader of JSON gets the text as it was"


def test_threads_and_destructors_end_in_the_log_too() -> None:
    code = (
        "import threading\nfrom bot.adapters.system.logging import set_up\n"
        f"set_up(['{CANARY}'])\n"
        f"def fail(): raise ValueError('{CANARY}')\n"
        f"class Late:\n    def __del__(self): raise KeyError('{CANARY}')\n"
        "one = threading.Thread(target=fail)\none.start()\none.join()\nlate = Late()\ndel late\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ValueError: [secret]" in done.stderr and "KeyError: '[secret]'" in done.stderr
    assert "canary" not in done.stderr + done.stdout
