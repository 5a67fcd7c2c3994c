"""Start the process that speaks MCP, without any key in it, and keep the tokens of agents."""
from __future__ import annotations

import argparse
import asyncio
import importlib.util
import os
import stat
import sys
from pathlib import Path

from bot.adapters.system.clock import SystemClock
from bot.adapters.system.ids import SystemIds
from bot.compose.parts import ledger_of
from bot.desk.agent import TOKEN_LENGTH, TOKEN_START, Agent, Scope, add_agent, agents, revoke_agent
from bot.domain.refusal import Refusal
from bot.ports.ledger_rows import LedgerRefused
from bot.settings import PREFIX, Settings

# All the process is given of its surroundings: nothing of ours, and nothing of the user's.
SURROUNDINGS = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONUTF8": "1"}


def mcp(settings: Settings, words: list[str]) -> int:
    """Serve MCP in a process that replaces this one, or make, list and revoke tokens; gives the exit code."""
    given = _parser().parse_args([word for word in words if word != "--"])
    if given.step == "token":
        return _token(settings, given)
    return _serve(settings, given)


def _parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="wiredesk mcp", description="Let agents read and propose: over stdio, or over HTTP with bearer tokens.",
    )
    top.add_argument("--http", metavar="HOST:PORT", help="serve streamable HTTP at /mcp; otherwise stdio")
    top.add_argument("--token-file", type=Path, metavar="FILE",
                     help=f"the agent's token for stdio; otherwise {PREFIX}MCP_TOKEN")
    steps = top.add_subparsers(dest="step", metavar="token")
    token = steps.add_parser("token", help="make, list and revoke the tokens of agents")
    verbs = token.add_subparsers(dest="verb", required=True, metavar="add|list|revoke")
    add = verbs.add_parser("add", help="let an agent in and print its token, once")
    add.add_argument("name")
    add.add_argument("--scopes", default="read,propose", help="read, or read,propose (default)")
    add.add_argument("--days", type=int, default=30, help="for how many days it counts (default 30)")
    verbs.add_parser("list", help="list agents")
    verbs.add_parser("revoke", help="end an agent's token at once").add_argument("name")
    return top


def _serve(settings: Settings, given: argparse.Namespace) -> int:
    """Become the MCP process; gives an exit code only where it cannot be started."""
    if importlib.util.find_spec("mcp") is None:
        return _no("The extra is not installed: uv sync --extra mcp, or pip install 'wiredesk[mcp]'.")
    token = None
    if given.http is None and (token := _own_token(settings, given.token_file)) is None:
        return _no(f"Over stdio an agent needs its token: set {PREFIX}MCP_TOKEN or --token-file. Make one with "
                   "`wiredesk mcp token add NAME`.")
    argv = [sys.executable, "-m", "bot.mcp", "--desk", str(settings.data_dir / "agents")]
    if token is None:
        argv += ["--http", given.http]
    else:
        # Through a pipe: arguments and environment of a process can be read by others.
        reading, writing = os.pipe()
        os.write(writing, token.encode())
        os.close(writing)
        os.set_inheritable(reading, True)
        argv += ["--token-fd", str(reading)]
    sys.stdout.flush()
    return os.execve(argv[0], argv, SURROUNDINGS)


def _own_token(settings: Settings, file: Path | None) -> str | None:
    if file is None:
        return settings.mcp_token.get_secret_value() if settings.mcp_token is not None else None
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        print(f"{file} can be read by others; run chmod 600 on it.", file=sys.stderr)
    return file.read_text(encoding="utf-8").strip() or None


def _token(settings: Settings, given: argparse.Namespace) -> int:
    if not settings.data_dir.is_dir() and settings.database_url is None:
        return _no(f"There is no desk at {settings.data_dir} yet. Start one with `wiredesk run`.")
    try:
        return asyncio.run(_kept(settings, given))
    except (LedgerRefused, ValueError) as no:
        return _no(str(no))


async def _kept(settings: Settings, given: argparse.Namespace) -> int:
    clock = SystemClock()
    async with ledger_of(settings) as (ledger, _):
        if given.verb == "list":
            for one in await ledger.read(agents):
                print(_line(one))
            return 0
        if given.verb == "revoke":
            ended = await ledger.transact(lambda tx: revoke_agent(tx, given.name, clock.now(), "local"))
            return _no(str(ended)) if isinstance(ended, Refusal) else _said(_line(ended))
        try:
            scopes = frozenset(Scope(word.strip()) for word in given.scopes.split(","))
        except ValueError:
            return _no(f"{given.scopes!r} are no scopes; say read or read,propose.")
        token = TOKEN_START + SystemIds().new_token(TOKEN_LENGTH)
        made = await ledger.transact(
            lambda tx: add_agent(tx, given.name, token, scopes, given.days, clock.now(), "local")
        )
        if isinstance(made, Refusal):
            return _no(str(made))
    print(f"{_line(made)}. This is its token; it is shown once and kept only as a hash:", file=sys.stderr)
    return _said(token)


def _line(one: Agent) -> str:
    scopes = ",".join(sorted(scope.value for scope in one.scopes))
    ended = "revoked" if one.revoked_at is not None else f"until {one.until:%Y-%m-%d %H:%M} UTC"
    return f"{one.name}  {scopes}  {ended}"


def _said(words: str) -> int:
    print(words)
    return 0


def _no(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
