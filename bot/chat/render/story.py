"""Word what nobody is told but /why shows: how a proposal came to be, and why something did not. Pure."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.chat.render.alerts import told
from bot.chat.render.figures import Books, base_of, price
from bot.chat.render.opening import called
from bot.chat.render.text import clean
from bot.domain import events as e
from bot.domain.proposal import Proposal
from bot.domain.refusal import Reason

ENDS = {
    "TARGET": "target hit", "STOP": "stopped", "TIME": "its time was over", "NOT_FILLED": "never filled",
    "LOST": "not followed",
}
MANNERS = {
    "COMMAND": "by command", "BUTTON": "by button", "MANDATE": "by its mandate", "TIME": "by time",
    "LOCAL": "at the command line", "SYSTEM": "by the house rules",
}


def said(fact: e.Fact, books: Books, now: datetime) -> str:
    """Say a fact in one line of a story."""
    worded = WORDS.get(type(fact))
    return worded(fact, books) if worded is not None else told(fact, books, now).head


def _named(one: Proposal, books: Books) -> str:
    return called(one, books.get(one.terms.symbol) if one.terms.symbol is not None else None)


def _reasons(found: Sequence[Reason]) -> str:
    return " ".join(clean(one.sentence, 160) for one in found[:4])


def _raised(fact: e.ProposalRaised, books: Books) -> str:
    return f"{clean(fact.proposal.origin.name, 20)} proposed: {_named(fact.proposal, books)}"


def _revised(fact: e.ProposalRevised, books: Books) -> str:
    return f"Terms changed, {clean(fact.why, 80)}: {_named(fact.proposal, books)}"


def _vote(fact: e.VoteCast, books: Books) -> str:
    return f"{clean(fact.name, 20)} said {'yes' if fact.answer else 'no'}: {fact.votes} of {fact.needed}"


def _decided(fact: e.ProposalDecided, books: Books) -> str:
    word = "Approved" if fact.decision.answer else "Rejected"
    because = f": {clean(fact.decision.reason, 80)}" if fact.decision.reason and not fact.decision.answer else ""
    return f"{word} {MANNERS[fact.decision.manner.value]}, {clean(fact.name, 20)}{because}"


def _expired(fact: e.ProposalExpired, books: Books) -> str:
    return f"Expired: {clean(fact.why, 120)}"


def _refused(fact: e.ProposalRefused, books: Books) -> str:
    return f"Not sent: {_reasons(fact.reasons)}"


def _superseded(fact: e.ProposalSuperseded, books: Books) -> str:
    return f"P-{fact.by} took its place"


def _withdrawn(fact: e.ProposalWithdrawn, books: Books) -> str:
    return f"Taken back: {clean(fact.why, 120)}"


def _resolved(fact: e.IdeaResolved, books: Books) -> str:
    real = "" if fact.executed_r is None else f", traded {fact.executed_r:+.2f}R"
    return f"Idea of {clean(fact.advisor, 16)}: {ENDS.get(fact.outcome, fact.outcome.lower())}, " \
           f"{fact.result_r:+.2f}R{real}"


def _abstained(fact: e.AdvisorAbstained, books: Books) -> str:
    return f"{clean(fact.advisor, 16)} proposed nothing: {clean(fact.reason, 160)}"


def _command(fact: e.CommandRefused, books: Books) -> str:
    return f"Refused, {clean(fact.words, 60)}: {_reasons(fact.reasons)}"


def _late(fact: e.CommandExpired, books: Books) -> str:
    return f"Came {fact.age_s} s late, not obeyed: {clean(fact.words, 60)}"


def _verified(fact: e.ProtectionVerified, books: Books) -> str:
    return f"Stop of {base_of(fact.symbol, books)} read back at {price(fact.price, books.get(fact.symbol))}"


def _placed(fact: e.StopPlaced, books: Books) -> str:
    return f"Stop of {base_of(fact.symbol, books)} placed at {price(fact.price, books.get(fact.symbol))}"


WORDS: Mapping[type, Callable[[Any, Books], str]] = {
    e.ProposalRaised: _raised, e.ProposalRevised: _revised, e.VoteCast: _vote, e.ProposalDecided: _decided,
    e.ProposalExpired: _expired, e.ProposalRefused: _refused, e.ProposalSuperseded: _superseded,
    e.ProposalWithdrawn: _withdrawn, e.IdeaResolved: _resolved, e.AdvisorAbstained: _abstained,
    e.CommandRefused: _command, e.CommandExpired: _late, e.ProtectionVerified: _verified, e.StopPlaced: _placed,
    e.CommandGiven: lambda fact, books: f"Asked: {clean(fact.words or fact.name, 80)}",
    e.OrderPlanned: lambda fact, books: "Order written down, about to be sent",
    e.CancelRequested: lambda fact, books: f"Cancel asked for: {clean(fact.why, 80)}",
    e.FillReplaced: lambda fact, books: "A deduced fill gave way to the real one",
    e.AccountMarked: lambda fact, books: "Wallet read",
    e.ForeignOrderSeen: lambda fact, books: "An order of another app was seen",
    e.LeaseTaken: lambda fact, books: f"{clean(fact.holder, 40)} took the desk over",
    e.SettingChanged: lambda fact, books: f"{clean(fact.name, 40)} is {clean(fact.now, 40)} now",
}
