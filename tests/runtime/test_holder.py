"""Who holds the lease, and whose death the freed lock proves (security section 13, FF-88)."""
from __future__ import annotations

import os
from pathlib import Path

from bot.runtime.data_dir import LOCK, claimed
from bot.runtime.holder import dead_to, holder_of


def test_a_predecessor_on_the_same_lock_is_dead(tmp_path: Path) -> None:
    with claimed(tmp_path):
        before = holder_of(tmp_path)
    with claimed(tmp_path):
        now = holder_of(tmp_path)
    assert f":{os.getpid()}@" in now
    assert dead_to(now, alone=False)(before.replace(str(os.getpid()), "1"))


def test_a_copy_of_the_directory_another_boot_and_an_unknown_one_prove_nothing(tmp_path: Path) -> None:
    here, copy = tmp_path / "here", tmp_path / "copy"
    for directory in (here, copy):
        with claimed(directory):
            (directory / LOCK).write_text("1")
    boot = tmp_path / "boot_id"
    boot.write_text("another\n")
    mine = holder_of(here)
    assert not dead_to(mine, alone=False)(holder_of(copy))
    assert not dead_to(mine, alone=False)(holder_of(here, boot))
    untold = holder_of(here, tmp_path / "nowhere")
    assert untold.endswith("@")
    assert not dead_to(untold, alone=False)(untold)
    assert not dead_to(mine, alone=False)("host:12")


def test_a_ledger_behind_the_lock_leaves_nobody_else(tmp_path: Path) -> None:
    with claimed(tmp_path):
        assert dead_to(holder_of(tmp_path), alone=True)("elsewhere:1@abc")
