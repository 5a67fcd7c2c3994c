"""Follow the journal and tell people: who, how loudly, merged with what; one transaction a fact (architecture 9(b)).

A fact becomes message rows and the bookmark moves in the same transaction, so each is told exactly once; sending the
rows is delivery's affair. Trading never waits for any of it (FF-85).
"""
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.chat import alarms
from bot.chat.card import Card, proposal_key
from bot.chat.need import Quorums, need_of
from bot.chat.outbox import show, shown_in
from bot.chat.prefs import Volume, read_prefs, volume_for
from bot.chat.render import alerts, orders, proposals
from bot.chat.render.figures import Books
from bot.chat.render.text import Chip
from bot.chat.tale import Tale, tale_of
from bot.domain import events as e
from bot.domain.alert import Alert, Audience, Severity, alert_for
from bot.domain.decision import Need
from bot.domain.events import Entry, Fact
from bot.domain.ids import ProposalId
from bot.domain.intent import Effect
from bot.domain.principal import Person, Role
from bot.domain.proposal import OriginKind, ProposalState
from bot.ports.clock import Clock
from bot.ports.ledger import Ledger, Tx

FOLLOWER = "courier"
# A card younger than this is being looked at: its edit tells enough. An older one has scrolled away.
LOOKED_AT = timedelta(seconds=120)
MERGED_WITHIN = timedelta(seconds=60)
HISTORY = timedelta(hours=24)
ROLES: dict[Audience, frozenset[Role]] = {
    Audience.ALL: frozenset(Role),
    Audience.TRADERS: frozenset({Role.TRADER, Role.OWNER}),
    Audience.APPROVERS: frozenset({Role.APPROVER, Role.OWNER}),
    Audience.OWNERS: frozenset({Role.OWNER}),
}
# What answers the command that did it: who gave the command needs no second message.
ANSWERED = (e.TradingStateChanged, e.LimitsChanged, e.PersonChanged)
TYPED = (OriginKind.PERSON, OriginKind.LOCAL, OriginKind.SYSTEM)
# Facts that change the proposal's own card even though nobody is alerted.
QUIET_EDITS = (e.OrderPlanned, e.CancelRequested, e.FillReplaced, e.IdeaResolved)


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """What the courier needs: the ledger, the contracts for their steps, the badge, delivery's bell.

    `quorums` say whose yes a proposal takes. `seen` is called with every fact that was told; it must
    not wait for anything.
    """

    ledger: Ledger
    clock: Clock
    chip: Chip
    books: Callable[[], Books]
    wake: Callable[[], None]
    seen: Callable[[Fact], None] | None = None
    quorums: Quorums | None = None


async def run(courier: Courier) -> None:
    """Tell every fact after the bookmark, then wait for the next, for ever."""
    async for entry in courier.ledger.follow(FOLLOWER):
        if not concerns_chat(entry.fact):
            # The bookmark moves with the next line that is told; reading this one again after a restart is harmless.
            continue
        await courier.ledger.transact(partial(tell, courier=courier, entry=entry))
        courier.wake()
        if courier.seen is not None:
            courier.seen(entry.fact)


def concerns_chat(fact: Fact) -> bool:
    """Tell whether a fact can change anything a chat shows."""
    return alert_for(fact) is not None or isinstance(fact, (*QUIET_EDITS, e.ProtectionVerified))


def ours(fact: Fact) -> bool:
    """Tell whether a fact is only a step of what a card told already: our own guards and settings, carried out."""
    if isinstance(fact, e.OrderAccepted):
        return fact.order.intent.kind.is_guard
    if isinstance(fact, e.OrderEnded):
        return fact.order.intent.kind.is_guard and not fact.outside
    return isinstance(fact, (e.LeverageChanged, e.MarginModeChanged)) and not fact.outside


def tell(tx: Tx, *, courier: Courier, entry: Entry) -> None:
    """Turn one fact into message rows and move the bookmark."""
    if entry.seq <= tx.bookmarks.get(FOLLOWER):
        return
    tx.bookmarks.move(FOLLOWER, entry.seq)
    now = courier.clock.now()
    if now - entry.at > HISTORY:
        # A chat that is switched on for an old desk does not retell its past.
        return
    heard = None if ours(entry.fact) else alert_for(entry.fact)
    proposal = _proposal_of(tx, entry.fact)
    carried = _edit_cards(tx, courier, proposal, now) if proposal is not None else {}
    if heard is None:
        return
    listeners = audience(tx, heard)
    if heard.severity is Severity.CRITICAL:
        _critical(tx, courier, entry, heard, listeners, now)
        return
    for person in listeners:
        volume = volume_for(read_prefs(tx, person.person), heard)
        own = isinstance(entry.fact, ANSWERED) and entry.actor == f"person:{person.person}"
        if volume is Volume.OFF or own:
            continue
        chat = int(person.person)
        if proposal is not None and _told_by_card(tx, courier, entry, heard, proposal, chat, carried, volume, now):
            continue
        _alert(tx, courier, entry, heard, chat, volume, now)


def audience(tx: Tx, heard: Alert) -> tuple[Person, ...]:
    """List whom an alert concerns; nobody without a role hears anything (FF-104)."""
    active = [one for one in tx.people.all() if one.active]
    if heard.audience is Audience.PERSON:
        return tuple(one for one in active if one.person == heard.person)
    wanted = ROLES[heard.audience]
    return tuple(one for one in active if one.roles & wanted)


def _proposal_of(tx: Tx, fact: Fact) -> ProposalId | None:
    """Find the proposal whose card a fact belongs to."""
    for name in ("proposal", "proposal_id", "order", "new"):
        value = getattr(fact, name, None)
        found = getattr(value, "proposal_id", None) or (getattr(value, "id", None) if name == "proposal" else None)
        found = found or (value if name == "proposal_id" else None)
        if found is not None:
            return ProposalId(str(found))
    if isinstance(fact, e.ProtectionVerified):
        for order in tx.orders.recent(50):
            intent = order.intent
            opened = intent.effect is Effect.OPEN and (intent.symbol, intent.direction) == (fact.symbol, fact.direction)
            if opened and order.proposal_id is not None:
                return order.proposal_id
    return None


def _edit_cards(tx: Tx, courier: Courier, proposal: ProposalId, now: datetime) -> dict[int, datetime]:
    """Bring the proposal's card up to date wherever it is shown; gives since when each chat has it."""
    shown = shown_in(tx, proposal_key(proposal))
    if not shown:
        return {}
    tale = tale_of(tx, proposal)
    if tale is None:
        return {}
    card = card_of(tale, courier, now)
    if card is not None:
        for chat in shown:
            show(tx, chat, card, now, silent=True, **_answerable(tale))
    return {chat: row.ended_at or row.queued_at for chat, row in shown.items()}


def card_of(tale: Tale, courier: Courier, now: datetime) -> Card | None:
    """Draw the one card of a proposal as it stands; None while its ticket still shows what is to be decided."""
    waiting = tale.proposal.state in (ProposalState.AWAITING, ProposalState.CLAIMED)
    if waiting and tale.proposal.origin.kind in TYPED and not tale.decisions and tale.proposal.revision == 0:
        return None
    if waiting:
        return proposals.approval(tale, courier.chip, courier.books(), now, requoted=tale.proposal.revision > 0,
                                  needed=_votes(courier, tale))
    return orders.outcome(tale, courier.chip, courier.books(), now)


def _needs_others(courier: Courier, tale: Tale) -> bool:
    """Tell whether what a person typed waits for somebody else's yes."""
    need = need_of(tale, courier.quorums) if courier.quorums is not None else None
    return isinstance(need, Need) and need.four_eyes


def _votes(courier: Courier, tale: Tale) -> int:
    need = need_of(tale, courier.quorums) if courier.quorums is not None else None
    return need.votes if isinstance(need, Need) else 1


def _answerable(tale: Tale) -> dict[str, Any]:
    waiting = tale.proposal.state is ProposalState.AWAITING
    return {"until": tale.proposal.expires_at.isoformat()} if waiting else {}


PROPOSED = (e.ProposalRaised, e.ProposalRevised)
# What starts a card in the chat of somebody who has not seen the proposal: an order is under way.
STARTED = (e.OrderAccepted, e.OrderRejected, e.OrderNotSent, e.OrderInDoubt, e.FillRecorded, e.OrderEnded)


def _told_by_card(
    tx: Tx, courier: Courier, entry: Entry, heard: Alert, proposal: ProposalId, chat: int,
    carried: dict[int, datetime], volume: Volume, now: datetime,
) -> bool:
    """Tell by the proposal's own card where that is enough; False when the fact needs a message of its own."""
    if isinstance(entry.fact, e.OrderResolved):
        # Who was told not to repeat an order has put the phone away: the end of the doubt rings.
        return False
    if chat in carried:
        quiet = heard.severity is Severity.SILENT
        return quiet or isinstance(entry.fact, PROPOSED) or now - carried[chat] <= LOOKED_AT
    tale = tale_of(tx, proposal)
    if tale is None:
        return True
    fact = entry.fact
    if isinstance(fact, PROPOSED):
        own = tale.proposal.origin.person is not None and int(tale.proposal.origin.person) == chat
        if tale.proposal.origin.kind in TYPED and (own or not _needs_others(courier, tale)):
            return True
        if tale.proposal.state is not ProposalState.AWAITING:
            return True
        card = proposals.approval(tale, courier.chip, courier.books(), now, needed=_votes(courier, tale))
    elif isinstance(fact, STARTED) and not _is_guard(fact):
        card = orders.outcome(tale, courier.chip, courier.books(), now)
    else:
        # Votes, decisions and ends of proposals interest only those who have the card.
        return not isinstance(fact, (e.ProposalRefused, *STARTED)) and heard.severity is Severity.SILENT
    silent = volume is Volume.SILENT or card.silent
    show(tx, chat, card, now, cause=entry.seq, severity=heard.severity.value, silent=silent, **_answerable(tale))
    return True


def _is_guard(fact: Fact) -> bool:
    order = getattr(fact, "order", None)
    return order is not None and order.intent.kind.is_guard


def _critical(
    tx: Tx, courier: Courier, entry: Entry, heard: Alert, listeners: Iterable[Person], now: datetime
) -> None:
    """Tell everybody concerned anew, pinned, and start the ladder that repeats it until somebody has seen it."""
    card = alerts.alert(entry, heard, courier.chip, courier.books(), now)
    chats = tuple(int(one.person) for one in listeners)
    for chat in chats:
        body = Card(
            html=card.html, plain=card.plain, rows=card.rows, key=alarms.alarm_key(entry.seq), critical=True, pin=True,
            line=card.line,
        )
        show(tx, chat, body, now, cause=entry.seq, severity=heard.severity.value, anew=True)
    alarms.raise_alarm(tx, entry.seq, card.line, chats, now)


def _alert(
    tx: Tx, courier: Courier, entry: Entry, heard: Alert, chat: int, volume: Volume, now: datetime
) -> None:
    """Queue an alert; one of the same cause within a minute edits the first and counts (chat_ux section 6)."""
    card = alerts.alert(entry, heard, courier.chip, courier.books(), now)
    more = {"severity": heard.severity.value, "silent": volume is Volume.SILENT}
    if heard.merge_key is None:
        show(tx, chat, card, now, cause=entry.seq, **more)
        return
    name = f"merge:{chat}:{heard.merge_key}"
    group = tx.desk.value(name)
    if group is not None and now - datetime.fromisoformat(group["at"]) <= MERGED_WITHIN:
        count = int(group["count"]) + 1
        key = str(group["card"])
        card = alerts.repeated(_keyed(card, key), count, entry.at, _keyed(card, key))
    else:
        group, count, key = {"at": now.isoformat()}, 1, f"alert:{entry.seq}"
        card = _keyed(card, key)
    tx.desk.set_value(name, {"card": key, "at": group["at"], "count": count}, now)
    show(tx, chat, card, now, cause=entry.seq, **more)


def _keyed(card: Card, key: str) -> Card:
    return Card(html=card.html, plain=card.plain, rows=card.rows, key=key, silent=card.silent, line=card.line)


