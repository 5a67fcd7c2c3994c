"""What each person hears: matrix, quiet hours across midnight and summer time, mute; critical pierces all of it."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.chat.prefs import Prefs, Volume, prefs_of, quiet_now, stored_of, volume_for, with_quiet, with_volume, with_zone
from bot.domain.alert import Alert, Audience, Severity, Topic
from bot.domain.refusal import Refusal

NIGHT = datetime(2026, 7, 1, 21, 30, tzinfo=UTC)


def heard(severity: Severity) -> Alert:
    return Alert(severity=severity, audience=Audience.ALL, topic=Topic.FILLS, merge_key=None)


def made(words: str, zone: str = "UTC") -> Prefs:
    found = with_quiet(Prefs(zone=zone), words)
    assert isinstance(found, Prefs), found
    return found


@pytest.mark.parametrize(("words", "zone", "hour", "quiet"), [
    ("22:00-07:00", "UTC", 23, True), ("22:00-07:00", "UTC", 6, True), ("22:00-07:00", "UTC", 7, False),
    ("22-7", "UTC", 21, False), ("12:00-13:00", "UTC", 12, True), ("12:00-13:00", "UTC", 13, False),
    # In July Berlin is two hours ahead, in January one.
    ("22:00-07:00", "Europe/Berlin", 20, True), ("22:00-07:00", "Nowhere/Here", 20, False),
])
def test_quiet_hours_are_the_persons_own(words: str, zone: str, hour: int, quiet: bool) -> None:
    assert quiet_now(made(words, zone), NIGHT.replace(hour=hour)) is quiet


def test_winter_time_moves_the_hours() -> None:
    prefs = made("22:00-07:00", "Europe/Berlin")
    assert quiet_now(prefs, datetime(2026, 7, 1, 20, 30, tzinfo=UTC))
    assert not quiet_now(prefs, datetime(2026, 1, 1, 20, 30, tzinfo=UTC))


@pytest.mark.parametrize("words", ["", "later", "25:00-07:00", "22:00", "22:00-7:99", "off-on"])
def test_words_that_are_no_hours_are_refused(words: str) -> None:
    assert isinstance(with_quiet(Prefs(), words), Refusal)


def test_an_unknown_zone_is_refused_and_a_known_one_kept() -> None:
    assert isinstance(with_zone(Prefs(), "../etc/passwd"), Refusal)
    assert isinstance(with_zone(Prefs(), "Mars/Base"), Refusal)
    assert with_zone(Prefs(), "Asia/Tokyo") == Prefs(zone="Asia/Tokyo")


def test_critical_is_never_silent_and_never_off() -> None:
    prefs = with_volume(Prefs(), Topic.FILLS, Volume.OFF)
    assert volume_for(prefs, heard(Severity.CRITICAL)) is Volume.ON
    assert volume_for(prefs, heard(Severity.WARNING)) is Volume.OFF
    assert volume_for(Prefs(), heard(Severity.SILENT)) is Volume.SILENT
    assert volume_for(Prefs(), heard(Severity.NORMAL)) is Volume.ON


def test_a_mute_ends_by_itself() -> None:
    prefs = Prefs(muted_until=NIGHT)
    assert quiet_now(prefs, NIGHT - timedelta(seconds=1)) and not quiet_now(prefs, NIGHT)


def test_wishes_survive_being_stored_and_nonsense_is_heard() -> None:
    prefs = with_volume(made("22:00-07:00", "Asia/Tokyo"), Topic.RISK, Volume.SILENT)
    assert prefs_of({"notify": stored_of(prefs), "lev": 5}) == prefs
    assert prefs_of({"notify": {"matrix": {"NOPE": "on", "RISK": "loud"}}}) == Prefs()
    assert prefs_of({"notify": "x"}) == prefs_of(None) == Prefs()
