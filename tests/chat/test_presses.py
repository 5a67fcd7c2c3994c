"""Two people press one button fifty times at once, and the process is killed meanwhile: one effect (FF-97, T3)."""
from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.ports.ledger import Tx
from tests.campaigns.presses import KINDS, campaign
from tests.support import virtual_loop
from tests.support.talking import OWNER, TRADER, Talk, button

# A kill between the library's making an update's task and its first step leaves a coroutine nobody awaits.
pytestmark = pytest.mark.filterwarnings("ignore:.*__process_update_wrapper")


def test_fifty_presses_of_two_people_across_a_kill_have_one_effect(tmp_path: Path) -> None:
    async def main() -> None:
        done = await campaign(tmp_path, rounds=len(KINDS), seed=3, every=1)
        assert [(one.killed, one.effects) for one in done] == [(True, 1)] * len(KINDS), done

    virtual_loop.run(main, 3)


ACTS = {
    "a press on a ticket": ("open", "/long eth $60 sl 3%", "Place order"),
    "a typed close": ("close", "/close btc", None),
    "a press on a position": ("close", "/positions btc", "50%"),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_kill_between_the_desks_commit_and_the_inbox_mark_has_one_effect(tmp_path: Path, act: str) -> None:
    """FF-91, FF-92: the update is met again after the restart, and finds what the first meeting had done."""
    side, words, label = ACTS[act]

    async def main() -> None:
        talk = Talk(tmp_path, 5)
        life = await talk.begin()
        ticket = await talk.owner.ask("/long btc $200 sl 3%", "Expires")
        await talk.owner.tap(ticket, "Place order")
        await talk.owner.sees("Filled", ticket["message_id"] - 1)
        before, seq = talk.orders(side), (await life.seat.ledger.read(lambda tx: tx.journal.head())).seq

        async def between() -> bool:
            def read(tx: Tx) -> bool:
                fresh = [one.kind for one in tx.journal.latest(20) if one.seq > seq]
                return "ProposalDecided" in fresh and bool(tx.inbox.pending(10))

            return await life.seat.ledger.read(read)

        card = await talk.owner.ask(words, "BTC" if side == "close" else "Expires") if label is not None else None
        cut = talk.cut(between)
        tap = asyncio.create_task(talk.owner.tap(card, label, seconds=60)) if card is not None else None
        if card is None:
            talk.owner.say(words)
        async with asyncio.timeout(10):
            await cut.wait()
        assert talk.orders(side) == before, "it was killed before anything was sent"
        await talk.stop()
        await talk.start()
        await talk.clock.sleep(5)
        assert talk.orders(side) == before + 1
        if tap is not None:
            assert (await tap).answered
        await talk.end()

    virtual_loop.run(main, 5)


def test_what_a_kill_left_unsent_is_offered_again_to_both_and_placed_once(tmp_path: Path) -> None:
    """FF-01, FF-80, R5: cut between the stored order and its send, the card says so and has one button that works."""

    async def main() -> None:
        talk = Talk(tmp_path, 7, roles={OWNER: ["OWNER"], TRADER: ["TRADER"]})
        life = await talk.begin()
        ticket = await talk.owner.ask("/long eth $60 sl 3%", "Expires")

        async def planned() -> bool:
            told = await life.seat.ledger.read(lambda tx: tx.journal.latest(9))
            return any(one.kind == "OrderPlanned" for one in told)

        cut = talk.cut(planned)
        tap = asyncio.create_task(talk.owner.tap(ticket, "Place order", seconds=60))
        async with asyncio.timeout(10):
            await cut.wait()
        await talk.stop()
        await talk.start()
        doubt = await talk.owner.sees("Do not repeat the order", ticket["message_id"] - 1)
        assert "Try again" not in str(doubt["buttons"]), "nothing may be repeated while it may have been sent"
        rang = await talk.owner.sees("Not sent after all", ticket["message_id"], 75)
        card = await talk.owner.sees("Not sent: buy", ticket["message_id"] - 1, label="Try again")
        other = await talk.trader.sees("Not sent after all", within_s=5)
        assert talk.orders() == 0
        await asyncio.gather(*(talk.owner.tap(one, "Try again") for one in (rang, card, card)),
                             talk.trader.tap(other, "Try again"))
        fresh = await talk.owner.sees("Expires", rang["message_id"])
        same = await talk.trader.sees("Expires", other["message_id"])
        assert button(fresh, "Place order") == button(same, "Place order")
        await asyncio.gather(*(talk.owner.tap(fresh, "Place order") for _ in range(10)))
        await talk.owner.sees("Filled", rang["message_id"])
        assert talk.orders() == 1
        late = await talk.owner.tap(card, "Try again")
        assert late.answered and talk.orders() == 1
        assert (await tap).answered
        await talk.end()

    virtual_loop.run(main, 7)
