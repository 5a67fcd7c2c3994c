from __future__ import annotations

import pytest

from bot.domain.account import World
from bot.domain.reports import Profile, VenueState


@pytest.mark.parametrize("state", list(VenueState))
def test_only_what_the_venue_will_not_change_is_final(state: VenueState) -> None:
    """A triggered plan still has its order to come, and a new word may mean anything (FF-70)."""
    living = {VenueState.LIVE, VenueState.PARTLY_FILLED, VenueState.TRIGGERED, VenueState.UNKNOWN}
    assert state.final is (state not in living)


def test_profiles_do_not_share_their_modes() -> None:
    assert Profile(world=World.CLASSIC, rights=None).position_modes is not (
        Profile(world=World.CLASSIC, rights=None).position_modes
    )
