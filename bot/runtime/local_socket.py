"""Answer the operator's commands over a socket only this user can open: one JSON object a line, each way (C5, C6).

A request is `{"do": name, …fields}`; the answer is `{"ok": true, "result": …}` or `{"ok": false, "sentence": …}`.
What the names do is told by a table from outside: this module knows no trading.
"""
from __future__ import annotations

import asyncio
import json
import logging
import os
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

NAME = "wiredesk.sock"
REQUEST_MAX = 64 * 1024
ANSWER_MAX = 64 * 1024 * 1024
PATH_MAX = 100  # the kernel's limit is 107 bytes

Action = Callable[[dict[str, Any]], Awaitable[Any]]


class Declined(Exception):
    """The desk answered no; the text is the sentence for the person."""


class NothingRuns(Exception):
    """No desk listens on this data directory."""


@asynccontextmanager
async def listening(directory: Path, actions: Mapping[str, Action]) -> AsyncIterator[Path]:
    """Serve `actions` on `directory`/wiredesk.sock, mode 0600, until left; gives the path.

    An action gets the request's fields, gives something JSON can say, and raises Declined with a sentence. Whoever
    holds the directory's lock may replace a socket that a dead process left behind.
    """
    path = directory / NAME
    with suppress(FileNotFoundError):
        path.unlink()
    writers: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        try:
            await _converse(reader, writer, actions)
        finally:
            writers.discard(writer)
            writer.close()

    with _short(path) as short:
        before = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(serve, short, limit=REQUEST_MAX)
        finally:
            os.umask(before)
    try:
        yield path
    finally:
        server.close()
        for writer in list(writers):
            writer.close()
        with suppress(FileNotFoundError):
            path.unlink()


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, actions: Mapping[str, Action]) -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        while True:
            try:
                line = await reader.readuntil(b"\n")
            except asyncio.LimitOverrunError:
                writer.write(_no(f"A request has at most {REQUEST_MAX} bytes."))
                await writer.drain()
                return
            writer.write(await _answer(line, actions))
            await writer.drain()


async def _answer(line: bytes, actions: Mapping[str, Action]) -> bytes:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return _no("A request is one JSON object on one line.")
    if not isinstance(request, dict) or not isinstance(name := request.pop("do", None), str):
        return _no('A request is a JSON object with "do" and the name of what to do.')
    if name not in actions:
        return _no(f"{name} is not known here; known are {', '.join(sorted(actions))}.")
    log.info("Local command: %s", name)
    try:
        return json.dumps({"ok": True, "result": await actions[name](request)}).encode() + b"\n"
    except Declined as no:
        return _no(str(no))
    except Exception:
        log.exception("Local command %s failed.", name)
        raise


def _no(sentence: str) -> bytes:
    return json.dumps({"ok": False, "sentence": sentence}).encode() + b"\n"


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """Spell a socket's path so that it fits the kernel's limit: through the directory's open handle if need be."""
    if len(os.fsencode(path)) <= PATH_MAX or not Path("/proc/self/fd").is_dir():
        yield str(path)
        return
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{path.name}"
    finally:
        os.close(handle)


async def ask(directory: Path, do: str, *, within_s: float = 10.0, **fields: Any) -> Any:
    """Ask the desk that runs on `directory` and give its result.

    Raises NothingRuns when nobody listens (also when the socket belongs to somebody else), Declined with the desk's
    sentence, and TimeoutError after `within_s`, after which the command may still be under way.
    """
    path = directory / NAME
    try:
        if not stat.S_ISSOCK((state := path.stat()).st_mode) or state.st_uid not in (os.getuid(), 0):
            raise NothingRuns(f"{path} is not a desk's socket of this user.")
        with _short(path) as short:
            reader, writer = await asyncio.open_unix_connection(short, limit=ANSWER_MAX)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError) as nobody:
        raise NothingRuns(f"No desk runs on {directory}. Start it with `wiredesk run`.") from nobody
    except PermissionError as closed:
        raise Declined(f"{directory} belongs to another user; run this as the user that runs the desk.") from closed
    try:
        async with asyncio.timeout(within_s):
            writer.write(json.dumps({"do": do, **fields}).encode() + b"\n")
            await writer.drain()
            line = await reader.readline()
    except ConnectionError:
        line = b""
    finally:
        writer.close()
    if not line.endswith(b"\n"):
        raise Declined("The desk broke off before it answered; look into its log, and at `wiredesk status`.")
    answer = json.loads(line)
    if not answer["ok"]:
        raise Declined(answer["sentence"])
    return answer["result"]
