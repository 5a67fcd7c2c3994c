"""Whose yes a trade takes: the own one, the own second factor, or somebody else's (features defaults, advisor 10)."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bot.chat.call import PROPOSED, TYPED, ChatRules
from bot.chat.need import Quorums, need_of
from bot.domain.decision import Need
from bot.domain.events_proposals import ProposalRaised
from tests.chat.sample_cards import TYPED as TICKET
from tests.chat.sample_cards import tale
from tests.support import virtual_loop
from tests.support.talking import OWNER, PIN, TRADER, Talk, button

TEAM = Quorums(proposed=replace(PROPOSED, solo=False), typed=replace(TYPED, solo=False))
SOLO = Quorums(proposed=PROPOSED, typed=TYPED)


@pytest.mark.parametrize(("risk", "solo", "team"), [
    ("1.9", Need(), Need()),
    ("2.1", Need(second_factor=True), Need(second_factor=True)),
    ("10.1", Need(second_factor=True, owner=True), Need(other=True)),
])
def test_what_a_person_typed_needs_more_the_more_it_risks(risk: str, solo: Need, team: Need) -> None:
    raised = ProposalRaised(proposal=TICKET, notional=None, worst_loss=None, worst_loss_percent=Decimal(risk),
                            liquidation=None)
    found = replace(tale(), raised=raised)
    assert need_of(found, SOLO) == solo
    assert need_of(found, TEAM) == team


def test_four_eyes_end_to_end(tmp_path: Path) -> None:
    """A trader's order above the limit goes to the approvers; the own yes does not count, theirs sends it once."""

    async def main() -> None:
        talk = Talk(tmp_path, 9, rules=ChatRules(quorums=TEAM), roles={OWNER: ["OWNER"], TRADER: ["TRADER"]})
        await talk.begin()
        ticket = await talk.trader.ask("/long btc $14000 10x sl 10%", "Above your own limit")
        labels = [one["text"] for row in ticket["buttons"] for one in row]
        assert "Place order" not in labels and "Cancel" in labels
        card = await talk.owner.sees("trader wants")
        yes = button(card, "Approve")
        own = await talk.trader.tap(ticket, data=yes)
        assert own.text is not None and "needs somebody else's yes" in own.text
        assert talk.orders() == 0
        await talk.clock.sleep(20)
        assert (await talk.owner.tap(card, "Approve")).text == "Approved, sending now."
        await talk.owner.sees("Filled")
        await talk.trader.sees("Filled")
        assert talk.orders() == 1
        await talk.owner.tap(card, data=yes)
        assert talk.orders() == 1
        await talk.end()

    virtual_loop.run(main, 9)


def test_between_the_limits_the_own_second_factor_places_it(tmp_path: Path) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 9, rules=ChatRules(quorums=TEAM), roles={OWNER: ["OWNER"], TRADER: ["TRADER"]})
        await talk.begin()
        ticket = await talk.trader.ask("/long btc $5000 10x sl 5%", "Placing it asks for your PIN")
        await talk.trader.tap(ticket, "Place order")
        await talk.trader.sees("Type your PIN")
        assert talk.orders() == 0
        await talk.trader.ask(PIN, "Approved, sending now")
        await talk.trader.sees("Filled", ticket["message_id"] - 1)
        assert talk.orders() == 1
        assert not [one for one in talk.owner.heard() if "trader wants" in one["text"]]
        await talk.end()

    virtual_loop.run(main, 9)
