"""The corridor end to end in virtual time: typed trades against the sandbox, books equal to the exchange's."""
from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bot.chat.trade_words import read_trade
from bot.desk.propose import Raised
from bot.domain.account import PositionMode
from bot.domain.decision import Manner
from bot.domain.ids import RequestKey
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction
from bot.domain.order import OrderState
from bot.domain.proposal import Origin, OriginKind
from bot.domain.refusal import Refusal
from tests.support import virtual_loop
from tests.support.simulated import Life, World

LOCAL = Origin(kind=OriginKind.LOCAL, name="test")


async def say(life: Life, words: str, key: str) -> object:
    wish = read_trade(words)
    assert not isinstance(wish, Refusal), str(wish)
    return await life.desk.propose(LOCAL, RequestKey(key), wish, yes=Manner.LOCAL)


@pytest.mark.parametrize("seed", range(3))
def test_a_market_entry_with_stop_is_filled_and_guarded(tmp_path: Path, seed: int) -> None:
    async def main() -> None:
        world = World(tmp_path, seed)
        world.begin()
        life = await world.life()
        await say(life, "long btc $500 5x sl 2% tp 4%", "one")
        await world.clock.sleep(5)
        life.check()
        held = await life.desk.holdings()
        assert [(str(one.position.symbol), one.guarded) for one in held] == [("BTCUSDT", True)]
        report = await life.desk.flat(LOCAL, RequestKey("flat"), "local")
        assert report.flat, report
        assert all(order.state is not OrderState.IN_DOUBT for order in await life.desk.orders())
        await life.die()
        await world.end()

    virtual_loop.run(main, seed)


@pytest.mark.parametrize("first", ["fill", "order"])
def test_a_foreign_orders_fill_counts_once_whichever_comes_first(tmp_path: Path, first: str) -> None:
    """FF-23, FF-32: a fill booked before its order was known is claimed by the order, never inferred a second time."""

    async def main() -> None:
        world = World(tmp_path, 1)
        world.begin()
        life = await world.life()
        if first == "fill":
            world.venue.faults.add("reorder_push", {}, seconds=3)
        order = {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginMode": "crossed", "marginCoin": "USDT",
                 "size": "0.002", "side": "buy", "tradeSide": "open", "orderType": "market"}
        world.venue.outside.act("main", "order", order)
        await world.clock.sleep(60)
        life.check()
        held = await life.seat.ledger.read(lambda tx: tx.positions.held())
        assert [(one.symbol, str(one.size)) for one in held] == [("BTCUSDT", "0.002")]
        fills = await life.seat.ledger.read(lambda tx: tx.fills.recent(10))
        assert [fill.inferred for fill in fills] == [False]
        entries = await life.seat.ledger.read(lambda tx: tx.journal.latest(200))
        assert not [one for one in entries if one.kind == "DriftFound"]
        await life.die()
        await world.end()

    virtual_loop.run(main, 1)


LINES = {ProductLine.USDT: ("BTCUSDT", "USDT-FUTURES"), ProductLine.USDC: ("BTCPERP", "USDC-FUTURES"),
         ProductLine.COIN: ("BTCUSD", "COIN-FUTURES")}


@pytest.mark.parametrize("margin", ["cross", "iso"])
@pytest.mark.parametrize("one_way", [False, True], ids=["hedge", "one-way"])
@pytest.mark.parametrize("line", list(LINES), ids=lambda one: one.name)
def test_every_step_works_on_every_line_in_every_mode(
    tmp_path: Path, line: ProductLine, one_way: bool, margin: str
) -> None:
    """FF-34, FF-44, FF-45, FF-47: open, add, move the stop, close a part, reverse, flat; the mode is left as it is."""
    symbol, product = LINES[line]

    async def main() -> None:
        world = World(tmp_path, 5, lines=(line,))
        if one_way:
            fields = {"posMode": "one_way_mode", "productType": product}
            world.venue.outside.act("main", "position_mode", fields)
        world.begin()
        life = await world.life()
        steps: list[tuple[Direction, Decimal]] = []

        async def step(words: str, seconds: float = 6) -> None:
            done = await say(life, words, f"{len(steps)} {words}")
            assert isinstance(done, Raised), f"{words}: {done}"
            assert done.done is not None and not done.done.refusals, f"{words}: {done.done}"
            await world.clock.sleep(seconds)
            life.check()
            held = await life.desk.holdings()
            assert len(held) == 1 and held[0].guarded, f"{words}: {held}"
            steps.append((held[0].position.direction, held[0].position.size))
            there = await life.seat.venue.positions(line)
            assert [(one.direction, one.size) for one in there] == steps[-1:], words

        if margin == "iso":
            await say(life, f"margin {symbol} iso", "mode")
        await step(f"long {symbol} 0.02 5x sl 2%")
        await step(f"long {symbol} 0.01 sl 2%")
        await step(f"sl {symbol} 1.5%", 12)
        await step(f"close {symbol} 50%", 12)
        await step(f"reverse {symbol}", 12)
        assert [size for _, size in steps] == [
            Decimal(size) for size in ("0.02", "0.03", "0.03", "0.015", "0.015")]
        assert steps[-1][0] is Direction.SHORT
        report = await life.desk.flat(LOCAL, RequestKey("flat"), "local")
        assert report.flat, report
        mode = PositionMode.ONE_WAY if one_way else PositionMode.HEDGE
        assert (await life.seat.venue.profile()).position_modes[line] is mode
        await life.die()
        await world.end()

    virtual_loop.run(main, 5)
