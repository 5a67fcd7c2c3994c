"""Send what must never be obeyed, and flood: `python -m tests.campaigns.hygiene [--updates N] [--seed N]`.

First a day of real commands is recorded, then sent again in every disguise of security section 2: the exchange's
ledger and the desk's journal must not move. Then strangers flood a desk over real sockets, and an owner's /halt is
timed (T1, T2, T18).
"""
from __future__ import annotations

import argparse
import asyncio
import copy
import logging
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from bot.domain.trading import TradingState
from bot.sandbox.telegram.people import Said
from bot.sandbox.telegram.people import say as say_as
from bot.sandbox.telegram.updates import Update
from tests.chat.served import served
from tests.support import virtual_loop
from tests.support.talking import Talk

Raw = dict[str, Any]
# What an effect looks like in the journal; refusals, denials and marks of wallets are none.
EFFECTS = frozenset({
    "ProposalRaised", "ProposalDecided", "OrderPlanned", "CancelRequested", "TradingStateChanged", "SettingChanged",
    "PersonChanged", "LimitsChanged", "WaiverGranted",
})
DAY = (
    "/long btc $200 sl 3%", "/short eth $100 sl 3%", "/sl btc 2%", "/reduce btc 50%", "/close eth", "/cancel all",
    "/pause", "/halt", "/flat", "/limits set leverage=3", "/invite owner", "/allow btc", "/preset set size=$50",
)
STRANGERS, HALTS = 1000, 5
FLOOD_S, HALT_MAX_S = 60.0, 1.0


def _forwarded(said: Raw, chance: Random) -> tuple[str, Raw]:
    return "message", said | {"forward_origin": {"type": "hidden_user", "sender_user_name": "x", "date": 1}}


def _edited(said: Raw, chance: Random) -> tuple[str, Raw]:
    return "edited_message", said | {"edit_date": said["date"]}


def _stale(said: Raw, chance: Random) -> tuple[str, Raw]:
    opening = copy.deepcopy(said)
    opening |= {"text": DAY[0], "date": said["date"] - 100_000}
    opening["entities"] = [{"type": "bot_command", "offset": 0, "length": 5}]
    return "message", opening


def _anonymous(said: Raw, chance: Random) -> tuple[str, Raw]:
    group = {"id": -1001, "type": "supergroup", "title": "Desk"}
    nobody = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    return "message", said | {"chat": group, "sender_chat": group, "from": nobody}


def _as_owner_by_channel(said: Raw, chance: Random) -> tuple[str, Raw]:
    return "message", said | {"sender_chat": {"id": -1002, "type": "channel", "title": "x"}}


def _channel(said: Raw, chance: Random) -> tuple[str, Raw]:
    post = {name: one for name, one in said.items() if name != "from"}
    return "channel_post", post | {"chat": {"id": -1002, "type": "channel", "title": "x"}}


def _through_bot(said: Raw, chance: Random) -> tuple[str, Raw]:
    return "message", said | {"via_bot": {"id": 99, "is_bot": True, "first_name": "b", "username": "b_bot"}}


def _business(said: Raw, chance: Random) -> tuple[str, Raw]:
    return "business_message", said | {"business_connection_id": "b"}


def _stranger(said: Raw, chance: Random) -> tuple[str, Raw]:
    number = 9000 + chance.randrange(500)
    person = {"id": number, "is_bot": False, "first_name": "owner", "username": "owner_local"}
    return "message", said | {"from": person, "chat": {"id": number, "type": "private", "first_name": "owner"}}


def _closed_group(said: Raw, chance: Random) -> tuple[str, Raw]:
    return "message", said | {"chat": {"id": -1003, "type": "supergroup", "title": "Elsewhere"}}


def _other_bot(said: Raw, chance: Random) -> tuple[str, Raw]:
    name, _, rest = said["text"].partition(" ")
    words = f"{name}@other_bot {rest}".strip()
    named = [{"type": "bot_command", "offset": 0, "length": len(name) + len("@other_bot")}]
    return "message", said | {"text": words, "entities": named}


DISGUISES: dict[str, Callable[[Raw, Random], tuple[str, Raw]]] = {
    "forwarded": _forwarded, "edited": _edited, "stale": _stale, "anonymous admin": _anonymous,
    "sent as a channel": _as_owner_by_channel, "channel post": _channel, "through a bot": _through_bot,
    "business": _business, "stranger": _stranger, "group not opened": _closed_group, "other bot": _other_bot,
}


@dataclass(slots=True, kw_only=True)
class Tally:
    """How many updates of each disguise were sent, and the effects they had."""

    sent: Counter[str]
    orders: int = 0
    lines: tuple[str, ...] = ()

    @property
    def effects(self) -> int:
        """Count orders at the exchange and lines of the journal."""
        return self.orders + len(self.lines)


async def disguised(directory: Path, updates: int, seed: int) -> Tally:
    """Record a day, then send it in disguise and again as it was; gives what came of it."""
    chance, talk = Random(seed), Talk(directory, seed)
    life = await talk.begin()
    queue, recorded = talk.telegram.updates, list[tuple[str, Raw, int]]()
    put = queue.put

    def noting(kind: str, payload: Raw, lane: int, date: float | None = None) -> int | None:
        recorded.append((kind, copy.deepcopy(payload), lane))
        return put(kind, payload, lane, date)

    queue.put = noting  # type: ignore[method-assign]
    ticket = await talk.owner.ask(DAY[0], "Expires")
    await talk.owner.tap(ticket, "Place order")
    for words in DAY[1:]:
        talk.owner.say(words)
        await talk.clock.sleep(2)
    await life.desk.resume(by=None, why="the day goes on", actor="local")
    await talk.clock.sleep(400)
    queue.put = put  # type: ignore[method-assign]
    said = [payload for kind, payload, _ in recorded if kind == "message"]

    def moved() -> int:
        return len(talk.world.venue.outside.ledger("main")["orders"])

    before, seq = moved(), (await life.seat.ledger.read(lambda tx: tx.journal.head())).seq
    tally = Tally(sent=Counter())
    for number in range(updates):
        name = list(DISGUISES)[number % len(DISGUISES)]
        kind, payload = DISGUISES[name](copy.deepcopy(chance.choice(said)), chance)
        _send(talk, kind, payload)
        tally.sent[name] += 1
        if number % 50 == 49:
            await talk.clock.sleep(1)
    await _again(talk, recorded, tally)
    await talk.clock.sleep(10)
    life.check()
    fresh = await life.seat.ledger.read(
        lambda tx: [one for one in tx.journal.latest(5000) if one.seq > seq and one.kind in EFFECTS]
    )
    state = (await life.desk.status()).trading
    tally.orders, tally.lines = moved() - before, tuple(f"{one.kind} {one.actor}" for one in fresh)
    if state is not TradingState.ACTIVE:
        tally.lines += (f"trading is {state.value}",)
    await talk.end()
    return tally


def _send(talk: Talk, kind: str, payload: Raw, number: int | None = None) -> None:
    queue = talk.telegram.updates
    queue.pending.append(Update(
        id=next(queue._numbers) if number is None else number, kind=kind, payload=payload, lane=0,
        until=talk.telegram.now() + 3600,
    ))
    queue.wake()


async def _again(talk: Talk, recorded: list[tuple[str, Raw, int]], tally: Tally) -> None:
    """Deliver the day's trades and presses once more under new numbers, as a service that lost its place would."""
    for kind, payload, _ in recorded:
        words = payload.get("text", "")
        # What stops is obeyed at any age and harmless twice; what asks for the factor waits for it.
        if kind == "message" and words.split()[0] in ("/pause", "/halt", "/flat", "/limits", "/invite", "/allow"):
            continue
        _send(talk, kind, payload)
        tally.sent["the day again"] += 1
    await talk.clock.sleep(2)


async def flooded(directory: Path) -> list[float]:
    """Let a thousand strangers write within a minute, some of it at once; gives the seconds of an owner's /halt."""
    async with served(directory) as desk:
        world, taken = desk.sandbox.telegram.emulator.world, list[float]()
        people = [world.add_person(f"s{number}", started=True).id for number in range(200)]
        for number in range(HALTS):
            began = time.monotonic()
            # A fifth of the flood in one burst, then the /halt behind it.
            for place in range(STRANGERS // HALTS):
                said = say_as(world, people[place % len(people)], f"/flat {place}")
                assert isinstance(said, Said)
            asked = time.monotonic()
            await desk.owner.ask(f"/halt flood {number}", "halted")
            taken.append(time.monotonic() - asked)
            await asyncio.sleep(max(0.0, FLOOD_S / HALTS - (time.monotonic() - began)))
        return taken


def main() -> int:
    """Print both tables; gives 1 where something was obeyed or a /halt took too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--updates", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.getLogger("telegram").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as home:
        found: list[Tally] = []

        async def virtual() -> None:
            found.append(await disguised(Path(home), given.updates, given.seed))

        virtual_loop.run(virtual, given.seed)
    for name, count in found[0].sent.items():
        print(f"{name:<20}{count:>7}")
    print(f"{'effects':<20}{found[0].effects:>7}  of {sum(found[0].sent.values())} updates, seed {given.seed}")
    for line in found[0].lines:
        print(f"WRONG: {line}")
    with tempfile.TemporaryDirectory() as home:
        taken = asyncio.run(flooded(Path(home)))
    print(f"{'/halt in the flood':<20}{statistics.median(taken):>7.3f} s median, {max(taken):.3f} s worst of "
          f"{len(taken)}, bound {HALT_MAX_S} s ({STRANGERS} strangers' updates in {FLOOD_S:.0f} s)")
    return 1 if found[0].effects or max(taken) > HALT_MAX_S else 0


if __name__ == "__main__":
    sys.exit(main())
