"""Names that say nothing, clocks and chance in the wrong rooms, floats in the domain, swallowed exceptions."""
from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT, Module, dotted, imports, inside, modules, plant

DRAWERS = frozenset((
    "base", "common", "core", "data", "handler", "handlers", "helper", "helpers", "info", "lib", "manager", "managers",
    "misc", "process", "processor", "service", "services", "shared", "stuff", "tool", "tools", "util", "utils",
))
# Reliability section 7.1: one source of time, one of chance, one place that starts tasks, one that starts threads.
CLOCK_ROOMS = ("bot.adapters.system.clock", "bot.sandbox.clock", "bot.sandbox.telegram.world")
CHANCE_ROOMS = ("bot.adapters.system.ids",)
# The stream ends the two tasks of each connection itself; the sandbox withholds answers on purpose.
TASK_ROOMS = ("bot.runtime.supervisor", "bot.adapters.bitget.stream", "bot.sandbox")
# The sandbox hands its surroundings on to the bot it starts, without what is ours; it reads none of them.
ENVIRONMENT_ROOMS = ("bot.settings.source", "bot.sandbox.child")
THREAD_ROOMS = ("bot.adapters.store.engine", "bot.adapters.store.thread", "bot.charts", "bot.lab")
CLOCKS = frozenset((
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "time.monotonic",
    "time.monotonic_ns", "time.perf_counter", "time.perf_counter_ns", "time.sleep",
))
CHANCES = frozenset(f"random.{name}" for name in (
    "random", "uniform", "randint", "randrange", "choice", "choices", "sample", "shuffle", "gauss", "getrandbits",
    "SystemRandom", "seed",
))
TASKS = frozenset(("asyncio.create_task", "asyncio.ensure_future", "create_task", "ensure_future"))
THREADS = frozenset((
    "asyncio.to_thread", "to_thread", "threading.Thread", "Thread", "ThreadPoolExecutor", "ProcessPoolExecutor",
    "concurrent.futures.ThreadPoolExecutor", "concurrent.futures.ProcessPoolExecutor",
))
# Where a broad `except` may swallow (architecture section 11): supervisor guard, courier delivery, chat mishaps,
# advisor call; the stream's reader, whose defect costs one connection (bot/DECISIONS.md, D24). The ledger's group
# swallows nothing: it hands what work raised to whoever asked for the work.
BROAD_ROOMS = ("bot.runtime.supervisor", "bot.chat.delivery", "bot.chat.mishaps", "bot.adapters.advisors.llm",
               "bot.adapters.bitget.stream", "bot.adapters.store.group")
IMPURE = frozenset((
    "asyncio", "concurrent", "http", "io", "logging", "multiprocessing", "os", "pathlib", "queue", "random", "secrets",
    "selectors", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time",
    "urllib", "uuid",
))

WIRE_WORDS = frozenset((
    "clientOid", "client_oid", "orderId", "tradeId", "tradeSide", "trade_side", "reduceOnly", "holdSide", "hold_side",
    "posSide", "posMode", "marginMode", "productType", "marginCoin", "planType", "triggerPrice", "baseVolume",
    "priceAvg", "presetStopLossPrice", "presetStopSurplusPrice", "USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES",
))

INNER_FLOORS = ("bot.domain", "bot.ports", "bot.desk", "bot.chat", "bot.runtime")

Rule = Callable[[Module], Iterator[str]]


def no_drawers(module: Module) -> Iterator[str]:
    """A module is called after what it holds."""
    last = module.name.rpartition(".")[2]
    if last in DRAWERS:
        yield f"{module.path}:1: {last!r} is a drawer for anything; name the file after its one noun or verb"


def no_hidden_imports(module: Module) -> Iterator[str]:
    """Own modules are imported at the top, where the floor plan can be read."""
    for item in imports(module):
        if item.hidden and item.target.partition(".")[0] in ("bot", "tests"):
            yield f"{item.where}: {item.target} is imported inside a function; move it to the top or move the code"


def pure_domain(module: Module) -> Iterator[str]:
    """The domain knows neither floats nor clocks, neither async nor the machine."""
    if not inside(module.name, "bot.domain"):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"{module.at(node)}: {node.value} is a float; money is Decimal, from a string"
        elif isinstance(node, ast.Name) and node.id == "float":
            yield f"{module.at(node)}: the domain knows no float; use Decimal or int"
        elif isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            yield f"{module.at(node)}: the domain never waits; async belongs to the desk"
    for item in imports(module):
        if item.target.partition(".")[0] in IMPURE:
            yield f"{item.where}: {item.target} reaches outside; the domain is given values instead"


def one_clock(module: Module) -> Iterator[str]:
    """Time comes from the clock port, so that a simulation can move it."""
    if any(inside(module.name, room) for room in CLOCK_ROOMS):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and ".".join(dotted(node).split(".")[-2:]) in CLOCKS:
            yield f"{module.at(node)}: {dotted(node)} reads the machine's clock; ask the clock port"
    for item in imports(module):
        if item.target in CLOCKS:
            yield f"{item.where}: {item.target} reads the machine's clock; ask the clock port"


def one_chance(module: Module) -> Iterator[str]:
    """Chance comes from the ids port, or from a `Random(seed)` that somebody passes in."""
    if any(inside(module.name, room) for room in CHANCE_ROOMS):
        return
    for item in imports(module):
        top = item.target.partition(".")[0]
        if (top in ("uuid", "secrets") or item.target.startswith("random.")) and item.target != "random.Random":
            yield f"{item.where}: {item.target} is chance that no seed controls; ask the ids port or be given a seed"
    for node in ast.walk(module.tree):
        name = dotted(node) if isinstance(node, ast.Attribute) else ""
        unseeded = isinstance(node, ast.Call) and dotted(node.func) in ("Random", "random.Random") and not node.args
        if unseeded or name in ("os.urandom", *CHANCES):
            yield f"{module.at(node)}: {name or 'Random()'} is chance that no seed controls; draw from Random(seed)"


def one_environment(module: Module) -> Iterator[str]:
    """Settings read the environment; everybody else is handed values."""
    if module.name in ENVIRONMENT_ROOMS:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and dotted(node) in ("os.environ", "os.getenv", "os.environb"):
            yield f"{module.at(node)}: {dotted(node)} is for bot.settings alone; be handed the value"
    for item in imports(module):
        if item.target in ("os.environ", "os.getenv", "dotenv", "dotenv.load_dotenv"):
            yield f"{item.where}: {item.target} is for bot.settings alone; be handed the value"


def wire_words_stop_at_the_adapter(module: Module) -> Iterator[str]:
    """The house speaks its glossary; the exchange's words end in its wing (architecture section 4)."""
    if not any(inside(module.name, floor) for floor in INNER_FLOORS):
        return
    for node in ast.walk(module.tree):
        word = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else (
            node.value if isinstance(node, ast.Constant) else node.arg if isinstance(node, ast.arg) else None)
        if isinstance(word, str) and word in WIRE_WORDS:
            yield f"{module.at(node)}: {word} is a word of the exchange; say it in the glossary's (bot/README.md)"


def supervised_tasks(module: Module) -> Iterator[str]:
    """A task nobody waits for fails in silence: task groups and the supervisor start them."""
    if any(inside(module.name, room) for room in TASK_ROOMS):
        return
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        if name in TASKS or (name.endswith(".create_task") and "loop" in name.rpartition(".")[0].lower()):
            yield f"{module.at(node)}: {name} starts a task nobody waits for; use a TaskGroup or the supervisor"


def one_thread(module: Module) -> Iterator[str]:
    """The ledger has a thread; nothing else may."""
    if any(inside(module.name, room) for room in THREAD_ROOMS):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name in THREADS or name.endswith(".run_in_executor"):
                yield f"{module.at(node)}: {name} leaves the event loop; only the ledger has a thread"


def _broad(node: ast.expr | None) -> bool:
    names = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(name is None or dotted(name) in ("Exception", "BaseException", "builtins.Exception") for name in names)


def no_swallowing(module: Module) -> Iterator[str]:
    """Broad handlers live in four places; elsewhere one may look, but must raise on."""
    allowed = any(inside(module.name, room) for room in BROAD_ROOMS)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler) and _broad(node.type) and not allowed:
            last = node.body[-1]
            if not (isinstance(last, ast.Raise) and last.exc is None):
                yield f"{module.at(node)}: a broad except swallows bugs here; name the exceptions, or end it in `raise`"
        elif isinstance(node, ast.Call) and dotted(node.func).endswith("suppress") and any(map(_broad, node.args)):
            yield f"{module.at(node)}: suppress(Exception) swallows bugs; name the exceptions"


RULES: tuple[Rule, ...] = (
    no_drawers, no_hidden_imports, pure_domain, one_clock, one_chance, one_environment, supervised_tasks, one_thread,
    no_swallowing, wire_words_stop_at_the_adapter,
)


def violations(root: Path) -> list[str]:
    """List every broken rule of this file below `root`, one sentence each."""
    return [words for module in modules(root) for rule in RULES for words in rule(module)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_words(rule: Rule) -> None:
    found = [words for module in modules(ROOT) for words in rule(module)]
    assert not found, f"{rule.__doc__}\n" + "\n".join(found)


def test_tests_keep_no_drawers_either() -> None:
    assert [words for module in modules(ROOT, "tests") for words in no_drawers(module)] == []


PLANTED = [
    ("bot/desk/utils.py", "", "'utils' is a drawer"),
    ("bot/desk/submit.py", "def send():\n    from bot.domain import order\n", "imported inside a function"),
    ("bot/domain/order.py", "x = 0.5\n", "0.5 is a float"),
    ("bot/domain/order.py", "def f(x: float): ...\n", "knows no float"),
    ("bot/domain/order.py", "async def f(): ...\n", "never waits"),
    ("bot/domain/order.py", "import os\n", "os reaches outside"),
    ("bot/domain/order.py", "from datetime import datetime\nx = datetime.now()\n", "datetime.now reads the machine's"),
    ("bot/desk/watch.py", "import datetime\nx = datetime.datetime.now()\n", "datetime.datetime.now reads"),
    ("bot/desk/watch.py", "import datetime as dt\nx = dt.datetime.now()\n", "dt.datetime.now reads"),
    ("bot/desk/watch.py", "import time\nx = time.time()\n", "time.time reads"),
    ("bot/desk/watch.py", "from time import monotonic\n", "time.monotonic reads"),
    ("bot/sandbox/tape.py", "import time\nx = time.time()\n", "time.time reads"),
    ("bot/desk/propose.py", "from uuid import uuid4\n", "uuid.uuid4 is chance"),
    ("bot/desk/propose.py", "import random\nx = random.choice(y)\n", "random.choice is chance"),
    ("bot/desk/propose.py", "from random import shuffle\n", "random.shuffle is chance"),
    ("bot/desk/propose.py", "from random import Random\nx = Random()\n", "Random() is chance"),
    ("bot/desk/propose.py", "import os\nx = os.urandom(8)\n", "os.urandom is chance"),
    ("bot/sandbox/tape.py", "import random\nx = random.random()\n", "random.random is chance"),
    ("bot/desk/propose.py", "import secrets\n", "secrets is chance"),
    ("bot/desk/watch.py", "import os\nx = os.environ['A']\n", "os.environ is for bot.settings alone"),
    ("bot/desk/watch.py", "from os import getenv\n", "os.getenv is for bot.settings alone"),
    ("bot/desk/watch.py", "import asyncio\nasyncio.create_task(f())\n", "a task nobody waits for"),
    ("bot/desk/watch.py", "import asyncio\nasyncio.get_running_loop().create_task(f())\n", "a task nobody waits for"),
    ("bot/desk/watch.py", "loop.create_task(f())\n", "a task nobody waits for"),
    ("bot/desk/watch.py", "import asyncio\nasyncio.to_thread(f)\n", "leaves the event loop"),
    ("bot/desk/watch.py", "loop.run_in_executor(None, f)\n", "leaves the event loop"),
    ("bot/desk/watch.py", "try:\n    f()\nexcept Exception:\n    pass\n", "a broad except"),
    ("bot/desk/watch.py", "try:\n    f()\nexcept (ValueError, Exception):\n    pass\n", "a broad except"),
    ("bot/desk/watch.py", "try:\n    f()\nexcept:\n    pass\n", "a broad except"),
    ("bot/desk/watch.py", "x = row['clientOid']\n", "clientOid is a word of the exchange"),
    ("bot/domain/order.py", "def f(tradeSide): ...\n", "tradeSide is a word of the exchange"),
    ("bot/desk/watch.py", "with contextlib.suppress(Exception):\n    f()\n", "suppress(Exception)"),
]


@pytest.mark.parametrize(("path", "source", "words"), PLANTED)
def test_a_planted_violation_is_found(tmp_path: Path, path: str, source: str, words: str) -> None:
    found = violations(plant(tmp_path, {path: source}))
    assert any(words in line for line in found), found


@pytest.mark.parametrize(("path", "source"), [
    ("bot/adapters/system/clock.py", "from datetime import datetime\nx = datetime.now()\n"),
    ("bot/adapters/system/ids.py", "import secrets\n"),
    ("bot/sandbox/tape.py", "from random import Random\nx = Random(7)\n"),
    ("bot/sandbox/tape.py", "import random\nx = random.Random(7)\n"),
    ("bot/desk/watch.py", "async def f(group):\n    group.create_task(g())\n"),
    ("bot/desk/watch.py", "try:\n    f()\nexcept BaseException:\n    undo()\n    raise\n"),
    ("bot/runtime/supervisor.py", "try:\n    f()\nexcept Exception:\n    pass\n"),
    ("bot/domain/order.py", "from datetime import datetime, timedelta\nfrom decimal import Decimal\n"),
])
def test_what_the_rules_allow_passes(tmp_path: Path, path: str, source: str) -> None:
    assert violations(plant(tmp_path, {path: source})) == []
