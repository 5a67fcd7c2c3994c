"""Carry a command out where nothing runs: take lock and lease, start the parts without chat, do it, leave (21, C6)."""
from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.compose import supply
from bot.compose.actions import flattened, order, preview, reconciled, resumed
from bot.compose.key_rules import key_refusal
from bot.compose.parts import Parts, built
from bot.compose.run import works
from bot.desk.control import halt
from bot.desk.life import START_PATIENCE_S, Opening, beat, close_desk, doubt_sent, give_lease_up, probe, take_lease
from bot.desk.seat import Seat
from bot.desk.views import status_view
from bot.domain.refusal import Refusal
from bot.domain.trading import Readiness
from bot.ports.ledger_rows import LedgerRefused
from bot.ports.market import MarketSilent
from bot.ports.venue import VenueSilent
from bot.runtime.data_dir import UnusableDirectory, claimed
from bot.runtime.disk import load_ballast
from bot.runtime.holder import dead_to, holder_of
from bot.runtime.local_socket import Declined
from bot.runtime.readiness import ReadinessGate
from bot.runtime.supervisor import Work, supervise, until_signalled
from bot.settings import Settings, Unusable

UNGUARDED = "No desk runs now: nothing follows this account until `wiredesk run` is started."
LOOK_S = 0.1
# What can open; stopping and closing are never refused for how this was installed.
OPENING = ("preview", "order")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A desk of its own for one command, being opened."""

    parts: Parts
    gate: ReadinessGate
    settings: Settings
    holder: str
    opening: Opening

    @property
    def seat(self) -> Seat:
        """The seat of the account."""
        return self.parts.seat

    @property
    def patience_s(self) -> float:
        """How long the opening may take before the person is told."""
        return START_PATIENCE_S / self.settings.time_scale

    @property
    def trouble(self) -> str:
        """What the opening still waits for."""
        return "; ".join(self.opening.trouble) or "the start took too long"


Deed = Callable[[Session, str], Awaitable[str]]


def carry_out(settings: Settings, do: str, words: str = "") -> int:
    """Do one of ALONE and print what it came to; gives 0, or 1 after a sentence on standard error.

    Raises AlreadyRunning when a desk holds the data directory; halting alone goes past it (`halting`).
    """
    if do in OPENING and (words_ := supply.refusal(settings.environment)) is not None:
        print(words_, file=sys.stderr)
        return 1
    try:
        with claimed(settings.data_dir) as directory:
            load_ballast(directory)
            print(asyncio.run(_done(settings, do, words)))
            return 0
    except (UnusableDirectory, Unusable, LedgerRefused, Declined, ValueError) as no:
        print(no, file=sys.stderr)
        return 1


@asynccontextmanager
async def _session(settings: Settings) -> AsyncIterator[Session]:
    gate = ReadinessGate()
    async with built(settings, gate) as parts:
        holder = holder_of(settings.data_dir)
        refused = await take_lease(parts.seat, holder, dead=dead_to(holder, alone=settings.database_url is None))
        if refused is not None:
            raise Declined(str(refused))
        opening = Opening(ready=asyncio.Event(), trouble=["the exchange was not read yet"])
        try:
            yield Session(parts=parts, gate=gate, settings=settings, holder=holder, opening=opening)
        finally:
            if opening.ready.is_set():
                await close_desk(parts.seat, "the command is done")
            await give_lease_up(parts.seat, holder)


async def _done(settings: Settings, do: str, words: str) -> str:
    deed, opens = ALONE[do]
    answer: list[str | Declined] = []
    async with _session(settings) as session:

        async def doing() -> None:
            try:
                answer.append(await deed(session, words))
            except Declined as no:
                answer.append(no)

        if opens:
            others = works(session.parts, session.gate, settings, session.holder, session.opening)
        else:
            others = [Work(name="lease", run=lambda: beat(session.seat, session.holder)),
                      Work(name="signals", run=until_signalled, orderly=True)]
        ending = await supervise([*others, Work(name="command", run=doing, orderly=True)])
    if session.opening.refused is not None:
        raise Declined(str(session.opening.refused))
    if not answer:
        raise Declined(f"{do} was not finished. {ending.sentence}")
    if isinstance(answer[0], Declined):
        raise answer[0]
    return answer[0]


async def _resumed(session: Session, _: str) -> str:
    return await resumed(session.seat)


async def _reconciled(session: Session, _: str) -> str:
    """Read and correct without following the streams: steps 1 to 8 of the start-up order."""
    seat = session.seat
    try:
        refused = key_refusal(await probe(seat), session.settings)
    except (VenueSilent, MarketSilent) as silent:
        raise Declined(f"Nothing was corrected: {silent}") from silent
    if isinstance(refused, Refusal):
        raise Declined(str(refused))
    await seat.ledger.transact(lambda tx: doubt_sent(tx, seat))
    return await reconciled(seat)


async def _flattened(session: Session, _: str) -> str:
    """Go flat with whatever could be opened: closing needs the account read, not the streams."""
    seat = session.seat
    await halt(seat, by=None, why="flat by the local command line", actor="local")
    await _opened(session)
    if seat.shelf.profile is None:
        raise Declined(f"Nothing was cancelled or closed: {session.trouble}. HALTED is stored. Try again, or close "
                       "at the exchange itself.")
    return await flattened(seat)


async def _previewed(session: Session, words: str) -> str:
    await _ready(session)
    return await preview(session.seat, words)


async def _ordered(session: Session, words: str) -> str:
    """Place a typed trade and stay until every position's stop is verified or its time is up."""
    await _ready(session)
    said = await order(session.seat, words)
    seat, rules = session.seat, session.seat.rules
    limit = seat.clock.monotonic() + rules.naked_max_s + rules.stop_verify_s
    while (view := await status_view(seat)).unprotected and seat.clock.monotonic() < limit:
        await seat.clock.sleep(LOOK_S)
    naked = f"{view.unprotected} positions have no verified stop. " if view.unprotected else ""
    return f"{said}\n{naked}{UNGUARDED}"


async def _ready(session: Session) -> None:
    await _opened(session)
    if session.gate.readiness() is not Readiness.READY:
        reasons = "; ".join(session.gate.reasons.values()) or session.trouble
        raise Declined(f"Nothing was sent: {reasons}.")


async def _opened(session: Session) -> None:
    """Wait until the desk is open, or for as long as a start may take."""
    try:
        async with asyncio.timeout(session.patience_s):
            await session.opening.ready.wait()
            await session.gate.until(Readiness.READY, Readiness.DEGRADED)
    except TimeoutError:
        return


# What can be done alone, and whether the whole desk is opened for it.
ALONE: dict[str, tuple[Deed, bool]] = {
    "resume": (_resumed, False),
    "reconcile": (_reconciled, False),
    "flat": (_flattened, True),
    "preview": (_previewed, True),
    "order": (_ordered, True),
}
