"""What makes a start impossible: one clear sentence, an exit code that is not zero, and nothing sent."""
from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.compose import commands, copies
from bot.compose.check import check
from bot.compose.doctor import doctor
from bot.compose.halting import halt
from bot.compose.run import run
from bot.settings import Settings
from tests.support.processes import Exchange, Installation, installed

DEAD = {"WIREDESK_BITGET_REST": "http://127.0.0.1:9", "WIREDESK_BITGET_WS_PUBLIC": "ws://127.0.0.1:9/v2/ws/public",
        "WIREDESK_BITGET_WS_PRIVATE": "ws://127.0.0.1:9/v2/ws/private"}
# Name, how the account is opened, what of the key is spoilt, and what the sentence must say.
KEYS: list[tuple[str, dict[str, Any], dict[str, str], str]] = [
    ("withdraw", {"rights": ["read", "trade", "withdraw"]}, {}, "can withdraw money"),
    ("transfer", {"rights": ["read", "trade", "transfer"]}, {}, "can move money between accounts"),
    ("unified", {"world": "unified"}, {}, "unified account"),
    ("demo", {"environment": "demo"}, {}, "A demo key works only in the demo environment"),
    ("ip", {"ips": ["203.0.113.7"]}, {}, "add this machine's address"),
    ("key", {}, {"WIREDESK_BITGET_KEY": "bg_00000000000000000000000000000000"}, "key is not known"),
    ("secret", {}, {"WIREDESK_BITGET_SECRET": "0" * 64}, "secret does not belong to this key"),
    ("passphrase", {}, {"WIREDESK_BITGET_PASSPHRASE": "wrong"}, "passphrase"),
]
Command = Callable[[Settings], int]


def telling(do: str) -> Command:
    """Give a command of the local socket as a function of the settings."""
    return lambda settings: commands.tell(settings, do)


def export(settings: Settings) -> int:
    """Export to standard output."""
    return copies.export(settings, "-")


def examine(settings: Settings) -> int:
    """Ask the doctor."""
    return doctor(settings, Path(".env"))


flat, reconcile = telling("flat"), telling("reconcile")
NEVER_MENDS = ("withdraw", "transfer", "unified")


@pytest.mark.parametrize(("name", "opened", "spoilt", "sentence"), KEYS, ids=[one[0] for one in KEYS])
def test_ff53_ff54_a_key_that_will_not_do_is_named_by_check(
    venue: Exchange, tmp_path: Path, name: str, opened: dict[str, Any], spoilt: dict[str, str], sentence: str
) -> None:
    account = f"check-{name}"
    with installed(tmp_path, venue, **venue.open_account(account, **opened) | spoilt) as desk:
        said = desk.here(check)
        assert said.code == 1
        assert sentence in said.err
        assert len(said.err.strip().splitlines()) == 1
        assert desk.settings["WIREDESK_BITGET_SECRET"] not in said.out + said.err
        tried = (run, flat, reconcile) if name in NEVER_MENDS else (run,)
        for command in tried:
            said = desk.here(command)
            assert (said.code, len(said.err.strip().splitlines())) == (1, 1), said
            assert sentence in said.err
        assert venue.sent(account) == []


def test_check_says_everything_of_a_sound_key(venue: Exchange, desk: Installation) -> None:
    said = desk.command("check")
    assert (said.code, said.err) == (0, "")
    for words in ("Environment: sandbox", "Account world: classic", "may read, trade futures; may not withdraw",
                  "usable from any address", "Clock: this machine is", "Position mode: USDT", "10000 USDT equity",
                  "0 open orders, 0 plans", "BTCUSDT: size step 0.0001", "USDT account: first push",
                  "USDT orders: subscribed", "BTCUSDT books5: first push"):
        assert words in said.out, words
    assert said.out.count("size step") == 9


def test_nothing_listens(venue: Exchange, tmp_path: Path) -> None:
    with installed(tmp_path, venue, **DEAD) as desk:
        said = desk.here(check)
        assert said.code == 1
        assert "no connection to http://127.0.0.1:9" in said.err
        assert "check the address and the network" in said.err
        for command, words in ((reconcile, "Nothing was corrected"), (flat, "HALTED is stored")):
            said = desk.here(command)
            assert said.code == 1
            assert words in said.err
        assert [row["state"] for row in desk.export()["trading_states"]] == ["HALTED"]


def test_ff62_a_clock_that_is_off_is_named(venue: Exchange, desk: Installation) -> None:
    venue.fault("clock_skew", ms=45_000)
    said = desk.here(check)
    assert said.code == 1
    assert "This machine's clock is 45.0 s behind the exchange's" in said.err


def test_unusable_settings_send_nothing(venue: Exchange, desk: Installation) -> None:
    for setting, value, words in (
        ("WIREDESK_ENVIRONMENT", "live", "points to loopback"),
        ("WIREDESK_CEILING_LEVERAGE", "many", "WIREDESK_CEILING_LEVERAGE"),
        ("WIREDESK_CIELING_LEVERAGE", "3", "did you mean WIREDESK_CEILING_LEVERAGE"),
    ):
        said = desk.here(run, **{setting: value})
        assert said.code == 1
        assert words in said.err


@pytest.mark.parametrize(
    ("revision", "words"), [("9999", "made by a newer Wiredesk"), ("0001", "alembic upgrade head")]
)
def test_a_database_not_at_head_stops_the_start(desk: Installation, revision: str, words: str) -> None:
    assert desk.here(halt).code == 0
    with sqlite3.connect(desk.data / "wiredesk.db") as file:
        file.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    file.close()
    for command in (run, flat, export):
        said = desk.here(command)
        assert (said.code, len(said.err.strip().splitlines())) == (1, 1), said
        assert words in said.err
    # Halting is always possible: by its mark, which names what keeps it out of the books.
    said = desk.here(halt)
    assert (said.code, said.err) == (0, "") and words in said.out and "HALTED by a mark" in said.out


def test_a_data_directory_that_cannot_be_written_is_a_sentence(desk: Installation) -> None:
    """A file in the way stands for a read-only place: root may write anywhere."""
    (desk.folder / "file").write_text("")
    for command in (run, halt, flat, examine):
        said = desk.here(command, WIREDESK_DATA=str(desk.folder / "file" / "data"))
        assert said.code == 1
        assert "WIREDESK_DATA" in said.err + said.out


def test_a_database_that_cannot_be_opened_is_a_sentence(desk: Installation) -> None:
    (desk.data / "wiredesk.db").mkdir(parents=True)
    for command in (run, export):
        said = desk.here(command)
        assert said.code == 1
        assert "cannot be" in said.err
    said = desk.here(halt)
    assert said.code == 0 and "HALTED by a mark" in said.out and "cannot be" in said.out


def test_a_full_disk_is_a_sentence_and_nothing_is_sent(venue: Exchange, desk: Installation) -> None:
    """A limit on the size of files stands for the full disk: SQLite hears "no more room" from the kernel."""
    assert desk.here(halt).code == 0
    for command in ("resume", "run"):
        said = desk.command(command, room=2_000)
        assert said.code == 1
        assert "disk" in said.err, said
    assert [row["state"] for row in desk.export()["trading_states"]] == ["HALTED"]
