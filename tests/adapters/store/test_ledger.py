from __future__ import annotations

import asyncio
from functools import partial

import pytest

from bot.adapters.store.address import Address
from bot.adapters.store.ledger import PAGE, StoreLedger
from bot.domain.events import SettingChanged
from bot.domain.ids import AccountId
from bot.ports.ledger import Ledger, Tx
from bot.ports.ledger_rows import NotStored
from tests.adapters.store.values import ACCOUNT, T0
from tests.support.ledgers import inline, threaded


def say(number: int, tx: Tx) -> int:
    fact = SettingChanged(name=str(number), was=None, now="x", by=None)
    return tx.journal.append(fact, at=T0, actor="local", subject="s")


async def take(ledger: Ledger, name: str, count: int) -> list[int]:
    """Follow until so many lines came; each is done in a transaction of its own."""
    seen: list[int] = []
    follower = ledger.follow(name)
    async for entry in follower:
        seen.append(entry.seq)
        await ledger.transact(lambda tx, seq=entry.seq: tx.bookmarks.move(name, seq))
        if len(seen) == count:
            break
    await follower.aclose()  # type: ignore[attr-defined]
    return seen


async def test_it_is_the_ledger_of_the_port(ledger: StoreLedger) -> None:
    as_port: Ledger = ledger
    assert await as_port.transact(lambda tx: tx.account) == ACCOUNT


async def test_async_work_is_refused_before_it_is_queued(ledger: StoreLedger) -> None:
    async def waits(tx: Tx) -> None:
        tx.desk.set_value("a", {}, T0)

    with pytest.raises(TypeError, match="plain function"):
        await ledger.transact(waits)
    with pytest.raises(TypeError, match="plain function"):
        await ledger.read(waits)


async def test_what_work_raises_comes_out(ledger: StoreLedger) -> None:
    with pytest.raises(ZeroDivisionError):
        await ledger.transact(lambda tx: 1 // 0)
    with pytest.raises(NotStored):
        await ledger.read(lambda tx: tx.desk.set_value("a", {}, T0))
    assert await ledger.read(lambda tx: tx.desk.value("a")) is None


async def test_a_follower_reads_from_its_bookmark_and_wakes_on_commit(ledger: StoreLedger) -> None:
    for number in range(3):
        await ledger.transact(partial(say, number))
    waits = asyncio.ensure_future(take(ledger, "courier", 5))
    while await ledger.read(lambda tx: tx.bookmarks.get("courier")) < 3:  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert not waits.done()
    await ledger.transact(partial(say, 3))
    await ledger.transact(partial(say, 4))
    assert await asyncio.wait_for(waits, 5) == [1, 2, 3, 4, 5]


async def test_each_line_is_done_exactly_once_across_restarts(address: Address) -> None:
    total, done = PAGE * 2 + 5, "done:"

    def finish(seq: int, tx: Tx) -> None:
        assert tx.desk.value(f"{done}{seq}") is None
        tx.desk.set_value(f"{done}{seq}", {}, T0)
        tx.bookmarks.move("courier", seq)

    async with threaded(address) as ledger:
        await asyncio.gather(*(ledger.transact(partial(say, number)) for number in range(total)))
    finished = 0
    while finished < total:
        async with threaded(address) as ledger:
            follower = ledger.follow("courier")
            async for entry in follower:
                if entry.seq % 37 == 5 and entry.seq != finished + 1:
                    break  # It died between reading the line and storing its result.
                await ledger.transact(partial(finish, entry.seq))
                finished = entry.seq
                if finished == total:
                    break
            await follower.aclose()  # type: ignore[attr-defined]
    async with threaded(address) as ledger:
        assert len(await ledger.read(lambda tx: tx.desk.values(done))) == total


async def test_two_followers_of_one_name_do_a_line_once(ledger: StoreLedger) -> None:
    await ledger.transact(partial(say, 1))
    one, two = ledger.follow("courier"), ledger.follow("courier")
    first, second = await anext(one), await anext(two)
    assert first == second
    await ledger.transact(lambda tx: tx.bookmarks.move("courier", first.seq))
    with pytest.raises(Exception, match="already"):
        await ledger.transact(lambda tx: tx.bookmarks.move("courier", second.seq))
    for follower in (one, two):
        await follower.aclose()  # type: ignore[attr-defined]


async def test_a_line_that_was_undone_is_never_told(ledger: StoreLedger) -> None:
    def undone(tx: Tx) -> None:
        say(1, tx)
        raise KeyError

    with pytest.raises(KeyError):
        await ledger.transact(undone)
    await ledger.transact(partial(say, 2))
    follower = ledger.follow("courier")
    entry = await anext(follower)
    assert (entry.seq, entry.fact) == (1, SettingChanged(name="2", was=None, now="x", by=None))
    await follower.aclose()  # type: ignore[attr-defined]


async def test_inline_followers_wake_too(address: Address) -> None:
    async with inline(address) as ledger:
        waits = asyncio.ensure_future(take(ledger, "courier", 2))
        await ledger.transact(partial(say, 1))
        await ledger.transact(partial(say, 2))
        assert await asyncio.wait_for(waits, 5) == [1, 2]


async def test_lines_of_another_process_are_found_by_looking(address: Address) -> None:
    async with threaded(address) as writer, threaded(address) as reader:
        polling = StoreLedger(ACCOUNT, reader._engine, poll_s=0.01)
        waits = asyncio.ensure_future(take(polling, "courier", 1))
        await asyncio.sleep(0.02)
        await writer.transact(partial(say, 1))
        assert await asyncio.wait_for(waits, 5) == [1]


async def test_accounts_share_an_engine_and_nothing_else(ledger: StoreLedger) -> None:
    other = StoreLedger(AccountId("other"), ledger._engine)
    await asyncio.gather(ledger.transact(partial(say, 1)), other.transact(partial(say, 2)))
    assert await other.read(lambda tx: len(tx.journal.after(0))) == 1
    assert await ledger.read(lambda tx: len(tx.journal.after(0))) == 1
