"""Judge what only shows over a long time: I20 (nothing grows), I23 (the money adds up), I24 (budgets and lanes)."""
from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tests.walks.evidence import Breach, Evidence

CENT = Decimal("0.01")
SECOND_MS, MINUTE_MS, MINUTE_MOST = 1000, 60_000, 6000
REDUCE_WAIT_S, PERCENTILE = 0.5, 99
# A container that holds this much more at each of the last looks than at the one before grows with the work done.
STEADY_LOOKS = 4
LEAVES = (str, bytes, int, float, Decimal, type(None))
Sizes = dict[str, int]


def money(seen: Evidence, begun: Mapping[str, Decimal], prices: Mapping[str, Decimal], days: int) -> list[Breach]:
    """I23: what wallets gained since the beginning is what our bills say, and what our fills and bills say by kind.

    `begun` are the balances at the beginning by coin, `prices` what a coin is worth in USDT.
    """
    now = {row["marginCoin"]: Decimal(row["balance"]) for row in seen.truth["balances"]}
    billed: dict[str, Decimal] = defaultdict(Decimal)
    other: dict[str, Decimal] = defaultdict(Decimal)
    for bill in seen.export["bills"]:
        sum_of = Decimal(bill["amount"]) + Decimal(bill["fee"])
        billed[bill["coin"]] += sum_of
        if "settle_fee" in bill["kind"] or "trans" in bill["kind"]:
            other[bill["coin"]] += sum_of
    traded: dict[str, Decimal] = defaultdict(Decimal)
    for fill in seen.export["fills"]:
        if fill["superseded_by"] is None:
            traded[fill["fee_coin"]] += Decimal(fill["realised"]) - Decimal(fill["fee"])
    found = []
    for coin, balance in now.items():
        gained, worth = balance - begun[coin], prices[coin]
        for words, ours in (("bills", billed[coin]), ("fills, funding and transfers", traded[coin] + other[coin])):
            if abs(gained - ours) * worth > CENT * days:
                found.append(
                    Breach(
                        invariant="I23", words=f"{coin}: {words} do not add up to the wallet", exchange=str(gained),
                        books=str(ours),
                    )
                )
    theirs = {row["marginCoin"]: Decimal(row["accountEquity"]) for row in seen.truth["balances"]}
    for wallet in seen.export["wallets"]:
        coin = wallet["margin_coin"]
        if abs(Decimal(wallet["equity"]) - theirs[coin]) * prices[coin] > CENT:
            found.append(
                Breach(invariant="I23", words=f"{coin}: equity", exchange=str(theirs[coin]), books=wallet["equity"])
            )
    return found


def growth(looks: list[Sizes]) -> list[Breach]:
    """I20: no container, task, handle or row that is no record grows from look to look."""
    found = []
    if len(looks) < STEADY_LOOKS:
        return [Breach(invariant="I20", words=f"{len(looks)} looks judge no growth")]
    last = looks[-STEADY_LOOKS:]
    for name in sorted(last[-1]):
        sizes = [look.get(name, 0) for look in last]
        if all(one < two for one, two in pairwise(sizes)):
            found.append(Breach(invariant="I20", words=f"{name} only grows", books=str(sizes)))
    return found


def budgets(seen: Evidence, rates: Mapping[tuple[str, str], float]) -> Iterator[Breach]:
    """I24: no second held more calls of an endpoint than it allows, no minute more than the address may make."""
    by_path: dict[tuple[str, str], deque[int]] = defaultdict(deque)
    minute: deque[int] = deque()
    for row in sorted(seen.truth["requests"], key=lambda one: int(one["when"])):
        when, key = row["when"], (row["method"], row["path"])
        window = by_path[key]
        window.append(when)
        minute.append(when)
        while window[0] <= when - SECOND_MS:
            window.popleft()
        while minute[0] <= when - MINUTE_MS:
            minute.popleft()
        if len(window) > rates[key] or len(minute) > MINUTE_MOST:
            yield Breach(
                invariant="I24", words=f"{len(window)} calls of {key[1]} in a second, {len(minute)} in a minute",
                exchange=f"{rates[key]} a second",
            )
            return
    refused = [row for row in seen.truth["requests"] if row["outcome"] == "429" and not row["fault"]]
    if refused:
        yield Breach(invariant="I24", words=f"refused {len(refused)} times as too many", exchange=str(refused[0]))


def lanes(waits_s: list[float], opened: int) -> list[Breach]:
    """I24: what reduces waits no longer than half a second in 99 of 100 cases while openings queue."""
    if len(waits_s) < PERCENTILE or opened < PERCENTILE:
        return [Breach(invariant="I24", words=f"{len(waits_s)} reductions among {opened} openings judge nothing")]
    late = sorted(waits_s)[len(waits_s) * PERCENTILE // 100]
    if late > REDUCE_WAIT_S:
        return [Breach(invariant="I24", words=f"reducing waited {late:.2f} s (p99 of {len(waits_s)})")]
    return []


def sizes(roots: Mapping[str, object]) -> Sizes:
    """Measure every container that our own objects hold, by its place."""
    found: Sizes = {}
    seen: set[int] = set()
    waiting: list[tuple[str, object]] = list(roots.items())
    while waiting:
        place, thing = waiting.pop()
        if isinstance(thing, LEAVES) or id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, dict | list | set | frozenset | deque | tuple):
            if not isinstance(thing, deque) or thing.maxlen is None:
                found[place] = max(found.get(place, 0), len(thing))
            inner = thing.values() if isinstance(thing, dict) else thing
            waiting += [(f"{place}[]", each) for each in inner]
        elif hasattr(thing, "qsize"):
            found[place] = thing.qsize()
        elif ours(type(thing)):
            waiting += [(f"{place}.{name}", value) for name, value in _parts(thing)]
    return found


def ours(kind: type) -> bool:
    """Tell whether a class is the product's, not the sandbox's."""
    room = str(kind.__module__)
    return room.startswith("bot.") and not room.startswith("bot.sandbox")


def _parts(thing: object) -> Iterator[tuple[str, object]]:
    names: dict[str, Any] = dict(getattr(thing, "__dict__", {}))
    if is_dataclass(thing):
        names |= {field.name: getattr(thing, field.name, None) for field in fields(thing)}
    for kind in type(thing).__mro__:
        slots = getattr(kind, "__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            names.setdefault(slot, getattr(thing, slot, None))
    yield from names.items()

