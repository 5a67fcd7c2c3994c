"""The whole desk and the driven chat in virtual time: one card an order, told from the ledger (features 4, 11)."""
from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chat.courier import Courier, concerns_chat
from bot.chat.courier import run as run_courier
from bot.chat.delivery import Delivery
from bot.chat.messenger import TelegramMessenger
from bot.chat.outbox import show
from bot.chat.prefs import Prefs, Volume, save_prefs, with_volume
from bot.chat.render.trade import ticket
from bot.chat.trade_words import read_trade
from bot.desk.decide import Answer
from bot.desk.propose import Raised
from bot.domain import events as e
from bot.domain.alert import Topic
from bot.domain.decision import Manner
from bot.domain.ids import PersonId, RequestKey
from bot.domain.instrument import ProductLine
from bot.domain.principal import Person, Role
from bot.domain.proposal import Origin, OriginKind, button_digest
from bot.domain.refusal import Refusal
from bot.sandbox.telegram.emulator import Emulator
from bot.sandbox.telegram.world import World as Chats
from tests.chat.delivering import CHIP, OWNER, TRADER
from tests.chat.in_process import bot_of
from tests.support import virtual_loop
from tests.support.simulated import Life, World

ANA = Origin(kind=OriginKind.PERSON, name="Ana", person=PersonId(OWNER))
MODEL = Origin(kind=OriginKind.ADVISOR, name="trend-4h")


class Scene:
    """A desk, its people, and what they see."""

    def __init__(self, world: World, life: Life, chats: Chats, messenger: TelegramMessenger) -> None:
        self.world, self.life, self.chats, self.messenger = world, life, chats, messenger
        self.delivery = Delivery(ledger=life.seat.ledger, clock=world.clock, messenger=messenger, chip=CHIP)
        self.courier = Courier(ledger=life.seat.ledger, clock=world.clock, chip=CHIP,
                               books=lambda: life.seat.shelf.instruments, wake=self.delivery.wake)

    def start(self) -> None:
        self.life.spawn(self.delivery.run(), "delivery")
        self.life.spawn(run_courier(self.courier), "courier")

    async def typed(self, words: str, key: str, origin: Origin = ANA) -> Raised:
        """Raise a typed trade and show its ticket, as the command's handler does."""
        wish = read_trade(words)
        assert not isinstance(wish, Refusal)
        raised = await self.life.desk.propose(origin, RequestKey(key), wish)
        assert isinstance(raised, Raised), raised
        return raised

    async def shown(self, raised: Raised) -> None:
        card = ticket(raised, CHIP, self.life.seat.shelf.instruments, self.world.clock.now())
        await self.life.seat.ledger.transact(lambda tx: show(tx, OWNER, card, self.world.clock.now()))
        self.delivery.wake()
        await self.world.clock.sleep(1)

    async def yes(self, raised: Raised) -> None:
        answer = Answer(yes=True, manner=Manner.BUTTON, by=PersonId(OWNER), name="Ana",
                        digest=button_digest(raised.proposal))
        await self.life.desk.answer(raised.proposal.id, answer)

    def texts(self, chat: int = OWNER) -> list[str]:
        bot = self.chats.bot.id
        kept = self.chats.chats[chat].messages.values()
        return [one.text for one in kept if one.sender_id == bot and one.kind != "service" and not one.deleted]


@asynccontextmanager
async def scene(directory: Path, seed: int = 1) -> AsyncIterator[Scene]:
    world = World(directory, seed)
    world.begin()
    chats = Chats(now=lambda: world.clock.now().timestamp(), sleep=world.clock.sleep)
    bot = bot_of(Emulator(chats))
    await bot.initialize()
    life = await world.life()
    people = {OWNER: ("Ana", Role.OWNER), TRADER: ("Ben", Role.TRADER)}
    for number, (name, role) in people.items():
        person = Person(person=PersonId(number), name=name, roles=frozenset({role}), active=True,
                        since=world.clock.now() - timedelta(days=1))
        await life.seat.ledger.transact(lambda tx, one=person: tx.people.save(one))  # type: ignore[misc]
    found = Scene(world, life, chats, TelegramMessenger(bot))
    found.start()
    await world.clock.sleep(3)
    try:
        yield found
        found.life.check()
    finally:
        await found.life.die()
        await world.end()


@pytest.mark.parametrize("seed", range(3))
def test_one_card_lives_from_ticket_to_outcome(tmp_path: Path, seed: int) -> None:
    async def main() -> None:
        async with scene(tmp_path, seed) as found:
            before = len(found.texts())
            raised = await found.typed("long btc $500 5x sl 2% tp 4%", "one")
            await found.shown(raised)
            first = found.texts()[before]
            assert first.startswith("Buy ") and "If stopped" in first and "Liquidation" in first
            assert "Exposure" in first and "Fees in+out" in first and "Leverage of BTCUSDT changes" in first
            await found.yes(raised)
            await found.world.clock.sleep(8)
            mine = [one for one in found.texts()[before:] if "BTC" in one]
            assert len(mine) == 1, mine
            assert mine[0].startswith("✅ Filled: buy 0.00")
            assert "at the exchange" in mine[0] and "Approved by Ana" in mine[0]
            theirs = [one for one in found.texts(TRADER) if "Filled: b" in one]
            assert len(theirs) == 1, found.texts(TRADER)

    virtual_loop.run(main, seed)


def test_a_models_proposal_is_shown_to_those_who_may_approve_and_edited_to_its_outcome(tmp_path: Path) -> None:
    async def main() -> None:
        async with scene(tmp_path) as found:
            await found.typed("short btc $300 5x sl 2%", "idea", MODEL)
            await found.world.clock.sleep(3)
            asked = [one for one in found.texts() if "trend-4h wants" in one]
            assert len(asked) == 1 and "no record yet" in asked[0] and "If stopped" in asked[0]
            assert not [one for one in found.texts(TRADER) if "wants" in one]
            waiting = await found.life.seat.ledger.read(lambda tx: tx.proposals.awaiting())
            answer = Answer(yes=False, manner=Manner.BUTTON, by=PersonId(OWNER), name="Ana",
                            digest=button_digest(waiting[0]), reason="too late")
            await found.life.desk.answer(waiting[0].id, answer)
            await found.world.clock.sleep(3)
            ended = [one for one in found.texts() if "Not placed" in one]
            assert len(ended) == 1 and "too late" in ended[0] and "Ana" in ended[0]
            assert not [one for one in found.texts() if "wants" in one]

    virtual_loop.run(main, 1)


def test_a_typed_trade_is_nobody_elses_business_before_it_is_one(tmp_path: Path) -> None:
    async def main() -> None:
        async with scene(tmp_path) as found:
            raised = await found.typed("long btc $500 5x sl 2%", "one")
            await found.shown(raised)
            assert not [one for one in found.texts(TRADER) if "BTC" in one]

    virtual_loop.run(main, 1)


def test_a_person_hears_what_the_matrix_says(tmp_path: Path) -> None:
    async def main() -> None:
        async with scene(tmp_path) as found:
            ledger, now = found.life.seat.ledger, found.world.clock.now
            prefs = with_volume(with_volume(Prefs(), Topic.FILLS, Volume.OFF), Topic.ORDERS, Volume.OFF)
            await ledger.transact(lambda tx: save_prefs(tx, PersonId(TRADER), prefs, now()))
            raised = await found.typed("long btc $500 5x sl 2%", "one")
            await found.shown(raised)
            await found.yes(raised)
            await found.world.clock.sleep(8)
            assert not [one for one in found.texts(TRADER) if "Filled" in one]
            assert [one for one in found.texts() if "Filled" in one]

    virtual_loop.run(main, 1)


def test_a_courier_that_died_tells_every_fact_exactly_once(tmp_path: Path) -> None:
    async def main() -> None:
        async with scene(tmp_path) as found:
            raised = await found.typed("long btc $500 5x sl 2%", "one")
            await found.shown(raised)
            await found.yes(raised)
            await found.world.clock.sleep(0.2)
            await found.life.die()
            found.life = await found.world.life()
            Scene(found.world, found.life, found.chats, found.messenger).start()
            await found.world.clock.sleep(10)
            mine = [one for one in found.texts() if "BTC" in one.split("\n")[0]]
            assert len(mine) == 1 and "Filled" in mine[0], mine

    virtual_loop.run(main, 4)


def test_only_what_a_chat_can_show_concerns_it() -> None:
    assert concerns_chat(e.StreamLost(line=ProductLine.USDT, why="x"))
    assert not concerns_chat(e.LeaseTaken(holder="x", epoch=1))
