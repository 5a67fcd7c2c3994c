"""Golden texts of every kind of card: the style guide for tone. `python -m tests.chat.test_golden` writes them anew."""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.chat.card import Card
from bot.chat.render.text import Chip
from bot.chat.render.trade import ticket
from bot.desk.planned import Plan
from bot.desk.propose import Raised
from bot.domain.trading import Environment
from tests.chat.looks import read, wrong
from tests.chat.sample_cards import BOOKS, DEMO, NOW, PREVIEW, TYPED, cards

GOLDEN = Path(__file__).with_name("golden")
CARDS = cards()


def drawn(card: Card) -> str:
    """Write a card as the golden files hold it: HTML, buttons, then the plain text."""
    rows = [" ".join(f"[{one.label}{':' + one.style if one.style else ''}]" for one in row) for row in card.rows]
    return "\n".join([card.html, "", *rows, "", "--- plain ---", card.plain, ""])


@pytest.mark.parametrize("name", CARDS)
def test_every_card_is_as_it_was_agreed(name: str) -> None:
    assert drawn(CARDS[name]) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CARDS)
def test_every_card_fits_a_phone(name: str) -> None:
    assert wrong(CARDS[name]) == []
    first = read(CARDS[name]).split("\n")[0]
    assert len(first) >= 8, "the first line must make sense alone on a lock screen"


@pytest.mark.parametrize("name", CARDS)
def test_every_card_says_whose_money_it_is_on_its_first_two_lines(name: str) -> None:
    start = "\n".join(read(CARDS[name]).split("\n")[:2])
    assert any(word in start for word in ("DEMO", "SANDBOX", "LIVE"))


@pytest.mark.parametrize("name", ["05_ticket", "06_approval", "06_signal"])
def test_every_opening_card_says_what_is_lost_and_what_changes(name: str) -> None:
    """Features section 4 number 2."""
    text = read(CARDS[name])
    for wanted in ("If stopped", "of equity", "Liquidation", "Exposure", "0.42x -> 0.7", "Fees in+out", "changes",
                   "to 5x"):
        assert wanted in text, wanted


def test_without_a_known_loss_there_is_nothing_to_confirm() -> None:
    """Features section 4 number 2: a card without a computable loss has no Confirm button."""
    plan = Plan(terms=TYPED.terms, reference=None, preview=replace(PREVIEW, loss=None), summary="s")
    card = ticket(Raised(proposal=TYPED, plan=plan), DEMO, BOOKS, NOW)
    assert not [one for row in card.rows for one in row if one.label == "Place order"]


def test_live_has_no_flask_and_stands_in_bold() -> None:
    badge = Chip(environment=Environment.LIVE).rich
    assert badge.html == "<b>LIVE</b>" and "🧪" not in badge.plain


def main() -> None:
    """Write the golden files from what is drawn now; look at the difference before committing it."""
    GOLDEN.mkdir(exist_ok=True)
    for name, card in CARDS.items():
        (GOLDEN / f"{name}.txt").write_text(drawn(card), encoding="utf-8")


if __name__ == "__main__":
    main()
