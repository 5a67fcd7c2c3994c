"""Draw how far models may go, what they earned, who they are, and what they say of a symbol. Pure."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.chat.card import DANGER, PRIMARY, Card, press
from bot.chat.render.figures import Books, base_of, price
from bot.chat.render.foreign import foreign
from bot.chat.render.text import (
    Chip,
    Part,
    Row,
    bold,
    card,
    clean,
    countdown,
    grid,
    lines,
    moment,
    quote,
    rich,
    table,
)
from bot.desk.ai_cost import AiCost
from bot.desk.council import Member, View
from bot.desk.grant import Bounds
from bot.desk.tally import Tallies
from bot.domain.events_proposals import RiskScaled
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument
from bot.domain.intent import Direction
from bot.domain.mandate import ALONE, BOTH, Mandate, Rung
from bot.domain.numbers import ZERO, plain
from bot.ports.advisor import Abstained
from bot.ports.assessor import Score
from bot.ports.lab_rows import VersionRow, VersionState
from bot.ports.messenger import Button

RUNG_WORDS = {
    Rung.OFF: "not asked", Rung.SHADOW: "watched only", Rung.PROPOSE: "asks you", Rung.SEMI: "alone up to its bounds",
    Rung.AUTO: "alone inside its bounds",
}
FATES = {
    "ordered": "Traded", "rejected": "You rejected", "expired": "Unanswered", "blocked": "Rules blocked",
    "refused": "Refused at sending", "shadow": "Watched only", "superseded": "Replaced", "withdrawn": "Withdrawn",
    "proposed": "Still open",
}
EXITS = {"CLOSE": "cut", "TIGHTEN": "tightened"}
SHOWN = 6


def standing(members: Sequence[Member], chip: Chip, books: Books, now: datetime) -> Card:
    """Answer /auto: each advisor with its rung and what is left of its mandate."""
    if not members:
        return card(chip, "No model is asked", "WIREDESK_ADVISORS names who looks at the market.")
    alone = [one for one in members if one.reach in ALONE]
    buttons = [Button(label=f"Stop {clean(one.name, 9)}", data=press("c", "auto", f"revoke.{one.name}"), style=DANGER)
               for one in alone[:3]]
    more = [Button(label="Score", data=press("c", "score", "")), Button(label="Models", data=press("c", "models", ""))]
    head = f"{len(alone)} act{'s' if len(alone) == 1 else ''} alone" if alone else "Nothing acts alone"
    return card(
        chip, head, *(_member(one, books, now) for one in members[:SHOWN]),
        "An owner changes it: /auto rules semi trade=500 day=2000 trades=5 hours=12 risk=20 btc",
        rows=(*((tuple(buttons),) if buttons else ()), tuple(more)),
    )


def _member(one: Member, books: Books, now: datetime) -> Part:
    said: list[Part | None] = [rich(bold(clean(one.name, 16)), f" · {one.reach.value} · {RUNG_WORDS[one.reach]}")]
    if one.mandate is not None:
        said += [_left(one, one.mandate), rich("Ends ", countdown(one.mandate.expires_at, now))]
        listed = ", ".join(base_of(each, books) for each in sorted(one.mandate.symbols))
        said.append(f"In {listed}{_sides(one.mandate.directions)}")
    elif one.last is not None:
        said.append(f"Since {one.last.at:%d %b %H:%M}: {clean(one.last.reason, 60)}")
    return lines(*said)


def _left(one: Member, mandate: Mandate) -> str:
    said = (f"{one.usage.trades} of {mandate.trades_per_day} trades, {one.usage.notional:,.0f} of "
            f"{mandate.notional_per_day:,.0f}, {mandate.notional_per_trade:,.0f} each")
    if mandate.risk_budget is None or mandate.risk_per_trade is None:
        return said
    return f"{said}; at risk {one.usage.risk:,.0f} of {mandate.risk_budget:,.0f}, {mandate.risk_per_trade:,.0f} each"


def _sides(directions: frozenset[Direction]) -> str:
    """Name the directions where they are not both."""
    return "" if directions == BOTH else f", {' and '.join(sorted(one.value for one in directions))} only"


def preview(
    name: str, was: Rung, to: Rung, bounds: Bounds, symbols: Sequence[Symbol], directions: frozenset[Direction],
    unmet: Sequence[str], because: str | None, chip: Chip, books: Books
) -> Card:
    """Show what a grant would come to before the second factor: bounds after every layer, and what is skipped."""
    rows: list[Row | None] = [("Rung", f"{was.value} → {to.value}")]
    if to in ALONE:
        rows += [("A trade", f"{bounds.notional_per_trade:,.0f}", "most"),
                 ("A day", f"{bounds.notional_per_day:,.0f}", "most"),
                 ("Trades a day", str(bounds.trades_per_day)),
                 ("Risk a trade", f"{bounds.risk_per_trade:,.0f}", "most"),
                 ("Risk in all", f"{bounds.risk_budget:,.0f}", "most"),
                 ("Loss a day", f"{bounds.loss_per_day:,.0f}", "most"), ("For", str(bounds.hours), "h")]
    listed = ", ".join(base_of(one, books) for one in symbols)
    return card(
        chip, f"{clean(name, 16)}: {RUNG_WORDS[to]}", table(rows),
        f"In {listed}{_sides(directions)}." if to in ALONE else None,
        lines(bold(f"{len(unmet)} conditions not met, skipped:"), *(clean(one, 160) for one in unmet[:8])) if unmet
        else None,
        rich("Because: ", quote(clean(because, 200))) if unmet and because else None,
        emoji="🟡" if unmet else "",
    )


def report(name: str, words: str, chip: Chip) -> Card:
    """Say before a renewal what came of the last permission."""
    return card(chip, f"{clean(name, 16)}: what came of it", f"{clean(words, 300)}.")


def unmet(name: str, to: Rung, missing: Sequence[str], chip: Chip, *, real: bool) -> Card:
    """Say what is missing for a rung, every condition, and what an override is."""
    way = ("With `because …` it is skipped: a quarter of the amounts, a day." if real
           else "With `because …` at the end it is skipped: this is not real money.")
    return card(
        chip, f"{clean(name, 14)} cannot be {to.value} yet", lines(*(f"• {clean(one, 180)}" for one in missing[:10])),
        way, emoji="⛔", rows=((Button(label="Score", data=press("c", "score", clean(name, 20))),),),
    )


def lowered(name: str, was: Rung, to: Rung, chip: Chip) -> Card:
    """Answer a step down."""
    changed = was is not to
    return card(chip, f"{clean(name, 16)}: {to.value}", f"It was {was.value}. From now on: {RUNG_WORDS[to]}." if changed
                else "It stood there already.")


def granted(name: str, to: Rung, bounds: Bounds, chip: Chip) -> Card:
    """Answer a step up."""
    said = None
    if to in ALONE:
        said = (f"Up to {bounds.notional_per_trade:,.0f} a trade, {bounds.notional_per_day:,.0f} and "
                f"{bounds.trades_per_day} trades a day, for {bounds.hours} h. At risk {bounds.risk_per_trade:,.0f} a "
                f"trade, {bounds.risk_budget:,.0f} in all. Then, or after {bounds.loss_per_day:,.0f} lost in a day, "
                "it asks again.")
    return card(chip, f"{clean(name, 16)}: {RUNG_WORDS[to]}", said, "Stop it any time: /auto revoke, /pause or /halt.",
                emoji="✅", rows=((Button(label="Stop it", data=press("c", "auto", f"revoke.{clean(name, 20)}"),
                                          style=DANGER),),))


def scores(found: Tallies, names: Mapping[int, str], chip: Chip) -> tuple[Card, ...]:
    """Answer /score: each model, who approved what, and what each fate was worth."""
    drawn = [scorecard(one, chip) for one in found.advisors[:4]]
    people: list[Row | None] = [
        (clean(names.get(int(who), str(who)) if who is not None else "Nobody", 10), f"{what} {said}")
        for who, what, said in found.approvers[:8]
    ]
    fates: list[Row | None] = [(FATES.get(fate, fate)[:20], said) for fate, said in found.fates[:10]]
    if people:
        drawn.append(card(chip, "What your answers were worth", _pairs(people),
                          "R of each idea had it been traded, whatever was answered."))
    rules: list[Row | None] = [(clean(rule.replace("_", " "), 20), said) for rule, said in found.guards[:10]]
    opinions: list[Row | None] = [(word, said) for word, said in found.critic]
    if rules:
        drawn.append(card(chip, "What each rule was worth", _pairs(rules),
                          "R of the ideas it blocked. Below zero, it saved money."))
    if opinions:
        drawn.append(card(chip, "What the critic was worth", _pairs(opinions),
                          "R of the ideas it lowered or vetoed. Below zero, it was right."))
    if fates:
        drawn.append(card(chip, "What became of the ideas", _pairs(fates),
                          "Below zero, a rule that blocked them saved money."))
    exits: list[Row | None] = [
        (f"{clean(who, 10)} {EXITS.get(kind, kind)}", said) for who, kind, said in found.exits[:8]
    ]
    if exits:
        drawn.append(card(chip, "What their exits were worth", _pairs(exits),
                          "R saved against leaving the trade alone; it counts for no rung."))
    return tuple(drawn) or (card(chip, "No scores yet", "No model is asked, so nothing was said."),)


def scorecard(one: Score, chip: Chip) -> Card:
    """Draw the scorecard of one model."""
    return card(chip, clean(one.head, 40), _pairs([(name, clean(value, 60)) for name, value in one.rows]))


def _pairs(rows: Sequence[Row | None]) -> Part:
    return lines(*(rich(bold(row[0]), f"  {row[1]}") for row in rows if row is not None))


def models(
    versions: Sequence[VersionRow], members: Sequence[Member], cost: AiCost, chip: Chip, now: datetime
) -> Card:
    """Answer /models: who is asked, what asking cost, and every registered version with its age and rung."""
    asked = {one.name: one for one in members}
    rows = [(clean(one.name, 10), one.reach.value, str(one.outcomes)) for one in members[:10]]
    known = [one for one in versions if one.state in (VersionState.REGISTERED, VersionState.RETIRED)]
    said = [rich(bold(clean(one.id, 12)), f" {one.kind} · {one.state.value.lower()} · ", _age(one, now),
                 "" if one.id in asked else " · served after the next start") for one in known[-SHOWN:]]
    live = [one for one in known if one.state is VersionState.REGISTERED and one.id in asked][-2:]
    buttons = tuple(
        (Button(label=f"Use {clean(one.id, 10)}", data=press("c", "models", f"use.{one.id}"), style=PRIMARY),
         Button(label=f"Retire {clean(one.id, 8)}", data=press("c", "models", f"retire.{one.id}"))) for one in live
    )
    return card(
        chip, f"{len(members)} model{'' if len(members) == 1 else 's'} asked",
        grid(("MODEL", "RUNG", "SCORED"), rows, left=2) if rows else "Nobody looks at the market.",
        lines(*said) if said else "No trained model is registered: wiredesk lab train.",
        _cost(cost), rows=buttons,
    )


def _cost(cost: AiCost) -> Part | None:
    """Say what language models cost; nothing where none was ever paid this month."""
    if cost.month <= ZERO:
        return None
    each = ", ".join(f"{clean(name, 16)} {plain(round(paid, 2))}" for name, paid in cost.today.items())
    return f"AI cost today {plain(round(cost.day, 2))}, this month {plain(round(cost.month, 2))}" + (
        f" ({each})." if each else ".")


def _age(one: VersionRow, now: datetime) -> str:
    return f"{(now - one.created_at).days} days old"


def views(symbol: Symbol, found: Sequence[View], book: Instrument | None, chip: Chip, books: Books) -> Card:
    """Answer /ask: what each model says of a symbol; nothing was proposed by it."""
    base = base_of(symbol, books)
    blocks: list[Part] = []
    for one in found[:SHOWN]:
        name = bold(clean(one.advisor, 16))
        if isinstance(one.says, Abstained):
            blocks.append(lines(rich(name, " has no idea"), foreign(one.says.reason, 160)))
            continue
        says = one.says
        levels = f"{says.direction.value} · stop {price(says.stop, book)} · target {price(says.target, book)}"
        blocks.append(lines(rich(name, f" {levels}"), quote(foreign(says.thesis)),
                            f"Against: {foreign(says.against, 200)}" if says.against else None))
    ideas = any(not isinstance(one.says, Abstained) for one in found)
    rows = ((Button(label=f"Propose {base}"[:20], data=press("c", "propose", base.lower()), style=PRIMARY),),)
    head = f"{base}: {'what' if ideas else 'no view of'} {len(found)} model{'' if len(found) == 1 else 's'}"
    return card(chip, f"{head} say" if ideas else head, *blocks, "Nothing was proposed or sent.",
                rows=rows if ideas else ())


def scaled(fact: RiskScaled, chip: Chip, books: Books) -> Card:
    """Say how much of its risk a model may take after somebody allowed a step."""
    base = base_of(fact.symbol, books)
    return card(
        chip, f"{clean(fact.advisor, 16)}: {fact.now}% of its risk in {base}",
        f"It was {fact.was}%, it asks for {fact.asked}%." if fact.asked > fact.now else f"It was {fact.was}%.",
        "The next step is possible in 24 hours." if fact.asked > fact.now else None,
    )


def sends_itself(until: datetime, now: datetime) -> Part:
    """Say on a card that it is sent without a yes unless somebody says no."""
    return rich("Sends itself ", countdown(until, now), " unless rejected.")


def resolved(exit_word: str, net_r: object, executed_r: object, at: datetime | None) -> Part:
    """Say on a proposal's card what came of it, in R."""
    words = {"TARGET": "target hit", "STOP": "stopped", "TIME": "time over", "NOT_FILLED": "never filled"}
    real = "" if executed_r is None else f"; traded {executed_r:+.2f}R"
    when = rich(" ", moment(at)) if at is not None else ""
    return rich(f"Outcome: {words.get(exit_word, 'not followed')}, {net_r:+.2f}R{real}.", when)
