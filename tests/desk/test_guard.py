"""Move guards without a moment unguarded, and believe only what is read back (FF-36, FF-40)."""
from __future__ import annotations

from decimal import Decimal

from bot.desk.propose import Raised
from bot.desk.protect import Watched
from bot.domain.refusal import Refusal
from bot.ports.venue import Rejected
from tests.desk.test_protect import guard_of, held, look, stop_at
from tests.desk.trade import say
from tests.support.scripted import Bench


async def test_one_stop_is_moved_in_place(bench: Bench) -> None:
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000")]
    await look(bench, Watched())
    moved = stop_at(bench, entry, "59500", venue_order_id=bench.venue.plans[0].venue_order_id)
    bench.venue.known[moved.venue_order_id] = moved
    raised = await say(bench, "sl btc 59500", "move")
    assert isinstance(raised, Raised) and raised.done is not None and not raised.done.refusals
    assert bench.venue.amended and not bench.venue.canceled and len(bench.venue.sent) == 1
    assert (await guard_of(bench)).stop == Decimal(59_500)


async def test_a_refused_move_keeps_the_old_stop(bench: Bench) -> None:
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000")]
    await look(bench, Watched())
    bench.venue.answers.append(Rejected(code="40917", words="trigger price"))
    raised = await say(bench, "sl btc 59500", "move")
    assert isinstance(raised, Raised) and raised.done is not None and raised.done.refusals
    assert not bench.venue.canceled and (await guard_of(bench)).stop == Decimal(59_000)


async def test_a_stop_on_the_wrong_side_is_refused_before_anything_moves(bench: Bench) -> None:
    """FF-52."""
    await held(bench)
    refused = await say(bench, "sl btc 61000", "move")
    assert isinstance(refused, Refusal) and refused.code == "stop_side"
