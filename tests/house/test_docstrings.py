"""Everything public says in a sentence what it does."""
from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import ROOT, FunctionNode, Module, inside, modules, plant


def _public(body: list[ast.stmt]) -> Iterator[ast.ClassDef | FunctionNode]:
    for node in body:
        if isinstance(node, ast.ClassDef | FunctionNode) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body)


def is_stub(node: ast.Expr) -> bool:
    """Tell whether a statement is the three dots of a stub."""
    return isinstance(node.value, ast.Constant) and node.value.value is ...


def _speaks_for_itself(node: ast.ClassDef | FunctionNode, port: bool) -> bool:
    names = [mark.attr if isinstance(mark, ast.Attribute) else getattr(mark, "id", "") for mark in node.decorator_list]
    # A protocol's attribute, `def orders(self) -> Orders: ...`, is documented by its type; outside the ports, where
    # every verb explains itself, a protocol is the shape of a neighbour that does.
    bare = len(node.body) == 1 and isinstance(node.body[0], ast.Expr) and is_stub(node.body[0])
    return "overload" in names or "setter" in names or (bare and ("property" in names or not port))


def undocumented(module: Module) -> Iterator[str]:
    """Yield one sentence for the module and for each public thing in it that has no docstring."""
    if module.tree.body and not ast.get_docstring(module.tree):
        yield f"{module.path}:1: the module does not say what it is for"
    port = inside(module.name, "bot.ports")
    for node in _public(module.tree.body):
        if not _speaks_for_itself(node, port) and not (ast.get_docstring(node) or "").strip():
            yield f"{module.at(node)}: {node.name} does not say what it does; one imperative sentence first"


def test_everything_public_has_a_docstring() -> None:
    found = [words for module in modules(ROOT) for words in undocumented(module)]
    assert not found, "\n".join(found)


def test_a_silent_function_is_found(tmp_path: Path) -> None:
    source = ('"""M."""\ndef loud():\n    """Say."""\ndef silent(): pass\ndef _private(): ...\n'
              'class Thing:\n    """T."""\n    def method(self): pass\n    def __init__(self): ...\n')
    plant(tmp_path, {"bot/desk/submit.py": source, "bot/desk/__init__.py": "", "bot/desk/cancel.py": "x = 1\n"})
    found = [words for module in modules(tmp_path) for words in undocumented(module)]
    assert found == [
        "bot/desk/cancel.py:1: the module does not say what it is for",
        "bot/desk/submit.py:4: silent does not say what it does; one imperative sentence first",
        "bot/desk/submit.py:8: method does not say what it does; one imperative sentence first",
    ]
