"""A secret is opened in named rooms only (security section 8), and none lies about in the tree."""
from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.house.tree import ROOT, inside, modules, plant

OPENERS = frozenset(("reveal", "get_secret_value"))
# compose hands the keys to those who sign and to the redaction filter; the signer signs.
OPENING_ROOMS = ("bot.compose", "bot.adapters.bitget.sign")
BOT_TOKEN = re.compile(r"\b\d{8,10}:[A-Za-z0-9_-]{35}\b")


def violations(root: Path) -> list[str]:
    """List every place outside the named rooms that opens a secret, and every literal that looks like a bot token."""
    found = []
    for module in modules(root):
        if not any(inside(module.name, room) for room in OPENING_ROOMS):
            found += [f"{module.at(node)}: {node.attr}() opens a secret; only {', '.join(OPENING_ROOMS)} may"
                      for node in ast.walk(module.tree) if isinstance(node, ast.Attribute) and node.attr in OPENERS]
        found += [f"{module.at(node)}: this looks like a real bot token" for node in ast.walk(module.tree)
                  if isinstance(node, ast.Constant) and isinstance(node.value, str) and BOT_TOKEN.search(node.value)]
    return found


def test_secrets_are_opened_in_named_rooms_only() -> None:
    found = violations(ROOT)
    assert not found, "\n".join(found)


def test_an_opened_secret_is_found(tmp_path: Path) -> None:
    token = "1234567890:" + "A" * 35
    plant(tmp_path, {"bot/chat/gate.py": "x = token.get_secret_value()\ny = key.reveal\n",
                     "bot/compose.py": "x = token.get_secret_value()\n",
                     "bot/chat/application.py": f"TOKEN = {token!r}\n"})
    found = violations(tmp_path)
    assert sorted(line.partition(": ")[0] for line in found) == [
        "bot/chat/application.py:1", "bot/chat/gate.py:1", "bot/chat/gate.py:2"]
