"""Halts by files: one each, private, and never taken away by somebody who did not see them (C6, I14, FF-81)."""
from __future__ import annotations

from pathlib import Path

import pytest

from bot.runtime.halt_marks import FOLDER, HaltMarks


def test_a_mark_throws_the_switch_until_it_is_taken_away(tmp_path: Path) -> None:
    marks = HaltMarks(tmp_path)
    assert not marks.thrown() and marks.marks() == ()
    marks.throw("1-a")
    assert marks.thrown() and marks.marks() == ("1-a",)
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700
    assert (tmp_path / FOLDER / "1-a").stat().st_mode & 0o777 == 0o600
    assert marks.clear(("1-a",)) and not marks.thrown()
    assert marks.clear(("1-a",)), "what is gone already is taken away"


def test_a_younger_mark_stays(tmp_path: Path) -> None:
    marks = HaltMarks(tmp_path)
    marks.throw("1-a")
    seen = marks.marks()
    marks.throw("2-b")
    assert marks.clear(seen) and marks.thrown() and marks.marks() == ("2-b",)


def test_whoever_cannot_look_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file in the way")
    marks = HaltMarks(tmp_path)
    assert marks.thrown() and marks.marks() == ()
    assert not marks.clear(("1-a",))
    with pytest.raises(OSError, match="exists"):
        marks.throw("1-a")
