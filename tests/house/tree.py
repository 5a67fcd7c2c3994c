"""Read the source tree the way the house rules look at it."""
from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One source file: its dotted name, its path as people would type it, its text and its syntax tree."""

    name: str
    path: str
    source: str
    tree: ast.Module

    def at(self, node: ast.AST) -> str:
        """Give `path:line` of a node, clickable in most terminals."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One imported dotted name, with the place and whether a function hides it."""

    target: str
    where: str
    hidden: bool


@lru_cache(maxsize=32)
def modules(root: Path, top: str = "bot") -> tuple[Module, ...]:
    """Parse every source file below `root/top`; sorted by path. A missing folder is an empty tree."""
    found = []
    # Trees are all kept, so looking for garbage among them is work for nothing.
    gc.disable()
    for file in sorted((root / top).rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        source = file.read_text(encoding="utf-8")
        path = file.relative_to(root).as_posix()
        found.append(Module(name=name, path=path, source=source, tree=ast.parse(source, filename=path)))
    gc.enable()
    gc.freeze()
    return tuple(found)


def imports(module: Module) -> Iterator[Import]:
    """Yield every import of a module as absolute dotted names; `from a import b` gives `a.b`."""
    hidden = {id(inner) for outer in ast.walk(module.tree) if isinstance(outer, FunctionNode)
              for inner in ast.walk(outer) if isinstance(inner, ast.Import | ast.ImportFrom)}
    package = module.name if module.path.endswith("__init__.py") else module.name.rpartition(".")[0]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            yield Import(target=name, where=module.at(node), hidden=id(node) in hidden)


def inside(name: str, prefix: str) -> bool:
    """Tell whether a dotted name is the prefix itself or lies below it."""
    return name == prefix or name.startswith(prefix + ".")


def dotted(node: ast.AST) -> str:
    """Spell a chain such as `asyncio.to_thread` or `get_loop().create_task`; an empty string for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value) or '?'}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{dotted(node.func)}()"
    return ""


def functions(module: Module) -> Iterator[FunctionNode]:
    """Yield every function and method, nested ones too."""
    for node in ast.walk(module.tree):
        if isinstance(node, FunctionNode):
            yield node


def plant(root: Path, files: dict[str, str]) -> Path:
    """Write a small tree of sources for a rule to find its violations in; gives `root` back."""
    for path, source in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source, encoding="utf-8")
    return root
