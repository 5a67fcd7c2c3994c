"""Say in plain words what is missing or wrong: settings, database, exchange, chat, model. Changes nothing."""
from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.store.address import parse_address
from bot.adapters.store.schema import require_head
from bot.compose.key_rules import key_findings
from bot.compose.language_check import model_findings
from bot.compose.parts import exchange
from bot.compose.supply import complaints
from bot.domain.reports import Profile
from bot.ports.ledger_rows import LedgerRefused
from bot.ports.venue import VenueSilent
from bot.runtime.disk import free_bytes
from bot.runtime.local_socket import Declined, NothingRuns, ask
from bot.runtime.vitals import MEGABYTE
from bot.settings import Settings, Unusable

TOKEN = re.compile(r"\d{5,}:[\w-]{30,}")
TELEGRAM_S, ANSWER_MAX = 10.0, 65_536


@dataclass(frozen=True, slots=True)
class Found:
    """One thing looked at: `mark` is ok, note (may be so) or WRONG (must be mended)."""

    mark: str
    sentence: str


def doctor(settings: Settings, env_file: Path) -> int:
    """Print one line per finding; gives 0 unless something is wrong."""
    looks: tuple[Callable[[], Iterator[Found]], ...] = (
        lambda: _settings(settings, env_file),
        lambda: _directory(settings),
        lambda: _database(settings),
        lambda: _desk(settings),
        lambda: _exchange(settings),
        lambda: _telegram(settings),
        lambda: _signals(settings),
        lambda: (Found(*one) for one in model_findings(settings)),
    )
    found = []
    for look in looks:
        for one in look():
            found.append(one)
            print(f"{one.mark:<6}{one.sentence}", flush=True)
    wrong = sum(1 for one in found if one.mark == "WRONG")
    print("Nothing is wrong." if not wrong else f"{wrong} to be mended before the desk can run.")
    return 1 if wrong else 0


def _settings(settings: Settings, env_file: Path) -> Iterator[Found]:
    where = f"the environment and {env_file}" if env_file.exists() else "the environment alone"
    yield Found("ok", f"Settings read from {where}: {settings.environment}, account {settings.account}.")
    if settings.environment == "live":
        yield Found("note", "This is live: orders move real money.")
    mark = "WRONG" if settings.environment == "live" else "note"
    yield from (Found(mark, words) for words in complaints())


def _directory(settings: Settings) -> Iterator[Found]:
    directory = settings.data_dir
    if not directory.exists():
        parent = next(one for one in directory.parents if one.exists())
        if parent.is_dir() and os.access(parent, os.W_OK | os.X_OK):
            yield Found("note", f"The data directory {directory} is made at the first start.")
        else:
            yield Found("WRONG", f"The data directory {directory} cannot be made; set WIREDESK_DATA to another place.")
        return
    if not directory.is_dir() or not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        yield Found("WRONG", f"{directory} cannot be read and written; give this user access, or set WIREDESK_DATA.")
        return
    free, least = free_bytes(directory), settings.disk_free_min_mb
    if free is not None and free < least * MEGABYTE:
        yield Found("WRONG", f"{free // MEGABYTE} MB are free at {directory}, {least} are needed; make room.")
    else:
        yield Found("ok", f"The data directory {directory} can be used.")
    if directory.stat().st_mode & 0o077:
        yield Found("note", f"Others may look into {directory}; the next start closes it (0700).")


def _database(settings: Settings) -> Iterator[Found]:
    try:
        address = parse_address(settings.database.get_secret_value())
        if address.file is not None and not address.file.exists():
            yield Found("note", f"The database {address.text} is made at the first start.")
            return
        require_head(address)
    except (LedgerRefused, ValueError) as no:
        yield Found("WRONG", str(no))
        return
    yield Found("ok", f"The database {address.text} is at head.")


def _desk(settings: Settings) -> Iterator[Found]:
    try:
        status = asyncio.run(ask(settings.data_dir, "status", within_s=5.0))
    except NothingRuns:
        yield Found("note", "No desk runs here now.")
    except (Declined, TimeoutError, OSError) as silent:
        yield Found("WRONG", f"A desk runs here but does not answer: {silent or 'no answer within 5 s'}")
    else:
        reasons = "; ".join(status["reasons"].values())
        mark = "ok" if status["readiness"] == "READY" else "note"
        yield Found(mark, f"A desk runs: {status['readiness']}, {status['trading_state']}. {reasons}".strip())


def _exchange(settings: Settings) -> Iterator[Found]:
    try:
        profile = asyncio.run(_profile(settings))
    except (Unusable, VenueSilent, ValueError) as no:
        yield Found("WRONG", str(no))
        return
    forbidden, warned = key_findings(profile, settings)
    yield from (Found("WRONG", str(one)) for one in forbidden)
    yield from (Found("note", one) for one in warned)
    off_s = abs(profile.clock_offset_ms) / 1000
    if off_s > settings.skew_s:
        yield Found("WRONG", f"This machine's clock differs by {off_s:.1f} s from the exchange's; set the clock.")
    if not forbidden:
        yield Found("ok", "The exchange answers and takes the key; `wiredesk check` tells all of it.")


def _signals(settings: Settings) -> Iterator[Found]:
    listen = settings.signals_listen
    if listen is None:
        return
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if host not in ("127.0.0.1", "::1", "localhost"):
        yield Found("note", f"Alerts from outside are taken at {listen}, in the clear: put TLS in front of it.")
    try:
        with socket.create_server((host, int(port)), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            yield Found("ok", f"Alerts from outside can be taken at {listen}.")
    except OSError as fault:
        yield Found("note", f"{listen} is in use or not ours ({fault.strerror}); fine if this desk runs, else set "
                            "WIREDESK_SIGNALS_LISTEN to another address.")


async def _profile(settings: Settings) -> Profile:
    async with exchange(settings) as (venue, *_):
        return await venue.profile()


def _telegram(settings: Settings) -> Iterator[Found]:
    if settings.telegram_token is None:
        yield Found("note", "WIREDESK_TELEGRAM_TOKEN is not set: no chat. Ask @BotFather for a bot to have one.")
        return
    token = settings.telegram_token.get_secret_value()
    if not TOKEN.fullmatch(token):
        yield Found("WRONG", "WIREDESK_TELEGRAM_TOKEN does not look like a bot's token (digits, a colon, 35 letters).")
        return
    try:
        name = _bot_name(settings.address("telegram_root"), token)
    except Unusable as no:
        yield Found("WRONG", str(no))
    except urllib.error.HTTPError as no:
        told = "does not know this token; copy it again from @BotFather" if no.code in (401, 404) else f"says {no.code}"
        yield Found("WRONG", f"Telegram {told}.")
    except (OSError, ValueError, KeyError, TypeError) as silent:
        # Whatever it says may hold the address, and the address holds the token.
        yield Found("WRONG", f"Telegram cannot be reached ({type(silent).__name__}); check the network.")
    else:
        yield Found("ok", f"Telegram knows the bot @{name}.")


def _bot_name(root: str, token: str) -> str:
    # No proxies from the environment: the token travels in the address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects())
    with opener.open(f"{root}/bot{token}/getMe", timeout=TELEGRAM_S) as answer:
        return str(json.loads(answer.read(ANSWER_MAX))["result"]["username"])


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What points elsewhere is an answer like any other."""

    def redirect_request(self, *_: object) -> None:
        """Follow nobody."""
