"""The MCP process reaches no secret: neither by its imports nor by its surroundings (A18)."""
from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

from bot.compose.mcp import SURROUNDINGS

ROOT = Path(__file__).parents[2]
WALK = """
import json, sys
import bot.mcp.__main__
print(json.dumps(sorted(name for name in sys.modules)))
"""
FORBIDDEN = ("bot.settings", "bot.compose", "bot.adapters", "bot.desk", "bot.chat", "telegram", "sqlalchemy", "sqlite3",
             "pydantic_settings", "aiohttp", "numpy", "lightgbm", "matplotlib")


def test_the_process_loads_nothing_that_holds_a_secret() -> None:
    found = subprocess.run([sys.executable, "-c", WALK], capture_output=True, text=True, check=True, cwd=ROOT,
                           env=SURROUNDINGS)
    loaded = json.loads(found.stdout)
    wrong = [name for name in loaded if any(name == one or name.startswith(f"{one}.") for one in FORBIDDEN)]
    assert not wrong
    ours = [name for name in loaded if name.split(".")[0] == "bot"]
    assert "bot.mcp.server" in ours
    assert all(name in ("bot", "bot.runtime", "bot.runtime.local_socket") or name.startswith("bot.mcp")
               for name in ours), ours


def test_no_module_of_it_reads_the_environment_or_opens_a_secret() -> None:
    for file in (ROOT / "bot" / "mcp").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            assert name not in ("environ", "getenv", "get_secret_value"), f"{file}:{getattr(node, 'lineno', 0)}"


def test_it_is_started_without_anything_of_ours_or_the_users() -> None:
    assert not [name for name in SURROUNDINGS if "WIREDESK" in name or "TOKEN" in name]
    assert set(SURROUNDINGS) == {"PATH", "LANG", "PYTHONUTF8"}
