"""Every line to the outside is opened in one way: no proxy of the environment, no redirect, TLS as it is (security 7).

And nothing turns a text into code (security section 12).
"""
from __future__ import annotations

import ast
from pathlib import Path

from tests.house.tree import ROOT, modules, plant

# What opens a line, and how each has to be called, by keyword.
OPENERS = {
    "ClientSession": {"trust_env": False}, "AsyncClient": {"trust_env": False, "follow_redirects": False},
    "_Straight": {"proxy": None},
}
# Calls of a session carry these; `request` of the bot library's and of ours are such calls too.
VERBS = {"get", "post", "put", "request"}
NEVER = {"eval", "exec", "__import__"}
STRANGE = {"pickle", "marshal", "shelve", "yaml", "dill"}
OPEN_TLS = {"verify", "ssl", "verify_ssl", "check_hostname"}


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _given(call: ast.Call) -> dict[str, object]:
    return {one.arg: one.value.value for one in call.keywords if one.arg and isinstance(one.value, ast.Constant)}


def violations(root: Path) -> list[str]:
    """List every line that is opened otherwise, and everything that makes code of a text."""
    found = []
    for module in modules(root):
        if module.name.startswith(("bot.sandbox", "tests")):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [one.name for one in node.names] + [getattr(node, "module", None) or ""]
                found += [f"{module.at(node)}: {name} runs what it reads" for name in names
                          if name.partition(".")[0] in STRANGE]
            if not isinstance(node, ast.Call):
                continue
            name, given = _name(node.func), _given(node)
            if isinstance(node.func, ast.Name) and name in NEVER:
                found.append(f"{module.at(node)}: {name}() makes code of a text")
            if name in OPENERS and "mcp" not in module.name:
                found += [f"{module.at(node)}: {name}() needs {key}={value}" for key, value in OPENERS[name].items()
                          if key not in given or given[key] is not value]
            if name in VERBS and "session" in ast.unparse(node.func) and given.get("allow_redirects") is not False:
                found.append(f"{module.at(node)}: a session's {name}() needs allow_redirects=False")
            found += [f"{module.at(node)}: {key}=False leaves TLS open" for key in OPEN_TLS & given.keys()
                      if given[key] is False]
    return found


def test_every_line_is_opened_in_one_way() -> None:
    found = violations(ROOT)
    assert not found, "\n".join(found)


def test_other_ways_are_found(tmp_path: Path) -> None:
    plant(tmp_path, {
        "bot/chat/a.py": "s = aiohttp.ClientSession()\n", "bot/chat/b.py": "s = ClientSession(trust_env=True)\n",
        "bot/chat/c.py": "x = session.post(address)\n", "bot/chat/d.py": "c = httpx.AsyncClient(trust_env=False)\n",
        "bot/chat/e.py": "import pickle\n", "bot/chat/f.py": "eval(text)\n",
        "bot/chat/g.py": "x = session.get(a, allow_redirects=False, ssl=False)\n",
        "bot/chat/h.py": "s = ClientSession(trust_env=False)\nx = session.get(a, allow_redirects=False)\n",
        "bot/chat/i.py": "c = _Straight(url)\n",
    })
    assert {one.partition(":")[0] for one in violations(tmp_path)} == {f"bot/chat/{name}.py" for name in "abcdefgi"}
