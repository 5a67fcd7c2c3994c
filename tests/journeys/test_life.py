"""Lives of the desk as real processes: trade, die anywhere, come back, and agree with the exchange."""
from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import time
from decimal import Decimal
from typing import Any

from bot.compose import commands, copies
from bot.compose.halting import halt
from bot.compose.run import run
from bot.runtime.local_socket import Declined, NothingRuns
from tests.support.processes import Exchange, Installation, await_until

ENDED = {"filled": "FILLED", "canceled": "CANCELED", "cancelled": "CANCELED"}


def ours(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Give the exchange's orders that carry an id of ours."""
    return {row["clientOid"]: row for row in rows if str(row.get("clientOid", "")).startswith("wd-")}


def agree(venue: Exchange, desk: Installation, account: str) -> None:
    """Compare the export with the exchange's own ledger: orders, fills and positions (P4, P5, C7)."""
    theirs, mine = venue.ledger(account), desk.export()
    there = ours(theirs["orders"])
    here = {row["client_order_id"]: row for row in mine["orders"]
            if row["owner"] == "OURS" and row["kind"] in ("MARKET", "LIMIT") and row["venue_order_id"]}
    assert set(there) == set(here)
    for name, row in there.items():
        assert Decimal(here[name]["filled_size"]) == Decimal(row["baseVolume"]), name
        assert here[name]["state"] == ENDED.get(row["state"] if "state" in row else row["status"], "OPEN"), name
    assert sorted(row["tradeId"] for row in theirs["fills"]) == sorted(row["trade_id"] for row in mine["fills"])
    held = {(row["symbol"], row["holdSide"].upper()): Decimal(row["total"]) for row in theirs["positions"]
            if Decimal(row["total"])}
    kept = {(row["symbol"], row["direction"]): Decimal(row["size"]) for row in mine["positions"]
            if Decimal(row["size"])}
    assert held == kept
    asked = [row["clientOid"] for row in theirs["requests"] if row["path"].endswith("/place-order")]
    assert len(asked) == len(set(asked)), "an order was sent twice"


def test_a_day_at_the_desk(venue: Exchange, desk: Installation, account: str) -> None:
    """Place, cancel and close by the command line; stop in order; a stopped desk leaves its orders alone."""
    desk.run()
    assert desk.command("order", "long", "btc", "$500", "5x", "sl", "2%", "tp", "4%", "--yes").code == 0
    assert "accepted, waiting" in desk.tell("order", words="long eth $300 at 3000")
    assert desk.tell("order", words="cancel eth")
    await_until(lambda: desk.status()["orders"] == 0, 5, "the cancel")
    assert desk.here(lambda settings: commands.order(settings, "close btc 50%", yes=True)).code == 0
    refused = desk.here(lambda settings: commands.order(settings, "long nosuchcoin $500", yes=True))
    assert (refused.code, refused.out) == (1, "")
    await_until(lambda: desk.status()["unprotected"] == 0, 10, "the verified stop")
    assert "agree" in desk.tell("reconcile")
    agree(venue, desk, account)
    copy = desk.folder / "copy.db"
    assert desk.here(lambda settings: copies.backup(settings, copy)).code == 0
    assert "already runs" in desk.here(lambda settings: copies.restore(settings, copy)).err
    assert desk.here(copies.audit).code == 0
    assert desk.stop() == 0
    assert desk.status()["readiness"] == "STOPPED"
    assert [row["symbol"] for row in venue.ledger(account)["positions"]] == ["BTCUSDT"]
    flat = desk.command("flat")
    assert flat.code == 0, flat
    assert "Flat, read back" in flat.out
    agree(venue, desk, account)


def test_killed_at_random_it_loses_and_doubles_nothing(venue: Exchange, desk: Installation, account: str) -> None:
    """SIGKILL in the middle of whatever goes on; the same command restarts it (C3, P3, FF-04, FF-11)."""
    draw = random.Random(20)
    for number in range(3):
        desk.run()
        words = draw.choice(["long btc $300 5x sl 2%", "short eth $200 sl 3% tp 5%", "long sol $100 at 90"])
        with_killer(desk, words, draw.uniform(0.0, 0.25))
        assert desk.lives[number].returncode == -signal.SIGKILL
    desk.run()
    await_until(lambda: desk.status()["unresolved"] == 0, 15, "the end of every doubt")
    await_until(lambda: desk.status()["unprotected"] == 0, 15, "a stop for every position")
    desk.tell("reconcile")
    agree(venue, desk, account)
    assert "Flat" in desk.tell("flat", 60.0)
    agree(venue, desk, account)
    assert desk.here(copies.audit).code == 0


def with_killer(desk: Installation, words: str, after_s: float) -> None:
    """Give an order and kill the desk that much later, answered or not."""
    with contextlib.suppress(TimeoutError, Declined, NothingRuns):
        desk.tell("order", after_s, words=words)
    desk.kill()


def test_a_second_process_refuses_to_start(venue: Exchange, desk: Installation, account: str) -> None:
    desk.run()
    said = desk.command("run")
    assert said.code == 1
    assert f"already runs on {desk.data} (process {desk.lives[0].pid})" in said.err
    assert desk.status()["readiness"] == "READY"


def test_a_desk_that_stands_still_can_be_halted_and_is_not_replaced(
    venue: Exchange, desk: Installation, account: str
) -> None:
    """SIGSTOP beyond the lease's life: a second one refuses, a halt is stored past it, nothing leaves it (I18).

    A lease that nobody took over is still its own, however late it wakes: it goes on, halted.
    """
    life = desk.run()
    life.send_signal(signal.SIGSTOP)
    assert "already runs" in desk.here(run).err
    halted = desk.here(halt)
    assert (halted.code, halted.out.startswith("HALTED")) == (0, True), halted
    life.send_signal(signal.SIGCONT)
    desk.await_readiness("READY")
    assert desk.status()["trading_state"] == "HALTED" and life.poll() is None
    assert venue.sent(account) == []


def test_a_desk_stopped_in_the_middle_of_a_write_is_halted_past_its_books(
    venue: Exchange, desk: Installation, account: str
) -> None:
    """SIGSTOP while it holds SQLite's one write lock: a mark halts it before anything leaves again (I14, FF-81)."""
    life = desk.run()
    stop_in_a_write(desk)
    halted = desk.here(halt)
    assert (halted.code, halted.err) == (0, ""), halted
    assert halted.out.startswith("HALTED by a mark") and "locked" in halted.out
    life.send_signal(signal.SIGCONT)
    try:
        desk.tell("order", words="long btc $300 sl 2%")
    except Declined as no:
        assert "HALTED" in str(no)
    else:
        raise AssertionError("an order was taken after the halt")
    await_until(lambda: not list((desk.data / "halted").iterdir()), 10, "the halt in the books")
    assert life.poll() is None and desk.status()["trading_state"] == "HALTED"
    assert venue.sent(account) == []
    assert desk.tell("resume") == "ACTIVE."
    assert "filled" in desk.tell("order", words="long btc $300 sl 2%")
    agree(venue, desk, account)


def stop_in_a_write(desk: Installation) -> None:
    """Stop the desk again and again until it stands still holding the write lock."""
    life = desk.lives[-1]
    file = sqlite3.connect(desk.data / "wiredesk.db", timeout=0, isolation_level=None)
    with contextlib.closing(file):
        for number in range(2000):
            time.sleep(0.001 * (number % 7))
            life.send_signal(signal.SIGSTOP)
            try:
                file.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return
            file.execute("ROLLBACK")
            life.send_signal(signal.SIGCONT)
    raise AssertionError("it was never caught in a write")


def test_ff63_a_cut_stream_comes_back(venue: Exchange, desk: Installation, account: str) -> None:
    desk.run()
    venue.fault("drop_socket")
    await_until(lambda: desk.status()["readiness"] != "READY", 15, "the loss of the stream")
    desk.await_readiness("READY")
    assert "filled" in desk.tell("order", words="long btc $300 sl 2%")
    kinds = [row["kind"] for row in desk.export()["journal"]]
    assert {"StreamLost", "StreamRestored"} <= set(kinds)
    agree(venue, desk, account)


def test_ff75_an_exchange_that_is_down_at_the_start_is_named_and_waited_for(
    venue: Exchange, desk: Installation, account: str
) -> None:
    venue.fault("maintenance")
    desk.start()
    await_until(lambda: "start" in desk.status()["reasons"], 20, "the sentence")
    status = desk.status()
    assert status["readiness"] in ("RECONCILING", "DEGRADED")
    desk.await_readiness("DEGRADED")
    assert "exchange cannot be read" in status["reasons"]["start"]
    try:
        desk.tell("order", words="long btc $300 sl 2%")
    except Declined as no:
        assert str(no)
    else:
        raise AssertionError("an order was taken while the exchange is down")
    venue.fault("clear")
    desk.await_readiness("READY")
    assert desk.status()["reasons"] == {}
