"""Add up what answers, rules, second opinions and models were worth, from ideas resolved whatever became of them."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median

from bot.desk.grant import Ranked
from bot.desk.ladder import evidence_of
from bot.desk.note import BLOCKED
from bot.desk.seat import Seat
from bot.domain.decision import Decision, Manner
from bot.domain.fill import tally
from bot.domain.ids import PersonId, ProposalId
from bot.domain.intent import Effect
from bot.domain.numbers import ZERO
from bot.domain.proposal import Proposal, stop_of
from bot.ports.advisor import CRITIC_LOWERED, CRITIC_VETOED
from bot.ports.assessor import Assessor, Judged, Score
from bot.ports.ledger import Tx

BLOCKED_BY = f"{BLOCKED}:"
# What a second opinion said, by how what speaks against an idea begins.
OPINIONS = {CRITIC_VETOED: "vetoed", CRITIC_LOWERED: "half the risk"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallies:
    """Net R of resolved ideas in words: by person and answer, by fate, by rule that blocked, by opinion, by advisor.

    `exits` say by advisor and kind (CLOSE, TIGHTEN) what ideas about open trades were worth against doing nothing.
    """

    approvers: tuple[tuple[PersonId | None, str, str], ...]
    fates: tuple[tuple[str, str], ...]
    guards: tuple[tuple[str, str], ...]
    critic: tuple[tuple[str, str], ...]
    advisors: tuple[Score, ...]
    exits: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True)
class _Answers:
    """What one person's yes or no came to: R of the ideas, seconds until the answer, what the price did meanwhile."""

    results: list[Decimal] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    drifts: list[Decimal] = field(default_factory=list)

    def words(self, assessor: Assessor) -> str:
        """Say it: worth, median time, mean cost of waiting in R."""
        said = [assessor.spread(self.results)]
        if self.waits:
            said.append(f"answered in {median(self.waits):.0f} s")
        if self.drifts:
            said.append(f"waiting cost {sum(self.drifts, ZERO) / len(self.drifts):+.2f}R each")
        return "; ".join(said)


async def tallies(seat: Seat, assessor: Assessor, advices: Sequence[Ranked]) -> Tallies:
    """Add up what was approved, rejected, left to expire and blocked, and what every advisor was worth."""

    def work(tx: Tx) -> Tallies:
        outcomes = tx.lab_record.outcomes()
        people: dict[tuple[PersonId | None, str], _Answers] = {}
        fates: dict[str, list[Decimal]] = {}
        guards: dict[str, list[Decimal]] = {}
        critic: dict[str, list[Decimal]] = {}
        for idea, outcome in outcomes:
            if not outcome.filled:
                continue
            fate, _, rule = idea.fate.partition(":")
            fates.setdefault(fate, []).append(outcome.net_r)
            if rule:
                guards.setdefault(rule, []).append(outcome.net_r)
            for begins, word in OPINIONS.items():
                if idea.against.startswith(begins):
                    critic.setdefault(word, []).append(outcome.net_r)
            _answer(tx, idea.proposal, outcome.net_r, people)
        order = sorted(people.items(), key=lambda each: (each[0][0] or 0, each[0][1]))
        return Tallies(
            approvers=tuple((who, what, said.words(assessor)) for (who, what), said in order),
            fates=_spoken(assessor, fates), guards=_spoken(assessor, guards), critic=_spoken(assessor, critic),
            advisors=tuple(_scored(tx, assessor, one.origin.name, outcomes) for one in advices),
            exits=_exits(tx, assessor),
        )

    return await seat.ledger.read(work)


def _exits(tx: Tx, assessor: Assessor) -> tuple[tuple[str, str, str], ...]:
    found: dict[tuple[str, str], list[Decimal]] = {}
    for idea, outcome in tx.lab_record.exits():
        if outcome.filled:
            found.setdefault((idea.advisor, idea.kind), []).append(outcome.net_r)
    return tuple((who, kind, assessor.spread(values)) for (who, kind), values in sorted(found.items()))


def _spoken(assessor: Assessor, found: dict[str, list[Decimal]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, assessor.spread(values)) for name, values in sorted(found.items()))


def _answer(
    tx: Tx, name: str | None, result: Decimal, people: dict[tuple[PersonId | None, str], _Answers]
) -> None:
    """Count the last answer to an idea's proposal; none where it expired, was never raised, or a mandate said yes."""
    proposal = tx.proposals.get(ProposalId(name)) if name is not None else None
    if proposal is None:
        return
    last = next(iter(tx.decisions.of_proposal(proposal.id)[-1:]), None)
    if last is None or last.manner is Manner.MANDATE:
        return
    mine = people.setdefault((last.by, "approved" if last.answer else "rejected"), _Answers())
    mine.results.append(result)
    mine.waits.append(_waited(proposal, last))
    drift = drift_of(tx, proposal) if last.answer else None
    if drift is not None:
        mine.drifts.append(drift)


def _waited(proposal: Proposal, answer: Decision) -> float:
    return max(0.0, (answer.at - proposal.raised_at).total_seconds())


def drift_of(tx: Tx, proposal: Proposal) -> Decimal | None:
    """Give what waiting cost in R: how much worse the entry was than the price the idea was written at.

    None where nothing was opened, or no price or stop was written down.
    """
    stop, reference, direction = stop_of(proposal.terms), proposal.reference_price, proposal.terms.direction
    if stop is None or reference is None or direction is None or stop == reference:
        return None
    entries = [fill for order in tx.orders.of_proposal(proposal.id) if order.intent.effect is Effect.OPEN
               for fill in tx.fills.of_order(order.client_order_id)]
    price = tally(entries).average_price if entries else None
    return None if price is None else (price - reference) * direction.sign / abs(reference - stop)


def _scored(tx: Tx, assessor: Assessor, name: str, outcomes: Sequence[Judged]) -> Score:
    mine = [each for each in outcomes if each[0].advisor == name]
    return assessor.score(name, evidence_of(tx, name), mine)
