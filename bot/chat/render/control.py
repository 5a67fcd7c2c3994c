"""Draw answers about control: halts, refusals, doubts, health, limits, people, stories, logs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.chat.card import DANGER, PRIMARY, SUCCESS, Card, press
from bot.chat.render.figures import Books, base_of, counted, letter, size
from bot.chat.render.foreign import foreign
from bot.chat.render.heads import HEADS
from bot.chat.render.story import said
from bot.chat.render.text import Chip, Part, Rich, Row, card, clean, code, lines, moment, parts_of, rich, table
from bot.desk.control import StateSet
from bot.desk.explain import Story
from bot.desk.flat import FlatReport
from bot.desk.reconcile import Reconciled
from bot.domain.events_proposals import ProposalRaised
from bot.domain.limits import Limits
from bot.domain.numbers import plain
from bot.domain.principal import Person
from bot.domain.refusal import Refusal
from bot.domain.trading import Environment, TradingState
from bot.ports.ledger_rows import ChainBroken
from bot.ports.messenger import Button

PHRASES = {
    TradingState.ACTIVE: "Trading resumed",
    TradingState.REDUCE_ONLY: "Openings paused",
    TradingState.HALTED: "Trading halted",
}
STANDS = {TradingState.ACTIVE: "Trading goes on", TradingState.REDUCE_ONLY: "Openings are paused",
          TradingState.HALTED: "Trading is halted"}


def state(done: StateSet, by: str, chip: Chip, books: Books) -> Card:
    """Answer /halt, /pause and /resume: what leaves now, and the resting orders that would still open."""
    word = PHRASES[done.now]
    active = done.now is TradingState.ACTIVE
    resting = [order for order in done.resting if not order.intent.kind.is_guard]
    rows: list[tuple[Button, ...]] = []
    if resting and not active:
        rows.append((Button(label=f"Cancel {len(resting)} resting", data=press("c", "cancel", "all"), style=DANGER),))
    if not active:
        rows.append(
            (
                Button(label="Close all", data=press("c", "flat", "ask")),
                Button(label="Positions", data=press("c", "positions", "")),
            )
        )
    waiting = [
        f"{base_of(one.intent.symbol, books)} {letter(one.intent.direction)} "
        f"{size(one.intent.size, books.get(one.intent.symbol))} would still open."
        for one in resting[:5]
    ]
    return card(
        chip,
        f"{word} by {clean(by, 16)}" if done.changed else f"{STANDS[done.now]} already",
        "Closing, cancelling and stops work as before." if not active else "Openings and models may go on.",
        *(waiting if not active else ()),
        "Only an owner can /resume." if not active else None,
        emoji="🟢" if active else "⛔",
        rows=tuple(rows),
    )


def flat_question(positions: int, orders: int, chip: Chip) -> Card:
    """Ask for the second step of /flat; trading is halted already."""
    return card(
        chip,
        "Halted. Close everything?",
        f"{counted(positions, 'position')} would be closed at market and {counted(orders, 'order')} cancelled.",
        "The answer is read back from the exchange before anything is called closed.",
        emoji="⛔",
        rows=(
            (Button(label="Close all", data=press("c", "flat", "go"), style=DANGER),),
            (Button(label="Stay halted", data=press("c", "flat", "no")),),
        ),
    )


def flat(report: FlatReport, by: str, chip: Chip) -> Card:
    """Draw how flat it is: "flat" only when a reading proved it."""
    rows: list[Row | None] = [
        ("Orders cancelled", str(report.canceled)),
        ("Positions closed", str(report.closed)),
        ("Rounds", str(report.rounds)),
    ]
    if report.flat and report.proven:
        return card(
            chip,
            f"Flat, read back · {clean(by, 12)}",
            table(rows),
            "Trading stays halted until an owner sends /resume.",
            emoji="✅",
        )
    left = [clean(one, 100) for one in report.residuals[:8]]
    why = None if report.proven else "The exchange could not be read: what is left is not proven."
    return card(
        chip,
        f"Not flat: {len(report.residuals)} left",
        table(rows),
        *left,
        why,
        emoji="🔴",
        rows=((Button(label="Try again", data=press("c", "flat", "go"), style=DANGER),),),
    )


def refusal(refused: Refusal, chip: Chip, *, ref: str = "", reuse: str = "", topic: str = "", tried: str = "") -> Card:
    """Say what did not happen, why, the nearest thing that would work, and where to read more (chat_ux section 9)."""
    first = refused.reasons[0]
    more = [str(one) for one in refused.reasons[1:6]]
    tail: list[Part | None] = []
    if reuse:
        tail.append(rich("Tap to reuse: ", code(reuse)))
    if topic or ref:
        tail.append(
            rich(
                f"More: /help_{clean(topic, 20)}" if topic else "",
                " · " if topic and ref else "",
                rich("ref ", code(ref)) if ref else "",
            )
        )
    head = HEADS.get(first.code, f"Not done: {first.code.replace('_', ' ')}")
    return card(
        chip,
        head,
        clean(first.sentence) if first.sentence.rstrip(".") != head else None,
        clean(first.remedy, 400),
        *(clean(one) for one in more),
        rich("You wrote: ", code(clean(tried, 100))) if tried else None,
        *tail,
    )


def hint(sentence: str, chip: Chip, *, example: str = "", nearest: Sequence[str] = (), topic: str = "") -> Card:
    """Answer words that are no command: what was not understood, the nearest correct form as a button, never run."""
    return card(
        chip,
        clean(sentence, 38),
        clean(sentence) if len(clean(sentence)) > 38 else None,
        rich("For example: ", code(example)) if example else None,
        f"More: /help_{clean(topic, 20)}" if topic else None,
        rows=tuple((Button(label=f"/{clean(one, 14)}", data=press("c", one, "")),) for one in nearest[:3]),
    )


def unknown_sender(person: int) -> Card:
    """Answer a stranger: the numeric id so that an owner can invite them, nothing else (features section 5)."""
    words = f"Your id is {person}. Ask an owner of this desk for an invitation."
    return Card(html=words, plain=words, line=words)


def stale(command: str, age_s: int, chip: Chip, data: str = "") -> Card:
    """Answer a command that came too late: not executed, one press runs it against what is true now."""
    rows = ((Button(label="Run it now", data=data, style=PRIMARY),),) if data else ()
    return card(
        chip,
        f"Not done: it is {age_s} s old",
        rich("You wrote ", code(command), "; send it again to run it."),
        rows=rows,
    )


def mishap(ref: str, chip: Chip) -> Card:
    """Apologise for a defect of ours with a reference for the log."""
    return card(
        chip,
        "That did not work",
        "It is a fault of this program, not of yours. Nothing is known to have been "
        "sent; look at /orders and /positions.",
        rich("Reference ", code(ref)),
        emoji="🔴",
    )


def health(rows: Sequence[tuple[str, str, str]], chip: Chip, *, good: bool, rules: Sequence[str] = ()) -> Card:
    """Draw each component with its figure and unit, and which rules hold because of what is degraded."""
    return card(
        chip,
        "Everything works" if good else "Look at this",
        table(rows),
        *(clean(one, 200) for one in rules),
        emoji="🟢" if good else "🟡",
        rows=((Button(label="Refresh", data=press("c", "health", "")),),),
    )


def limits(scopes: Sequence[tuple[str, Limits]], chip: Chip) -> Card:
    """Draw the limits of each scope; the settings' ceiling stays above all of them."""
    blocks: list[Part | None] = []
    for scope, one in scopes[:6]:
        found: list[Row | None] = []
        for name in LIMIT_WORDS:
            value = getattr(one, name)
            if value is not None:
                word, unit = LIMIT_WORDS[name]
                found.append((word, f"{value:,}" if isinstance(value, int) else plain(value), unit))
        blocks.append(lines(rich(clean(scope, 30)), table(found)) if found else None)
    return card(chip, "Limits", *blocks, "The smallest of all that apply counts. /limits set … needs an owner.")


LIMIT_WORDS = {
    "order_notional": ("One order", "quote"),
    "symbol_notional": ("One symbol", "quote"),
    "account_notional": ("Everything", "quote"),
    "person_notional": ("One person", "quote"),
    "leverage": ("Leverage", "x"),
    "order_risk": ("Order risk", "%"),
    "open_risk": ("Open risk", "%"),
    "positions": ("Positions", ""),
    "orders": ("Orders", ""),
    "orders_per_minute": ("Orders/min", ""),
    "price_collar": ("Price collar", "%"),
    "daily_loss": ("Day loss", "%"),
    "rolling_loss": ("Rolling loss", "%"),
}


def mode(environment: Environment, facts: Sequence[tuple[str, str]], chip: Chip) -> Card:
    """Say whose money it is, with what proves it."""
    real = environment is Environment.LIVE
    return card(
        chip,
        "LIVE: real money" if real else f"{environment.value.capitalize()}: not real money",
        table([(clean(name, 14), clean(value, 16)) for name, value in facts]),
        "The mode is a setting; open buttons die when it changes.",
    )


def people(found: Sequence[Person], chip: Chip) -> Card:
    """List who may do what; ids identify, names only decorate."""
    said = [
        rich(
            clean(one.name, 30),
            " ",
            code(str(one.person)),
            ": ",
            ", ".join(sorted(role.value.lower() for role in one.roles)) or "no role",
            "" if one.active else " (removed)",
        )
        for one in found[:30]
    ]
    return card(
        chip,
        f"{sum(1 for one in found if one.active)} people",
        lines(*said),
        "/invite makes a link, /role and /revoke change rights.",
        protect=True,
    )


def reconciled(done: Reconciled, chip: Chip) -> Card:
    """Say what comparing books and exchange found."""
    good = not done.corrections and not done.open_questions
    return card(
        chip,
        "Books and exchange agree" if good else f"{done.corrections} corrections",
        table(
            (
                ("Fills found", str(done.fills)),
                ("Differences", str(done.drifts)),
                ("Still open", str(done.open_questions)),
            )
        ),
        emoji="🟢" if good else "🟡",
    )


def verified(broken: ChainBroken | None, length: int, chip: Chip) -> Card:
    """Say whether the audit chain holds."""
    if broken is None:
        return card(
            chip, f"The chain holds: {length} lines", "Every line fits the hash of the one before it.", emoji="🟢"
        )
    return card(
        chip,
        f"The chain breaks at line {broken.seq}",
        clean(broken.why),
        "Somebody or something changed the journal: keep a copy of the database and look at the lines around it.",
        emoji="🔴",
        critical=True,
    )


def story(found: Story, chip: Chip, books: Books, now: datetime, names: dict[int, str]) -> tuple[Card, ...]:
    """Tell the story of an id, line by line; more cards where one cannot hold it."""
    shown: list[Rich] = []
    for entry in found.lines[-60:]:
        words = clean(said(entry.fact, books, now), 300)
        shown.append(rich(moment(entry.at), " ", words, f" ({_actor(entry.actor, names)})"))
    text = lines(*shown)
    state_words = f"{len(found.orders)} orders, {len(found.fills)} fills, {len(found.decisions)} decisions"
    thesis = found.proposal.thesis if found.proposal is not None else None
    less = [one for entry in found.lines if isinstance(entry.fact, ProposalRaised) for one in entry.fact.shrunk]
    first = card(
        chip,
        f"Why {clean(found.subject, 26)}",
        text,
        f"Reason given: {foreign(thesis)}" if thesis else None,
        lines("Smaller than granted:", *(f"{clean(one, 120)}." for one in less[:6])) if less else None,
        context=state_words,
    )
    if len(first.plain) < len(text.plain):
        head = card(chip, f"Why {clean(found.subject, 26)}", context=state_words)
        return (head, *(Card(html=one.html, plain=one.plain) for one in parts_of(text)))
    return (first,)


def _actor(actor: str, names: dict[int, str]) -> str:
    kind, _, number = actor.partition(":")
    if kind == "person" and number.isdigit():
        return clean(names.get(int(number), number), 30)
    return clean(actor, 30)


def no_story(subject: str, chip: Chip) -> Card:
    """Say that an id is not known."""
    return card(
        chip,
        "Nothing is known of that id",
        rich(code(clean(subject, 60)), " is no order, proposal or symbol here."),
        "Ids are on every card; a tap copies them.",
    )


def log_lines(found: Sequence[str], chip: Chip, *, head: str = "") -> tuple[Card, ...]:
    """Draw redacted lines, newest last, over as many messages as they need."""
    if not found:
        return (card(chip, "The log is empty"),)
    text = rich("\n".join(clean(one, 300) for one in found))
    head_card = card(chip, head or f"Last {counted(len(found), 'log line')}", protect=True)
    parts = parts_of(text, 3500)
    return (head_card, *(Card(html=f"<pre>{one.html}</pre>", plain=one.plain, protect=True) for one in parts))


def stop_chooser(chip: Chip) -> Card:
    """Ask what /stop means here: it never acts by itself (features 2.1)."""
    return card(
        chip,
        "Stop what?",
        "Nothing has changed yet.",
        rows=(
            (Button(label="Halt trading", data=press("c", "halt", "now"), style=DANGER),),
            (Button(label="Only openings", data=press("c", "pause", "now")),),
            (
                Button(label="Messages to me", data=press("c", "mute", "")),
                Button(label="Nothing", data=press("c", "cancel", "no")),
            ),
        ),
    )


def acknowledged(what: str, chip: Chip, *, undo: str = "") -> Card:
    """Confirm a change without market effect, with an undo where there is one."""
    rows = ((Button(label="Undo", data=undo),),) if undo else ()
    return card(chip, clean(what, 200), rows=rows)


def question(head: str, words: str, yes: str, data: str, chip: Chip) -> Card:
    """Ask once before something that cannot be taken back."""
    return card(
        chip,
        head,
        words,
        rows=((Button(label=yes, data=data, style=SUCCESS), Button(label="Cancel", data=press("c", "cancel", "no"))),),
    )
