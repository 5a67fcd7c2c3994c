"""Notice another Wiredesk that writes on our account: another server, or a copy of our database (security 13, T12)."""
from __future__ import annotations

from datetime import datetime, timedelta

from bot.desk.enter import reduce_only, write
from bot.desk.seat import Seat
from bot.domain.events_control import KeyTrouble
from bot.domain.ids import ClientOrderId, tag_of
from bot.domain.trading import TradingState
from bot.ports.ledger import Tx

ACTOR = "system:twin"
SEEN = "twins"
# The venue dates its orders by its own clock, and a predecessor's last ones may be that late.
CLOCKS_APART = timedelta(seconds=60)
REMEDY = "Stop the other one, or make a new key that only this one has; then send /resume."


def notice(tx: Tx, seat: Seat, name: ClientOrderId | None, created_at: datetime) -> bool:
    """Stop opening and alert where an unknown order bears our prefix and this desk cannot have sent it; True if so.

    Another tag is another installation. Our own tag, on an order younger than our lease that has no row here, is a
    copy of our database: our own rows are stored before anything leaves (P1). Told once a tag, and again when somebody
    resumed meanwhile.
    """
    tag = tag_of(name) if name is not None else None
    since = seat.fence.since
    if tag is None or (tag == seat.tag and (since is None or created_at <= since + CLOCKS_APART)):
        return False
    now, seen = seat.clock.now(), tx.desk.value(SEEN) or {}
    if tag in seen and tx.desk.trading_state() is not TradingState.ACTIVE:
        return True
    tx.desk.set_value(SEEN, {**seen, tag: now.isoformat()}, now)
    whose = "a copy of this desk's database" if tag == seat.tag else f"another Wiredesk ({tag})"
    reduce_only(tx, f"{whose} trades with the same key", now, ACTOR)
    what = f"{whose[0].upper()}{whose[1:]} trades with the same key: it sent {name}. Nothing opens here meanwhile."
    write(tx, KeyTrouble(what=what, remedy=REMEDY), now, ACTOR)
    return True
