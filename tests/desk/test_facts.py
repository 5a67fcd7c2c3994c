"""What a decision needs from outside: read whole for openings, never in the way of getting out (FF-16, FF-76)."""
from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.desk.enter import enter_fill
from bot.desk.facts import NEVER, Facts, find_instrument, gather, gather_exit
from bot.desk.propose import Raised
from bot.domain.instrument import Instrument
from bot.domain.intent import OrderKind
from bot.domain.refusal import Refusal
from tests.desk.test_protect import held
from tests.desk.trade import say, sent
from tests.support.scripted import BTC, COIN, ETH, Bench


async def hold(bench: Bench, words: str, size: str, trade: str) -> None:
    order = await sent(bench, words, trade)
    one = bench.fill(order, size, "3000" if "eth" in words else "60000", trade)
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, bench.clock.now()))


@pytest.mark.parametrize(
    ("words", "found"), [("btc", BTC), ("BTC/USDT", BTC), ("btc-usdt", BTC), ("btcusd", COIN), ("eth", ETH)]
)
async def test_a_contract_is_found_by_its_exact_names(bench: Bench, words: str, found: Instrument) -> None:
    assert find_instrument(bench.seat, words) == found


@pytest.mark.parametrize("words", ["bt", "btcusdtx", "", "dogeusdt"])
async def test_nothing_is_guessed(bench: Bench, words: str) -> None:
    refused = find_instrument(bench.seat, words)
    assert isinstance(refused, Refusal) and refused.code == "unknown_symbol"


async def test_near_names_are_shown(bench: Bench) -> None:
    assert "BTCUSDT" in str(find_instrument(bench.seat, "btcc"))


async def test_a_contract_that_cannot_be_traded_is_refused(bench: Bench) -> None:
    bench.seat.shelf.instruments[BTC.symbol] = replace(BTC, tradable=False)
    refused = find_instrument(bench.seat, "btcusdt")
    assert isinstance(refused, Refusal) and refused.code == "not_tradable"


@pytest.mark.parametrize("part", ["market", "settings"])
async def test_what_cannot_be_read_opens_nothing(bench: Bench, part: str) -> None:
    bench.market.silent = part == "market"
    bench.venue.silent = {part}
    refused = await gather(bench.seat, BTC)
    assert isinstance(refused, Refusal) and refused.code == "no_price"


async def test_an_opening_needs_the_price_of_everything_held(bench: Bench) -> None:
    """FF-76: what has no price does not count as nothing."""
    await hold(bench, "long eth 0.1 sl 2%", "0.1", "t1")
    del bench.market.marks[ETH.symbol]
    assert isinstance(await gather(bench.seat, BTC), Refusal)
    assert isinstance(await gather(bench.seat, BTC, opening=False), Facts)


async def test_settings_are_asked_for_once(bench: Bench) -> None:
    await gather(bench.seat, BTC)
    bench.venue.silent = {"settings"}
    assert isinstance(await gather(bench.seat, BTC), Facts)


@pytest.mark.parametrize("words", ["close btc", "close all"])
async def test_closing_needs_no_price(bench: Bench, words: str) -> None:
    """FF-16, P6: the way out is open when nothing can be priced."""
    await held(bench)
    await hold(bench, "long eth 0.1 sl 2%", "0.1", "t2")
    before = len(bench.venue.sent)
    bench.market.silent = True
    bench.seat.shelf.settings.clear()
    bench.venue.silent = {"settings"}
    raised = await say(bench, words, "c")
    assert isinstance(raised, Raised), str(raised)
    assert len(bench.venue.sent) - before == (1 if words == "close btc" else 2)


async def test_closing_one_symbol_does_not_wait_for_the_price_of_another(bench: Bench) -> None:
    await held(bench)
    await hold(bench, "long eth 0.1 sl 2%", "0.1", "t2")
    del bench.market.marks[ETH.symbol]
    await say(bench, "close btc", "c")
    assert bench.venue.sent[-1].intent.kind is OrderKind.MARKET
    assert bench.venue.sent[-1].intent.symbol == BTC.symbol


async def test_a_guard_does_not_wait_for_the_price_of_another(bench: Bench) -> None:
    """FF-35."""
    await held(bench)
    await hold(bench, "long eth 0.1 sl 2%", "0.1", "t2")
    del bench.market.marks[ETH.symbol]
    task = asyncio.create_task(say(bench, "tp btc 63000", "g"))
    for _ in range(30):
        await bench.clock.advance(0.2)
    await task
    assert bench.venue.sent[-1].intent.kind is OrderKind.TARGET


async def test_without_a_price_the_last_known_one_stands_in_undated(bench: Bench) -> None:
    await held(bench)
    bench.market.silent = True
    facts = await gather_exit(bench.seat, BTC)
    assert (facts.mark, facts.ticker.received_at) == (Decimal(60_000), NEVER)
    bench.seat.shelf.marks.clear()
    assert (await gather_exit(bench.seat, BTC)).mark == Decimal(60_000), "the entry of what is held"
