from __future__ import annotations

from bot.domain.refusal import Reason, Refusal, refuse


def test_a_refusal_reads_as_what_was_found_and_what_to_do() -> None:
    refusal = refuse("too_small", "That is too small.", "Ask for more.", value="1", limit="2")
    assert str(refusal) == "That is too small. Ask for more."
    assert (refusal.code, refusal.reasons[0].value, refusal.reasons[0].limit) == ("too_small", "1", "2")


def test_several_reasons_stand_on_lines_of_their_own_and_the_first_names_it() -> None:
    reasons = tuple(Reason(code=code, value="", limit="", remedy="", sentence=f"{code}.") for code in ("a", "b"))
    assert str(Refusal(reasons=reasons)) == "a.\nb."
    assert Refusal(reasons=reasons).code == "a"
