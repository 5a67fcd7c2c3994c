"""What an advisor is shown: closed candles only, today's price, and a digest of all of it."""
from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from bot.desk.brief import brief, closed_bars
from bot.domain.ids import Symbol
from bot.domain.refusal import Refusal
from bot.ports.advisor import Context, Needs
from tests.desk.table import BTC, at_the_table
from tests.support.simulated import Life, World

NEEDS, LENGTH = Needs(timeframe="15m", bars=50), timedelta(minutes=15)


def test_the_candles_are_closed_ones_in_order_and_the_forming_one_is_not_among_them(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        context = await brief(life.seat, BTC, NEEDS, LENGTH)
        assert isinstance(context, Context), str(context)
        assert len(context.bars) == 50
        assert all(after.opened_at - before.opened_at == LENGTH for before, after in pairwise(context.bars))
        last = context.bars[-1].opened_at
        assert last + LENGTH <= world.clock.now() < last + 2 * LENGTH
        assert not any(bar.forming for bar in context.bars)
        assert context.mark > 0
        again = await brief(life.seat, BTC, NEEDS, LENGTH)
        assert isinstance(again, Context)
        assert (again.digest == context.digest) == (again.mark == context.mark)

    at_the_table(tmp_path, 1, play)


def test_a_market_ahead_of_the_wall_shows_its_newly_closed_candle(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        before = await closed_bars(life.seat, BTC, NEEDS)
        await world.venue.outside.advance(900)
        after = await closed_bars(life.seat, BTC, NEEDS)
        assert after[-1].opened_at - before[-1].opened_at == LENGTH

    at_the_table(tmp_path, 1, play)


def test_a_silent_market_and_an_unknown_symbol_are_refusals(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        unknown = await brief(life.seat, Symbol("NOPEUSDT"), NEEDS, LENGTH)
        assert isinstance(unknown, Refusal)
        assert unknown.code == "unknown_symbol"
        world.venue.faults.add("maintenance")
        assert await closed_bars(life.seat, BTC, NEEDS) == ()
        silent = await brief(life.seat, BTC, NEEDS, LENGTH)
        assert isinstance(silent, Refusal)
        assert silent.code in ("no_candles", "no_price")
        world.venue.faults.clear()

    at_the_table(tmp_path, 1, play)
