"""Press fifty times at once, as two people, with restarts between: `python -m tests.campaigns.presses [--rounds N]`.

Real desk, door and ledger in virtual time, on the sandbox exchange and the Bot API emulator. One effect a round is
right, whoever was first and wherever the process was killed; the exchange's own ledger counts.
"""
from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bot.desk.propose import Raised
from bot.desk.wish import Level, OpenWish
from bot.domain.ids import RequestKey
from bot.domain.intent import Direction
from bot.domain.proposal import Origin, OriginKind
from tests.support import virtual_loop
from tests.support.talking import OWNER, TRADER, Shown, Talk, button

PRESSES = 50
SYMBOLS = ("btc", "eth", "sol", "xrp", "doge")
MODEL = Origin(kind=OriginKind.ADVISOR, name="trend-4h")
SETTLED_S = 3.0
# The process is cut behind one of so many writes: storing presses, deciding, sending, telling, closing the inbox rows.
WRITES = 60
# An order whose sending was cut is asked about until no late arrival can be: validity, skew and the lists' lag (R5).
KNOWN_S = 75.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round: what was pressed, whether the process was killed meanwhile, how many effects the exchange saw."""

    number: int
    what: str
    killed: bool
    effects: int
    answered: int
    again: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A button two people have before them, and what counts its effects."""

    cards: tuple[Shown, Shown]
    data: str
    side: str


async def _ticket(talk: Talk, number: int) -> Target:
    """A person's own ticket; the other owner presses the same button by its data."""
    side = "long" if number % 2 else "short"
    symbol = SYMBOLS[number % len(SYMBOLS)]
    card = await talk.owner.ask(f"/{side} {symbol} ${60 + number % 7} sl 3%", "Expires")
    other = await talk.trader.ask("/me", "You are")
    return Target(cards=(card, other), data=button(card, "Place order"), side="open")


async def _proposal(talk: Talk, number: int) -> Target:
    """A model's proposal, on both phones."""
    assert talk.life is not None
    after = [max((one["message_id"] for one in phone.heard()), default=0) for phone in (talk.owner, talk.trader)]
    wish = OpenWish(symbol=SYMBOLS[number % len(SYMBOLS)], direction=Direction.LONG, amount="$70",
                    stop=Level(percent=3))
    raised = await talk.life.desk.propose(MODEL, RequestKey(f"idea-{number}"), wish)
    assert isinstance(raised, Raised), raised
    name = f"P-{raised.proposal.id}"
    cards = (await talk.owner.sees(name, after[0]), await talk.trader.sees(name, after[1]))
    return Target(cards=cards, data=button(cards[0], "Approve"), side="open")


async def _share(talk: Talk, number: int) -> Target:
    """A part of a position, from the card that each of the two has of it."""
    symbol, name = SYMBOLS[number % len(SYMBOLS)], SYMBOLS[number % len(SYMBOLS)].upper()
    ticket = await talk.owner.ask(f"/long {symbol} $400 sl 3%", "Expires")
    await talk.owner.tap(ticket, "Place order")
    await talk.clock.sleep(SETTLED_S)
    cards = (await talk.owner.ask(f"/positions {symbol}", f"{name}USDT long"),
             await talk.trader.ask(f"/positions {symbol}", f"{name}USDT long"))
    return Target(cards=cards, data=button(cards[0], "Close 25%"), side="close")


KINDS: dict[str, Callable[[Talk, int], Awaitable[Target]]] = {
    "ticket": _ticket, "proposal": _proposal, "share": _share,
}


async def _round(talk: Talk, number: int, chance: Random, *, kill: bool) -> Round:
    name = list(KINDS)[number % len(KINDS)]
    target = await KINDS[name](talk, number)
    before = talk.orders(target.side)
    phones = (talk.owner, talk.trader)
    taps = [asyncio.create_task(phones[one % 2].tap(target.cards[one % 2], data=target.data, seconds=30.0))
            for one in range(PRESSES)]
    if kill:
        cut = talk.cut(_countdown(chance.randrange(WRITES)))
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLED_S):
                await cut.wait()
        await talk.stop()
        await talk.start()
    answers = await asyncio.gather(*taps)
    await talk.clock.sleep(SETTLED_S)
    again = 0
    if talk.orders(target.side) == before:
        # Nothing was sent. The card has to say so plainly, and to have a button that still works.
        await _pressed_again(talk, target)
        again = 1
    assert talk.life is not None
    talk.life.check()
    return Round(number=number, what=name, killed=kill, effects=talk.orders(target.side) - before,
                 answered=sum(1 for one in answers if one.answered), again=again)


async def _pressed_again(talk: Talk, target: Target) -> None:
    """Wait until the chat says "Not sent" with a button, and do by both people what it offers."""
    phones = (talk.owner, talk.trader)
    label = "Try again" if target.side == "open" else "Position"
    offers = await asyncio.gather(*(
        phone.sees("Not sent", card["message_id"] - 1, KNOWN_S, label=label)
        for phone, card in zip(phones, target.cards, strict=True)
    ))
    seen = [offer["message_id"] for offer in offers]
    await asyncio.gather(*(phone.tap(offer, label) for phone, offer in zip(phones, offers, strict=True)))
    verb, words = ("Place order", "Expires") if target.side == "open" else ("Close 25%", "long")
    cards = [await phone.sees(words, ref, label=verb) for phone, ref in zip(phones, seen, strict=True)]
    taps = [phones[one % 2].tap(cards[one % 2], verb, seconds=30.0) for one in range(PRESSES)]
    await asyncio.gather(*taps)
    await talk.clock.sleep(SETTLED_S)


def _countdown(writes: int) -> Callable[[], Awaitable[bool]]:
    left = iter(range(writes, -1, -1))

    async def over() -> bool:
        return next(left, 0) == 0

    return over


async def campaign(directory: Path, rounds: int, seed: int, every: int) -> list[Round]:
    """Do so many rounds, with a kill in each `every`th of a kind; gives what each came to."""
    chance = Random(seed)
    talk = Talk(directory, seed, roles={OWNER: ["OWNER"], TRADER: ["TRADER", "APPROVER"]})
    await talk.begin()
    done = []
    try:
        for number in range(rounds):
            done.append(await _round(talk, number, chance, kill=(number // len(KINDS)) % every == every - 1))
            if number % 10 == 9:
                # What is held would use up the margin of later rounds.
                await _emptied(talk, number)
    finally:
        await talk.end()
    return done


async def _emptied(talk: Talk, number: int) -> None:
    assert talk.life is not None
    await talk.life.desk.flat(Origin(kind=OriginKind.LOCAL, name="campaign"), RequestKey(f"flat-{number}"), "local")
    await talk.life.desk.resume(by=None, why="next rounds", actor="local")


def run(rounds: int, seed: int, every: int) -> list[Round]:
    """Run the campaign on a loop of its own."""
    with tempfile.TemporaryDirectory() as home:
        found: list[Round] = []

        async def main() -> None:
            found.extend(await campaign(Path(home), rounds, seed, every))

        virtual_loop.run(main, seed)
        return found


def main() -> int:
    """Print the table; gives 1 where a round had another number of effects than one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=3, help="kill the process in each so manieth round of a kind")
    given = parser.parse_args()
    # The library tells of every task that a kill ended.
    logging.getLogger("telegram").setLevel(logging.CRITICAL)
    began = time.monotonic()
    done = run(given.rounds, given.seed, given.every)
    print(f"{'what':<10}{'rounds':>8}{'killed':>8}{'presses':>9}{'answered':>10}{'again':>7}{'effects':>9}")
    for name in KINDS:
        mine = [one for one in done if one.what == name]
        print(f"{name:<10}{len(mine):>8}{sum(one.killed for one in mine):>8}{len(mine) * PRESSES:>9}"
              f"{sum(one.answered for one in mine):>10}{sum(one.again for one in mine):>7}"
              f"{sum(one.effects for one in mine):>9}")
    wrong = [one for one in done if one.effects != 1]
    for one in wrong:
        print(f"WRONG: round {one.number} ({one.what}{', killed' if one.killed else ''}): {one.effects} effects")
    print(f"seed {given.seed}, {len(done)} rounds, {sum(one.effects for one in done)} effects, "
          f"{time.monotonic() - began:.0f} s")
    return 1 if wrong or len(done) != given.rounds else 0


if __name__ == "__main__":
    sys.exit(main())
