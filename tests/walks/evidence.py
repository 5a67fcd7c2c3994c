"""Lay the two sides next to each other: the exchange's own ledger and the desk's export, as plain values.

Nothing of the desk's code is used to read either: an error there must not hide itself here.
"""
from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

ZERO = Decimal(0)
LIVE = ("live", "partially_filled")
STOPS = ("loss_plan", "pos_loss")
GUARDS = ("loss_plan", "profit_plan", "pos_loss", "pos_profit", "moving_plan")
SETTLED = ("FILLED", "CANCELED", "REJECTED", "NOT_PLACED")
Leg = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """An invariant that does not hold, with both sides."""

    invariant: str
    words: str
    exchange: str = ""
    books: str = ""

    def __str__(self) -> str:
        return f"{self.invariant}: {self.words}\n    exchange: {self.exchange}\n    books:    {self.books}"


@dataclass(frozen=True)
class Evidence:
    """Truth and export of one moment (`now` in UTC milliseconds); `tag` marks ids of this installation.

    `echoed` are ids that a network doubled; `marked` the moments at which trading was halted past the books; `said` is
    how many different wishes were put.
    """

    truth: dict[str, Any]
    export: dict[str, Any]
    now: int
    tag: str
    one_way: bool
    echoed: frozenset[str] = frozenset()
    marked: tuple[int, ...] = ()
    said: int | None = None

    @property
    def prefix(self) -> str:
        """Give what every id of ours begins with."""
        return f"wd-{self.tag}-"

    def ours(self, row: dict[str, Any]) -> bool:
        """Tell whether a row of the exchange carries an id of ours."""
        return str(row["clientOid"]).startswith(self.prefix)

    @cached_property
    def orders(self) -> dict[str, dict[str, Any]]:
        """Give the books' orders by client order id."""
        return {row["client_order_id"]: row for row in self.export["orders"]}

    @cached_property
    def by_venue_id(self) -> dict[str, dict[str, Any]]:
        """Give the books' orders by the exchange's ids, those of woken plans included."""
        found = {row["executed_as"]: row for row in self.export["orders"] if row["executed_as"]}
        return found | {row["venue_order_id"]: row for row in self.export["orders"] if row["venue_order_id"]}

    @cached_property
    def proposals(self) -> dict[str, dict[str, Any]]:
        """Give the proposals by id."""
        return {row["id"]: row for row in self.export["proposals"]}

    @cached_property
    def placed(self) -> dict[str, dict[str, Any]]:
        """Give the exchange's orders and plans with ids of ours, by client order id."""
        return {row["clientOid"]: row for row in (*self.truth["orders"], *self.truth["plans"]) if self.ours(row)}

    @cached_property
    def positions(self) -> dict[Leg, dict[str, Any]]:
        """Give the exchange's positions by symbol and side."""
        return {(row["symbol"], row["holdSide"].upper()): row for row in self.truth["positions"]}

    @cached_property
    def held(self) -> dict[Leg, dict[str, Any]]:
        """Give the books' open positions by symbol and side."""
        return {(r["symbol"], r["direction"]): r for r in self.export["positions"] if Decimal(r["size"]) > ZERO}

    def leg(self, row: dict[str, Any]) -> tuple[str, str]:
        """Read side and effect of an exchange row: (LONG or SHORT, OPEN or CLOSE)."""
        if row["posMode"] == "hedge_mode":
            return row["posSide"].upper(), "CLOSE" if "close" in row["tradeSide"] else "OPEN"
        buys = row["side"] == "buy"
        if row.get("reduceOnly") == "YES" or "close" in str(row["tradeSide"]):
            return ("SHORT" if buys else "LONG"), "CLOSE"
        return ("LONG" if buys else "SHORT"), "OPEN"

    def waived(self) -> set[Leg]:
        """Name the positions that may be without a stop."""
        return {
            (row["symbol"], row["direction"])
            for row in self.export["protections"]
            if row["state"] == "WAIVED" and row["waiver"] and row["waiver"]["until"] > self.now
        }


def naked(truth: dict[str, Any]) -> dict[Leg, Decimal]:
    """Measure how much of each position at the exchange no live stop covers."""
    found: dict[Leg, Decimal] = {}
    for row in truth["positions"]:
        leg = (row["symbol"], row["holdSide"].upper())
        size, covered = Decimal(row["total"]), ZERO
        for plan in truth["plans"]:
            if plan["planStatus"] != "live" or plan["planType"] not in STOPS or plan["symbol"] != row["symbol"]:
                continue
            if plan["posSide"].upper() not in (leg[1], "NET"):
                continue
            if plan["posSide"].upper() == "NET" and not _guards(plan, leg[1]):
                continue
            whole = plan["planType"] == "pos_loss" or Decimal(plan["size"] or 0) == ZERO
            covered += size if whole else Decimal(plan["size"])
        if covered < size:
            found[leg] = size - covered
    return found


def _guards(plan: dict[str, Any], direction: str) -> bool:
    """Tell for a one-way account whether a plan closes that side: it sells a long."""
    return (plan["side"] == "sell") == (direction == "LONG")


def canonical(body: Any) -> str:
    """Write plain data in the one form that hashes are taken of."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_of(proposal: dict[str, Any]) -> str:
    """Compute what a yes over the exported proposal must have been a yes to (C1a)."""
    body = {
        "id": proposal["id"],
        "revision": proposal["revision"],
        "terms": proposal["terms"],
        "reference": proposal["reference_price"],
        "drift": proposal["drift_allowed"],
        "drift_in_r": proposal["drift_in_r"],
        "expires": proposal["expires_at"],
    }
    return hashlib.sha256(canonical(body).encode()).hexdigest()


@dataclass
class Memory:
    """What the judge remembers of earlier moments."""

    settled: dict[str, dict[str, Any]] = field(default_factory=dict)
    filled: dict[str, Decimal] = field(default_factory=dict)
    truth_positions: dict[Leg, tuple[Decimal, int]] = field(default_factory=dict)
    held: dict[Leg, Decimal] = field(default_factory=dict)
    tag: str = ""
