"""Go flat and prove it: halt, cancel, close, read again, until nothing is left or somebody must look."""
from __future__ import annotations

from dataclasses import dataclass

from bot.desk.cancel import Canceling, cancel_many, taken
from bot.desk.control import halt
from bot.desk.enter import write
from bot.desk.propose import Raised, propose
from bot.desk.reconcile import reconcile
from bot.desk.seat import Seat
from bot.desk.wish import CloseWish, Which
from bot.domain.decision import Manner
from bot.domain.events_control import FlatReported
from bot.domain.ids import RequestKey
from bot.domain.numbers import plain
from bot.domain.order import Order, OrderState
from bot.domain.position import Position
from bot.domain.proposal import Origin
from bot.domain.refusal import Refusal
from bot.ports.venue import VenueSilent


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatReport:
    """How it stands after a round: what was cancelled and closed so far, what is left by name, whether it is flat.

    `proven` tells whether the last reading of the venue succeeded; without one nothing is called flat (I16).
    """

    rounds: int
    canceled: int
    closed: int
    residuals: tuple[str, ...]
    flat: bool
    proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What the books hold after a proven reading."""

    orders: tuple[Order, ...]
    positions: tuple[Position, ...]

    def words(self) -> tuple[str, ...]:
        """Name every residual."""
        orders = tuple(f"{one.intent.symbol} order {one.client_order_id} {one.state.value}" for one in self.orders)
        held = tuple(f"{one.symbol} {one.direction.value.lower()} {plain(one.size)}" for one in self.positions)
        return (*held, *orders)


async def flat(seat: Seat, origin: Origin, key: RequestKey, actor: str, *, why: str = "flat") -> FlatReport:
    """Halt (persisted), then cancel and close in rounds until a reading proves zero; gives the last report.

    Safe to call again at any moment, after a crash in the middle too: every round starts from what is there. After
    `flat_rounds` rounds the residuals are reported and it is for people to look (18 of features section 4).
    """
    await halt(seat, by=origin.person, why=why, actor=actor)
    report = FlatReport(rounds=0, canceled=0, closed=0, residuals=("not read yet",), flat=False, proven=False)
    for number in range(1, seat.rules.flat_rounds + 1):
        report = await _round(seat, origin, RequestKey(f"{key}:round-{number}"), actor, number, report)
        fact = FlatReported(
            round=number,
            canceled=report.canceled,
            closed=report.closed,
            residuals=report.residuals,
            flat=report.flat,
        )
        await seat.ledger.transact(lambda tx, line=fact: write(tx, line, seat.clock.now(), actor))  # type: ignore[misc]
        if report.flat:
            return report
        await seat.clock.sleep(seat.rules.flat_pause_s)
    return report


async def _round(
    seat: Seat, origin: Origin, key: RequestKey, actor: str, number: int, before: FlatReport
) -> FlatReport:
    canceled, closed = before.canceled, before.closed
    answers = await cancel_many(seat, actor=actor, why="flat")
    canceled += sum(1 for one in answers if isinstance(one, Canceling) and taken(one.outcome))
    held = await seat.ledger.read(lambda tx: tx.positions.held())
    if held:
        raised = await propose(seat, origin, key, CloseWish(which=Which.ALL), yes=Manner.COMMAND)
        closed += _closed(raised)
    try:
        await reconcile(seat, "flat")
    except VenueSilent as silent:
        words = (f"the exchange cannot be read: {silent}", *(await _left(seat)).words())
        return FlatReport(
            rounds=number, canceled=canceled, closed=closed, residuals=words, flat=False, proven=False
        )
    left = await _left(seat)
    if not left.positions:
        # With every position gone the guards are orphans: they go too.
        for answer in await cancel_many(seat, actor=actor, why="flat: it guards nothing", guards=True):
            canceled += isinstance(answer, Canceling) and taken(answer.outcome)
        left = await _left(seat)
    words = left.words()
    return FlatReport(
        rounds=number, canceled=canceled, closed=closed, residuals=words, flat=not words, proven=True
    )


def _closed(raised: Raised | Refusal) -> int:
    if isinstance(raised, Refusal) or raised.done is None:
        return 0
    good = (OrderState.OPEN, OrderState.PARTLY_FILLED, OrderState.FILLED)
    return sum(1 for order in raised.done.orders if order.state in good)


async def _left(seat: Seat) -> Left:
    return await seat.ledger.read(lambda tx: Left(orders=tx.orders.live(), positions=tx.positions.held()))
