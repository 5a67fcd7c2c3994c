"""Draw what a model, a signal or another person proposes, with the votes it has; and the inbox. Pure."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.chat.card import DANGER, SUCCESS, Card, press, proposal_key
from bot.chat.render.autonomy import sends_itself
from bot.chat.render.figures import Books, base_of, level, price, size
from bot.chat.render.foreign import foreign
from bot.chat.render.opening import (
    MODES,
    called,
    changes,
    entry_of,
    of_fact,
    risk_table,
    targets_of,
    worst_case,
)
from bot.chat.render.text import Chip, Part, bold, card, clean, code, countdown, lines, quote, rich
from bot.chat.tale import Tale
from bot.desk.agent import agent_name
from bot.domain.instrument import Instrument
from bot.domain.intent import Effect
from bot.domain.proposal import OriginKind, Proposal, button_digest, effect_of, lacks_stop
from bot.ports.messenger import Button

WISHERS = {OriginKind.ADVISOR: "🤖", OriginKind.SIGNAL: "📨"}
UNREAD_MAX = 700
REASONS = (("Too late", "late"), ("Too big", "big"), ("Wrong side", "side"), ("News", "news"), ("Other", "other"))


def approval(
    tale: Tale, chip: Chip, books: Books, now: datetime, *, requoted: bool = False, needed: int = 1
) -> Card:
    """Draw the card that asks for a yes: terms, risk, record, reason, votes and time left.

    The record is that of resolved ideas like it, never the raw confidence (advisor section 10).
    """
    proposal = tale.proposal
    book = books.get(proposal.terms.symbol) if proposal.terms.symbol is not None else None
    agent = agent_name(proposal.origin)
    entry, who = entry_of(proposal), clean(agent or proposal.origin.name, 16) or proposal.origin.kind.value.lower()
    what, signal = called(proposal, book), proposal.origin.kind is OriginKind.SIGNAL
    blocks: list[Part | None] = []
    known = True
    context: Part | None = None
    if entry is not None and entry.effect is Effect.OPEN and tale.raised is not None:
        numbers = of_fact(tale.raised, book)
        known = numbers.loss is not None or proposal.terms.waiver is not None
        blocks = [
            risk_table(numbers, entry, targets_of(proposal), book),
            bold(NO_STOP if lacks_stop(proposal) else worst_case(numbers, proposal, book)),
            changes(None, proposal, entry, book),
            smaller(tale.raised.shrunk),
        ]
        context = f"{entry.direction.value} {level(entry, book)} · {MODES[entry.margin_mode]}"
    opens = entry is not None and entry.effect is Effect.OPEN
    if entry is not None and not opens:
        blocks = [reducing(proposal, book)]
    machine = proposal.origin.kind is OriginKind.ADVISOR
    votes = [one for one in tale.decisions if one.answer and one.revision == proposal.revision]
    given = f"{len(votes)} of {needed} approvers said yes" if votes else f"Needs {needed} approver{_s(needed)}"
    names = ", ".join(clean(tale.names.get(one.by, str(one.by)), 20) for one in votes if one.by is not None)
    return card(
        chip,
        f"Signal: {what[:1].lower()}{what[1:]}" if signal else f"{who} wants: {what[:1].lower()}{what[1:]}",
        bold(_news(tale)) if requoted else None,
        _read(proposal) if signal else None,
        rich("From agent ", bold(clean(agent, 40)), " via MCP; what it says is only quoted.") if agent else None,
        *blocks,
        _record(tale) if machine and opens else None,
        quote(bold("Why"), "\n", foreign(proposal.thesis)) if proposal.thesis and not signal else None,
        _unread(proposal) if signal else None,
        sends_itself(tale.sends_at, now) if tale.sends_at is not None else None,
        rich(given, f" ({names})" if names else "", " · expires ", countdown(proposal.expires_at, now)),
        code(f"P-{proposal.id}"),
        emoji=WISHERS.get(proposal.origin.kind, ""),
        context=context,
        rows=_buttons(proposal, known),
        key=proposal_key(proposal.id),
    )


def _record(tale: Tale) -> Part:
    """Say how the model's ideas like this one ended."""
    known = tale.raised.record if tale.raised is not None else ()
    first, *more = known or ("no record yet",)
    return lines(f"Record: {clean(first, 120)}", *(f"{clean(one[:1].upper() + one[1:], 120)}." for one in more))


def smaller(shrunk: Sequence[str]) -> Part | None:
    """Say what made a model's trade smaller than it was granted; None where nothing did."""
    return lines(bold("Smaller than granted"), *(f"{clean(one, 120)}." for one in shrunk)) if shrunk else None


def reducing(proposal: Proposal, book: Instrument | None) -> Part:
    """Say what a yes would do to an open position: how much of it goes, or where its stop would stand."""
    said = []
    for leg in proposal.terms.legs:
        trigger, one = leg.intent.trigger, leg.intent
        side = f"{one.symbol} {one.direction.value.lower()}"
        if one.kind.is_guard and trigger is not None:
            said.append(f"{one.kind.value.replace('_', ' ').capitalize()} of {side} to {price(trigger.price, book)}")
        else:
            said.append(f"Closes {size(one.size, book)} {book.base if book is not None else ''} of {side}")
    return lines(*said, "It only reduces risk.")


NO_STOP = "🟡 It names no stop. Nobody can approve it before one is set."


def _read(proposal: Proposal) -> Part:
    """Echo every field that was read from a signal."""
    fields = " · ".join(clean(one, 80) for one in proposal.reasons)
    return lines(rich("From ", bold(foreign(proposal.origin.name, 40))), rich(bold("Read"), ": ", fields))


def _unread(proposal: Proposal) -> Part:
    """Quote every part of a signal that was not understood, below our own numbers (security section 9)."""
    if not proposal.thesis:
        return "All of it was understood."
    words = [foreign(one, UNREAD_MAX) for one in proposal.thesis.split("\n")]
    return quote(bold("Not understood"), "\n", lines(*words))


def _news(tale: Tale) -> str:
    """Say why the numbers are others than before."""
    if tale.revised is None or tale.revised.by is None:
        return "The price moved: these are new numbers."
    return f"{clean(tale.revised.why, 60).capitalize()}: these are new numbers."


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _buttons(proposal: Proposal, known: bool) -> tuple[tuple[Button, ...], ...]:
    digest = button_digest(proposal)

    def button(label: str, verb: str, style: str | None = None) -> Button:
        return Button(label=label, data=press("p", proposal.id, verb, digest), style=style)

    yes = (button("Approve", "y", SUCCESS),) if known else ()
    if lacks_stop(proposal):
        return ((button("Set stop", "ss", SUCCESS), button("Reject", "rj", DANGER)), (button("Ask why", "w"),))
    if effect_of(proposal.terms) is Effect.CLOSE:
        return ((button("Approve", "y", SUCCESS), button("Reject", "rj", DANGER)), (button("Ask why", "w"),))
    return (
        (*yes, button("Reject", "rj", DANGER)),
        (button("Half size", "h"), button("Edit", "es"), button("Ask why", "w")),
    )


def reject_reasons(proposal: Proposal, chip: Chip, books: Books) -> Card:
    """Ask for the reason of a no; it is kept with the decision."""
    digest = button_digest(proposal)
    picks = [Button(label=label, data=press("p", proposal.id, f"n-{word}", digest)) for label, word in REASONS]
    book = books.get(proposal.terms.symbol) if proposal.terms.symbol is not None else None
    return card(
        chip, f"Reject: {called(proposal, book)}", "Say why; it is kept with the decision.",
        rows=(tuple(picks[:3]), tuple(picks[3:]), (Button(label="‹ Back", data=press("p", proposal.id, "v")),)),
        key=proposal_key(proposal.id),
    )


def reminder(tale: Tale, chip: Chip, books: Books, now: datetime) -> Card:
    """Remind once at half the life of a proposal nobody answered (features section 4, number 8)."""
    proposal = tale.proposal
    book = books.get(proposal.terms.symbol) if proposal.terms.symbol is not None else None
    return card(
        chip, f"Still waiting: {called(proposal, book)}",
        rich(f"{clean(proposal.origin.name, 30)} asked; expires ", countdown(proposal.expires_at, now), "."),
        emoji="⏳", rows=((Button(label="Show it", data=press("p", proposal.id, "v")),),),
    )


def inbox(waiting: Sequence[Proposal], chip: Chip, books: Books, now: datetime) -> Card:
    """List the proposals that wait, each with its time left and a button to open it."""
    if not waiting:
        return card(chip, "Nothing waits for you", "Proposals of models, and of people who need a second yes, appear.")
    said = []
    for one in waiting[:8]:
        book = books.get(one.terms.symbol) if one.terms.symbol is not None else None
        left = countdown(one.expires_at, now)
        said.append(rich(bold(called(one, book)), f" · {clean(one.origin.name, 20)} · ", left))
    opens = [Button(label=base_of(one.terms.symbol, books)[:9], data=press("p", one.id, "v")) for one in waiting[:8]]
    more = f"and {len(waiting) - 8} more" if len(waiting) > 8 else None
    return card(
        chip, f"{len(waiting)} proposal{_s(len(waiting))} waiting", lines(*said), more,
        rows=tuple(tuple(opens[place : place + 3]) for place in range(0, len(opens), 3)),
    )


def rung(word: str, chip: Chip, *, spent: str | None, until: datetime | None, now: datetime) -> Card:
    """Say how far models may go now, what of the mandate is spent, and until when."""
    return card(
        chip, f"Models: {clean(word, 12)}", spent,
        rich("Ends ", countdown(until, now)) if until is not None else None,
        "An owner changes it with /auto.",
    )
