"""Run the benchmarks: every module of this package that defines `rows()` takes part; names choose among modules."""
from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Iterable

import tests.benchmarks
from tests.benchmarks import freqtrade
from tests.benchmarks.row import Missing, Row

TITLES = f"{'what':<34}{'ours':>12}{'theirs':>12}{'ratio':>8}{'goal':>8}  unit"

NO_MODULES = ("__main__", "row", "stand", "culprits", "freqtrade_peer")


def modules() -> dict[str, str]:
    """List the modules of the package by their short name."""
    names = (found.name for found in pkgutil.iter_modules(tests.benchmarks.__path__))
    return {name: f"tests.benchmarks.{name}" for name in names if name not in NO_MODULES}


def line(row: Row | Missing) -> str:
    """Write one line of the table."""
    if isinstance(row, Missing):
        return f"{row.name:<34}not measured: {row.why}"
    theirs = f"{row.theirs:,.1f}" if row.theirs is not None else "-"
    ratio = f"{row.ratio:.1f}x" if row.ratio is not None else "-"
    goal = "-" if row.goal is None else f"{row.goal:g}x" if row.ratio is not None else f"{row.goal:,.0f}"
    return f"{row.name:<34}{row.ours:>12,.1f}{theirs:>12}{ratio:>8}{goal:>8}  {row.unit} {row.note}".rstrip()


def main(chosen: Iterable[str]) -> int:
    """Print the table; gives 2 for a name that is no module."""
    known = modules()
    names = list(chosen) or [name for name in sorted(known) if hasattr(importlib.import_module(known[name]), "rows")]
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"There is no benchmark named {', '.join(unknown)}; there are {', '.join(sorted(known))}.")
        return 2
    print(TITLES)
    for name in names:
        found = getattr(importlib.import_module(known[name]), "rows", None)
        if found is None:
            print(line(Missing(name=name, why="its module defines no rows()")))
            continue
        for row in found():
            print(line(row), flush=True)
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="which benchmarks; all where none is named")
    parser.add_argument("--freqtrade", metavar="PYTHON", help="an interpreter that has freqtrade, to compare with it")
    given = parser.parse_args()
    freqtrade.python = given.freqtrade
    sys.exit(main(given.names))
