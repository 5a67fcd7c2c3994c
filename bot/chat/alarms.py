"""Keep critical alerts ringing until somebody says so: repeat, next person, second channel (features 4, number 22).

The alarms are one small named value, written with the alert's message rows; ended ones leave it after a day. Every
copy of one alert is a row of the card `alarm:{seq}`.
"""
from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.chat.card import PRIMARY, Card, press
from bot.chat.outbox import show
from bot.chat.render.text import Chip, card, clean, code, moment, rich
from bot.domain.ids import PersonId
from bot.domain.principal import Role
from bot.ports.clock import Clock
from bot.ports.ledger import Ledger, Tx
from bot.ports.ledger_rows import MessageState, Plain
from bot.ports.messenger import Button

ALARMS = "alarms"
REPEAT = timedelta(minutes=5)
SECOND_CHANNEL = timedelta(seconds=60)
UNREACHED = timedelta(minutes=5)
GIVEN_UP = timedelta(hours=24)
PERIOD_S = 5.0

Channel = Callable[[str], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """What the ladder climbs: the ledger, the second channel (None without one), what to do when nobody hears."""

    ledger: Ledger
    clock: Clock
    chip: Chip
    second: Channel | None
    unreached: Callable[[str], Awaitable[None]]
    wake: Callable[[], None]


def raise_alarm(tx: Tx, seq: int, words: str, chats: tuple[int, ...], at: datetime) -> None:
    """Open an alarm with the chats it was told in."""
    value: Plain = {"words": words, "since": at.isoformat(), "last": at.isoformat(), "chats": list(chats), "rounds": 0}
    _store(tx, seq, value, at)


def alarm_key(seq: int) -> str:
    """Name the card of an alarm."""
    return f"alarm:{seq}"


def _store(tx: Tx, seq: int, alarm: Plain, at: datetime) -> None:
    kept = {name: one for name, one in (tx.desk.value(ALARMS) or {}).items()
            if not one.get("over") or at - datetime.fromisoformat(one["over"]) < GIVEN_UP}
    tx.desk.set_value(ALARMS, {**kept, str(seq): alarm}, at)


def _alarm(tx: Tx, seq: int) -> Plain | None:
    found: Plain | None = (tx.desk.value(ALARMS) or {}).get(str(seq))
    return found


def acknowledge(tx: Tx, seq: int, person: PersonId, name: str, chip: Chip, at: datetime) -> bool:
    """Take somebody's "Got it": the ladder stops and every copy says who; False when it was over already."""
    alarm = _alarm(tx, seq)
    if alarm is None or alarm.get("over"):
        return False
    _store(tx, seq, {**alarm, "over": at.isoformat(), "by": person}, at)
    seen = card(
        chip, str(alarm["words"]), rich(f"Seen by {clean(name, 40)} ", moment(at)), code(f"e-{seq}"),
        emoji="🔴", key=alarm_key(seq), silent=True,
    )
    for chat in alarm["chats"]:
        show(tx, chat, seen, at)
    return True


def open_alarms(tx: Tx) -> dict[int, Plain]:
    """List the alarms nobody has acknowledged, by journal number."""
    found: dict[int, Plain] = {int(name): value for name, value in (tx.desk.value(ALARMS) or {}).items()}
    return {seq: value for seq, value in sorted(found.items()) if not value.get("over")}


async def ring(ladder: Ladder) -> None:
    """Climb the ladder for ever."""
    while True:
        await climb(ladder)
        await ladder.clock.sleep(PERIOD_S)


async def climb(ladder: Ladder) -> None:
    """Look at every open alarm once: repeat it, tell the next person, use the second channel, or stop openings."""
    now = ladder.clock.now()
    for seq, alarm in (await ladder.ledger.read(open_alarms)).items():
        heard = await ladder.ledger.read(partial(_heard, seq=seq))
        age = now - datetime.fromisoformat(alarm["since"])
        changed: dict[str, Any] = {}
        wanted = (not heard and age >= SECOND_CHANNEL) or alarm["rounds"] >= 2
        if ladder.second is not None and wanted and not alarm.get("second"):
            # A failed call is tried again at the next look; a second copy there is better than none.
            changed["second"] = await ladder.second(f"{alarm['words']} (e-{seq}, since {alarm['since']})")
        reached = heard or alarm.get("second") or changed.get("second")
        if not reached and age >= UNREACHED and not alarm.get("unreached"):
            changed["unreached"] = True
            await ladder.unreached(f"nobody could be told of: {alarm['words']}")
        if age >= GIVEN_UP:
            changed["over"] = now.isoformat()
        elif now - datetime.fromisoformat(alarm["last"]) >= REPEAT:
            changed |= {"last": now.isoformat(), "rounds": alarm["rounds"] + 1}
        if changed:
            await ladder.ledger.transact(partial(_climbed, ladder=ladder, seq=seq, changed=changed, now=now))
            ladder.wake()


def _heard(tx: Tx, seq: int) -> bool:
    return any(row.state is MessageState.SENT for row in tx.messages.by_card(alarm_key(seq)))


def _climbed(tx: Tx, ladder: Ladder, seq: int, changed: dict[str, Any], now: datetime) -> None:
    alarm = _alarm(tx, seq)
    if alarm is None or alarm.get("over"):
        return
    alarm = {**alarm, **changed}
    if "rounds" in changed:
        following = next_person(tx, alarm["chats"])
        alarm["chats"] = [*alarm["chats"], *([following] if following is not None else [])]
        for chat in alarm["chats"]:
            _again(tx, ladder.chip, seq, alarm, chat, now)
    _store(tx, seq, alarm, now)


def _again(tx: Tx, chip: Chip, seq: int, alarm: Plain, chat: int, now: datetime) -> None:
    """Ring anew, unless the last ring for this chat still waits to be delivered."""
    waiting = [row for row in tx.messages.by_card(alarm_key(seq))
               if row.chat == chat and row.state in (MessageState.NEW, MessageState.SENDING)]
    if not waiting:
        show(tx, chat, repeat_card(seq, alarm, chip), now, anew=True, severity="CRITICAL")


def repeat_card(seq: int, alarm: Plain, chip: Chip) -> Card:
    """Draw the repetition of an alarm."""
    since = datetime.fromisoformat(alarm["since"])
    return card(
        chip, str(alarm["words"]),
        rich("Nobody has said Got it since ", moment(since), f"; told {alarm['rounds'] + 1} times."), code(f"e-{seq}"),
        emoji="🔴", rows=((Button(label="Got it", data=press("a", seq, "ok"), style=PRIMARY),),),
        key=alarm_key(seq), critical=True, pin=True,
    )


def next_person(tx: Tx, told: list[int]) -> int | None:
    """Give the next owner, then trader, then approver who was not told yet; private chats have their person's id."""
    active = [one for one in tx.people.all() if one.active and int(one.person) not in told]
    for role in (Role.OWNER, Role.TRADER, Role.APPROVER):
        for one in active:
            if role in one.roles:
                return int(one.person)
    return None
