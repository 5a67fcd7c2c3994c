"""Buttons about positions name what was shown; those of an old position die (T3, security section 4)."""
from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bot.chat.buttons import read_press
from bot.chat.held import SHARES, held_press, same_position, seen
from bot.chat.permissions import press_permission
from bot.domain.ids import Symbol
from bot.domain.intent import Direction
from tests.chat.sample_cards import cards
from tests.support import virtual_loop
from tests.support.talking import Shown, Talk, button

D = Decimal


@pytest.mark.parametrize("verb", ["25", "50", "75"])
def test_a_share_wants_the_very_size_that_was_shown(verb: str) -> None:
    assert verb in SHARES
    shown = seen(D(60_000), D("0.5"))
    assert same_position(shown, verb, D("60000.0"), D("0.50"))
    assert not same_position(shown, verb, D(60_000), D("0.25"))
    assert not same_position(shown, verb, D(60_001), D("0.5"))


@pytest.mark.parametrize("verb", ["100", "sl", "tp", "tr", "be"])
def test_the_others_want_the_same_position_whatever_is_left_of_it(verb: str) -> None:
    shown = seen(D(60_000), D("0.5"))
    assert same_position(shown, verb, D(60_000), D("0.25"))
    assert not same_position(shown, verb, D(60_001), D("0.5"))
    assert not same_position("", verb, D(60_000), D("0.5")), "a button without a digest can only show"


def test_a_button_of_a_position_fits_the_services_64_bytes() -> None:
    wide = held_press(Symbol("1000000BABYDOGEUSDT"), Direction.SHORT, "100", seen(D(1), D(1)))
    assert 0 < len(wide.encode()) <= 64 and read_press(wide) is not None


def test_every_button_that_is_drawn_is_known_to_the_door() -> None:
    dead = [
        (name, one.label) for name, card in cards().items() for row in card.rows for one in row
        if one.data is not None and ((press := read_press(one.data)) is None or press_permission(press) is None)
    ]
    assert not dead


def test_a_button_of_an_old_position_dies_and_shows_the_new_one(tmp_path: Path) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 2)
        await talk.begin()
        await _opened(talk)
        first = await talk.owner.ask("/positions btc", "BTCUSDT long")
        done = await talk.owner.tap(first, "50%")
        assert done.text == "Sent."
        await talk.clock.sleep(10)
        stale = await talk.owner.tap(first, data=button(first, "50%"))
        assert stale.text is not None and "another one by now" in stale.text and stale.alert
        assert talk.orders("close") == 1, "a share of what is no longer there closes nothing"
        assert (await talk.owner.tap(first, data=button(first, "100%"))).text == "Sent.", "all of it is all of it"
        await talk.clock.sleep(10)
        gone = await talk.owner.tap(first, data=button(first, "100%"))
        assert gone.text is not None and "closed; nothing was done" in gone.text
        await _opened(talk)
        for label in ("50%", "100%", "Stop to entry"):
            old = await talk.owner.tap(first, data=button(first, label))
            assert old.text is not None and "another one by now" in old.text, label
        assert talk.orders("close") == 2
        await talk.end()

    virtual_loop.run(main, 2)


def test_undo_closes_what_its_order_opened_and_nothing_after_that(tmp_path: Path) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 2)
        await talk.begin()
        filled = await _opened(talk)
        assert (await talk.owner.tap(filled, "Undo: close now")).text == "Sent."
        assert (await talk.owner.tap(filled, "Undo: close now")).text == "Already done; nothing more was sent."
        await talk.clock.sleep(10)
        assert talk.orders("close") == 1
        await _opened(talk)
        late = await talk.owner.tap(filled, "Undo: close now")
        assert late.text is not None and "Nothing was done" in late.text
        assert talk.orders("close") == 1
        await talk.end()

    virtual_loop.run(main, 2)


async def _opened(talk: Talk) -> Shown:
    ticket = await talk.owner.ask("/long btc $400 sl 3%", "Expires")
    await talk.owner.tap(ticket, "Place order")
    filled = await talk.owner.sees("Filled", ticket["message_id"] - 1)
    await talk.clock.sleep(3)
    return filled
