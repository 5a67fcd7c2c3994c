"""Alerts people set: read from words, rung once, armed again after the price went back."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D
from pathlib import Path

import pytest

from bot.chat.alerts_set import SetAlert, What, add, alerts_of, judge, look, read_wish, remove, snooze
from bot.domain import events as e
from bot.domain.ids import PersonId, Symbol
from bot.domain.refusal import Refusal
from tests.domain.builders import NOON
from tests.support import virtual_loop
from tests.support.simulated import World

ANA, BEN = PersonId(7001), PersonId(7002)
BTC = Symbol("BTCUSDT")
ALERT = SetAlert(id="a1", person=ANA, what=What.PRICE, symbol=BTC, above=True, level=D(65000), again=False)


@pytest.mark.parametrize(("words", "symbol", "what", "above", "level", "again"), [
    ("btc > 65,000", "btc", What.PRICE, True, "65000", False),
    ("btc price below 60000.5 again", "btc", What.PRICE, False, "60000.5", True),
    ("BTC/USDT >= 1", "BTC/USDT", What.PRICE, True, "1", False),
    ("btc funding > 0.05%", "btc", What.FUNDING, True, "0.05", False),
    ("pnl < -100", None, What.PROFIT, False, "-100", False),
    ("pnl < −100 usdt", None, What.PROFIT, False, "-100", False),
    ("eth liq < 10%", "eth", What.LIQUIDATION, False, "10", False),
    ("liq under 10", None, What.LIQUIDATION, False, "10", False),
])
def test_conditions_are_read_as_people_write_them(
    words: str, symbol: str | None, what: What, above: bool, level: str, again: bool
) -> None:
    wish = read_wish(words)
    assert not isinstance(wish, Refusal), str(wish)
    assert (wish.symbol, wish.what, wish.above, wish.level, wish.again) == (symbol, what, above, D(level), again)


@pytest.mark.parametrize("words", [
    "", "btc", "btc > ", "btc > moon", "> 5", "funding > 1", "btc > 5 tomorrow", "btc = 5",
])
def test_words_that_are_no_condition_get_a_sentence(words: str) -> None:
    refused = read_wish(words)
    assert (isinstance(refused, Refusal) and "/alert" in str(refused)) or "again" in str(refused)


def test_an_alert_rings_once_and_one_that_rearms_needs_the_way_back_first() -> None:
    quiet, rings = judge(ALERT, D(64999), NOON)
    assert not rings and quiet == ALERT
    rung, rings = judge(ALERT, D(65001), NOON)
    assert rings and not rung.armed
    again = replace(rung, again=True)
    assert judge(again, D(64999), NOON) == (again, False)
    back, rings = judge(again, D(64800), NOON)
    assert back.armed and not rings
    assert judge(ALERT, None, NOON) == (ALERT, False)
    assert judge(replace(ALERT, snoozed_until=NOON + timedelta(hours=1)), D(99999), NOON)[1] is False


def test_a_set_alert_rings_through_the_journal_exactly_once(tmp_path: Path) -> None:
    async def main() -> None:
        world = World(tmp_path, 1)
        world.begin()
        life = await world.life()
        now = world.clock.now()
        await life.seat.ledger.transact(lambda tx: add(tx, replace(ALERT, level=D(1)), now))
        await life.seat.ledger.transact(lambda tx: add(tx, replace(ALERT, id="a2", level=D(10**9)), now))
        assert await look(life.desk) == 1 and await look(life.desk) == 0
        left = await life.seat.ledger.read(alerts_of)
        assert [one.id for one in left] == ["a2"]
        lines = await life.seat.ledger.read(lambda tx: tx.journal.latest(50))
        rung = [one.fact for one in lines if isinstance(one.fact, e.AlertRang)]
        assert len(rung) == 1 and rung[0].person == ANA and rung[0].condition == "> 1"
        await life.die()
        await world.end()

    virtual_loop.run(main, 1)


def test_only_its_owner_deletes_or_snoozes_an_alert(tmp_path: Path) -> None:
    async def main() -> None:
        world = World(tmp_path, 1)
        life = await world.birth()
        ledger, now = life.seat.ledger, world.clock.now()
        await ledger.transact(lambda tx: add(tx, ALERT, now))
        assert await ledger.transact(lambda tx: remove(tx, "a1", BEN, now)) is None
        assert not await ledger.transact(lambda tx: snooze(tx, "a1", BEN, timedelta(hours=1), now))
        assert await ledger.transact(lambda tx: snooze(tx, "a1", ANA, timedelta(hours=1), now))
        assert await ledger.transact(lambda tx: remove(tx, "a1", ANA, now)) is not None
        assert await ledger.read(alerts_of) == ()
        await life.die()
        await world.end()

    virtual_loop.run(main, 1)
