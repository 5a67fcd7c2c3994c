from __future__ import annotations

import re

import pytest

from bot.domain.ids import client_order_id, instance_tag, is_ours, tag_of

TAG = instance_tag("seed")


def test_ids_have_the_shape_both_account_worlds_accept() -> None:
    """C7."""
    made = client_order_id(TAG, "P1", 0, "entry")
    assert re.fullmatch(r"wd-[a-z0-9]{4}-[a-z0-9]{18}", made)
    assert len(made) <= 32


def test_equal_inputs_give_the_equal_id_and_others_another() -> None:
    children = [(p, r, c) for p in ("P1", "P2") for r in range(5) for c in ("entry", "stop", "slice-1", "slice-11")]
    made = {client_order_id(TAG, *child) for child in children}
    assert len(made) == len(children)
    assert made == {client_order_id(TAG, *child) for child in children}


def test_the_tag_is_read_back_and_another_installation_told_apart() -> None:
    made = client_order_id(TAG, "P1", 0, "entry")
    assert tag_of(made) == TAG
    assert is_ours(made)
    assert tag_of(client_order_id(instance_tag("other"), "P1", 0, "entry")) != TAG


@pytest.mark.parametrize("text", ["", "wd-", "wd-abcd-0123456789abcdef00", "android-1", "WD-abcd-0123456789abcdef00"])
def test_what_is_not_ours_is_not_taken(text: str) -> None:
    assert tag_of(text) is None
    assert not is_ours(None)


def test_one_changed_letter_breaks_the_checksum() -> None:
    made = client_order_id(TAG, "P1", 0, "entry")
    broken = [made[:place] + ("0" if made[place] != "0" else "1") + made[place + 1:] for place in range(8, len(made))]
    assert sum(is_ours(one) for one in broken) == 0


@pytest.mark.parametrize("tag", ["", "abc", "abcde", "ABCD", "ab-d", "ilou"])
def test_a_tag_of_another_shape_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="instance tag"):
        client_order_id(tag, "P1", 0, "entry")
