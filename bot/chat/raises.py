"""Let looser limits wait: told to every owner, ten minutes to think or a second owner's yes (security section 3).

A raise that waits is one small named value, so that a restart neither forgets nor hurries it. Tightening never waits.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.chat.card import DANGER, SUCCESS, Card, press
from bot.chat.outbox import show
from bot.chat.people import owners
from bot.chat.render.text import Chip, card, clean, countdown, rich
from bot.desk.control import keep_limits
from bot.desk.enter import write
from bot.desk.front import Desk
from bot.domain.events_control import SettingChanged
from bot.domain.ids import PersonId
from bot.domain.limits import Limits
from bot.domain.record import from_plain, to_plain
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.messenger import Button

PLACE = "raise"
PERIOD_S = 5.0
ACTOR = "system:raise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """A raise that waits: who wants which limits of a scope, in words, and when it comes by itself."""

    token: str
    scope: str
    by: PersonId
    name: str
    words: str
    limits: Limits
    due: datetime


def waiting(tx: Tx) -> Raise | None:
    """Give the raise that waits; one at a time, a new one replaces it."""
    kept = tx.desk.value(PLACE)
    return from_plain(Raise, kept) if kept else None


def put(tx: Tx, wanted: Raise, chip: Chip, now: datetime) -> None:
    """Let a raise wait and tell every owner, each with the buttons that fit them."""
    tx.desk.set_value(PLACE, to_plain(wanted), now)
    write(tx, SettingChanged(name="limits", was="raise asked", now=wanted.words, by=wanted.by), now,
          f"person:{wanted.by}")
    for owner in owners(tx):
        mine = owner.person == wanted.by
        show(tx, int(owner.person), drawn(wanted, chip, now, mine=mine), now, severity="WARNING")


def drawn(wanted: Raise, chip: Chip, now: datetime, *, mine: bool) -> Card:
    """Draw a raise that waits."""
    yes = () if mine else (Button(label="Confirm now", data=press("c", "limits", f"ok-{wanted.token}"), style=SUCCESS),)
    stop = Button(label="Stop it", data=press("c", "limits", f"no-{wanted.token}"), style=DANGER)
    return card(
        chip, f"Looser limits wait: {clean(wanted.name, 16)}", clean(wanted.words, 300),
        rich("In force ", countdown(wanted.due, now), ", unless an owner stops it; a second owner may confirm it now."),
        emoji="🟡", rows=((*yes, stop),), key=_key(wanted),
    )


def _key(wanted: Raise) -> str:
    return f"raise:{wanted.token}"


def enforce(tx: Tx, token: str, by: PersonId | None, chip: Chip, now: datetime) -> Raise | Refusal:
    """Put a raise in force, once, and say so on its cards; by nobody: its time has come.

    The asker cannot hurry it, and it dies where the asker is no owner any more.
    """
    wanted = _mine(tx, token)
    if isinstance(wanted, Refusal):
        return wanted
    if by is not None and by == wanted.by:
        return refuse("own_raise", "This is your own wish.", "A second owner may confirm it, or wait.")
    tx.desk.set_value(PLACE, {}, now)
    if all(one.person != wanted.by for one in owners(tx)):
        _tell_end(tx, wanted, "Limits stay: the asker is no owner", chip, now)
        return refuse("asker_gone", "Whoever asked for it is no owner any more.", "Ask anew.")
    actor = ACTOR if by is None else f"person:{by}"
    keep_limits(tx, wanted.scope, wanted.limits, by=wanted.by, actor=actor, now=now)
    _tell_end(tx, wanted, "Looser limits are in force", chip, now)
    return wanted


def stop(tx: Tx, token: str, by: PersonId, chip: Chip, now: datetime) -> Raise | Refusal:
    """Take a raise off the table for good; any owner may."""
    wanted = _mine(tx, token)
    if not isinstance(wanted, Refusal):
        tx.desk.set_value(PLACE, {}, now)
        write(tx, SettingChanged(name="limits", was="raise asked", now="stopped", by=by), now, f"person:{by}")
        _tell_end(tx, wanted, "Limits stay: the raise was stopped", chip, now)
    return wanted


def _mine(tx: Tx, token: str) -> Raise | Refusal:
    wanted = waiting(tx)
    if wanted is None or wanted.token != token:
        return refuse("raise_gone", "This is decided already.", "See /limits.")
    return wanted


def _tell_end(tx: Tx, wanted: Raise, words: str, chip: Chip, now: datetime) -> None:
    for owner in owners(tx):
        over = card(chip, words, clean(wanted.words, 300), key=_key(wanted))
        show(tx, int(owner.person), over, now, severity="NORMAL")


async def watch(desk: Desk, chip: Chip, wake: Callable[[], None]) -> None:
    """Put raises in force when their time has come, for ever."""
    while True:
        await look(desk, chip, wake)
        await desk.seat.clock.sleep(PERIOD_S)


async def look(desk: Desk, chip: Chip, wake: Callable[[], None]) -> bool:
    """Look once; tells whether a raise came into force."""
    now = desk.seat.clock.now()
    wanted = await desk.seat.ledger.read(waiting)
    if wanted is None or now < wanted.due:
        return False
    done = await desk.seat.ledger.transact(partial(enforce, token=wanted.token, by=None, chip=chip, now=now))
    wake()
    return not isinstance(done, Refusal)


def due_at(now: datetime, seconds: float) -> datetime:
    """Give the moment at which a raise of now comes by itself."""
    return now + timedelta(seconds=seconds)


def said(pairs: Sequence[tuple[str, object, object]]) -> str:
    """Say what changes, in one line. Pure."""
    return ", ".join(f"{name.replace('_', ' ')} {'none' if was is None else was} → {new}" for name, was, new in pairs)
