"""Judge what must hold at every moment: I2, I5, I6, I10, I12, I13, I14, I18, I22 and P1 to P6 of the corridor."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.walks.evidence import LIVE, SETTLED, ZERO, Breach, Evidence, Memory, digest_of

UNKNOWN_MAX_MS = 120_000
STEADY_MS = 60_000
WRITE_PATHS = ("place-order", "place-plan-order", "place-tpsl-order", "place-pos-tpsl")


def judge(seen: Evidence, memory: Memory, *, unreachable_until: int) -> list[Breach]:
    """Give every breach; `unreachable_until` is the moment (ms) up to which the exchange was not itself."""
    return [
        *saved_first(seen),
        *sent_once(seen),
        *never_wrong(seen),
        *one_yes_one_order(seen),
        *forward_only(seen, memory),
        *resolved_in_time(seen, unreachable_until),
        *decided(seen),
        *obeyed_once(seen),
        *halted(seen),
        *one_writer(seen),
        *no_vanishing(seen, memory),
    ]


def saved_first(seen: Evidence) -> Iterator[Breach]:
    """P1, R1: what is at the exchange under an id of ours has its row; books never claim more than the truth (P4)."""
    for name, row in seen.placed.items():
        order = seen.orders.get(name)
        if order is None:
            yield Breach(invariant="P1", words=f"{name} is at the exchange and has no row", exchange=str(row))
            continue
        filled = Decimal(row.get("baseVolume") or 0)
        if Decimal(order["filled_size"]) > filled:
            yield Breach(
                invariant="P4", words=f"{name} claims more filled than there is", exchange=str(filled),
                books=order["filled_size"],
            )
    truth = {row["tradeId"] for row in seen.truth["fills"]}
    for fill in seen.export["fills"]:
        if not fill["inferred"] and fill["trade_id"] not in truth:
            yield Breach(invariant="I4", words="a fill that never happened", books=str(fill))


def sent_once(seen: Evidence) -> Iterator[Breach]:
    """R3: a client order id is sent once (what a network doubles is not ours); no two orders share one."""
    asked = Counter(
        row["clientOid"]
        for row in seen.truth["requests"]
        if row["method"] == "POST" and row["path"].endswith(WRITE_PATHS) and row["clientOid"].startswith(seen.prefix)
    )
    there = Counter(row["clientOid"] for row in (*seen.truth["orders"], *seen.truth["plans"]) if seen.ours(row))
    for name, count in (asked | there).items():
        if count > 1 and name not in seen.echoed:
            yield Breach(invariant="R3", words=f"{name} was sent {asked[name]} times", exchange=str(there[name]))


def never_wrong(seen: Evidence) -> Iterator[Breach]:
    """R4, R5, R8: nothing is called not there while it is, nor over while it lives; not even for a while."""
    for name, row in seen.placed.items():
        order = seen.orders.get(name)
        if order is None:
            continue
        status = row.get("status") or row["planStatus"]
        gone = order["state"] in ("REJECTED", "NOT_PLACED")
        over = order["state"] == "CANCELED" and row.get("status") in (*LIVE, "filled")
        if gone or over or (order["state"] == "FILLED" and status in LIVE):
            yield Breach(
                invariant="R8" if over else "R5", words=f"{name} is called {order['state']}", exchange=status,
                books=str(order),
            )
    for line in seen.export["journal"]:
        if line["kind"] == "DriftFound" and line["subject"].startswith(seen.prefix):
            yield Breach(invariant="R5", words=f"{line['subject']} was given up and came back", books=str(line))


def one_yes_one_order(seen: Evidence) -> Iterator[Breach]:
    """I2, P3: no more opening orders than opening legs; filled and open together stay within what was intended."""
    opened: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {}
    for name, row in seen.placed.items():
        order = seen.orders.get(name)
        if order is not None and order["effect"] == "OPEN" and order["proposal_id"] is not None:
            opened.setdefault(order["proposal_id"], []).append((row, order))
    for proposal_id, rows in opened.items():
        proposal = seen.proposals[proposal_id]
        legs = [leg["intent"] for leg in proposal["terms"]["legs"] if leg["intent"]["effect"] == "OPEN"]
        intended = sum((Decimal(leg["size"]) for leg in legs), ZERO)
        carried = sum((_carried(seen, row, order) for row, order in rows), ZERO)
        if len(rows) > len(legs) or carried > intended:
            yield Breach(
                invariant="I2",
                words=f"proposal {proposal_id} intended {len(legs)} opening orders of {intended}",
                exchange="; ".join(f"{row['clientOid']} {row.get('status') or row['planStatus']}" for row, _ in rows),
                books=f"carried {carried}",
            )


def _carried(seen: Evidence, row: dict[str, Any], order: dict[str, Any]) -> Decimal:
    """Add up what an order filled or may still fill, and what the order it replaces has filled (R9)."""
    status = row.get("status") or row["planStatus"]
    filled = Decimal(row.get("baseVolume") or 0)
    total = Decimal(row["size"]) if status in LIVE else filled
    old = seen.placed.get(order["replaces"] or "")
    if old is not None:
        # The terms of an amendment are for what its predecessor was for; that one answers for its own predecessors.
        total += Decimal(old["size"]) if old.get("status") in LIVE else Decimal(old.get("baseVolume") or 0)
    return total


def forward_only(seen: Evidence, memory: Memory) -> Iterator[Breach]:
    """I5, P4: what is over stays over unless it is adopted aloud; filled sizes never shrink."""
    adopted = {
        line["subject"] for line in seen.export["journal"] if line["kind"] == "DriftFound"
    }
    for name, order in seen.orders.items():
        before = memory.settled.get(name)
        filled = Decimal(order["filled_size"])
        if before is not None and order["state"] != before["state"]:
            late = before["state"] == "CANCELED" and order["state"] == "FILLED"
            aloud = before["state"] in ("REJECTED", "NOT_PLACED") and name in adopted
            if not late and not aloud:
                yield Breach(invariant="I5", words=f"{name} was over and changed", books=f"{before} -> {order}")
        if filled < memory.filled.get(name, ZERO):
            yield Breach(invariant="P4", words=f"{name} filled less than before", books=str(order))
        memory.filled[name] = filled
        if order["state"] in SETTLED:
            memory.settled[name] = order
        else:
            memory.settled.pop(name, None)


def resolved_in_time(seen: Evidence, unreachable_until: int) -> Iterator[Breach]:
    """I6: nothing stays unknown for more than two minutes of a reachable exchange."""
    for name, order in seen.orders.items():
        if order["state"] in ("IN_DOUBT", "SUBMITTING"):
            since = max(order["signed_at"] or order["created_at"], unreachable_until)
            if seen.now - since > UNKNOWN_MAX_MS:
                yield Breach(
                    invariant="I6", words=f"{name} is unknown since {(seen.now - since) // 1000} s",
                    exchange=str(seen.placed.get(name)), books=str(order),
                )


def decided(seen: Evidence) -> Iterator[Breach]:
    """I12, P2: every order of ours at the exchange stands on one yes over exactly its terms."""
    yes: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in seen.export["decisions"]:
        if row["answer"]:
            yes.setdefault((row["proposal_id"], row["revision"]), []).append(row)
    for name in seen.placed:
        order = seen.orders.get(name)
        if order is None:
            continue
        proposal = seen.proposals.get(order["proposal_id"])
        if proposal is None:
            yield Breach(invariant="I12", words=f"{name} has no proposal", books=str(order))
            continue
        given = yes.get((proposal["id"], proposal["revision"]), [])
        if len(given) != 1 or given[0]["digest"] != digest_of(proposal):
            yield Breach(
                invariant="I12", words=f"{name} stands on {len(given)} decisions over these terms",
                books=f"{given} / {digest_of(proposal)}",
            )
        elif order["signed_at"] < given[0]["at"] or given[0]["at"] > proposal["expires_at"]:
            yield Breach(invariant="I12", words=f"{name} was decided too late", books=f"{order} {given}")


def obeyed_once(seen: Evidence) -> Iterator[Breach]:
    """I13, P3: what is delivered twice is obeyed once; there are no more proposals than wishes that were put."""
    ours = [row for row in seen.export["proposals"] if row["request_key"].startswith("walk:")]
    raised = [row for row in ours if ":round-" not in row["request_key"]]
    if seen.said is not None and len(raised) > seen.said:
        yield Breach(invariant="I13", words=f"{len(raised)} proposals of {seen.said} wishes")


def halted(seen: Evidence) -> Iterator[Breach]:
    """I14, P6: between a halt, stored or past the books, and the next change nothing that opens is planned."""
    state, resumed = "ACTIVE", 0
    for line in seen.export["journal"]:
        body = line["body"]
        if line["kind"] == "TradingStateChanged":
            state = body["now"]
            resumed = line["at"] if state == "ACTIVE" else resumed
        elif line["kind"] == "OrderPlanned" and body["order"]["intent"]["effect"] == "OPEN":
            marked = any(resumed < moment < line["at"] for moment in seen.marked)
            if state != "ACTIVE" or marked:
                yield Breach(invariant="I14", words=f"planned while {state}, marked: {marked}", books=str(line))


def one_writer(seen: Evidence) -> Iterator[Breach]:
    """I18: fencing numbers only rise, and the present holder has the highest."""
    epochs = [line["body"]["epoch"] for line in seen.export["journal"] if line["kind"] == "LeaseTaken"]
    lease = seen.export["lease"]
    if epochs != sorted(set(epochs)) or (epochs and lease["epoch"] != epochs[-1]):
        yield Breach(invariant="I18", words="fencing numbers", books=f"{epochs} {lease}")


def no_vanishing(seen: Evidence, memory: Memory) -> Iterator[Breach]:
    """I22: a position that stands unchanged at the exchange never leaves the books, whatever a reading missed."""
    for leg, row in seen.positions.items():
        size = Decimal(row["total"])
        before = memory.truth_positions.get(leg)
        if before is None or before[0] != size:
            memory.truth_positions[leg] = (size, seen.now)
    for leg in [leg for leg in memory.truth_positions if leg not in seen.positions]:
        del memory.truth_positions[leg]
    now = {leg: Decimal(row["size"]) for leg, row in seen.held.items()}
    for leg, size in memory.held.items():
        steady = memory.truth_positions.get(leg)
        if leg not in now and steady is not None and steady[0] == size and seen.now - steady[1] > STEADY_MS:
            yield Breach(invariant="I22", words=f"{leg} vanished from the books", exchange=str(steady))
    memory.held = now
