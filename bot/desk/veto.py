"""Hold back what a model may do alone for a moment, so that somebody can say no (advisor section 11).

Silence is consent only under a live mandate, and never when nobody who may approve was there for twelve hours.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from bot.desk.decide import decide
from bot.desk.execute import execute
from bot.desk.mandate import nobody_for
from bot.desk.seat import Seat
from bot.desk.settle import Answer
from bot.domain.decision import Manner
from bot.domain.mandate import NeedsHuman, Permits, Ruling
from bot.domain.proposal import Origin, Proposal, ProposalState, terms_digest
from bot.domain.record import milliseconds
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Plain

VETO = "veto"
UNSEEN_FOR = timedelta(hours=12)


@dataclass(slots=True)
class Window:
    """What a mandate permitted and the window holds back, between the ruling and the row that remembers it."""

    permitted: list[Permits] = field(default_factory=list)

    def hold(self, seat: Seat, ruling: Ruling) -> Ruling:
        """Turn a permission into a card where there is a window; everything else stays."""
        if seat.rules.veto_window_s <= 0 or not isinstance(ruling, Permits):
            return ruling
        self.permitted.append(ruling)
        return NeedsHuman(reasons=())

    def open(self, tx: Tx, seat: Seat, proposal: Proposal) -> None:
        """Remember until when a no counts."""
        if not self.permitted:
            return
        now = seat.clock.now()
        until = min(now + timedelta(seconds=seat.rules.veto_window_s), proposal.expires_at - timedelta(seconds=5))
        tx.desk.set_value(name_of(proposal), {
            "mandate": self.permitted[-1].mandate_id, "until": milliseconds(until), "revision": proposal.revision,
        }, now)


def name_of(proposal: Proposal) -> str:
    """Name the row that remembers the window of a proposal."""
    return f"{VETO}:{proposal.id}"


def window_of(tx: Tx, proposal: Proposal) -> Plain | None:
    """Give the open window of a proposal as it stands; None where there is none, or its terms are others now."""
    stored = tx.desk.value(name_of(proposal))
    return stored if stored and stored["revision"] == proposal.revision else None


async def act_unvetoed(seat: Seat, origin: Origin) -> int:
    """Carry out what nobody objected to in time; gives how many were decided so."""

    def due(tx: Tx) -> list[tuple[Proposal, str]]:
        now = seat.clock.now()
        found = []
        for one in tx.proposals.awaiting():
            if one.origin != origin or one.state is not ProposalState.AWAITING:
                continue
            stored = window_of(tx, one)
            if stored is not None and stored["until"] <= milliseconds(now) and not nobody_for(tx, UNSEEN_FOR, now):
                found.append((one, str(stored["mandate"])))
        return found

    acted = 0
    for proposal, mandate in await seat.ledger.read(due):
        answer = Answer(
            yes=True, manner=Manner.MANDATE, by=None, name=origin.name, digest=terms_digest(proposal), reason=mandate,
        )
        decided = await decide(seat, proposal.id, answer)
        if isinstance(decided, Proposal) and decided.state is ProposalState.APPROVED:
            await execute(seat, decided.id)
            acted += 1
    return acted
