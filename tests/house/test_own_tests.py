"""Each module of domain, desk and adapters has a test file of its own name (architecture section 15)."""
from __future__ import annotations

from pathlib import Path

from tests.house.tree import ROOT, inside, modules, plant

FLOORS = ("bot.domain", "bot.desk", "bot.adapters")
# Modules still waiting for their test, one path a line. This list only ever shrinks: new modules come with a test.
PENDING = Path(__file__).with_name("pending_tests.txt")


def pending() -> frozenset[str]:
    """Read the list of modules that are still waiting for their test."""
    return frozenset(line for line in PENDING.read_text().splitlines() if line and not line.startswith("#"))


def own_test(path: str) -> str:
    """Give the path of the test a module must have: `bot/domain/order.py` gives `tests/domain/test_order.py`."""
    folder, _, file = path.removeprefix("bot/").rpartition("/")
    return f"tests/{folder}/test_{file}"


def has_test(root: Path, path: str) -> bool:
    """Tell whether the test exists; a module split by family (`events_orders`) may share its stem's (`test_events`)."""
    own = root / own_test(path)
    stem, split, _ = own.stem.rpartition("_")
    return own.is_file() or (bool(split) and stem != "test" and own.with_name(f"{stem}.py").is_file())


def violations(root: Path, waiting: frozenset[str]) -> list[str]:
    """List modules without their test, and lines of the pending list that are no longer true."""
    found = []
    for module in modules(root):
        if not any(inside(module.name, floor) for floor in FLOORS) or module.path.endswith("__init__.py"):
            continue
        done = has_test(root, module.path)
        if not done and module.path not in waiting:
            found.append(f"{module.path}:1: has no test of its own; write {own_test(module.path)}")
        if done and module.path in waiting:
            found.append(f"{module.path}:1: has its test now; strike it from tests/house/{PENDING.name}")
    gone = sorted(path for path in waiting if not (root / path).is_file())
    return found + [f"{path}: is gone; strike it from tests/house/{PENDING.name}" for path in gone]


def test_every_module_has_its_test() -> None:
    found = violations(ROOT, pending())
    assert not found, "\n".join(found)


def test_a_module_without_its_test_is_found(tmp_path: Path) -> None:
    plant(tmp_path, {"bot/domain/order.py": "", "bot/adapters/store/engine.py": "", "bot/adapters/__init__.py": "",
                     "tests/adapters/store/test_engine.py": "", "bot/chat/gate.py": ""})
    assert violations(tmp_path, frozenset()) == [
        "bot/domain/order.py:1: has no test of its own; write tests/domain/test_order.py"]


def test_a_split_module_may_share_the_test_of_its_stem(tmp_path: Path) -> None:
    plant(tmp_path, {"bot/domain/events.py": "", "bot/domain/events_orders.py": "", "bot/domain/order_table.py": "",
                     "tests/domain/test_events.py": ""})
    assert violations(tmp_path, frozenset()) == [
        "bot/domain/order_table.py:1: has no test of its own; write tests/domain/test_order_table.py"]


def test_the_pending_list_can_only_shrink(tmp_path: Path) -> None:
    plant(tmp_path, {"bot/domain/order.py": "", "bot/domain/fill.py": "", "tests/domain/test_fill.py": ""})
    found = violations(tmp_path, frozenset({"bot/domain/order.py", "bot/domain/fill.py", "bot/domain/gone.py"}))
    assert found == ["bot/domain/fill.py:1: has its test now; strike it from tests/house/pending_tests.txt",
                     "bot/domain/gone.py: is gone; strike it from tests/house/pending_tests.txt"]
