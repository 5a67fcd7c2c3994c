"""Trade through faults and SIGKILLs as real processes: `python -m tests.campaigns.processes --seed 1 --commands 60`.

A real sandbox, a real `wiredesk run`, faults of every kind, the process killed or frozen in the middle of commands;
afterwards `wiredesk export` against the exchange's own ledger. Prints one table; the exit code is 1 when a line is not
zero. `--one-way` keeps one position a symbol, `--postgres` keeps the books on a PostgreSQL server.
"""
from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from bot.runtime.local_socket import Declined, NothingRuns
from tests.support import postgres
from tests.support.processes import Exchange, Installation, exchange, installed

SCALE = 10
CALM_S = 90.0
HEDGE, ONE_WAY = "hedge_mode", "one_way_mode"
# Seconds are those of an unhurried exchange; the campaign divides them as the desk's own times are.
FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("accept_then_silence", {"path": "place-order"}), ("http_5xx", {"when": "after", "path": "place-order"}),
    ("http_5xx", {"when": "before", "path": "place-order"}), ("html_body", {"path": "place-order"}),
    ("truncated_body", {"path": "place-order"}), ("arrive_late", {"s": 12}), ("arrive_late", {"s": 29}),
    ("duplicate_push", {"for": 30}), ("reorder_push", {"for": 30}), ("drop_socket", {}), ("fill_before_ack", {}),
    ("partial_fills", {"n": 3}), ("lists_lag", {"s": 10, "for": 40}), ("rate_limited", {"for": 10}),
    ("slow", {"ms": 700, "for": 30}), ("reject_next", {"code": "40762", "path": "place-order"}),
    ("silent_socket", {"for": 60}),
)
WORDS = (
    "long btc $150 5x sl 2%", "short btc $150 5x sl 2%", "long eth $150 5x sl 2% tp 3%", "short eth $120 sl 1.5%",
    "long sol $100 sl 3%", "long eth $150 at 2000 sl 3%", "close btc", "close eth 50%", "close sol", "cancel all",
    "close all", "reverse eth", "sl btc 1.5%", "sl eth be", "tp eth 2%:50 4%:50", "trail sol 1%", "long btc $150 sl 2%",
    "ladder eth long $600 3000 2800 3 sl 2700", "twap sol long $300 1 3 sl 3%", "reduce btc 25%", "amend last @2100",
    "lev eth 7",
)
STATES = {"filled": "FILLED", "canceled": "CANCELED", "cancelled": "CANCELED", "live": "OPEN",
          "partially_filled": "PARTLY_FILLED"}


@dataclass
class Counted:
    """What happened, and every difference found afterwards, by its invariant."""

    answers: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    freezes: int = 0
    faults: int = 0
    outside: int = 0
    orders: int = 0
    fills: int = 0
    differences: list[str] = field(default_factory=list)


def scaled(fields: dict[str, Any]) -> dict[str, Any]:
    """Divide the times of a fault by the scale."""
    return {name: value / SCALE if name in ("s", "for", "ms") else value for name, value in fields.items()}


def named(venue: Exchange, words: str) -> str:
    """Put the id of the newest waiting order of ours where the words say `last`; any id where there is none."""
    if " last" not in words:
        return words
    waiting = [row["clientOid"] for row in venue.ledger()["orders"]
               if (row.get("state") or row["status"]) in ("live", "partially_filled")
               and str(row.get("clientOid", "")).startswith("wd-")]
    return words.replace("last", waiting[-1] if waiting else "wd-nothing")


def strike(desk: Installation, chance: Random, counted: Counted) -> None:
    """Kill the desk in the middle of a command, or stop it for a while as a laptop's lid does."""
    fate = chance.random()
    time.sleep(chance.random() * 0.15)
    if fate < 0.15:
        desk.kill()
        counted.kills += 1
        desk.run()
    elif fate < 0.2:
        counted.freezes += 1
        desk.lives[-1].send_signal(signal.SIGSTOP)
        time.sleep(chance.choice([0.3, 1.5, 5.0]))
        desk.lives[-1].send_signal(signal.SIGCONT)


def trade(venue: Exchange, desk: Installation, chance: Random, commands: int, counted: Counted, mode: str) -> None:
    """Give the commands, with faults before and deaths in the middle of some."""
    side = {"tradeSide": "open"} if mode == HEDGE else {}
    for number in range(commands):
        if chance.random() < 0.6:
            name, fields = chance.choice(FAULTS)
            venue.fault(name, **scaled(fields))
            counted.faults += 1
        if chance.random() < 0.1:
            counted.outside += 1
            venue.ask("/exchange/act", {"account": "main", "do": "order", "symbol": "XRPUSDT", "side": "buy",
                                        "productType": "USDT-FUTURES", "marginMode": "crossed", "marginCoin": "USDT",
                                        "size": "20", "orderType": "market", **side})
        if chance.random() < 0.1:
            venue.ask("/exchange/price", {"symbol": "BTCUSDT", "move": chance.choice([-1, 1, 0.5, -0.5])})
        words = named(venue, chance.choice(WORDS))
        asked = threading.Thread(target=answered, args=(desk, words, counted))
        asked.start()
        strike(desk, chance, counted)
        asked.join()
        revive(desk, counted)
        show(number + 1, commands, counted)


def answered(desk: Installation, words: str, counted: Counted) -> None:
    """Give one command and count what came back."""
    try:
        desk.tell("order", 40.0, words=words)
        counted.answers["done"] += 1
    except (Declined, NothingRuns, TimeoutError, OSError) as no:
        counted.answers[str(no).split(":")[0].splitlines()[0][:60] or type(no).__name__] += 1


def revive(desk: Installation, counted: Counted) -> None:
    """Note that the desk ended without being killed, and start it again."""
    if desk.lives[-1].poll() is not None:
        counted.differences.append(f"the desk ended by itself, exit {desk.lives[-1].returncode}")
        desk.run()


def calm(venue: Exchange, desk: Installation, counted: Counted) -> float:
    """Clear the weather and wait until the desk says all is known and guarded; gives the seconds."""
    venue.fault("clear")
    began = time.monotonic()
    while time.monotonic() - began < CALM_S:
        revive(desk, counted)
        status = desk.status()
        if status["readiness"] == "READY" and not status["unresolved"] and not status["unprotected"]:
            break
        time.sleep(0.2)
    took = time.monotonic() - began
    time.sleep(5)
    return took


def compare(theirs: dict[str, Any], mine: dict[str, Any], counted: Counted) -> None:
    """Name every difference between the exchange's ledger and ours (I1-I7)."""
    found = counted.differences
    ours = {row["client_order_id"]: row for row in mine["orders"]}
    there = {row["clientOid"]: row for row in theirs["orders"] if str(row.get("clientOid", "")).startswith("wd-")}
    counted.orders, counted.fills = len(there), len(theirs["fills"])
    found += [f"I1 lost: {name}" for name in there.keys() - ours.keys()]
    for name in there.keys() & ours.keys():
        row, kept = there[name], ours[name]
        state = STATES.get(row.get("state") or row["status"])
        if state != kept["state"]:
            found.append(f"I5 state: {name} is {state} there, {kept['state']} here")
        if Decimal(row.get("baseVolume") or 0) != Decimal(kept["filled_size"]):
            found.append(f"I5 size: {name} filled {row.get('baseVolume')} there, {kept['filled_size']} here")
    plans = {row.get("clientOid") for row in theirs["plans"]}
    for name, kept in ours.items():
        if kept["state"] in ("NEW", "SUBMITTING", "IN_DOUBT"):
            found.append(f"I6 unresolved: {name} {kept['state']}")
        if name.startswith("wd-") and kept["state"] in ("OPEN", "PARTLY_FILLED", "FILLED") \
                and name not in there and name not in plans:
            found.append(f"I3 phantom: {name} {kept['state']}")
    asked = Counter(row.get("clientOid") for row in theirs["requests"] if row["path"].endswith("/place-order"))
    found += [f"I2 sent {times} times: {name}" for name, times in asked.items() if name and times > 1]
    fills, kept_fills = ({row["tradeId"]: row for row in theirs["fills"]},
                         {row["trade_id"]: row for row in mine["fills"] if not row["superseded_by"]})
    found += [f"I4 fill missing: {name}" for name in fills.keys() - kept_fills.keys()]
    found += [f"I4 fill of nobody: {name}" for name in kept_fills.keys() - fills.keys()]
    held = {(row["symbol"], row["holdSide"].upper()): Decimal(row["total"]) for row in theirs["positions"]}
    kept_held = {(row["symbol"], row["direction"]): Decimal(row["size"]) for row in mine["positions"]}
    for place in held.keys() | kept_held.keys():
        if held.get(place, Decimal(0)) != kept_held.get(place, Decimal(0)):
            found.append(f"I7 position: {place} {held.get(place)} there, {kept_held.get(place)} here")


def show(done: int, whole: int, counted: Counted) -> None:
    """Draw how far it is."""
    end = "\n" if done == whole or not sys.stderr.isatty() else ""
    if sys.stderr.isatty() or done % 10 == 0 or done == whole:
        print(f"\r{done}/{whole} commands, {counted.kills} kills, {counted.faults} faults", end=end, file=sys.stderr)


@contextmanager
def books(kept_by_postgres: bool) -> Iterator[dict[str, str]]:
    """Give the settings that say where the books lie; a database made here is dropped afterwards."""
    if not kept_by_postgres:
        yield {}
        return
    address = postgres.fresh()
    try:
        yield {"WIREDESK_DATABASE_URL": address.url.render_as_string(hide_password=False)}
    finally:
        postgres.drop(address)


def run(seed: int, commands: int, mode: str, kept_by_postgres: bool) -> int:
    """Run one campaign and print its table."""
    chance, counted, began = Random(seed), Counted(), time.monotonic()
    with books(kept_by_postgres) as where, tempfile.TemporaryDirectory() as folder, \
            exchange(Path(folder) / "venue", "--seed", str(seed)) as venue, \
            installed(Path(folder) / "desk", venue, WIREDESK_TIME_SCALE=str(SCALE),
                      WIREDESK_CEILING_ORDER_NOTIONAL="2000", **where) as desk:
        if mode != HEDGE:
            venue.ask("/exchange/act", {"account": "main", "do": "position_mode", "posMode": mode})
        desk.run()
        trade(venue, desk, chance, commands, counted, mode)
        calm_s = calm(venue, desk, counted)
        compare(venue.ledger(), desk.export(), counted)
        if counted.differences:
            Path(f"campaign-{seed}.log").write_text(desk.log.read_text())
            Path(f"campaign-{seed}.json").write_text(json.dumps([venue.ledger(), desk.export()], default=str))
    rows = {
        "seed": seed, "commands": commands, **counted.answers, "faults": counted.faults, "kills": counted.kills,
        "freezes": counted.freezes, "deeds from outside": counted.outside,
        "orders of ours at the exchange": counted.orders, "fills": counted.fills,
        "seconds until calm": round(calm_s, 1), "seconds": round(time.monotonic() - began),
        "differences": len(counted.differences),
    }
    for name, value in rows.items():
        print(f"{name:<62}{value:>10}")
    print(*counted.differences, sep="\n")
    return 1 if counted.differences else 0


def main() -> int:
    """Read the words and run."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--commands", type=int, default=60)
    words.add_argument("--one-way", action="store_true")
    words.add_argument("--postgres", action="store_true")
    given = words.parse_args()
    return run(given.seed, given.commands, ONE_WAY if given.one_way else HEDGE, given.postgres)


if __name__ == "__main__":
    sys.exit(main())
