"""``wiredesk``: the front door. Each command is another room's; the sandbox runs as a program of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; ``sandbox`` replaces this process (nobody imports the sandbox)."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["sandbox"]:
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "bot.sandbox", *words[1:]])
    print("Usage: wiredesk sandbox [options]", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
