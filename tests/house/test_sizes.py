"""Files end at 400 lines and functions at 70 (architecture section 16); the summary warns from 320 on."""
from __future__ import annotations

from pathlib import Path

from tests.house.tree import ROOT, functions, modules, plant

FILE_LINES_MAX = 400
FILE_LINES_WARN = 320
FUNCTION_LINES_MAX = 70
TOPS = ("bot", "tests", "migrations")
# An exemption needs a line in bot/DECISIONS.md.
EXEMPT: frozenset[str] = frozenset()


def lengths(root: Path) -> dict[str, int]:
    """Count the lines of every source file, by path."""
    counted = {file.relative_to(root).as_posix(): file.read_bytes().count(b"\n")
               for top in TOPS for file in sorted((root / top).rglob("*.py"))}
    return {path: lines for path, lines in counted.items() if path not in EXEMPT}


def violations(root: Path) -> list[str]:
    """List every file and function that is too long, one sentence each."""
    found = [f"{path}:1: {lines} lines, at most {FILE_LINES_MAX}; split it by its next noun"
             for path, lines in lengths(root).items() if lines > FILE_LINES_MAX]
    for top in TOPS:
        for module in modules(root, top):
            for function in functions(module):
                lines = (function.end_lineno or function.lineno) - function.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    found.append(f"{module.at(function)}: {function.name} has {lines} lines, "
                                 f"at most {FUNCTION_LINES_MAX}; give its second verb a name")
    return found


def close_to_the_limit(root: Path) -> list[str]:
    """List the files that should be split soon, as `path (lines)`; printed in the test summary."""
    return [f"{path} ({lines})" for path, lines in lengths(root).items() if FILE_LINES_WARN < lines <= FILE_LINES_MAX]


def test_every_file_and_function_is_short() -> None:
    found = violations(ROOT)
    assert not found, "Too long to read in one go:\n" + "\n".join(found)


def test_a_long_file_is_found(tmp_path: Path) -> None:
    plant(tmp_path, {"bot/domain/order.py": "x = 1\n" * 401, "bot/domain/fill.py": "x = 1\n" * 400})
    assert violations(tmp_path) == ["bot/domain/order.py:1: 401 lines, at most 400; split it by its next noun"]


def test_a_long_function_is_found(tmp_path: Path) -> None:
    source = "class A:\n    async def long(self):\n" + "        x = 1\n" * 70
    found = violations(plant(tmp_path, {"bot/desk/submit.py": source}))
    assert found == ["bot/desk/submit.py:2: long has 71 lines, at most 70; give its second verb a name"]


def test_a_file_close_to_the_limit_is_named_not_refused(tmp_path: Path) -> None:
    plant(tmp_path, {"bot/domain/order.py": "x = 1\n" * 321, "bot/domain/fill.py": "x = 1\n" * 320})
    assert violations(tmp_path) == []
    assert close_to_the_limit(tmp_path) == ["bot/domain/order.py (321)"]
