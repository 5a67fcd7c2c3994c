"""Leverage and margin mode are actions of their own, believed only when read back (FF-48, FF-49)."""
from __future__ import annotations

from decimal import Decimal

import pytest

from bot.desk.propose import Raised
from bot.domain.ids import Symbol
from bot.domain.intent import MarginMode
from bot.domain.proposal import ProposalState
from bot.domain.refusal import Refusal
from bot.ports.venue import Changed, ChangeOutcome, NeverLeft, Rejected, Unknown
from tests.desk.trade import journal, kinds, say
from tests.support.scripted import BTC, Bench


async def test_leverage_is_set_told_and_remembered(bench: Bench) -> None:
    raised = await say(bench, "lev btc 5", "k")
    assert isinstance(raised, Raised) and raised.done is not None and not raised.done.refusals
    fact = next(line.fact for line in await journal(bench) if line.kind == "LeverageChanged")
    assert (fact.was, fact.now, fact.outside) == (Decimal(10), Decimal(5), False)  # type: ignore[union-attr]
    assert bench.seat.shelf.settings[BTC.symbol].leverage_long == Decimal(5)


async def test_margin_mode_is_set_and_told(bench: Bench) -> None:
    await say(bench, "margin btc iso", "k")
    assert bench.venue.modes[Symbol("BTCUSDT")].margin_mode is MarginMode.ISOLATED
    assert "MarginModeChanged" in await kinds(bench)


@pytest.mark.parametrize("words", ["lev btc 5", "margin btc iso"])
@pytest.mark.parametrize(
    ("answer", "why"),
    [(Rejected(code="45117", words="open orders"), "45117"), (Changed(), "another value"),
     (Unknown(why="timeout"), "timeout"), (NeverLeft(why="refused"), "refused")],
    ids=["rejected", "FF-48 taken and not applied", "unknown", "never left"],
)
async def test_what_is_not_read_back_is_not_so(bench: Bench, words: str, answer: ChangeOutcome, why: str) -> None:
    bench.venue.obeys = False
    bench.venue.changes.append(answer)
    raised = await say(bench, words, "k")
    assert isinstance(raised, Raised) and raised.done is not None
    refused = raised.done.refusals[0]
    assert refused.code == "setting_not_taken" and why in str(refused) and refused.reasons[0].remedy
    stored = await bench.seat.ledger.read(lambda tx: tx.proposals.get(raised.proposal.id))
    assert stored is not None and stored.state is ProposalState.REFUSED
    assert not {"LeverageChanged", "MarginModeChanged"} & set(await kinds(bench))


async def test_a_change_whose_answer_is_lost_and_which_took_is_so(bench: Bench) -> None:
    """FF-01: the read-back decides, not the answer."""
    bench.venue.changes.append(Unknown(why="timeout"))
    raised = await say(bench, "lev btc 5", "k")
    assert isinstance(raised, Raised) and raised.done is not None and not raised.done.refusals


async def test_what_is_so_already_is_not_set_again(bench: Bench) -> None:
    bench.venue.obeys = False
    raised = await say(bench, "lev btc 10", "k")
    assert isinstance(raised, Raised) and raised.done is not None and not raised.done.refusals
    assert "LeverageChanged" not in await kinds(bench)


async def test_settings_that_cannot_be_read_send_no_order(bench: Bench) -> None:
    raised = await say(bench, "long btc 0.01 5x sl 2%", "warm", yes=None)
    assert isinstance(raised, Raised)
    bench.venue.silent = {"settings"}
    refused = await say(bench, "long btc 0.01 5x sl 2%", "k")
    assert isinstance(refused, Raised) and refused.done is not None
    assert refused.done.refusals[0].code == "settings_unread" and not bench.venue.sent


async def test_one_symbols_refused_setting_stops_no_other(bench: Bench) -> None:
    """FF-16."""
    bench.venue.obeys = False
    await say(bench, "long btc 0.01 5x sl 2%", "a")
    done = await say(bench, "long eth 0.1 sl 2%", "b")
    assert not isinstance(done, Refusal) and [one.intent.symbol for one in bench.venue.sent] == ["ETHUSDT"]
