"""Search everything a run with faults leaves behind for its secrets (T9, P8): `python -m tests.campaigns.secrets`.

Real processes: the sandbox, the desk with every kind of secret set, killed and refused meanwhile. Searched are all
outputs, the database with its journals, exports, copies, what the chat was told, and the command lines and variables
that other users of the machine can see. File modes are looked at as well (T13).
"""
from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.house.tree import ROOT
from tests.support.processes import Exchange, Installation, exchange

PIN, LATE = "847261", "918273"
CANARIES = {
    "model key": "sk-canary-6f1d2b", "second channel": "T0CANARY/hook-77aa", "mcp token": "wda-canary-token-90ab",
}
FAULTS = (
    ("/exchange/fault", {"name": "http_5xx", "times": 2}), ("/exchange/fault", {"name": "html_body", "times": 2}),
    ("/exchange/fault", {"name": "drop_socket"}), ("/exchange/fault", {"name": "reject_next", "code": "40012"}),
    ("/exchange/fault", {"name": "accept_then_silence", "path": "place-order"}),
    ("/telegram/fault", {"name": "telegram_garbage", "times": 3}),
    ("/telegram/fault", {"name": "telegram_5xx", "code": 502, "times": 3}),
    ("/telegram/fault", {"name": "telegram_unauthorized", "times": 1}),
    ("/telegram/fault", {"name": "telegram_down", "times": 4}),
    ("/model/fault", {"name": "hostile"}), ("/model/fault", {"name": "refusing"}),
)
# They are where a secret lives, for its owner alone.
HOMES = ("bot.env", "bad.env", "seal.key", "ready.json")


def env_file(folder: Path, name: str, settings: dict[str, str]) -> Path:
    """Write settings as the operator does: a file for its owner alone."""
    file = folder / name
    file.touch(0o600)
    file.write_text("".join(f"{key}='{value}'\n" for key, value in settings.items()))
    return file


def command(folder: Path, file: Path, *words: str, **extra: str) -> None:
    """Run one command and keep what it printed."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **extra}
    done = subprocess.run([sys.executable, "-m", "bot", "--env-file", str(file), *words], cwd=ROOT, env=environment,
                          capture_output=True, timeout=120, check=False)
    with (folder / "commands.out").open("ab") as out:
        out.write(b"$ " + " ".join(words).encode() + b"\n" + done.stdout + done.stderr)


def post(address: str, body: bytes, **headers: str) -> None:
    """Send an alert from outside, whatever comes of it."""
    request = urllib.request.Request(address, data=body, headers={name.replace("_", "-"): one
                                                                  for name, one in headers.items()})
    with suppress(urllib.error.URLError, OSError):
        urllib.request.urlopen(request, timeout=5).read()


def lived(venue: Exchange, desk: Installation, file: Path) -> None:
    """Let people talk, signals come and faults happen; kill the desk in the middle, and start it with a wrong key."""
    owner, settings = venue.ready["people"]["owner"], desk.settings

    def say(words: str, pause: float = 0.6) -> None:
        venue.ask(f"/people/{owner}/say", {"text": words})
        time.sleep(pause)

    start(desk, file)
    for words in ("/pin", "000000", PIN, LATE, "/resume", "111111", PIN, "/invite trader", PIN, "/config", "/me",
                  "/long btc $100 sl 2%", "/totp", PIN, "/logs 50", "/health", "/cancel"):
        say(words)
    signal = f"http://{settings['WIREDESK_SIGNALS_LISTEN']}/signal"
    secret = settings["WIREDESK_SIGNALS_SECRET"]
    post(signal, b"long btc sl 1%", X_Wiredesk_Secret=secret)
    post(f"{signal}/{secret}", b"{broken " + secret.encode())
    post(signal, json.dumps({"secret": secret, "ticker": "BTCUSDT", "note": secret}).encode())
    command(desk.folder, file, "mcp", "token", "add", "canary-bot")
    command(desk.folder, file, "order", "long", "eth", "$200", "sl", "2%", "--yes")
    for path, fault in FAULTS:
        with suppress(AssertionError):
            venue.ask(path, fault)
        say("/positions", 0.4)
        say("/propose btc", 0.8)
    for words in (("status", "--json"), ("check",), ("doctor",), ("audit",), ("backup", str(desk.folder / "copy.db")),
                  ("export", "--json", str(desk.folder / "all.json")), ("reconcile",)):
        command(desk.folder, file, *words)
    desk.kill()
    for path in ("/exchange/fault", "/telegram/fault"):
        venue.ask(path, {"name": "clear"})
    wrong = env_file(desk.folder, "bad.env", settings | {"WIREDESK_BITGET_SECRET": settings["WIREDESK_BITGET_KEY"]})
    for words in (("check",), ("doctor",), ("reconcile",)):
        command(desk.folder, wrong, *words)
    command(desk.folder, file, "mcp", WIREDESK_MCP_TOKEN=CANARIES["mcp token"])
    start(desk, file)
    say("/flat", 2.0)


def start(desk: Installation, file: Path) -> None:
    """Start the desk by its settings file alone, and wait for it."""
    with desk.log.open("ab") as err:
        desk.lives.append(subprocess.Popen(
            [sys.executable, "-m", "bot", "--env-file", str(file), "run"], cwd=ROOT, stdout=err, stderr=err,
            env={"PATH": os.environ["PATH"], "HOME": str(desk.folder)},
        ))
    desk.await_readiness("READY")


def seen(desk: Installation) -> Iterator[tuple[str, bytes]]:
    """Give what other users see of the processes: command lines and variables."""
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        with suppress(OSError):
            line = (process / "cmdline").read_bytes()
            if str(desk.folder).encode() in line or b"bot.charts" in line:
                yield f"command line {process.name}", line
                yield f"variables {process.name}", (process / "environ").read_bytes()


def found(folder: Path, told: bytes, processes: list[tuple[str, bytes]], secrets: dict[str, str]) -> list[str]:
    """List where a secret lies that has no business there."""
    places = [(str(file.relative_to(folder)), file.read_bytes()) for file in folder.rglob("*")
              if file.is_file() and file.name not in HOMES]
    return [f"{name} in {place}" for place, text in (*places, ("the chat", told), *processes)
            for name, secret in secrets.items() if secret.encode() in text]


def modes(data: Path) -> list[str]:
    """List what others may read in the data directory (T13)."""
    return [f"{entry} has mode {stat.S_IMODE(entry.stat().st_mode):04o}" for entry in (data, *data.rglob("*"))
            if not entry.is_socket() and entry.stat().st_mode & 0o077]


def campaign(folder: Path) -> tuple[list[str], int]:
    """Live through it and search; gives what was found, and how many bytes were searched."""
    with exchange(folder / "venue") as venue:
        made: dict[str, Any] = {**venue.ready["env"], "WIREDESK_DATA": str(folder / "desk" / "data"),
                                "WIREDESK_MODEL_KEY": CANARIES["model key"], "WIREDESK_ADVISORS": "rules,llm",
                                "WIREDESK_SECOND_CHANNEL_URL": f"http://127.0.0.1:9/{CANARIES['second channel']}",
                                "WIREDESK_LOG_LEVEL": "DEBUG"}
        desk = Installation(folder=folder / "desk", settings=made)
        desk.folder.mkdir()
        try:
            lived(venue, desk, env_file(desk.folder, "bot.env", made))
            processes = list(seen(desk))
            told = json.dumps(venue.ask(f"/people/{venue.ready['people']['owner']}/chat?wait=0")).encode()
        finally:
            for life in desk.lives:
                life.terminate()
                life.wait(20)
        secrets = {
            "bitget secret": made["WIREDESK_BITGET_SECRET"], "bitget passphrase": made["WIREDESK_BITGET_PASSPHRASE"],
            "bitget key": made["WIREDESK_BITGET_KEY"], "bot token": made["WIREDESK_TELEGRAM_TOKEN"].split(":")[1],
            "signals secret": made["WIREDESK_SIGNALS_SECRET"], "new pin": PIN, "late pin": LATE,
            "seal key": (desk.data / "seal.key").read_text().strip(), **CANARIES,
        }
        wrong = found(desk.folder, told, processes, secrets) + modes(desk.data)
        size = sum(one.stat().st_size for one in desk.folder.rglob("*") if one.is_file())
        known = found(desk.folder, told, [], {"a name that is no secret": "canary-bot"})
        if not processes or not {"commands.out", "copy.db", "all.json"} <= {one.rpartition(" ")[2] for one in known}:
            wrong.append(f"the run did not happen as meant, or the search is blind: {known}")
    return wrong, size


def main() -> int:
    """Print what was found; 1 when it is anything."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        wrong, size = campaign(Path(directory))
        if wrong:
            print((Path(directory) / "desk" / "commands.out").read_text(errors="replace")[-3000:])
    for line in wrong:
        print(f"FOUND: {line}")
    print(f"{size / 1e6:.1f} MB searched, {len(wrong)} findings, {time.monotonic() - began:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
