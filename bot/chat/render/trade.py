"""Draw the cards that ask before risk is added: ticket, list of a bulk action, steps of the wizard. Pure."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.chat.card import DANGER, SUCCESS, Card, press, proposal_key
from bot.chat.render.figures import Books, change, counted, level, percent, price, say, size, times
from bot.chat.render.opening import (
    MODES,
    called,
    changes,
    entry_of,
    of_preview,
    repeatable,
    risk_table,
    targets_of,
    worst_case,
)
from bot.chat.render.text import Chip, Part, Rich, Row, bold, card, countdown, fitting, preformatted, rich, table
from bot.desk.planned import Plan, Preview
from bot.desk.propose import Raised
from bot.domain.decision import Need
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument
from bot.domain.intent import Effect, OrderIntent, OrderKind
from bot.domain.proposal import Action, Leg, LegAfter, Proposal, ProposalState, button_digest
from bot.ports.messenger import Button

ROWS_MAX = 12


def ticket(
    raised: Raised, chip: Chip, books: Books, now: datetime, *, last: Decimal | None = None, need: Need | None = None
) -> Card:
    """Draw the ticket of a typed trade: all the exchange will be told, the worst case in money, two ways out.

    Without a computable loss (and without a waiver that says so) there is nothing to confirm (features 4, number 2).
    """
    proposal, preview = raised.proposal, raised.plan.preview
    book = books.get(proposal.terms.symbol) if proposal.terms.symbol is not None else None
    entry = entry_of(proposal)
    awaiting = proposal.state is ProposalState.AWAITING and now < proposal.expires_at
    left: Part = rich("Expires ", countdown(proposal.expires_at, now)) if awaiting else "This ticket is over."
    if entry is None or preview is None or entry.effect is Effect.CLOSE or entry.kind.is_guard:
        return _plain_ticket(raised, chip, book, left, awaiting)
    numbers = of_preview(preview)
    total = preview.size if proposal.terms.action is Action.PLACE else None
    head = called(proposal, book, total)
    many = [leg for leg in proposal.terms.legs if leg.intent.effect is Effect.OPEN]
    head = f"{head} in {len(many)} orders" if len(many) > 1 else fitting(f"{head} {level(entry, book)}", head)
    known = preview.loss is not None or proposal.terms.waiver is not None
    return card(
        chip,
        head,
        risk_table(numbers, entry, targets_of(proposal), book),
        _steps(many, book) if len(many) > 1 else None,
        bold(worst_case(numbers, proposal, book)),
        _bolded(changes(preview, proposal, entry, book)),
        _distance(entry, preview.price, last, book),
        _needs(need),
        left,
        context=_lever(entry, book),
        rows=_buttons(proposal, known and not (need is not None and need.four_eyes)) if awaiting else (),
        key=proposal_key(proposal.id),
        critical=False,
    )


def _needs(need: Need | None) -> str | None:
    if need is not None and need.four_eyes:
        return "🟡 Above your own limit: every approver has it now, one of them has to say yes."
    return "Placing it asks for your PIN or code." if need is not None and need.second_factor else None


def _lever(entry: OrderIntent, book: Instrument | None) -> str:
    return f"{entry.direction.value} {times(entry.leverage)} {MODES[entry.margin_mode]} · {level(entry, book)}"


def _bolded(part: Part | None) -> Part | None:
    return None if part is None else bold(part)


def _distance(entry: OrderIntent, at: Decimal, last: Decimal | None, book: Instrument | None) -> Part | None:
    if last is None:
        return None
    away = change(last, at)
    if away is None or entry.kind is OrderKind.MARKET:
        return f"Last {price(last, book)}."
    return f"Last {price(last, book)}, {percent(abs(away))} {'above' if away >= 0 else 'below'} your price."


def _steps(legs: Sequence[Leg], book: Instrument | None) -> Part | None:
    """List the orders of a ladder by their prices, those of a spread order by when they leave."""
    rows = []
    for number, leg in enumerate(legs, start=1):
        minutes = leg.delay_s / 60
        when = "now" if leg.after is LegAfter.NOW else f"+{minutes:g} min" if leg.after is LegAfter.DELAY else "then"
        at = f"@ {price(leg.intent.limit_price, book)}" if leg.intent.limit_price is not None else when
        rows.append(f"{number:>2}. {size(leg.intent.size, book)} {at}")
    return _plan_rows(rows)


def _plan_rows(rows: Sequence[str]) -> Part | None:
    if not rows:
        return None
    shown = [*rows[:ROWS_MAX], *([f"and {len(rows) - ROWS_MAX} more"] if len(rows) > ROWS_MAX else [])]
    return preformatted(shown, "\n".join(shown))


def _buttons(proposal: Proposal, known: bool) -> tuple[tuple[Button, ...], ...]:
    digest = button_digest(proposal)
    place = Button(label="Place order", data=press("p", proposal.id, "y", digest), style=SUCCESS)
    cancel = Button(label="Cancel", data=press("p", proposal.id, "n", digest))
    edits = (
        Button(label="Edit size", data=press("p", proposal.id, "es", digest)),
        Button(label="Edit price", data=press("p", proposal.id, "ep", digest)),
    )
    halves = (
        Button(label="Half size", data=press("p", proposal.id, "h", digest)),
        Button(label="Double", data=press("p", proposal.id, "d", digest)),
    )
    if not repeatable(proposal):
        return ((place, cancel),) if known else ((cancel,),)
    return ((place, cancel), halves, edits) if known else ((cancel,), edits)


def _plain_ticket(raised: Raised, chip: Chip, book: Instrument | None, left: Part, awaiting: bool) -> Card:
    """Draw what needs a yes but opens nothing by itself: leverage, margin mode, a waived stop."""
    proposal, preview = raised.proposal, raised.plan.preview
    digest = button_digest(proposal)
    rows = (
        (
            Button(label="Do it", data=press("p", proposal.id, "y", digest), style=SUCCESS),
            Button(label="Cancel", data=press("p", proposal.id, "n", digest)),
        ),
    )
    return card(
        chip,
        called(proposal, book),
        _effects(preview, book),
        *(preview.notes if preview is not None else ()),
        f"🟡 Without a stop, because: {proposal.terms.waiver}." if proposal.terms.waiver else None,
        left,
        context=raised.plan.summary,
        rows=rows if awaiting else (),
        key=proposal_key(proposal.id),
    )


def _effects(preview: Preview | None, book: Instrument | None) -> Rich | None:
    if preview is None:
        return None
    quoted = preview.coin
    rows: list[Row | None] = [
        ("Leverage", f"{times(preview.leverage_was)} -> {times(preview.leverage)}")
        if preview.leverage is not None else None,
        ("Margin after", f"{preview.margin:,.2f}", quoted) if preview.margin is not None else None,
        ("Stop", price(preview.stop, book)) if preview.stop is not None else None,
        ("If stopped", f"{-abs(preview.loss):+,.2f}", quoted) if preview.loss is not None else None,
        ("Liquidation", price(preview.liquidation, book),
         percent(preview.distance, places=1) if preview.distance is not None else "")
        if preview.liquidation is not None else None,
    ]
    return table(rows)


def bulk(plan: Plan, chip: Chip, data: str, *, label: str = "Close all") -> Card:
    """Draw the list of what one press would touch: everything above one position asks once (chat_ux section 5)."""
    count = len(plan.terms.legs) or len(plan.terms.targets)
    noun = "position" if plan.terms.legs else "order"
    verb = "Close" if plan.terms.legs else "Cancel"
    shown = plan.rows or tuple(str(one) for one in plan.terms.targets)
    return card(
        chip,
        f"{verb} {counted(count, noun)}?",
        _plan_rows(shown),
        "Nothing has been sent yet. One press does all of it; the answer names what is left." if count > 1 else None,
        rows=((Button(label=label, data=data, style=DANGER), Button(label="Cancel", data=press("c", "cancel", "no"))),),
    )


def step(
    chip: Chip,
    *,
    number: int,
    of: int,
    noun: str,
    so_far: str,
    question: Part,
    choices: Sequence[tuple[str, str]] = (),
    shown: Sequence[Row] = (),
    token: str,
    typed: bool = True,
) -> Card:
    """Draw a wizard step: where one is, what was chosen so far, one question, choices as (label, verb)."""
    picks = [Button(label=label, data=press("w", token, verb)) for label, verb in choices]
    rows = [tuple(picks[place : place + 3]) for place in range(0, len(picks), 3)][:4]
    last = [
        *([Button(label="Type it", data=press("w", token, "type"))] if typed else []),
        *([Button(label="‹ Back", data=press("w", token, "back"))] if number > 1 else []),
        Button(label="Cancel", data=press("w", token, "no")),
    ]
    return card(
        chip,
        f"New order · step {number} of {of} · {noun}",
        question,
        table(shown) if shown else None,
        context=say(so_far),
        rows=(*rows, tuple(last)),
        key=f"wizard:{token}",
    )


def symbol_choices(symbols: Sequence[Symbol], books: Books) -> tuple[tuple[str, str], ...]:
    """Give the first step's choices: base coins with the symbol as verb."""
    return tuple((books[one].base if one in books else str(one), str(one)) for one in symbols[:9])
