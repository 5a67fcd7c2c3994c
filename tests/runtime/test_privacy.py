"""A process of the product leaves no core dump, and no file that others can read (security sections 8 and 12)."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = """
import os, resource, sys
from bot.__main__ import main
try:
    main(["status"])
finally:
    print(resource.getrlimit(resource.RLIMIT_CORE), oct(os.umask(0)), file=sys.stderr)
"""


def test_every_command_begins_private(tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "WIREDESK_DATA": str(tmp_path / "data"),
                   "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, env=environment, check=False,
                          cwd=tmp_path)
    assert done.stderr.splitlines()[-1] == "(0, 0) 0o77"
