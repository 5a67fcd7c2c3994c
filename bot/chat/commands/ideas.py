"""Serve proposals: the inbox, yes, no, half, edit, why, by button or typed words with the same checks."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.chat import questions
from bot.chat.call import Call, Counter, Handler, Reply
from bot.chat.commands import revisions, signals
from bot.chat.commands.raise_wish import no, propose
from bot.chat.commands.second_factor import demand
from bot.chat.need import TYPED, need_of
from bot.chat.render import control, proposals, replies
from bot.chat.render.opening import called, repeatable
from bot.chat.tale import Tale, tale_of, unsent
from bot.chat.words import AMOUNT, as_amount, level, missing, tidy
from bot.desk.cancel import cancel
from bot.desk.decide import Answer, decide
from bot.desk.execute import execute
from bot.desk.wish import Level, OpenWish, TargetWish
from bot.domain.decision import Manner, may_answer
from bot.domain.ids import ProposalId, RequestKey
from bot.domain.instrument import Instrument
from bot.domain.intent import Effect, OrderKind
from bot.domain.numbers import HUNDRED, plain
from bot.domain.proposal import Proposal, ProposalState, button_digest, lacks_stop
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Plain

REASONS = {"late": "too late", "big": "too big", "side": "wrong side", "news": "news", "other": "other"}
GONE = "There is no such proposal any more."


async def inbox(counter: Counter, call: Call) -> Reply:
    """Serve /inbox: what waits, soonest end first."""
    waiting = await counter.desk.seat.ledger.read(
        lambda tx: [one for one in tx.proposals.awaiting() if one.state is ProposalState.AWAITING]
    )
    alive = sorted((one for one in waiting if one.expires_at > counter.now()), key=lambda one: one.expires_at)
    return Reply(cards=(proposals.inbox(alive, counter.chip, counter.books(), counter.now()),))


async def approve(counter: Counter, call: Call) -> Reply:
    """Serve /approve: the same as the button, over the terms as they are now."""
    words: tuple[str, ...] = call.args  # type: ignore[assignment]
    if not words:
        return no(counter, call, missing("Name it by its id: /approve K7Q2M4X9TB. See /inbox."))
    tale = await _tale(counter, words[0])
    if tale is None:
        return no(counter, call, refuse("proposal_unknown", GONE, "See /inbox."))
    return _said(counter, await yes(counter, call, tale, button_digest(tale.proposal)))


async def reject(counter: Counter, call: Call) -> Reply:
    """Serve /reject with its reason."""
    name, _, reason = str(call.args or "").partition(" ")
    if not name:
        return no(counter, call, missing("Name it by its id: /reject K7Q2M4X9TB too late. See /inbox."))
    tale = await _tale(counter, name)
    if tale is None:
        return no(counter, call, refuse("proposal_unknown", GONE, "See /inbox."))
    return _said(counter, await refuse_it(counter, call, tale, button_digest(tale.proposal), reason or None))


def _said(counter: Counter, reply: Reply) -> Reply:
    """Turn a toast into a message: typed words have no press to answer."""
    if not reply.toast or reply.cards:
        return reply
    return replace(reply, cards=(control.acknowledged(reply.toast, counter.chip),))


async def pressed(counter: Counter, call: Call) -> Reply:
    """Serve a press on a proposal's card."""
    press = call.press
    assert press is not None
    tale = await _tale(counter, press.id)
    if tale is None:
        return Reply(toast=GONE, loud=True)
    proposal, (verb, _, reason) = tale.proposal, press.verb.partition("-")
    if verb == "y":
        return await yes(counter, call, tale, press.digest)
    if verb == "n":
        return await refuse_it(counter, call, tale, press.digest, REASONS.get(reason))
    if verb == "w":
        return await story(counter, str(proposal.id))
    if verb == "x":
        return await _cancel_rest(counter, call, proposal)
    if verb == "ag":
        return await _again(counter, call, tale)
    if verb == "v":
        card = proposals.approval(tale, counter.chip, counter.books(), counter.now())
        return Reply(cards=(card,)) if proposal.state is ProposalState.AWAITING else Reply(toast="It is decided.")
    if proposal.state is not ProposalState.AWAITING or press.digest != button_digest(proposal):
        return Reply(toast="This card is over; nothing was done.", loud=True)
    if verb == "rj":
        return Reply(cards=(proposals.reject_reasons(proposal, counter.chip, counter.books()),))
    no_right = may_answer(call.principal, proposal, four_eyes=False)
    if no_right is not None:
        return Reply(toast=str(no_right), loud=True)
    if verb in ("h", "d"):
        return await _other_size(counter, call, proposal, Decimal(2) if verb == "d" else Decimal("0.5"))
    if verb == "ss":
        return signals.ask_stop(counter, call, proposal)
    if verb in ("es", "ep"):
        return _ask_edit(counter, call, proposal, "size" if verb == "es" else "price")
    return Reply(toast="I do not know this button.", loud=True)


async def yes(counter: Counter, call: Call, tale: Tale, digest: str, *, proven: bool = False) -> Reply:
    """Say yes once; where the risk is large somebody else, or a second factor, has to agree."""
    proposal = tale.proposal
    if lacks_stop(proposal) and proposal.state is ProposalState.AWAITING:
        return Reply(toast="This signal names no stop. Set one first: press Set stop.", loud=True)
    need = need_of(tale, counter.rules.quorums)
    if isinstance(need, Refusal):
        return Reply(toast=str(need), loud=True)
    refused = may_answer(call.principal, proposal, four_eyes=need.four_eyes)
    if refused is not None:
        return Reply(toast=str(refused), loud=True)
    if need.second_factor and not proven and proposal.state is ProposalState.AWAITING:
        words = f"To approve: {called(proposal, None)}."
        return await demand(counter, call, "answer", words, proposal=str(proposal.id), digest=digest)
    answer = Answer(
        yes=True, manner=Manner.COMMAND if call.press is None else Manner.BUTTON, by=call.principal.person,
        name=call.principal.name, digest=digest, need=need,
    )
    decided = await decide(counter.desk.seat, proposal.id, answer)
    if isinstance(decided, Refusal):
        if decided.code == "price_moved" and proposal.origin.person == call.principal.person:
            return await _requote(counter, call, proposal)
        return Reply(toast=str(decided), loud=True)
    if decided.state is not ProposalState.APPROVED:
        return Reply(toast="Your vote counts; another yes is needed.")

    async def carry_out() -> Reply:
        await execute(counter.desk.seat, decided.id)
        return Reply()

    return Reply(toast="Approved, sending now.", then=carry_out)


async def with_factor(counter: Counter, call: Call, data: Plain) -> Reply:
    """Say the yes that waited for the second factor."""
    tale = await _tale(counter, str(data["proposal"]))
    if tale is None:
        return no(counter, call, refuse("proposal_unknown", GONE, "See /inbox."))
    return _said(counter, await yes(counter, call, tale, str(data["digest"]), proven=True))


async def refuse_it(counter: Counter, call: Call, tale: Tale, digest: str, reason: str | None) -> Reply:
    """Say no once; the card tells who and why."""
    refused = may_answer(call.principal, tale.proposal, four_eyes=False)
    if refused is not None:
        return Reply(toast=str(refused), loud=True)
    answer = Answer(
        yes=False, manner=Manner.COMMAND if call.press is None else Manner.BUTTON, by=call.principal.person,
        name=call.principal.name, digest=digest, reason=reason,
    )
    decided = await decide(counter.desk.seat, tale.proposal.id, answer)
    return Reply(toast=str(decided), loud=True) if isinstance(decided, Refusal) else Reply(toast="Nothing was sent.")


async def _requote(counter: Counter, call: Call, proposal: Proposal) -> Reply:
    """Give a ticket at today's price in place of one whose price moved away."""
    wish = wish_of(proposal)
    if wish is None:
        return Reply(toast="The price moved too far. Send the order again.", loud=True)
    reply = await _instead(counter, call, proposal, wish, f"{proposal.id}:requote")
    return replace(reply, toast="The price moved: here is a new ticket.", loud=True)


async def _other_size(counter: Counter, call: Call, proposal: Proposal, factor: Decimal) -> Reply:
    if proposal.origin.kind not in TYPED:
        return await revisions.shrink(counter, call, proposal, factor * HUNDRED)
    wish = wish_of(proposal)
    if wish is None:
        return Reply(toast="This one has no single size to change.", loud=True)
    size = proposal.terms.legs[0].intent.size or Decimal(0)
    return await _instead(counter, call, proposal, replace(wish, amount=plain(size * factor)), str(call.key))


async def _instead(counter: Counter, call: Call, proposal: Proposal, wish: OpenWish, key: str) -> Reply:
    """Raise other terms, and take the first ones off the table once the new ones are on it."""
    reply = await propose(counter, call, wish, RequestKey(key))
    raised = await counter.desk.seat.ledger.read(lambda tx: tx.proposals.by_request_key(RequestKey(key)))
    if raised is not None:
        answer = Answer(
            yes=False, manner=Manner.BUTTON, by=call.principal.person, name=call.principal.name,
            digest=button_digest(proposal), reason=f"replaced by {raised.id}",
        )
        await decide(counter.desk.seat, proposal.id, answer)
    return reply


async def _again(counter: Counter, call: Call, tale: Tale) -> Reply:
    """Give a new ticket in place of one that provably came to nothing; the same one to everybody who asks."""
    wish = wish_of(tale.proposal)
    if not unsent(tale):
        return Reply(toast="This one is not over, or something of it was sent: see its card.", loud=True)
    if wish is None:
        return Reply(toast="This one has several orders; type it again.", loud=True)
    reply = await propose(counter, call, wish, RequestKey(f"again:{tale.proposal.id}"))
    return reply if reply.loud else replace(reply, toast="The new card is below.")


def _ask_edit(counter: Counter, call: Call, proposal: Proposal, what: str) -> Reply:
    hint = "Write 0.05, $300, 2% or r0.5%." if what == "size" else "Write 60500, or market."
    if proposal.origin.kind not in TYPED:
        what, hint = "size, stop or target", revisions.HINT
    card = replies.typed(counter.chip, f"Type the new {what}", hint)

    def work(tx: Tx) -> None:
        questions.put(tx, call.principal.person, "edit", counter.now(), counter.rules.question_s, edit=what,
                      proposal=str(proposal.id))

    return Reply(cards=(card,), work=work)


async def edited(counter: Counter, call: Call) -> Reply:
    """Take a typed size or price for a ticket."""
    asked = call.asked or {}
    tale = await _tale(counter, str(asked.get("proposal", "")))
    wish = wish_of(tale.proposal) if tale is not None else None
    if tale is None or wish is None or may_answer(call.principal, tale.proposal, four_eyes=False) is not None:
        return no(counter, call, refuse("proposal_unknown", GONE, "Send the order again."))
    if lacks_stop(tale.proposal):
        reply = await signals.stop_typed(counter, call, tale.proposal)
        return replace(reply, work=lambda tx: questions.drop(tx, call.principal.person, counter.now()))
    words = tidy(call.words)
    if tale.proposal.origin.kind not in TYPED and not isinstance(words, Refusal):
        reply = await revisions.edited(counter, call, tale.proposal, tuple(words))
        return replace(reply, work=lambda tx: questions.drop(tx, call.principal.person, counter.now()))
    if isinstance(words, Refusal) or len(words) != 1:
        return no(counter, call, refuse("word_unread", "I need one figure.", "Write 0.05 or $300, or send /menu."))
    word = as_amount(words[0])
    if asked["edit"] == "size":
        if not AMOUNT.fullmatch(word):
            return no(counter, call, refuse("word_unread", f"I cannot read {word!r}.", "Write 0.05, $300 or 2%."))
        wish = replace(wish, amount=word)
    else:
        at = level(word) if word != "market" else Level()
        if at is None or at.percent is not None:
            return no(counter, call, refuse("word_unread", f"I cannot read {word!r}.", "Write 60500 or market."))
        kind = OrderKind.MARKET if at.price is None else OrderKind.LIMIT
        wish = replace(wish, price=at.price, kind=kind)
    reply = await _instead(counter, call, tale.proposal, wish, str(call.key))
    return replace(reply, work=lambda tx: questions.drop(tx, call.principal.person, counter.now()))


def wish_of(proposal: Proposal) -> OpenWish | None:
    """Read an opening's terms back as a wish that can be edited; None where it is not one single opening. Pure."""
    if not repeatable(proposal):
        return None
    entry = next(leg.intent for leg in proposal.terms.legs if leg.intent.effect is Effect.OPEN)
    goals = [leg.intent for leg in proposal.terms.legs if leg.intent.kind is OrderKind.TARGET]
    targets = [
        TargetWish(level=Level(price=one.trigger.price), share=_share(one.size, entry.size))
        for one in goals if one.trigger is not None
    ]
    if not targets and entry.attached is not None and entry.attached.target is not None:
        targets = [TargetWish(level=Level(price=entry.attached.target))]
    return OpenWish(
        symbol=str(entry.symbol),
        direction=entry.direction,
        amount=plain(entry.size or Decimal(0)),
        kind=entry.kind,
        price=entry.limit_price,
        time_in_force=entry.time_in_force,
        stop=Level(price=entry.stop) if entry.stop is not None else None,
        targets=tuple(targets),
        leverage=proposal.terms.leverage,
        margin_mode=proposal.terms.margin_mode,
        no_stop=proposal.terms.waiver,
    )


def _share(part: Decimal | None, whole: Decimal | None) -> Decimal:
    return HUNDRED if part is None or not whole else min(HUNDRED, part / whole * HUNDRED)


async def _cancel_rest(counter: Counter, call: Call, proposal: Proposal) -> Reply:
    live = await counter.desk.seat.ledger.read(
        lambda tx: [one for one in tx.orders.of_proposal(proposal.id) if not one.state.settled]
    )
    for order in live:
        await cancel(counter.desk.seat, order.client_order_id, actor=call.actor, why="cancelled from its card")
    return Reply(toast=f"Cancelling {len(live)} orders.")


async def why(counter: Counter, call: Call) -> Reply:
    """Serve /why."""
    if not str(call.args or "").strip():
        return no(counter, call, missing("Name an id or a symbol: /why BTCUSDT. Ids are on every card."))
    return await story(counter, str(call.args or "").strip())


async def story(counter: Counter, subject: str) -> Reply:
    """Tell the story of an id."""
    found = await counter.desk.explain(subject) if subject else None
    if found is None and isinstance(named := counter.desk.instrument(subject), Instrument):
        found = await counter.desk.explain(str(named.symbol))
    if found is None:
        return Reply(cards=(control.no_story(subject, counter.chip),))
    people = await counter.desk.seat.ledger.read(lambda tx: tx.people.all())
    names = {int(one.person): one.name for one in people}
    return Reply(cards=control.story(found, counter.chip, counter.books(), counter.now(), names))


async def _tale(counter: Counter, name: str) -> Tale | None:
    wanted = name.strip().removeprefix("P-").removeprefix("p-")
    ids = (ProposalId(wanted), ProposalId(wanted.upper()), ProposalId(wanted.lower()))
    return await counter.desk.seat.ledger.read(
        lambda tx: next((tale for one in ids if (tale := tale_of(tx, one)) is not None), None)
    )


HANDLERS: dict[str, Handler] = {
    "inbox": inbox, "approve": approve, "reject": reject, "why": why, "propose": revisions.ask,
}
