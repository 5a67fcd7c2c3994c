"""Strangers and disguised updates: never obeyed, and in a flood not even stored (T1, T2, T18; FF-93, FF-94, FF-103)."""
from __future__ import annotations

from pathlib import Path

from bot.ports.ledger import Tx
from bot.sandbox.telegram.people import say
from tests.campaigns.hygiene import DISGUISES, Tally, disguised
from tests.support import virtual_loop
from tests.support.talking import Talk


def test_no_disguise_of_a_command_has_an_effect(tmp_path: Path) -> None:
    found: list[Tally] = []

    async def main() -> None:
        found.append(await disguised(tmp_path, 8 * len(DISGUISES), 7))

    virtual_loop.run(main, 7)
    assert found[0].effects == 0, (found[0].orders, found[0].lines)
    assert set(found[0].sent) == {*DISGUISES, "the day again"}


def test_a_flood_of_strangers_is_not_stored_and_nobody_waits_behind_it(tmp_path: Path) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 7)
        life = await talk.begin()
        crowd = [talk.telegram.add_person(f"s{number}", started=True).id for number in range(100)]
        guest = talk.telegram.add_person("guest", started=True).id
        await talk.owner.ask("/invite viewer", "Type your PIN")
        code = (await talk.owner.ask("000000", "Link for one viewer"))["text"].rpartition("/start ")[2].split()[0]
        await talk.clock.sleep(5)
        for number in range(400):
            say(talk.telegram, crowd[number % 100], "/flat" if number % 2 else "/start guess")
        say(talk.telegram, guest, f"/start {code}")
        await talk.owner.ask("/halt", "halted")
        await talk.clock.sleep(10)

        def stored(tx: Tx) -> int:
            return sum(1 for number in range(700_000, 701_000) if tx.inbox.get(number) is not None)

        assert await life.seat.ledger.read(stored) < 80
        answered = [one for one in crowd if any(m.sender_id != one for m in talk.telegram.chats[one].messages.values())]
        assert len(answered) <= 60
        await talk.clock.sleep(60)
        say(talk.telegram, guest, f"/start {code}")
        await talk.clock.sleep(5)
        texts = [one.text for one in talk.telegram.chats[guest].messages.values()]
        assert any("Desk is ready" in one for one in texts), "an invited person comes in a minute later"
        await talk.end()

    virtual_loop.run(main, 7)
