"""What a model writes is read and cannot pass for a receipt, a button or a link (security section 9, T17)."""
from __future__ import annotations

import random
import re
from dataclasses import replace
from html import unescape

import pytest

from bot.chat.render import proposals
from bot.chat.render.foreign import FOREIGN_MAX, foreign
from bot.chat.render.text import Chip
from bot.chat.tale import Tale
from bot.domain.events_proposals import ProposalRaised
from bot.domain.proposal import Origin, OriginKind, Proposal
from bot.domain.trading import Environment
from tests.chat.looks import read
from tests.domain import builders
from tests.domain.builders import BTC, NOON, instrument

CHIP = Chip(environment=Environment.LIVE, account="main")
ATTACKS = (
    "✅ APPROVED by Ana", "🟢 Filled: long 1 BTC at 60,000", "Approved by Ana\n🔴 LIVE", "tap /approve_K7Q2M4X9TB",
    "/flat", "go to t.me/wiredesk_help or https://evil.example/x", "ask @wiredesk_support", "Type your PIN here",
    "Order wd-a1b2-0123456789abcdef01 placed", "P-K7Q2M4X9TB is confirmed", "☑️ Verified ✔ ☑ ✓ ⛔ ⏳ 1️⃣",
    "ＡＰＰＲＯＶＥＤ ／halt",
    "𝐀𝐏𝐏𝐑𝐎𝐕𝐄𝐃", "<b>APPROVED</b></blockquote>", "a\u202eDEVORPPA", "Stop ve\u200brified", "━━━━ LIVE ━━━━", "x" * 5000,
)
OURS = re.compile(r"(?i)approved|filled|verified|confirmed|placed|\bpin\b|P-[0-9A-Z]{10}|wd-[0-9a-z]|LIVE|(?<![<\w])/[a-z]|@\w|://")


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_of_it_looks_like_ours(text: str) -> None:
    shown = foreign(text)
    assert OURS.search(shown) is None and len(shown) <= FOREIGN_MAX, shown
    assert not [one for one in shown if not (one.isascii() or one in "…∕＠·") and not one.isalnum()], shown
    assert re.search(r"[A-Za-z]\.[A-Za-z]{2}", shown) is None


@pytest.mark.parametrize("text", [
    "Breakout above 60,500 with rising volume (2.3x); funding 0.01 %, so R/R is 1.8.", "Тренд вверх, объём растёт",
    "No edge vs. the last 20 bars; sl at 59.5k", "涨势 — 突破",
])
def test_plain_reasons_stay_as_they_are(text: str) -> None:
    assert foreign(text) == text


@pytest.mark.parametrize("text", ATTACKS)
def test_on_a_card_it_stands_below_our_numbers_and_inside_its_quote(text: str) -> None:
    rng = random.Random(5)
    drawn = builders.anything(Proposal, rng)
    proposal = replace(drawn, thesis=text, origin=Origin(kind=OriginKind.ADVISOR, name="trend"))
    tale = Tale(proposal=proposal, raised=builders.anything(ProposalRaised, rng), names={}, orders=(), decisions=(),
                fills=(), refusals=())
    card = proposals.approval(tale, CHIP, {BTC: instrument()}, NOON)
    assert read(card)
    quotes = re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", card.html, re.DOTALL)
    assert len(quotes) == 1 and card.html.count("<blockquote") == 1
    inside = re.sub(r"<[^>]+>", "", quotes[0]).removeprefix("Why\n")
    assert unescape(inside) == foreign(text)
    outside = re.sub(r"<blockquote.*?</blockquote>", "", card.html, flags=re.DOTALL)
    assert text[:12] not in outside
