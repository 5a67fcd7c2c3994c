"""Show that each broken design of reliability section 2 is caught: `python -m tests.walks.mutants [NAME...]`."""
from __future__ import annotations

import argparse
import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal

from bot.desk.wish import AmendWish, CancelWish, Level, OpenWish
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction, OrderKind
from tests.support.simulated import Life
from tests.walks import broken, intents, sweep
from tests.walks.stage import Setting, Stage
from tests.walks.walk import CALM_S, Deed, walk

SETTING = Setting(lines=(ProductLine.USDT,), one_way=False, isolated=False, limits=None, outside_opens=False)
STEPS = 12


def _fault(stage: Stage, name: str, times: int | None = None, seconds: float | None = None, **given: object) -> None:
    stage.say(f"fault {name} {given} times={times} for={seconds}")
    stage.disturb((seconds or 0) + 45)
    stage.world.venue.outside.fault(name, dict(given), times, seconds)


def _market(stage: Stage) -> OpenWish:
    side = stage.chance.choice(tuple(Direction))
    symbol = stage.chance.choice(("BTCUSDT", "ETHUSDT"))
    return OpenWish(symbol=symbol, direction=side, amount="$500", stop=Level(percent=Decimal(3)))


def _limit(stage: Stage, away: str) -> OpenWish:
    symbol = stage.chance.choice(("BTCUSDT", "ETHUSDT"))
    price = stage.price(symbol) * (1 - Decimal(away) / 100)
    return OpenWish(
        symbol=symbol, direction=Direction.LONG, amount="$500", kind=OrderKind.LIMIT, price=price,
        stop=Level(percent=Decimal(3)),
    )


async def arrive_late(stage: Stage, life: Life) -> None:
    """An order that arrives 11 to 29 s after it left, held up before that for a while or not."""
    _fault(stage, "arrive_late", s=round(stage.chance.uniform(11, 29), 1))
    intents.put(stage, life, _market(stage))
    await asyncio.sleep(stage.chance.uniform(5, 40))


async def arrive_very_late(stage: Stage, life: Life) -> None:
    """The same at the very edge of what the exchange accepts."""
    stage.stalls.append(round(stage.chance.uniform(1.5, 1.95), 2))
    _fault(stage, "arrive_late", s=29)
    intents.put(stage, life, _market(stage))
    await asyncio.sleep(34)


async def stall_and_arrive_late(stage: Stage, life: Life) -> None:
    """A long stall between storing and sending, and then a late arrival."""
    stage.stalls.append(round(stage.chance.uniform(18, 27), 1))
    _fault(stage, "arrive_late", s=29)
    intents.put(stage, life, _market(stage))
    await asyncio.sleep(55)


async def silence(stage: Stage, life: Life) -> None:
    """An order that is taken and not answered, or spoiled on its way back."""
    name = stage.chance.choice(("accept_then_silence", "html_body", "truncated_body"))
    _fault(stage, name, path="place-order")
    intents.put(stage, life, _market(stage))
    await asyncio.sleep(stage.chance.uniform(1, 12))


async def silence_and_maintenance(stage: Stage, life: Life) -> None:
    """An order that is taken and not answered, and then an exchange that answers nothing for a minute."""
    _fault(stage, "accept_then_silence", path="place-order")
    _fault(stage, "silent_socket", seconds=80)
    intents.put(stage, life, _limit(stage, "1"))
    await asyncio.sleep(0.2)
    _fault(stage, "maintenance", seconds=60)
    await asyncio.sleep(58)


async def echo(stage: Stage, life: Life) -> None:
    """A request that a proxy delivers twice."""
    stage.echoes += 1
    intents.put(stage, life, _limit(stage, "0.5"))
    await asyncio.sleep(1)


async def amend_in_pieces(stage: Stage, life: Life) -> None:
    """An order that fills in pieces while it is amended."""
    _fault(stage, "partial_fills", n=4)
    intents.put(stage, life, _limit(stage, "-0.05"))
    await asyncio.sleep(stage.chance.uniform(0.05, 0.6))
    orders = [one for one in await life.desk.orders() if one.intent.kind is OrderKind.LIMIT]
    for order in orders[-1:]:
        price = (order.intent.limit_price or Decimal(1)) * Decimal("0.995")
        intents.put(stage, life, AmendWish(order=order.client_order_id, price=price))
    await asyncio.sleep(2)


async def cancel_in_the_dark(stage: Stage, life: Life) -> None:
    """A cancel that races the order's own fill while no push comes through."""
    _fault(stage, "silent_socket", seconds=8)
    intents.put(stage, life, _limit(stage, stage.chance.choice(("-0.05", "0.3"))))
    await asyncio.sleep(stage.chance.choice((0.1, 0.3, 1.0)))
    if stage.chance.random() < 0.5:
        _fault(stage, "fill_after_cancel")
    intents.put(stage, life, CancelWish())
    await asyncio.sleep(stage.chance.choice((0.05, 0.2)))


async def any_fill(stage: Stage, life: Life) -> None:
    """A fill that is told twice."""
    _fault(stage, "duplicate_push", seconds=5)
    intents.put(stage, life, _market(stage))
    await asyncio.sleep(2)


async def delivered_twice(stage: Stage, life: Life) -> None:
    """A wish that the chat delivers twice."""
    intents.put(stage, life, _market(stage))
    await asyncio.sleep(stage.chance.uniform(0, 2))
    intents.redeliver(stage, life)
    await asyncio.sleep(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A broken design, what brings it out, and within how many seeds it must be caught."""

    name: str
    broken: Callable[[], AbstractContextManager[None]]
    duel: Deed
    bound: int = 6
    by_sweep: bool = False


MUTANTS = (
    Mutant(name="sign at send time", broken=broken.sign_at_send_time, duel=stall_and_arrive_late),
    Mutant(name="retry with new id", broken=broken.retry_with_new_id, duel=silence),
    Mutant(name="resend with same id", broken=broken.resend_with_same_id, duel=silence),
    Mutant(name="timeout = failed", broken=broken.timeout_is_failed, duel=silence),
    Mutant(name="one not-found is final", broken=broken.one_absence_is_final, duel=arrive_late),
    Mutant(name="N not-founds, no minimum age", broken=broken.five_absences_without_age, duel=arrive_late),
    Mutant(name="age without lag margin", broken=broken.age_without_margin, duel=arrive_very_late, bound=25),
    Mutant(name="query error = not-found", broken=broken.error_is_absence, duel=silence_and_maintenance),
    Mutant(name="duplicate id = failure", broken=broken.duplicate_is_failure, duel=echo),
    Mutant(name="send before storing", broken=broken.send_before_store, duel=silence),
    Mutant(name="send before storing", broken=broken.send_before_store, duel=silence, by_sweep=True),
    Mutant(name="replacement of full size", broken=broken.replacement_of_full_size, duel=amend_in_pieces, bound=12),
    Mutant(name="cancel ack is final", broken=broken.cancel_answer_is_final, duel=cancel_in_the_dark, bound=12),
    Mutant(
        name="cancel not-found = cancelled", broken=broken.cancel_not_found_is_cancelled, duel=cancel_in_the_dark,
        bound=12,
    ),
    Mutant(name="no request keys", broken=broken.no_request_keys, duel=delivered_twice),
    Mutant(name="no fill de-duplication", broken=broken.no_fill_deduplication, duel=any_fill),
)
DUELS = tuple({mutant.duel: None for mutant in MUTANTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught:
    """Where a mutant was caught: after how many seeds, or deaths, by which invariant; None where it was not."""

    mutant: Mutant
    after: int
    invariant: str | None
    words: str


def catch(mutant: Mutant) -> Caught:
    """Play the mutant until it is caught or its bound is reached."""
    with mutant.broken():
        if mutant.by_sweep:
            return _by_sweep(mutant)
        for seed in range(mutant.bound):
            walked = walk(seed, steps=STEPS, setting=SETTING, duel=mutant.duel, calm_s=CALM_S)
            if not walked.good:
                first = walked.breaches[0]
                return Caught(mutant=mutant, after=seed + 1, invariant=first.invariant, words=first.words)
    return Caught(mutant=mutant, after=mutant.bound, invariant=None, words="not caught")


def _by_sweep(mutant: Mutant) -> Caught:
    flow = sweep.FLOWS[0]
    _, places = sweep.moments(flow, classes=True)
    for count, place in enumerate(places, start=1):
        hanged = sweep.die_at(flow, place)
        if hanged.breaches:
            first = hanged.breaches[0]
            return Caught(mutant=mutant, after=count, invariant=first.invariant, words=first.words)
    return Caught(mutant=mutant, after=len(places), invariant=None, words="not caught")


def sound(duel: Deed, seeds: int) -> list[str]:
    """Play a duel against the design as it is; gives what failed (nothing may)."""
    found = []
    for seed in range(seeds):
        walked = walk(seed, steps=STEPS, setting=SETTING, duel=duel)
        if not walked.good:
            found.append(f"{duel.__name__} seed {seed}: {walked.breaches[0]}")
    return found


def main() -> int:
    """Catch those named, all without names; print the table; 1 when one escapes or the sound design fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.walks.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", default=[])
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    failed = 0
    print(f"{'design':<32}{'by':>7}{'after':>7}  caught as")
    for mutant in MUTANTS:
        if given.names and mutant.name not in given.names:
            continue
        started = time.monotonic()
        caught = catch(mutant)
        failed += caught.invariant is None
        how = "deaths" if mutant.by_sweep else "seeds"
        words = f"{caught.invariant}: {caught.words}"[:90]
        print(f"{mutant.name:<32}{how:>7}{caught.after:>7}  {words}  ({time.monotonic() - started:.0f} s)", flush=True)
    for duel in DUELS if not given.names else ():
        bad = sound(duel, 3)
        failed += len(bad)
        print(f"{'as it is: ' + duel.__name__:<32}{'seeds':>7}{3:>7}  {'; '.join(bad)[:300] or 'held'}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
