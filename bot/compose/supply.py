"""Check what this process was installed from: the pinned packages and nothing that runs by itself (security 10, T15).

It finds accidents and poisoned releases that were installed after the pins were reviewed; whoever can write here can
change this file too.
"""
from __future__ import annotations

import re
import site
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from importlib.metadata import distributions
from importlib.resources import files
from pathlib import Path
from types import ModuleType

PINS = "pins.txt"
OWN = "wiredesk"
# They come with the interpreter or its image and are not imported.
INSTALLERS = frozenset({"pip", "setuptools", "wheel", "uv"})
# A `.pth` file with code runs at every start, imported or not (FF-116): these words and no others.
STARTERS = {
    "_virtualenv.pth": "import _virtualenv",
    "distutils-precedence.pth": "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') "
                                "== 'local'; enabled and __import__('_distutils_hack').add_shim(); ",
}
HOOKS = ("sitecustomize.py", "usercustomize.py")
SAID_MAX = 10
AS_PINNED = "Install anew from the pins: `uv sync` in a clean environment, or your image's build."


def plain_name(name: str) -> str:
    """Give a package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, set[str]]:
    """Read the reviewed versions of each package; a name can have one for each version of Python."""
    found: dict[str, set[str]] = {}
    for line in files("bot").joinpath(PINS).read_text(encoding="utf-8").splitlines():
        name, _, version = line.partition(";")[0].strip().partition("==")
        if version:
            found.setdefault(plain_name(name), set()).add(version)
    return found


def installed() -> list[tuple[str, str]]:
    """List name and version of everything this interpreter could import."""
    return sorted((str(one.name), str(one.version)) for one in distributions())


def places() -> list[Path]:
    """List the directories whose `.pth` files run at the start."""
    named = [*site.getsitepackages(), *([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])]
    return sorted({Path(one) for one in (*named, *(each for each in sys.path if each.endswith("-packages")))})


def drifts(found: Iterable[tuple[str, str]], wanted: dict[str, set[str]]) -> list[str]:
    """Say which packages are not what was reviewed."""
    words = []
    for name, version in found:
        known = plain_name(name)
        if known == OWN or known in INSTALLERS or version in wanted.get(known, ()):
            continue
        pinned = " or ".join(sorted(wanted.get(known, ())))
        words.append(f"{name} {version} is installed, {pinned or 'no version of it'} is pinned. {AS_PINNED}")
    return words


def starters(where: Iterable[Path]) -> list[str]:
    """Say which files would run code at every start of the interpreter, or lead it elsewhere."""
    words = []
    for directory in where:
        for file in sorted(directory.glob("*.pth")) if directory.is_dir() else ():
            text = file.read_text(encoding="utf-8", errors="replace")
            if not _harmless(file.name, text):
                words.append(f"{file} runs or adds what nobody reviewed. {AS_PINNED}")
        hooks = [directory / name for name in HOOKS if (directory / name).exists()]
        words += [f"{file} runs at every start. {AS_PINNED}" for file in hooks]
    return words


def _harmless(name: str, text: str) -> bool:
    if name in STARTERS:
        return text.strip() == STARTERS[name].strip()
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    home = Path(str(files("bot"))).parent
    # Our own development install points to this very tree; nothing else may.
    return bool(lines) and all(not line.startswith(("import ", "import\t")) and Path(line) == home for line in lines)


def ran(loaded: Mapping[str, ModuleType]) -> list[str]:
    """Say which start-up hooks ran already, from wherever they came; the interpreter's own directory may have one."""
    found = [(name, getattr(loaded.get(name), "__file__", None)) for name in (file[:-3] for file in HOOKS)]
    own = Path(sysconfig.get_path("stdlib"))
    return [f"{file} ran before this program. Look at PYTHONPATH, and at what put it there."
            for _, file in found if file is not None and Path(file).parent != own]


def complaints() -> list[str]:
    """Say everything that is not as reviewed; empty where all is."""
    return drifts(installed(), pins()) + starters(places()) + ran(sys.modules)


def refusal(environment: str) -> str | None:
    """Say why the desk may not trade from here; None where it may. Only real money asks for it."""
    found = complaints() if environment == "live" else []
    more = [f"and {len(found) - SAID_MAX} more"] if len(found) > SAID_MAX else []
    words = ["This is not what was reviewed, so it does not trade live:", *found[:SAID_MAX], *more]
    return "\n".join(words) if found else None
