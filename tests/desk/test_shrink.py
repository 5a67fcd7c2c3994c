"""A guard larger than its position is brought down to it, in place and only when nothing is under way (FF-40)."""
from __future__ import annotations

from decimal import Decimal

from bot.desk.protect import Watched
from bot.domain.ids import VenueOrderId
from tests.desk.test_protect import held, look, stop_at
from tests.desk.trade import sent
from tests.support.scripted import Bench


async def test_ff40_a_guard_of_ours_is_shrunk_at_the_second_look_and_signed_now(bench: Bench) -> None:
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000", "0.05")]
    watched = Watched()
    await look(bench, watched)
    assert not bench.venue.amended, "one look may be older than the fill it lacks"
    await bench.clock.advance(60)
    await look(bench, watched)
    (wanted,) = bench.venue.amended
    assert wanted.intent.size == Decimal("0.01")
    assert wanted.intent.trigger is not None and wanted.intent.trigger.price == Decimal(59000)
    assert wanted.signed_at is not None and (bench.clock.now() - wanted.signed_at).total_seconds() < 5


async def test_a_guard_whose_entry_still_fills_keeps_its_size(bench: Bench) -> None:
    """The guard is for the whole entry; the part that is missing may fill in this moment."""
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000", "0.05")]
    await sent(bench, "long btc 0.04 @59900 sl 59000", "more")
    watched = Watched()
    for _ in range(3):
        await look(bench, watched)
    assert not bench.venue.amended


async def test_a_strangers_guard_is_told_and_left_alone(bench: Bench) -> None:
    """FF-32: what is not ours is never touched unasked."""
    entry = await held(bench)
    stop = stop_at(bench, entry, "59000", "0.01")
    foreign = stop_at(bench, entry, "58000", "0.05", venue_order_id=VenueOrderId("strange"),
                      created_at=bench.clock.now().replace(year=2020))
    bench.venue.plans = [stop, foreign]
    watched = Watched()
    for _ in range(3):
        await look(bench, watched)
    assert not bench.venue.amended
