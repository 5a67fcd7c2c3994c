"""Write the exact version of every package into pyproject.toml: `python -m tests.pins`.

A lock file would hold download addresses, which the repository must not; a list of constraints holds names and
versions only, and every installer run resolves to the same set.
"""
from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parent.parent / "pyproject.toml"
# The same list inside the package: the desk compares itself with it before it trades live.
PACKAGED = PROJECT.parent / "bot" / "pins.txt"
LIST = re.compile(r"(?m)^constraint-dependencies = \[\n(?:.*\n)*?\]\n")


def resolved() -> list[str]:
    """Resolve all extras and groups anew; return `name==version; marker` lines, sorted."""
    command = ["uv", "pip", "compile", "--universal", "--no-header", "--no-annotate", "--no-emit-index-url",
               "--all-extras", "--group", "dev", "--upgrade", "-q", str(PROJECT)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT.parent).stdout
    return sorted(line.strip() for line in printed.splitlines() if "==" in line)


def main() -> int:
    """Rewrite the list of constraints; return the exit code."""
    text = PROJECT.read_text()
    empty = LIST.sub("constraint-dependencies = [\n]\n", text)
    PROJECT.write_text(empty)
    try:
        lines = resolved()
    except subprocess.CalledProcessError as failure:
        PROJECT.write_text(text)
        print(f"The versions could not be resolved, nothing was changed: {failure.stderr}", file=sys.stderr)
        return 1
    lines = [line.replace('"', "'") for line in lines]
    body = "".join(f'    "{line}",\n' for line in lines)
    PACKAGED.write_text("".join(f"{line}\n" for line in lines))
    PROJECT.write_text(LIST.sub(lambda _: f"constraint-dependencies = [\n{body}]\n", empty))
    print(f"{len(lines)} packages pinned.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
