"""Count four eyes as four: whoever one of the others let in today is no second person yet (security section 4)."""
from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from bot.desk.seat import Seat
from bot.domain.ids import PersonId
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx

# Long enough for the other owners, who are told of everybody new, to ask who that is.
NEW_FOR = timedelta(hours=24)


def new_by(tx: Tx, seat: Seat, voter: PersonId | None, others: Collection[PersonId | None]) -> bool:
    """Tell whether one of the others let this person in within a day: two accounts may be one person."""
    person = tx.people.get(voter) if voter is not None else None
    return (
        person is not None and person.invited_by is not None and person.invited_by in others
        and seat.clock.now() - person.since < NEW_FOR
    )


def too_new() -> Refusal:
    """Say why such a yes does not count yet."""
    return refuse(
        "new_eyes", "You were let in within a day by somebody whose yes is asked for here too.",
        "Ask another approver, or wait until tomorrow.", value="less than a day", limit="24 h",
    )
