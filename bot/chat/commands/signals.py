"""Serve signals: a pasted or forwarded text becomes a proposal of kind SIGNAL and nothing else; ask for its stop."""
from __future__ import annotations

from bot.chat import questions
from bot.chat.call import Call, Counter, Handler, Reply
from bot.chat.card import Card, press
from bot.chat.commands.raise_wish import no
from bot.chat.render import proposals, replies
from bot.chat.render.text import clean
from bot.chat.tale import tale_of
from bot.chat.words import level, tidy
from bot.desk.signal_raise import USUAL_RISK, raise_text, set_stop
from bot.domain.proposal import Origin, OriginKind, Proposal, ProposalState, button_digest
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx

NAME_MAX = 40
STOP_HINT = "Write a price or a distance: 59000 or 2%."


async def signal(counter: Counter, call: Call) -> Reply:
    """Serve /signal, and texts that read as one: raise it, sized by the person's own risk, and show its card."""
    text = call.words or call.quoted or ""
    name = clean(call.source or call.principal.name, NAME_MAX)
    origin = Origin(kind=OriginKind.SIGNAL, name=name, person=call.principal.person)
    raised = await raise_text(counter.desk.seat, origin, text, await usual_amount(counter, call))
    if isinstance(raised, Refusal):
        return no(counter, call, raised)
    if raised.again:
        return Reply(cards=(_known(counter, raised.proposal),))
    tale = await counter.desk.seat.ledger.read(lambda tx: tale_of(tx, raised.proposal.id))
    assert tale is not None, "It was raised just now."
    return Reply(cards=(proposals.approval(tale, counter.chip, counter.books(), counter.now()),))


def _known(counter: Counter, proposal: Proposal) -> Card:
    waits = proposal.state is ProposalState.AWAITING
    words = "It waits for an answer." if waits else "It is decided; nothing new was raised."
    choices = [("Show it", press("p", proposal.id, "v"))] if waits else [("Ask why", press("p", proposal.id, "w"))]
    return replies.picks(counter.chip, "This signal came before", choices, words)


async def usual_amount(counter: Counter, call: Call) -> str:
    """Give the person's usual size, else half a percent of equity at risk to the stop."""
    mine = await counter.desk.seat.ledger.read(lambda tx: tx.desk.preset(call.principal.person) or {})
    return str((mine.get("trade") or {}).get("size") or USUAL_RISK)


def ask_stop(counter: Counter, call: Call, proposal: Proposal) -> Reply:
    """Ask for the stop a signal lacks."""

    def work(tx: Tx) -> None:
        questions.put(tx, call.principal.person, "edit", counter.now(), counter.rules.question_s, edit="stop",
                      proposal=str(proposal.id))

    return Reply(cards=(replies.typed(counter.chip, "Type the stop", STOP_HINT),), work=work)


async def stop_typed(counter: Counter, call: Call, proposal: Proposal) -> Reply:
    """Take the typed stop: the proposal's next revision carries it and is sized to the risk."""
    words = tidy(call.words)
    at = level(words[-1]) if not isinstance(words, Refusal) and len(words) in (1, 2) else None
    if at is None or (not isinstance(words, Refusal) and len(words) == 2 and words[0] not in ("sl", "stop")):
        return no(counter, call, refuse("word_unread", f"I cannot read {call.words[:40]!r} as a stop.", STOP_HINT))
    after = await set_stop(
        counter.desk.seat, proposal, at, await usual_amount(counter, call), by=call.principal.person,
        name=call.principal.name, digest=button_digest(proposal),
    )
    return no(counter, call, after) if isinstance(after, Refusal) else Reply()


HANDLERS: dict[str, Handler] = {"signal": signal}
