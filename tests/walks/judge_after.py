"""Judge what must hold once the exchange is itself again and everything has settled: I1, I3-I5, I7, I9, I17, I21."""
from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.walks.evidence import GUARDS, LIVE, ZERO, Breach, Evidence, canonical

OVER = {"filled": ("FILLED",), "canceled": ("CANCELED",), "live": ("OPEN",), "partially_filled": ("PARTLY_FILLED",)}
KIND = {"market": "MARKET", "limit": "LIMIT"}
# Lines that every start writes; a second recovery may write them and nothing else (I21).
BEATS = ("LeaseTaken", "DeskOpened", "StreamLost", "StreamRestored", "ReconciliationDone", "LeaseLost")


def judge(seen: Evidence) -> list[Breach]:
    """Give every difference between the two sides."""
    return [*orders(seen), *phantoms(seen), *guards(seen), *fills(seen), *positions(seen), *chain(seen)]


def orders(seen: Evidence) -> Iterator[Breach]:
    """I1, I5: each order under our id has its row, equal in symbol, side, effect, size, kind, end and filled size."""
    for row in seen.truth["orders"]:
        order = seen.orders.get(row["clientOid"]) if seen.ours(row) else seen.by_venue_id.get(row["orderId"])
        if order is None:
            if seen.ours(row):
                yield Breach(invariant="I1", words=f"{row['clientOid']} is not in the books", exchange=str(row))
            continue
        filled = Decimal(row["baseVolume"])
        if seen.ours(row):
            there = (row["symbol"], *seen.leg(row), Decimal(row["size"]), KIND[row["orderType"]])
            here = (order["symbol"], order["direction"], order["effect"], Decimal(order["size"]), order["kind"])
            if there != here:
                yield Breach(invariant="I1", words=row["clientOid"], exchange=str(there), books=str(here))
            if order["state"] not in OVER[row["status"]]:
                yield Breach(
                    invariant="I5", words=f"{row['clientOid']} ended differently",
                    exchange=f"{row['status']} {row['cancelReason']}", books=str(order),
                )
        if Decimal(order["filled_size"]) != filled:
            yield Breach(
                invariant="I5", words=f"{order['client_order_id']} filled differently", exchange=str(filled),
                books=str(order),
            )


def phantoms(seen: Evidence) -> Iterator[Breach]:
    """I3, I5: no row lives or has filled that the exchange never had; what was given up never existed."""
    there = {row["orderId"] for row in (*seen.truth["orders"], *seen.truth["plans"])}
    for name, order in seen.orders.items():
        exists = name in seen.placed or order["venue_order_id"] in there
        if order["state"] in ("OPEN", "PARTLY_FILLED", "FILLED", "CANCELED") and not exists:
            yield Breach(invariant="I3", words=f"{name} was never at the exchange", books=str(order))
        if order["state"] in ("REJECTED", "NOT_PLACED") and name in seen.placed:
            row = seen.placed[name]
            yield Breach(invariant="I5", words=f"{name} was given up and exists", exchange=str(row), books=str(order))
        if order["state"] in ("NEW", "SUBMITTING", "IN_DOUBT"):
            yield Breach(
                invariant="I6", words=f"{name} is still unknown", exchange=str(seen.placed.get(name)),
                books=str(order),
            )


def guards(seen: Evidence) -> Iterator[Breach]:
    """I1, I9: live plans are the same on both sides; no guard of ours guards nothing."""
    live = {row["orderId"]: row for row in seen.truth["plans"] if row["planStatus"] == "live"}
    known = {
        row["venue_order_id"]: row
        for row in seen.export["orders"]
        if row["kind"] not in ("MARKET", "LIMIT") and row["state"] in ("OPEN", "PARTLY_FILLED")
        and row["executed_as"] is None
    }
    for name in live.keys() ^ known.keys():
        yield Breach(
            invariant="I1", words=f"plan {name} is live on one side only", exchange=str(live.get(name)),
            books=str(known.get(name) or seen.by_venue_id.get(name)),
        )
    for name in live.keys() & known.keys():
        there, here = live[name], known[name]
        prices = Decimal(there["triggerPrice"]), Decimal(here["trigger"]["price"])
        if prices[0] != prices[1]:
            yield Breach(invariant="I1", words=f"plan {name} waits elsewhere", exchange=str(there), books=str(here))
        if there["planType"] in GUARDS and here["owner"] == "OURS":
            leg = (here["symbol"], here["direction"])
            entry = any(
                (one["symbol"], one["direction"], one["effect"]) == (*leg, "OPEN")
                and one["state"] in ("OPEN", "PARTLY_FILLED")
                for one in seen.export["orders"]
            )
            if leg not in seen.positions and not entry:
                yield Breach(invariant="I9", words=f"{here['client_order_id']} guards nothing", exchange=str(there))


def fills(seen: Evidence) -> Iterator[Breach]:
    """I4: the set of executions is the same on both sides, each once, with size, price and fee."""
    there = {
        row["tradeId"]: (
            Decimal(row["baseVolume"]), Decimal(row["price"]),
            -sum((Decimal(fee["totalFee"]) for fee in row["feeDetail"]), ZERO),
        )
        for row in seen.truth["fills"]
    }
    here: dict[str, tuple[Decimal, Decimal, Decimal]] = {}
    for row in seen.export["fills"]:
        if row["inferred"]:
            if row["superseded_by"] is None:
                yield Breach(invariant="I4", words="an inferred fill still stands", books=str(row))
            continue
        here[row["trade_id"]] = (Decimal(row["size"]), Decimal(row["price"]), Decimal(row["fee"]))
    for name in sorted(there.keys() | here.keys()):
        if there.get(name) != here.get(name):
            yield Breach(
                invariant="I4", words=f"fill {name}", exchange=str(there.get(name)), books=str(here.get(name))
            )
    sums: dict[str, Decimal] = {}
    for row in seen.export["fills"]:
        order = seen.orders.get(row["client_order_id"] or "") or seen.by_venue_id.get(row["venue_order_id"])
        if order is not None and row["superseded_by"] is None:
            name = order["client_order_id"]
            sums[name] = sums.get(name, ZERO) + Decimal(row["size"])
    for name, order in seen.orders.items():
        if Decimal(order["filled_size"]) != sums.get(name, ZERO):
            yield Breach(
                invariant="R10", words=f"{name}: its filled size is not the sum of its fills",
                exchange=str(sums.get(name, ZERO)), books=order["filled_size"],
            )


def positions(seen: Evidence) -> Iterator[Breach]:
    """I7: positions equal in size, side and margin mode."""
    there = {leg: (Decimal(row["total"]), row["marginMode"].upper()) for leg, row in seen.positions.items()}
    here = {leg: (Decimal(row["size"]), row["margin_mode"]) for leg, row in seen.held.items()}
    for leg in sorted(there.keys() | here.keys()):
        if there.get(leg) != here.get(leg):
            yield Breach(
                invariant="I7", words=f"position {leg}", exchange=str(there.get(leg)), books=str(here.get(leg))
            )


def chain(seen: Evidence) -> Iterator[Breach]:
    """I17: the journal's chain verifies, and each order of ours with a proposal has its who, why and when."""
    before = "0" * 64
    for place, line in enumerate(seen.export["journal"], start=1):
        body = {name: line[name] for name in ("account", "seq", "at", "actor", "kind", "subject", "cause")}
        written = canonical(body | {"body": canonical(line["body"])})
        if line["seq"] != place or line["prev_hash"] != before:
            yield Breach(invariant="I17", words=f"line {place} does not follow", books=str(line))
        if hashlib.sha256(before.encode() + written.encode()).hexdigest() != line["hash"]:
            yield Breach(invariant="I17", words=f"line {place} was changed", books=str(line))
        before = line["hash"]
    planned = {
        line["body"]["order"]["client_order_id"]: line["actor"]
        for line in seen.export["journal"]
        if line["kind"] == "OrderPlanned"
    }
    for name, order in seen.orders.items():
        if order["proposal_id"] is not None and not planned.get(name):
            yield Breach(invariant="I17", words=f"nobody planned {name}", books=str(order))


def fixed_point(first: Evidence, second: Evidence) -> list[Breach]:
    """I21: recovering a second time changes no row but heartbeats and sends nothing."""
    found = []
    for name in ("orders", "fills", "positions", "proposals", "decisions", "protections"):
        before, after = _bare(first.export[name]), _bare(second.export[name])
        if before != after:
            changed = [row for row in after if row not in before] + [row for row in before if row not in after]
            found.append(Breach(invariant="I21", words=f"{name} changed by a second recovery", books=str(changed)))
    known = len(first.export["journal"])
    more = [line for line in second.export["journal"][known:] if line["kind"] not in BEATS]
    if more:
        found.append(Breach(invariant="I21", words="a second recovery wrote", books=str(more)))
    fresh = second.truth["requests"][len(first.truth["requests"]) :]
    # What an earlier life had sent may arrive as late as now.
    sent = [row for row in fresh if row["method"] == "POST" and row["fault"] != "arrive_late"]
    if sent:
        found.append(Breach(invariant="I21", words="a second recovery sent", exchange=str(sent)))
    return found


def _bare(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what a look alone changes."""
    beats = ("version", "verified_at", "as_of", "venue_updated_at")
    return [{name: value for name, value in row.items() if name not in beats} for row in rows]


def alive(status: str) -> bool:
    """Tell whether an order may still fill."""
    return status in LIVE
