"""Write the log: one line a record, for people or as JSON, with what it belongs to, and never with a secret."""
from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import IO, Literal

from bot.adapters.system.redaction import Redactor

# Libraries that print addresses (and so tokens), headers or frames at INFO (FF-106).
LOUD = ("httpx", "httpcore", "telegram", "websockets", "aiohttp", "asyncio", "urllib3", "alembic", "sqlalchemy.engine",
        "matplotlib", "PIL", "mcp")
LINE_LENGTH_MAX = 16_384
# What could end a line, move the cursor of a terminal, or turn text around: shown as its number instead.
_UNSEEN = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {
    code: f"\\u{code:04x}" for code in (0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
} | {ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}
_UNSEEN_IN_JSON = {code: f"\\u{code:04x}" for code in _UNSEEN if code >= 127}
_UNSEEN_IN_TRACE = {code: shown for code, shown in _UNSEEN.items() if code != ord("\n")}
_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "correlation"}

_correlation: ContextVar[tuple[tuple[str, str], ...]] = ContextVar("correlation", default=())


@contextmanager
def correlated(**ids: object) -> Iterator[None]:
    """Mark every line logged inside, also by tasks started there, with ids such as `proposal="K7Q2M4X9TB"`."""
    present = dict(_correlation.get())
    present.update({name: str(value) for name, value in ids.items()})
    token = _correlation.set(tuple(present.items()))
    try:
        yield
    finally:
        _correlation.reset(token)


def correlation() -> dict[str, str]:
    """Give the ids that lines logged here would carry."""
    return dict(_correlation.get())


class RedactionFilter(logging.Filter):
    """Cleans message, arguments, extra fields, exception text and traceback of every record a handler sees.

    It sits on handlers, not on loggers: a logger's filter is not asked for records of its children. The record is
    shared by handlers, so it is made harmless in place, and exception objects, whose frames hold variables, are
    replaced by their text.
    """

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean one record; always lets it pass."""
        clean = self._redactor.clean
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError) as fault:
            message = f"{record.msg} {record.args!r} (unformattable: {fault})"
        record.msg, record.args = clean(message), None
        if record.exc_info and record.exc_info[1] is not None:
            # Local variables never appear: the traceback holds source lines only (security section 8).
            record.exc_text = "".join(traceback.format_exception(record.exc_info[1]))
        record.exc_info = None
        if record.exc_text:
            record.exc_text = clean(record.exc_text).rstrip("\n")
        if record.stack_info:
            record.stack_info = clean(record.stack_info)
        for name in set(record.__dict__) - _OWN:
            setattr(record, name, clean(str(getattr(record, name))))
        record.correlation = {name: clean(value) for name, value in _correlation.get()}
        return True


def _fields(record: logging.LogRecord) -> dict[str, str]:
    extra = {name: str(getattr(record, name)) for name in sorted(set(record.__dict__) - _OWN)}
    return {**getattr(record, "correlation", {}), **extra}


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonLines(logging.Formatter):
    """One JSON object a line: `at`, `level`, `logger`, `message`, then ids and extra fields, `trace` at last."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        body = {"at": _moment(record), "level": record.levelname, "logger": record.name,
                "message": record.getMessage()[:LINE_LENGTH_MAX], **_fields(record)}
        if record.exc_text:
            body["trace"] = record.exc_text[-LINE_LENGTH_MAX:]
        if record.stack_info:
            body["stack"] = record.stack_info[-LINE_LENGTH_MAX:]
        # JSON escapes line breaks itself, but neither what turns text around nor the terminal's second set of controls.
        return json.dumps(body, ensure_ascii=False).translate(_UNSEEN_IN_JSON)


class Lines(logging.Formatter):
    """Lines for people: time, level, logger, message, ids in brackets; no message and no trace can fake a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line, and the trace below it."""
        message = record.getMessage()[:LINE_LENGTH_MAX].translate(_UNSEEN)
        ids = " ".join(f"{name}={value}" for name, value in _fields(record).items()).translate(_UNSEEN)
        line = f"{_moment(record)} {record.levelname:<7} {record.name}: {message}" + (f" [{ids}]" if ids else "")
        below = [text[-LINE_LENGTH_MAX:].translate(_UNSEEN_IN_TRACE) for text in (record.exc_text, record.stack_info)
                 if text]
        return "\n    ".join([line, *(part for text in below for part in text.split("\n"))])


def set_up(secrets: Iterable[str], *, form: Literal["human", "json"] = "human", level: str = "INFO",
           stream: IO[str] | None = None) -> Redactor:
    """Point the root logger at `stream` (standard error), redacted; give the redactor, which can learn more secrets.

    Replaces the root's handlers, quietens the LOUD libraries to WARNING, and routes warnings and uncaught exceptions
    of the interpreter through the log, so that they are redacted too.
    """
    redactor = Redactor(secrets)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else Lines())
    handler.addFilter(RedactionFilter(redactor))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    # A thread's end and what a destructor raises would go to the terminal as they are.
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    return redactor


def _uncaught(kind: type[BaseException], fault: BaseException | None, trace: object) -> None:
    if issubclass(kind, (KeyboardInterrupt, SystemExit)):
        return
    logging.getLogger("wiredesk").critical("Uncaught %s", kind.__name__, exc_info=fault)
