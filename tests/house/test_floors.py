"""The law of imports (architecture section 3): who may know whom, and which library may enter on which floor."""
from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.tree import ROOT, Import, Module, imports, inside, modules, plant


@dataclass(frozen=True, slots=True)
class Floor:
    """One floor or wing: its prefix, what of ours it may import, what from outside, and what of ours it may not."""

    prefix: str
    ours: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        """The short name used in sentences."""
        return self.prefix.removeprefix("bot.")


# yarl is aiohttp's own address type: without it the query would be re-encoded after it was signed.
WIRE = ("aiohttp", "yarl", "websockets", "msgspec")
BASE = ("bot.ports", "bot.domain")
# The longest matching prefix rules. Everything imports itself.
FLOORS = (
    Floor("bot"),
    Floor("bot.__main__", ("bot.compose", "bot.settings", "bot.__version__")),
    Floor("bot.settings", outside=("pydantic", "pydantic_settings")),
    Floor("bot.compose", ("bot",), strangers=("bot.sandbox", "bot.__main__")),
    Floor("bot.domain"),
    Floor("bot.ports", ("bot.domain",)),
    Floor("bot.desk", BASE),
    Floor("bot.adapters"),
    Floor("bot.adapters.bitget", BASE, WIRE),
    Floor("bot.adapters.bitget.classic", (*BASE, "bot.adapters.bitget"), WIRE,
          strangers=("bot.adapters.bitget.unified",)),
    Floor("bot.adapters.bitget.unified", (*BASE, "bot.adapters.bitget"), WIRE,
          strangers=("bot.adapters.bitget.classic",)),
    Floor("bot.adapters.store", BASE, ("sqlalchemy", "psycopg", "alembic")),
    Floor("bot.adapters.advisors", BASE, ("httpx", "pydantic")),
    Floor("bot.adapters.system", BASE),
    Floor("bot.chat", ("bot.desk", *BASE), ("telegram", "aiohttp", "pyotp")),
    Floor("bot.lab", ("bot.adapters.advisors", "bot.adapters.store", *BASE), ("lightgbm", "numpy", "matplotlib")),
    # Its one line to the desk is the runtime's socket, which knows no trading (bot/DECISIONS.md, D43).
    Floor("bot.mcp", (*BASE, "bot.runtime.local_socket"), ("mcp", "mcp_types", "pydantic", "uvicorn")),
    Floor("bot.charts", ("bot.domain",), ("matplotlib", "segno")),
    Floor("bot.runtime", ("bot.domain.trading",)),
    Floor("bot.sandbox", outside=("aiohttp", "h11", "websockets")),
    Floor("migrations", ("bot.adapters.store", "bot.settings"),
          ("alembic", "sqlalchemy")),
)
NOBODY_IMPORTS = {"bot.compose": ("bot.__main__",), "bot.sandbox": (), "tests": (), "migrations": ()}


def floor_of(name: str) -> Floor:
    """Find the floor a module stands on: the longest prefix wins."""
    return max((floor for floor in FLOORS if inside(name, floor.prefix)), key=lambda floor: len(floor.prefix))


def complaint(module: Module, floor: Floor, item: Import) -> str | None:
    """Say what is wrong with one import, or None when the law allows it."""
    target, top = item.target, item.target.partition(".")[0]
    for closed, except_for in NOBODY_IMPORTS.items():
        if inside(target, closed) and not inside(module.name, closed) and module.name not in except_for:
            return f"{item.where}: nobody imports {closed}, and {module.name} does"
    if top in ("bot", "migrations"):
        if any(inside(target, stranger) for stranger in floor.strangers):
            return f"{item.where}: {floor.called} and {target} are strangers"
        if not any(inside(target, allowed) for allowed in (floor.prefix, *floor.ours)) or floor.prefix == "bot":
            may = ", ".join(name.removeprefix("bot.") for name in floor.ours) or "nothing of ours"
            return f"{item.where}: {floor.called} may not import {target}; it may import itself and {may}"
        return None
    if top in sys.stdlib_module_names or top in floor.outside:
        return None
    may = ", ".join(floor.outside) or "the standard library only"
    return f"{item.where}: {top} is not on the {floor.called} allow-list ({may})"


def violations(root: Path) -> list[str]:
    """List every broken law below `root`, one sentence each."""
    found = []
    for module in (*modules(root), *modules(root, "migrations")):
        floor = floor_of(module.name)
        if floor.prefix in ("bot", "bot.adapters") and module.name != floor.prefix:
            found.append(f"{module.path}:1: {module.name} stands on no floor; plan one in bot/README.md first")
            continue
        found += [words for item in imports(module) if (words := complaint(module, floor, item))]
    return found


def test_every_import_obeys_the_law() -> None:
    found = violations(ROOT)
    assert not found, "The law of imports (bot/README.md) is broken:\n" + "\n".join(found)


def test_the_floor_plan_says_the_same() -> None:
    """The table of bot/README.md lists each floor with exactly the libraries that the law lets in."""
    lines = [line for line in (ROOT / "bot/README.md").read_text().splitlines() if line.startswith("| `")]
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]
    written = {row[0]: {name for name in row[3].replace("–", "").split(", ") if name} for row in rows if len(row) == 4}
    law = {floor.called.replace(".", "/"): {name.replace("_", "-") for name in floor.outside} for floor in FLOORS
           if floor.prefix.startswith("bot.") and "itget." not in floor.prefix
           and floor.prefix not in ("bot.adapters", "bot.__main__")}
    assert written == law


@pytest.mark.parametrize(
    ("path", "source", "words"),
    [
        ("bot/desk/submit.py", "import json\nimport httpx\n", "submit.py:2: httpx is not on the desk allow-list"),
        ("bot/domain/order.py", "import msgspec\n", "msgspec is not on the domain allow-list (the standard"),
        ("bot/domain/order.py", "from bot.ports.clock import Clock\n", "domain may not import bot.ports.clock.Clock"),
        ("bot/ports/venue.py", "from bot.desk.submit import submit\n", "ports may not import bot.desk.submit.submit"),
        ("bot/desk/submit.py", "from bot.adapters.store import tables\n", "desk may not import bot.adapters.store"),
        ("bot/adapters/bitget/http.py", "from bot.adapters.store import orders\n", "adapters.bitget may not import"),
        ("bot/adapters/bitget/classic/venue.py", "from bot.adapters.bitget.unified import wire\n", "are strangers"),
        ("bot/adapters/bitget/unified/venue.py", "from ..classic.wire import Order\n", "are strangers"),
        ("bot/adapters/store/engine.py", "import aiohttp\n", "aiohttp is not on the adapters.store allow-list"),
        ("bot/chat/gate.py", "from bot.adapters.store import people\n", "chat may not import bot.adapters.store"),
        ("bot/charts/candles.py", "from bot.desk import views\n", "charts may not import bot.desk.views"),
        ("bot/runtime/readiness.py", "from bot.domain.order import Order\n", "runtime may not import bot.domain.order"),
        ("bot/sandbox/clock.py", "from bot.domain.ids import Symbol\n", "sandbox may not import bot.domain.ids.Symbol"),
        ("bot/sandbox/clock.py", "from .. import domain\n", "sandbox may not import bot.domain"),
        ("bot/sandbox/launch.py", "import msgspec\n", "msgspec is not on the sandbox allow-list"),
        ("bot/compose.py", "from bot.sandbox import launch\n", "nobody imports bot.sandbox"),
        ("bot/chat/gate.py", "import bot.compose\n", "nobody imports bot.compose"),
        ("bot/desk/submit.py", "from tests.support import clock\n", "nobody imports tests"),
        ("bot/desk/submit.py", "def send():\n    import aiohttp\n", "aiohttp is not on the desk allow-list"),
        ("bot/chat/application.py", "from bot import settings\n", "chat may not import bot.settings"),
        ("bot/settings.py", "from bot.domain.ids import Symbol\n", "settings may not import bot.domain.ids.Symbol"),
        ("bot/__main__.py", "from bot.desk.submit import submit\n", "__main__ may not import bot.desk.submit.submit"),
        ("bot/lab/train.py", "from bot.desk import advise\n", "lab may not import bot.desk.advise"),
        ("bot/mcp/tools.py", "from bot.adapters.store import tables\n", "mcp may not import bot.adapters.store.tables"),
        ("bot/helpers.py", "import json\n", "bot.helpers stands on no floor"),
        ("bot/adapters/kraken/http.py", "import json\n", "bot.adapters.kraken.http stands on no floor"),
        ("migrations/env.py", "from bot.desk import submit\n", "migrations may not import bot.desk.submit"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, path: str, source: str, words: str) -> None:
    found = violations(plant(tmp_path, {path: source}))
    assert len(found) == 1, found
    assert words in found[0]


def test_what_the_law_allows_passes(tmp_path: Path) -> None:
    assert violations(plant(tmp_path, {
        "bot/__init__.py": '__version__ = "1"\n',
        "bot/__main__.py": "from bot import __version__, compose\n",
        "bot/adapters/__init__.py": '"""The driven side."""\n',
        "bot/compose.py": "from bot.settings import Settings\nfrom bot.adapters.bitget.classic import venue\n",
        "bot/domain/order.py": "from decimal import Decimal\nfrom bot.domain.ids import Symbol\n",
        "bot/adapters/bitget/classic/venue.py": "import msgspec\nfrom bot.adapters.bitget.http import Http\n",
        "bot/adapters/store/engine.py": "import sqlite3\nimport sqlalchemy as sa\n",
        "bot/chat/commands/trade.py": "from telegram import Update\nfrom bot.desk.front import Desk\n",
        "bot/sandbox/exchange/http.py": "from bot.sandbox.clock import now\nfrom aiohttp import web\n",
        "migrations/env.py": "from alembic import context\nfrom bot.adapters.store.tables import metadata\n",
    })) == []
