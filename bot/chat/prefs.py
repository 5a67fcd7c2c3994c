"""Keep what each person wants to hear and when: matrix, quiet hours, zone; stored with the person's presets. Pure.

CRITICAL alerts pierce all of it (features 2.9): they are never silent, never off.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, tzinfo
from enum import Enum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.alert import Alert, Severity, Topic
from bot.domain.ids import PersonId
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Plain

KEY = "notify"


class Volume(Enum):
    """How a topic reaches a person."""

    ON = "on"
    SILENT = "silent"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefs:
    """One person's wishes: `quiet` are local times, `plain` asks for sentences instead of tables.

    `hidden` asks for no amounts on a locked phone.
    """

    matrix: Mapping[Topic, Volume] = field(default_factory=dict)
    quiet: tuple[time, time] | None = None
    zone: str = "UTC"
    plain: bool = False
    hidden: bool = False
    muted_until: datetime | None = None
    digest_at: time | None = None

    def volume(self, topic: Topic) -> Volume:
        """Give how a topic reaches the person; everything is on until it is switched."""
        return self.matrix.get(topic, Volume.ON)


def prefs_of(stored: Plain | None) -> Prefs:
    """Read what is stored; what cannot be read falls back to hearing it."""
    found = (stored or {}).get(KEY)
    if not isinstance(found, dict):
        return Prefs()
    matrix = {}
    for name, word in dict(found.get("matrix") or {}).items():
        if name in Topic.__members__ and word in {one.value for one in Volume}:
            matrix[Topic[name]] = Volume(word)
    quiet = found.get("quiet")
    muted, digest = found.get("muted_until"), found.get("digest_at")
    return Prefs(
        matrix=matrix,
        quiet=(time.fromisoformat(quiet[0]), time.fromisoformat(quiet[1])) if quiet else None,
        zone=str(found.get("zone", "UTC")),
        plain=bool(found.get("plain")),
        hidden=bool(found.get("hidden")),
        muted_until=datetime.fromisoformat(muted) if muted else None,
        digest_at=time.fromisoformat(digest) if digest else None,
    )


def stored_of(prefs: Prefs) -> Plain:
    """Write the wishes as plain values."""
    return {
        "matrix": {topic.name: volume.value for topic, volume in prefs.matrix.items()},
        "quiet": [one.strftime("%H:%M") for one in prefs.quiet] if prefs.quiet else None,
        "zone": prefs.zone,
        "plain": prefs.plain,
        "hidden": prefs.hidden,
        "muted_until": prefs.muted_until.isoformat() if prefs.muted_until else None,
        "digest_at": prefs.digest_at.strftime("%H:%M") if prefs.digest_at else None,
    }


def read_prefs(tx: Tx, person: PersonId) -> Prefs:
    """Read a person's wishes."""
    return prefs_of(tx.desk.preset(person))


def save_prefs(tx: Tx, person: PersonId, prefs: Prefs, at: datetime) -> None:
    """Store a person's wishes beside the other presets."""
    tx.desk.set_preset(person, (tx.desk.preset(person) or {}) | {KEY: stored_of(prefs)}, at)


def zone_of(prefs: Prefs) -> tzinfo:
    """Give the person's zone; UTC where this machine does not know it."""
    try:
        return ZoneInfo(prefs.zone)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def with_zone(prefs: Prefs, name: str) -> Prefs | Refusal:
    """Set the zone; a Refusal for a name that is none."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return refuse("zone_unknown", f"{name!r} is no time zone.", "Write one such as Europe/Berlin.", value=name)
    return replace(prefs, zone=name)


def with_quiet(prefs: Prefs, words: str) -> Prefs | Refusal:
    """Set the quiet hours from "22:00-07:00", or "off"."""
    if words.strip().lower() == "off":
        return replace(prefs, quiet=None)
    start, _, end = words.replace("–", "-").partition("-")
    try:
        hours = (time.fromisoformat(_padded(start)), time.fromisoformat(_padded(end)))
    except ValueError:
        return refuse("quiet_hours", f"{words!r} are no hours.", "Write /quiet 22:00-07:00 or /quiet off.", value=words)
    return replace(prefs, quiet=hours)


def _padded(word: str) -> str:
    hour, colon, minute = word.strip().partition(":")
    return f"{hour.zfill(2)}:{minute or '00'}" if hour.isdigit() and (minute.isdigit() or not colon) else word.strip()


def with_digest(prefs: Prefs, words: str) -> Prefs | Refusal:
    """Set the hour of the daily digest from "08:00", or "off"."""
    word = words.strip().lower().removeprefix("on").strip()
    if word == "off":
        return replace(prefs, digest_at=None)
    try:
        return replace(prefs, digest_at=time.fromisoformat(_padded(word)))
    except ValueError:
        return refuse("digest_hour", f"{words!r} is no hour.", "Write /digest on 08:00, /digest now or /digest off.",
                      value=words)


def with_volume(prefs: Prefs, topic: Topic, volume: Volume) -> Prefs:
    """Set one row of the matrix."""
    return replace(prefs, matrix={**prefs.matrix, topic: volume})


def quiet_now(prefs: Prefs, now: datetime) -> bool:
    """Tell whether the person does not want to be woken now; hours may cross midnight, a mute counts too."""
    if prefs.muted_until is not None and now < prefs.muted_until:
        return True
    if prefs.quiet is None:
        return False
    start, end = prefs.quiet
    clock = now.astimezone(zone_of(prefs)).time().replace(tzinfo=None)
    return start <= clock < end if start <= end else clock >= start or clock < end


def volume_for(prefs: Prefs, heard: Alert) -> Volume:
    """Give how an alert reaches the person: CRITICAL always aloud, SILENT ones never louder than silent."""
    if heard.severity is Severity.CRITICAL:
        return Volume.ON
    wanted = prefs.volume(heard.topic)
    return Volume.SILENT if wanted is Volume.ON and heard.severity is Severity.SILENT else wanted
