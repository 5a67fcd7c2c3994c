"""Judge what people can learn: I11, I15, I16, I19; the journal is what every message is written from (architecture 6).

Chat itself is judged where it runs (tests/chat, tests/journeys); here each line it would read has to exist and be true.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tests.walks.evidence import Breach, Evidence, canonical

ENDS = {"FILLED": ("filled",), "CANCELED": ("canceled", "filled")}
# What must survive a restart as it was, for limits and breakers are counted from it.
BASELINES = ("equity_marks", "limits", "bills")


def judge(seen: Evidence, secrets: Iterable[str] = ()) -> list[Breach]:
    """Give every fact that was kept back, every line that is not true, and every secret that was written down."""
    return [*silences(seen), *untruths(seen), *canaries(seen, secrets)]


def silences(seen: Evidence) -> Iterator[Breach]:
    """I15: each real fill, rejection and order in doubt has its line."""
    filled = {line["body"]["fill"]["trade_id"] for line in _lines(seen, "FillRecorded")}
    for row in seen.export["fills"]:
        if row["trade_id"] not in filled:
            yield Breach(invariant="I15", words=f"nobody was told of fill {row['trade_id']}", books=str(row))
    named: dict[str, set[str]] = {}
    for line in seen.export["journal"]:
        order = line["body"].get("order")
        if order is not None:
            named.setdefault(order["client_order_id"], set()).add(line["kind"])
    for name, order in seen.orders.items():
        if order["owner"] != "OURS" or order["proposal_id"] is None:
            continue
        wanted = {"REJECTED": "OrderRejected", "NOT_PLACED": "OrderNotSent", "IN_DOUBT": "OrderInDoubt"}
        line_kind = wanted.get(order["state"])
        if line_kind is not None and line_kind not in named.get(name, set()):
            yield Breach(invariant="I15", words=f"nobody was told that {name} is {order['state']}", books=str(order))


def untruths(seen: Evidence) -> Iterator[Breach]:
    """I16: what was called filled or cancelled is so at the exchange; nothing is told of an order that never was."""
    for line in _lines(seen, "OrderEnded"):
        order = line["body"]["order"]
        row = seen.placed.get(order["client_order_id"])
        if row is None or "status" not in row:
            continue
        if row["status"] not in ENDS[order["state"]]:
            yield Breach(
                invariant="I16", words=f"{order['client_order_id']} was called {order['state']}", exchange=str(row),
                books=str(line),
            )
    for line in _lines(seen, "OrderAccepted"):
        name = line["body"]["order"]["client_order_id"]
        if name.startswith(seen.prefix) and name not in seen.placed:
            yield Breach(invariant="I16", words=f"{name} was called accepted and never was", books=str(line))


def canaries(seen: Evidence, secrets: Iterable[str]) -> Iterator[Breach]:
    """I19: no secret of the key stands anywhere in the export."""
    text = canonical(seen.export)
    for secret in secrets:
        if secret in text:
            yield Breach(invariant="I19", words="a secret stands in the export", books=f"...{secret[:2]}...")


def baselines(first: Evidence, second: Evidence) -> list[Breach]:
    """I11: whatever loss limits and breakers are counted from is after a restart what it was before."""
    found = []
    for name in BASELINES:
        lost = [row for row in first.export[name] if row not in second.export[name]]
        if lost:
            found.append(Breach(invariant="I11", words=f"{name} changed over a restart", books=str(lost)))
    states = [[row["state"] for row in one.export["trading_states"]] for one in (first, second)]
    if states[0] != states[1]:
        found.append(Breach(invariant="I11", words="the trading state changed over a restart", books=str(states)))
    return found


def _lines(seen: Evidence, kind: str) -> list[dict[str, Any]]:
    return [line for line in seen.export["journal"] if line["kind"] == kind]
