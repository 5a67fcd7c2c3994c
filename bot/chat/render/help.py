"""Draw help: topics as buttons, one screen a topic, filtered by what the reader may do; and the settings page. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from bot.chat.card import Card, press
from bot.chat.prefs import Prefs, Volume
from bot.chat.render.text import Chip, Part, card, clean, code, countdown, lines, rich
from bot.domain.alert import Topic
from bot.ports.messenger import Button

NEXT = {Volume.ON: Volume.SILENT, Volume.SILENT: Volume.OFF, Volume.OFF: Volume.ON}
MARKS = {Volume.ON: "on", Volume.SILENT: "silent", Volume.OFF: "off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpLine:
    """One command as help shows it."""

    name: str
    usage: str
    what: str
    example: str = ""


def topics(names: Sequence[str], chip: Chip) -> Card:
    """Draw the topics; each is one tap away."""
    buttons = [Button(label=clean(one, 16), data=press("c", "help", one.lower())) for one in names]
    return card(
        chip,
        "What do you want to do?",
        "Tap a topic, or write /help and a command.",
        rows=tuple(tuple(buttons[place : place + 2]) for place in range(0, len(buttons), 2)),
        key=None,
    )


def topic(name: str, entries: Sequence[HelpLine], chip: Chip) -> Card:
    """Draw one topic: each command with what it does, then examples that a tap copies."""
    said: list[Part] = [rich(f"/{clean(one.name, 32)} – {clean(one.what, 100)}") for one in entries]
    examples = [code(one.example) for one in entries if one.example][:4]
    return card(
        chip,
        clean(name, 30),
        lines(*said),
        lines("Examples, a tap copies:", *examples) if examples else None,
        rows=((Button(label="‹ Topics", data=press("c", "help", "")),),),
    )


def command(entry: HelpLine, related: Sequence[str], chip: Chip) -> Card:
    """Draw one command: what it does, how it is written, an example."""
    return card(
        chip,
        f"/{clean(entry.name, 30)}",
        clean(entry.what, 200),
        rich("Written: ", code(entry.usage)),
        rich("Example: ", code(entry.example)) if entry.example else None,
        f"Related: {', '.join('/' + clean(one, 20) for one in related[:5])}" if related else None,
    )


def settings(prefs: Prefs, chip: Chip, now: datetime) -> Card:
    """Draw a person's settings in plain words, with a button for each that has two states."""
    quiet = f"{_clock(prefs.quiet[0])}–{_clock(prefs.quiet[1])}" if prefs.quiet else "off"
    muted = prefs.muted_until is not None and prefs.muted_until > now
    return card(
        chip,
        "Your settings",
        rich("🟡 Muted; it rings again ", countdown(prefs.muted_until, now), ". ", code("/mute off"))
        if muted and prefs.muted_until is not None else None,
        lines(
            rich(f"Your days begin at midnight in {clean(prefs.zone, 40)}. ", code("/tz Europe/Berlin")),
            rich(f"Nothing rings between {quiet}. " if prefs.quiet else "Everything may ring at any hour. ",
                 code("/quiet 22:00-07:00")),
            rich(f"Your day in one message comes at {_clock(prefs.digest_at)}. " if prefs.digest_at
                 else "No daily summary is sent. ", code("/digest on 08:00")),
            "You read sentences instead of tables." if prefs.plain else "Figures come in tables.",
            "Amounts are hidden on a locked phone." if prefs.hidden else "A locked phone shows amounts.",
        ),
        "Critical alerts always come through, aloud.",
        rows=(
            (
                Button(label="Notifications", data=press("c", "notify", "")),
                Button(label="Ring again", data=press("c", "mute", "off")) if muted
                else Button(label="Mute 1 h", data=press("c", "mute", "60")),
            ),
            (
                Button(label="Tables" if prefs.plain else "Sentences",
                       data=press("c", "settings", f"plain.{'off' if prefs.plain else 'on'}")),
                Button(label="Show amounts" if prefs.hidden else "Hide amounts",
                       data=press("c", "settings", f"amounts.{'show' if prefs.hidden else 'hide'}")),
            ),
        ),
    )


def matrix(volumes: Mapping[Topic, Volume], chip: Chip) -> Card:
    """Draw the matrix of topics; a tap turns a row from on to silent to off."""
    buttons = [
        Button(
            label=f"{one.value.capitalize()}: {MARKS[volumes.get(one, Volume.ON)]}"[:16],
            data=press("c", "notify", f"{one.value}.{NEXT[volumes.get(one, Volume.ON)].value}"),
        )
        for one in Topic
    ]
    return card(
        chip,
        "What reaches you",
        "Tap to change: on, silent, off. Critical alerts always come through.",
        rows=tuple(tuple(buttons[place : place + 2]) for place in range(0, len(buttons), 2)),
        key="notify",
    )


def _clock(at: time) -> str:
    return f"{at:%H:%M}"
