"""Start the shipped programs as real processes on free loopback ports: the sandbox, the desk, one command."""
from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from bot.compose import copies
from bot.runtime.local_socket import Declined, NothingRuns, ask
from bot.settings import Settings, Unusable, load
from tests.house.tree import ROOT

START_S = 30.0
# A busy machine gives a new process its first second late; nothing here judges speed.
BUSY = 3
LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Said:
    """What one command came to."""

    code: int
    out: str
    err: str


def await_until(true: Callable[[], bool], within_s: float, what: str) -> None:
    """Look again and again; fails with `what` when it does not come true in time."""
    end = time.monotonic() + BUSY * within_s
    while not true():
        assert time.monotonic() < end, f"{what} did not happen within {within_s:g} s"
        time.sleep(LOOK_S)


def _full(room: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))


def _environment(extra: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WIREDESK_")}
    return kept | {"PYTHONWARNINGS": "error"} | extra


@dataclass(slots=True)
class Exchange:
    """A sandbox process and its control surface."""

    process: subprocess.Popen[bytes]
    ready: dict[str, Any]

    def ask(self, path: str, fields: dict[str, Any] | None = None) -> Any:
        """Call the control surface: GET without fields, else POST; fails on a refusal."""
        body = None if fields is None else json.dumps(fields).encode()
        request = urllib.request.Request(self.ready["control"] + path, data=body)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as no:
            raise AssertionError(f"{path} was refused: {no.read().decode()}") from no

    def ledger(self, account: str = "main") -> dict[str, Any]:
        """Give everything that is true at the exchange."""
        found: dict[str, Any] = self.ask(f"/exchange/ledger?account={account}")
        return found

    def fault(self, name: str, **parameters: Any) -> None:
        """Switch a fault on; `clear` switches all off."""
        self.ask("/exchange/fault", {"name": name, **parameters})

    def open_account(self, name: str, **fields: Any) -> dict[str, str]:
        """Open an account and give the settings of its key."""
        given = {"name": name, "world": "classic", "environment": "live", "balances": {"USDT": "10000"}} | fields
        keys = self.ask("/exchange/accounts", given)
        return {f"WIREDESK_BITGET_{part.upper()}": keys[part] for part in ("key", "secret", "passphrase")}

    def sent(self, account: str = "main") -> list[str]:
        """List the paths of every signed call that changes something."""
        verbs = ("place-", "cancel-", "close-", "set-", "modify-", "batch-")
        paths = [row["path"] for row in self.ledger(account)["requests"]]
        return [path for path in paths if path.rpartition("/")[2].startswith(verbs)]


@contextmanager
def exchange(folder: Path, *words: str) -> Iterator[Exchange]:
    """Run `python -m bot.sandbox --no-bot` until left."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "ready.json"
    command = [sys.executable, "-m", "bot.sandbox", "--no-bot", "--headless", "--ready-file", str(file),
               "--data", str(folder / "kept"), *words]
    with (folder / "sandbox.out").open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=_environment({}), stdout=out, stderr=out)
    try:
        await_until(lambda: file.exists() or process.poll() is not None, START_S, "the sandbox")
        assert process.poll() is None, (folder / "sandbox.out").read_text()
        yield Exchange(process=process, ready=json.loads(file.read_text()))
        # Whatever else failed: an exchange that was gone is no finding about the desk.
        assert process.poll() is None, f"the sandbox ended by itself with {process.returncode}, see {folder}"
    finally:
        _end(process)


@dataclass(slots=True)
class Installation:
    """One data directory with its settings; the commands of a person who sits before it."""

    folder: Path
    settings: dict[str, str]
    lives: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def data(self) -> Path:
        """The data directory."""
        return Path(self.settings["WIREDESK_DATA"])

    @property
    def log(self) -> Path:
        """What every life of the desk wrote to standard error."""
        return self.folder / "run.err"

    def command(self, *words: str, within_s: float = 60.0, room: int | None = None, **extra: str) -> Said:
        """Run one command to its end; `room` is how many bytes a file may grow to."""
        done = subprocess.run([sys.executable, "-m", "bot", *words], cwd=ROOT, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, env=_environment(self.settings | extra), timeout=within_s,
                              check=False, preexec_fn=None if room is None else lambda: _full(room))
        assert "Traceback" not in done.stderr, done.stderr
        return Said(done.returncode, done.stdout, done.stderr)

    def here(self, work: Callable[[Settings], int], **extra: str) -> Said:
        """Run a command's function in this process: the same code on the same sockets, without a new interpreter."""
        out, err, before = io.StringIO(), io.StringIO(), os.umask(0o022)
        os.umask(before)
        try:
            with (mock.patch.dict(os.environ, _environment(self.settings | extra), clear=True),
                  contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)):
                code = work(load(None))
        except Unusable as no:
            return Said(1, out.getvalue(), str(no))
        finally:
            os.umask(before)
        return Said(code, out.getvalue(), err.getvalue())

    def start(self) -> subprocess.Popen[bytes]:
        """Start `wiredesk run` and come back at once."""
        with self.log.open("ab") as err:
            process = subprocess.Popen([sys.executable, "-m", "bot", "run"], cwd=ROOT, stdout=subprocess.DEVNULL,
                                       stderr=err, env=_environment(self.settings))
        self.lives.append(process)
        return process

    def run(self) -> subprocess.Popen[bytes]:
        """Start `wiredesk run` and wait until it is READY."""
        process = self.start()
        self.await_readiness("READY")
        return process

    def kill(self) -> None:
        """End the desk as the kernel does: no last words."""
        self.lives[-1].kill()
        self.lives[-1].wait()

    def stop(self) -> int:
        """Ask the desk to stop and give its exit code."""
        self.lives[-1].terminate()
        return self.lives[-1].wait(20)

    def tell(self, do: str, within_s: float = 30.0, **fields: Any) -> Any:
        """Ask the running desk over its socket, as the command line does, without the second a new process takes."""
        return asyncio.run(ask(self.data, do, within_s=within_s, **fields))

    def status(self) -> dict[str, Any]:
        """Give `status`; an empty one when nobody listens yet."""
        try:
            found: dict[str, Any] = self.tell("status", 5.0)
        except (NothingRuns, Declined, TimeoutError):
            return {"readiness": "STOPPED", "reasons": {}}
        return found

    def await_readiness(self, wanted: str, within_s: float = START_S) -> dict[str, Any]:
        """Wait until the desk is as wanted, and give its status."""
        end = time.monotonic() + BUSY * within_s
        while (status := self.status())["readiness"] != wanted:
            assert self.lives[-1].poll() is None or wanted == "STOPPED", self.log.read_text()
            assert time.monotonic() < end, f"{wanted} was awaited, found {status}\n{self.log.read_text()}"
            time.sleep(LOOK_S)
        return status

    def export(self) -> dict[str, Any]:
        """Give `export --json`."""
        said = self.here(lambda settings: copies.export(settings, copies.STANDARD_OUTPUT))
        assert said.code == 0, said.err
        found: dict[str, Any] = json.loads(said.out)
        return found


@contextmanager
def installed(folder: Path, at: Exchange, **extra: str) -> Iterator[Installation]:
    """Set an installation up against a sandbox, times divided by ten; every life of it is ended on leaving."""
    folder.mkdir(parents=True, exist_ok=True)
    joined = {name: value for name, value in at.ready["env"].items() if "TELEGRAM" not in name and "MODEL" not in name}
    settings = joined | {"WIREDESK_DATA": str(folder / "data"), "WIREDESK_TIME_SCALE": "10"} | extra
    made = Installation(folder=folder, settings=settings)
    try:
        yield made
    finally:
        for process in made.lives:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
