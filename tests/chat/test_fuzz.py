"""Whatever comes from outside, no message is lost: every fact and card with hostile texts is still taken (FF-88)."""
from __future__ import annotations

import random
from typing import Any

import pytest

from bot.chat.render import alerts, orders, proposals
from bot.chat.render.text import Chip, card, clean, grid, rich, table
from bot.chat.tale import Tale
from bot.domain import events
from bot.domain.alert import TABLE, alert_for
from bot.domain.events import Entry, kind_of, subject_of
from bot.domain.ids import AccountId
from bot.domain.order import Order
from bot.domain.proposal import Proposal
from bot.domain.trading import Environment
from tests.chat.looks import read, wrong
from tests.domain import builders
from tests.domain.builders import NOON, anything, instrument

CHIP = Chip(environment=Environment.LIVE, account="main")
BOOKS = {builders.BTC: instrument()}
HOSTILE = [
    "<b>", "</b></pre><a href='x'>", "& &amp; &#x41;", "a < b > c", "\u202eevil", "x" * 5000, "line\nline\r\nline",
    "\ud800", "\x00\x07", "👨‍👩‍👧‍👦" * 40, "<script>", "tg://user?id=1", "@everyone", "/halt",
    "PnL <-5%", "", "  ", "\u2028",
    "𝔅𝔗ℭ", "-0", "<pre>", "`*_[", "%s{}", "é" * 900, "</tg-time>", "1e999", "\t|\t",
]


@pytest.fixture(autouse=True)
def hostile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every drawn text be a hostile one."""
    drawn = anything

    def nasty(hint: Any, rng: random.Random, depth: int = 0) -> Any:
        while hasattr(hint, "__supertype__"):
            hint = hint.__supertype__
        return rng.choice(HOSTILE) if hint is str else drawn(hint, rng, depth)

    monkeypatch.setattr(builders, "anything", nasty)


def entry(fact: Any) -> Entry:
    """Wrap a fact as a journal line."""
    return Entry(seq=7, account=AccountId("main"), at=NOON, actor="venue", kind=kind_of(fact),
                 subject=subject_of(fact), cause=None, fact=fact, hash="x")


@pytest.mark.parametrize("kind", events.FACTS, ids=lambda kind: kind.__name__)
def test_every_fact_makes_a_message_whatever_it_holds(kind: type) -> None:
    rng = random.Random(kind.__name__)
    for _ in range(60):
        fact = builders.anything(kind, rng)
        heard = alert_for(fact)
        if heard is None:
            assert alerts.told(fact, BOOKS, NOON).head
            continue
        assert wrong(alerts.alert(entry(fact), heard, CHIP, BOOKS, NOON)) == []


def test_every_told_fact_has_words_of_its_own() -> None:
    drawn_as_cards = {
        events.ForeignOrderSeen, events.ProposalRaised, events.ProposalRevised, events.VoteCast,
        events.ProposalDecided, events.ProposalExpired, events.ProposalRefused, events.ProposalSuperseded,
        events.ProposalWithdrawn,
    }
    assert set(TABLE) - set(alerts.TELLERS) - drawn_as_cards == set()


@pytest.mark.parametrize("seed", range(150))
def test_every_proposal_and_its_orders_make_a_card(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    # Half a character can be in no row of a database, so it is in no proposal either.
    monkeypatch.setattr("tests.chat.test_fuzz.HOSTILE", [one for one in HOSTILE if one != "\ud800"])
    proposal = builders.anything(Proposal, rng)
    made = tuple(builders.anything(Order, rng) for _ in range(rng.randrange(4)))
    tale = Tale(proposal=proposal, raised=builders.anything(events.ProposalRaised, rng), names={}, orders=made,
                decisions=(), fills=(), refusals=())
    assert wrong(orders.outcome(tale, CHIP, BOOKS, NOON)) == []
    assert wrong(proposals.approval(tale, CHIP, BOOKS, NOON)) == []
    assert wrong(orders.listed(made, CHIP, BOOKS)) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_every_part_of_a_card_takes_hostile_text(text: str) -> None:
    made = card(
        CHIP, text or "x", text, rich("said: ", text), table(((text, text, text), ("a", text), (text,))),
        grid(("A", "B", "C"), ((text, text, text),)), context=text,
    )
    first = [line for line in wrong(made) if "says nothing" not in line]
    assert first == []
    assert read(made)
    assert "\n" not in clean(text)
