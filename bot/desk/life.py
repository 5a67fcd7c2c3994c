"""Open and close the desk: the start-up order of architecture 9(d), steps 4 to 12, and the lease it runs under."""
from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk import ingest as ingestion
from bot.desk.control import fold
from bot.desk.enter import enter, write
from bot.desk.protect import Watched, protect
from bot.desk.requote import release_claims
from bot.desk.seat import Seat
from bot.desk.watch import Diary, bills, guard, timely, watch
from bot.domain.events_control import DeskClosed, DeskOpened, KeyTrouble, LeaseLost, LimitsChanged, PersonChanged
from bot.domain.events_control import LeaseTaken as LeaseWritten
from bot.domain.happenings import NoClearAnswer
from bot.domain.order import OrderState
from bot.domain.refusal import Refusal, refuse
from bot.domain.reports import Profile
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import LeaseTaken
from bot.ports.market import MarketSilent
from bot.ports.venue import KeyRefused, VenueSilent

START_PATIENCE_S = 20.0
RETRY_S = 0.5
# A gateway that stumbles says so too, so a key is called wrong only when it is turned away several times in a row.
KEY_ASKS = 3
START_LINES = 50


@dataclass(slots=True)
class Opening:
    """How far the desk has come: `ready` once everything is reconciled, `trouble` names what could not be done yet.

    `refused` is set where no waiting mends it. `rung` is how far models reach where nobody stored a mandate, for what
    people are told.
    """

    ready: asyncio.Event
    trouble: list[str]
    refused: Refusal | None = None
    rung: str = "OFF"


async def take_lease(seat: Seat, holder: str, *, dead: Callable[[str], bool]) -> Refusal | None:
    """Take the desk's lease; a Refusal when another process acts for it, unless that is proven `dead` (I18, FF-74)."""
    ttl, validity = timedelta(seconds=seat.rules.lease_life_s), timedelta(seconds=seat.rules.validity_s)

    def work(tx: Tx) -> Refusal | int:
        now = seat.clock.now()
        answer = tx.lease.take(holder, now, ttl, dead=dead, validity=validity)
        if isinstance(answer, LeaseTaken):
            write(tx, LeaseWritten(holder=holder, epoch=answer.epoch), now, "system:lease")
            return answer.epoch
        return refuse(
            "lease_held",
            f"Another Wiredesk ({answer.holder}) acts for this account until {answer.free_at:%H:%M:%S} UTC.",
            "Stop it first, or wait until its lease is over.",
            value=answer.holder,
        )

    answer = await seat.ledger.transact(work)
    if isinstance(answer, Refusal):
        return answer
    seat.fence.epoch, seat.fence.since = answer, seat.clock.now()
    return None


async def beat(seat: Seat, holder: str) -> None:
    """Renew the lease for ever; return when it is lost, which stops everything."""
    while True:
        await seat.clock.sleep(seat.rules.lease_beat_s)
        epoch = seat.fence.epoch
        if epoch is None or not await seat.ledger.transact(lambda tx, e=epoch: _renew(tx, seat, holder, e)):  # type: ignore[misc]
            seat.fence.epoch = None
            return


def _renew(tx: Tx, seat: Seat, holder: str, epoch: int) -> bool:
    now = seat.clock.now()
    kept = tx.lease.beat(holder, epoch, now, timedelta(seconds=seat.rules.lease_life_s))
    if not kept:
        write(tx, LeaseLost(holder=holder, epoch=epoch, why="it was taken over or given up"), now, "system:lease")
    return kept


async def give_lease_up(seat: Seat, holder: str) -> None:
    """Give the lease up in an orderly stop, so that the next process need not wait."""
    epoch, seat.fence.epoch = seat.fence.epoch, None
    if epoch is not None:
        await seat.ledger.transact(lambda tx: tx.lease.release(holder, epoch, seat.clock.now()))


async def probe(seat: Seat) -> Profile:
    """Read account world, modes, key rights, clock and instruments; nothing is switched (FF-47).

    Raises VenueSilent or MarketSilent when the exchange cannot be read.
    """
    profile = await seat.venue.profile()
    seat.shelf.profile = profile
    for line in seat.lines:
        for instrument in await seat.market.instruments(line):
            seat.shelf.instruments[instrument.symbol] = instrument
    return profile


async def open_desk(
    seat: Seat, opening: Opening, allowed: Callable[[Profile], Refusal | None], diary: Diary, watched: Watched
) -> Refusal | None:
    """Probe, follow, reconcile, audit; gives a Refusal only for what no waiting mends (a dangerous or a wrong key).

    The private streams are already being followed by `ingest`, which reconciles when each is acknowledged; this waits
    for that, then lets doubts, bills and protection catch up, and writes DeskOpened.
    """
    before = await seat.ledger.read(lambda tx: _was_open(tx, seat))
    opening.trouble[:] = ["the exchange cannot be read: it has not answered yet"]
    turned_away = 0
    while seat.shelf.profile is None:
        try:
            refused = allowed(await probe(seat))
        except (VenueSilent, MarketSilent) as silent:
            opening.trouble[:] = [f"the exchange cannot be read: {silent}"]
            turned_away = turned_away + 1 if isinstance(silent, KeyRefused) else 0
            if turned_away < KEY_ASKS:
                await seat.clock.sleep(RETRY_S)
                continue
            refused = refuse("key_refused", f"The exchange does not take this key: {silent}", "See wiredesk check.")
        if refused is not None:
            await _key_trouble(seat, refused)
            return refused
    opening.trouble[:] = ["the private streams are not live yet"]
    await seat.ledger.transact(lambda tx: doubt_sent(tx, seat))
    await seat.ledger.transact(release_claims)
    while not all(seat.streams.get(line) is not None for line in seat.lines):
        await seat.clock.sleep(RETRY_S / 5)
    for line in seat.lines:
        await bills(seat, line)
    opening.trouble[:] = ["the stops could not be read back yet"]
    while not await protect(seat, watched):
        await seat.clock.sleep(RETRY_S)
    opening.trouble.clear()
    await fold(seat)
    await seat.ledger.transact(lambda tx: _opened(tx, seat, before, opening.rung))
    opening.ready.set()
    return None


async def _key_trouble(seat: Seat, refused: Refusal) -> None:
    reason = refused.reasons[0]
    fact = KeyTrouble(what=reason.sentence, remedy=reason.remedy)
    await seat.ledger.transact(lambda tx: write(tx, fact, seat.clock.now(), "system:start"))


def doubt_sent(tx: Tx, seat: Seat) -> None:
    """Call every order in doubt that a predecessor was sending when it ended: its answer will never come."""
    now = seat.clock.now()
    for order in tx.orders.unresolved():
        if order.state is OrderState.SUBMITTING and order.client_order_id not in seat.sending:
            enter(tx, order, NoClearAnswer(at=now, why="the desk stopped while it was being sent"), now)


def _was_open(tx: Tx, seat: Seat) -> datetime | None:
    """Give when the process before this one wrote its last line; None where this is the first.

    What this start wrote already (people, ceilings, the lease) is younger than the last of its predecessor's lines.
    """
    taken = False
    for entry in tx.journal.latest(START_LINES):
        if isinstance(entry.fact, LeaseWritten):
            if taken:
                return entry.at
            taken = entry.fact.epoch == seat.fence.epoch
        elif taken and not isinstance(entry.fact, (LimitsChanged, PersonChanged)):
            return entry.at
    return None


def _opened(tx: Tx, seat: Seat, before: datetime | None, rung: str) -> None:
    now = seat.clock.now()
    timely(tx, seat)
    live = tx.orders.live()
    away = int((now - before).total_seconds()) if before is not None else None
    entries = tx.journal.latest(500)
    fresh = [entry for entry in entries if before is not None and entry.at > before]
    rungs = [one.rung.value for one in tx.desk.mandates() if one.revoked_at is None and one.expires_at > now]
    fact = DeskOpened(
        environment=seat.environment,
        away_s=away,
        fills=sum(1 for entry in fresh if entry.kind == "FillRecorded"),
        drifts=sum(1 for entry in fresh if entry.kind == "DriftFound"),
        positions=len(tx.positions.held()),
        orders=sum(1 for order in live if not order.intent.kind.is_guard),
        in_doubt=len(tx.orders.unresolved()),
        trading=tx.desk.trading_state(),
        rung=rungs[0] if rungs else rung,
    )
    write(tx, fact, now, "system:start")


async def close_desk(seat: Seat, why: str) -> None:
    """Write that the desk closes; orders and stops stay at the exchange as they are."""

    def work(tx: Tx) -> None:
        live = [order for order in tx.orders.live() if not order.intent.kind.is_guard]
        fact = DeskClosed(why=why, positions=len(tx.positions.held()), orders=len(live))
        write(tx, fact, seat.clock.now(), "system:stop")

    await seat.ledger.transact(work)


def tasks(seat: Seat, opening: Opening, diary: Diary, watched: Watched) -> dict[str, Callable[[], object]]:
    """Name the eternal tasks of the desk for the supervisor; watch and protect wait for the opening."""

    async def watching() -> None:
        await opening.ready.wait()
        await watch(seat, diary)

    async def protecting() -> None:
        await opening.ready.wait()
        await guard(seat, watched)

    async def ingesting() -> None:
        while seat.shelf.profile is None:
            await seat.clock.sleep(RETRY_S / 5)
        await ingestion.ingest(seat)

    return {"ingest": ingesting, "watch": watching, "protect": protecting}
