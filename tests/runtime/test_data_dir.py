"""The data directory: private, and one process at a time (T13, FF-88)."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.runtime.data_dir import AlreadyRunning, UnusableDirectory, claimed


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_it_is_made_private_and_so_is_what_lies_in_it(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "wiredesk"
    directory.mkdir(parents=True)
    (directory / "wiredesk.db").touch(0o644)
    with claimed(directory):
        (directory / "new").touch()
        assert directory.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in directory.iterdir()} == {0o600}


def test_a_second_process_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    with claimed(tmp_path), pytest.raises(AlreadyRunning, match=str(os.getpid())), claimed(tmp_path):
        pass
    with claimed(tmp_path):
        pass


def test_a_killed_process_frees_it(tmp_path: Path) -> None:
    code = ("import sys, pathlib\nfrom bot.runtime.data_dir import claimed\n"
            "with claimed(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()\n")
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning, match=str(holder.pid)), claimed(tmp_path):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with claimed(tmp_path):
        pass


def test_a_place_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnusableDirectory, match="set WIREDESK_DATA to another place"), claimed(tmp_path / "file"):
        pass
