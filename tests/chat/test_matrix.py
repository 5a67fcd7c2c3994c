"""Nobody reaches what is not theirs, whatever kind of update it comes as: a sample of the matrix (T1).

The whole of it is `python -m tests.campaigns.matrix`.
"""
from __future__ import annotations

from pathlib import Path

from tests.campaigns.matrix import campaign, cells


async def test_a_sample_of_the_matrix_has_no_hole(tmp_path: Path) -> None:
    tally, wrong = await campaign(tmp_path, every=1103, first=11)
    assert wrong == []
    assert tally["tried"] > 60 and tally["reached"] > 0


def test_every_cell_of_a_message_is_known_to_the_table() -> None:
    allowed = {(one.kind, one.sender) for one in cells() if one.allowed}
    assert {kind for kind, _ in allowed} == {"message", "callback_query"}
    assert {sender for _, sender in allowed} == {"owner", "trader", "approver", "viewer"}
