"""Say every command of the table, and see that each is answered by a card of its own that fits a phone (features 5)."""
from __future__ import annotations

from pathlib import Path

from bot.chat.call import ChatRules
from bot.chat.commands_table import SPECS
from bot.chat.render.control import refusal
from bot.chat.render.heads import HEADS
from bot.domain.principal import Role, permissions
from bot.domain.refusal import refuse
from tests.chat.looks import read, wrong
from tests.chat.sample_cards import DEMO
from tests.support import virtual_loop
from tests.support.talking import OWNER, TRADER, Phone, Shown, Talk

ANSWER_S = 20.0
# What a tired person types, and what the first line of the answer has to begin with.
SAID = {
    "hello": "No command hello",
    "/lnog btc $100": "No command lnog",
    "/long btc 1,5 sl 2%": "I did not understand that",
    "/long btc": "New order · step 2 of 4 · size",
    "/LONG BTCUSDT.P $100 5x sl 2%": "Buy 0.0",
    "/l btc/usdt:usdt $100 sl=2%": "Buy 0.0",
    "/long btc $1": "Not done: too small",
    "/long foo $100": "No such contract",
    "/long btc $100 500x": "Not done: leverage bounds",
    "/short eth 2% sl 3100": "Not done: stop side",
    "/price": "Something is missing",
    "/sl": "Something is missing",
    "/sl btc": "Something is missing",
    "/sl btc 1": "No such position",
    "/fx all": "Nothing to close",
    "/coo btc": "Nothing to cancel",
    "/amend foo @1": "No such order",
    "/book btc 1": "BTC book",
    "/chart btc 7x": "No such interval",
    "/alert funding btc > 0.1": "Alert set: BTCUSDT funding > 0.1%",
    "/role 999 trader": "No such person",
    "/tz nowhere": "No such time zone",
    "/why": "Something is missing",
}


def first_line(shown: Shown) -> str:
    return str(shown["text"]).split("\n")[0]


async def answer(talk: Talk, phone: Phone, words: str) -> list[Shown]:
    """Say something and wait for what comes of it."""
    number, chat = phone.say(words), talk.telegram.chats[phone.id]
    end = talk.clock.monotonic() + ANSWER_S
    while not any(one > number for one in chat.messages):
        assert talk.clock.monotonic() < end, f"{words!r} was not answered"
        await talk.clock.sleep(0.2)
        assert talk.life is not None
        talk.life.check()
    return [one for one in phone.heard(number) if one["text"]]


def fits(shown: Shown, words: str) -> None:
    """Check the rules of a card on what the phone shows: chat_ux sections 1 and 2."""
    text = str(shown["text"])
    assert "went wrong" not in text.lower(), f"{words!r}: {text}"
    if "SANDBOX" in text and not shown.get("document"):
        assert len(first_line(shown)) <= 38, f"{words!r}: {first_line(shown)!r}"
    assert all(len(one["text"]) <= 20 for row in shown["buttons"] for one in row), f"{words!r}: {shown['buttons']}"


def test_every_command_is_answered_by_a_card_of_its_own(tmp_path: Path) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 9, rules=ChatRules(commands_per_minute=5000))
        await talk.begin()
        for words, begins in SAID.items():
            found = await answer(talk, talk.owner, words)
            assert first_line(found[0]).startswith(begins), f"{words!r}: {found[0]['text']}"
            if words == "/long btc":
                await talk.owner.tap(found[0], "Cancel")
        for spec in SPECS:
            for shown in await answer(talk, talk.owner, f"/{spec.name}"):
                fits(shown, spec.name)
        await talk.end()

    virtual_loop.run(main, 9)


def test_a_viewer_is_answered_too_and_told_what_only_others_may(tmp_path: Path) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 9, rules=ChatRules(commands_per_minute=5000), roles={OWNER: ["OWNER"],
                                                                                 TRADER: ["VIEWER"]})
        await talk.begin()
        granted, before = permissions(frozenset({Role.VIEWER})), talk.orders()
        for spec in SPECS:
            found = await answer(talk, talk.trader, f"/{spec.name}")
            refused = any("You may not do this" in str(one["text"]) for one in found)
            assert refused == (spec.permission not in granted), f"/{spec.name}: {found[0]['text']}"
        assert talk.orders() == before
        await talk.end()

    virtual_loop.run(main, 9)


def test_every_refusal_card_fits_a_phone() -> None:
    """Heads of refusals are read alone on a locked phone."""
    for code in HEADS:
        card = refusal(refuse(code, "It is so.", "Do this."), DEMO, topic="long", tried="/long x")
        assert wrong(card) == [] and len(read(card).split("\n")[0]) >= 8
