"""Put signals on the table: sized and shrunk by us, once, with their words in the journal, and a stop before a yes."""
from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.desk.answer import answer
from bot.desk.control import set_limits
from bot.desk.decide import Answer
from bot.desk.propose import Raised
from bot.desk.signal_fields import read_fields
from bot.desk.signal_raise import Sent, raise_signal, raise_text, set_stop
from bot.desk.wish import Level
from bot.domain.decision import Manner
from bot.domain.events_control import CommandRefused
from bot.domain.ids import PersonId
from bot.domain.intent import OrderKind
from bot.domain.limits import Limits
from bot.domain.proposal import Origin, OriginKind, Proposal, ProposalState, button_digest, lacks_stop, stop_of
from bot.domain.refusal import Refusal
from tests.desk.trade import journal, kinds
from tests.support.scripted import Bench

VIP = Origin(kind=OriginKind.SIGNAL, name="VIP", person=PersonId(7))
WHOLE = "LONG BTC/USDT\nEntry: 59,500 - 59,900\nTargets: 61,000 62,000\nSL 58,900\nLeverage 5x\nJoin us!"
BARE = "LONG BTC/USDT\nEntry: 59,900\nTarget: 62,000"


async def raised(bench: Bench, text: str, amount: str = "r0.5%") -> Raised:
    found = await raise_text(bench.seat, VIP, text, amount)
    assert isinstance(found, Raised), found
    return found


async def press(bench: Bench, proposal: Proposal, *, yes: bool = True) -> object:
    given = Answer(yes=yes, manner=Manner.BUTTON, by=PersonId(7), name="Ana", digest=button_digest(proposal))
    return await answer(bench.seat, proposal.id, given)


async def test_a_signal_becomes_a_proposal_with_every_field_and_its_unread_parts(bench: Bench) -> None:
    one = (await raised(bench, WHOLE)).proposal
    assert (one.origin, one.state, one.drift_in_r) == (VIP, ProposalState.AWAITING, True)
    assert one.reasons == (
        "Pair: BTC/USDT", "Side: long", "Entry: 59500 to 59900", "Target 1: 61000, 50% of the position",
        "Target 2: 62000, 50% of the position", "Stop: 58900", "Leverage: 5x",
    )
    assert one.thesis == "Join us!"
    entry, *goals = [leg.intent for leg in one.terms.legs]
    assert (entry.kind, entry.limit_price, entry.stop, entry.leverage) == (
        OrderKind.LIMIT, Decimal(59_900), Decimal(58_900), Decimal(5),
    )
    assert [goal.trigger.price for goal in goals if goal.trigger] == [Decimal(61_000), Decimal(62_000)]
    assert entry.size is not None and entry.size * 1_000 <= 50, "half a percent of 10,000 at most"
    assert one.expires_at - one.raised_at == timedelta(seconds=bench.seat.rules.proposal_life_s)
    assert not bench.venue.sent


async def test_the_same_signal_is_one_proposal_also_at_once_and_in_other_words(bench: Bench) -> None:
    found = await asyncio.gather(*(raise_text(bench.seat, VIP, WHOLE) for _ in range(6)))
    again = await raised(bench, WHOLE.replace("Join us!", "🔥🔥"))
    ids = {one.proposal.id for one in (*found, again) if isinstance(one, Raised)}
    assert len(ids) == 1 and again.again
    assert (await kinds(bench)).count("ProposalRaised") == 1


async def test_a_sender_own_number_is_one_proposal_for_ever(bench: Bench) -> None:
    first = read_fields({"ticker": "BTCUSDT", "action": "buy", "sl": 58_900, "id": "a1"})
    other = read_fields({"ticker": "BTCUSDT", "action": "sell", "sl": 61_900, "id": "a1"})
    assert not isinstance(first, Refusal) and not isinstance(other, Refusal)
    one = await raise_signal(bench.seat, VIP, Sent(signal=first.signal, words="x", id="VIP:a1"))
    two = await raise_signal(bench.seat, VIP, Sent(signal=other.signal, words="x", id="VIP:a1"))
    assert isinstance(one, Raised) and isinstance(two, Raised)
    assert two.again and two.proposal == one.proposal


async def test_without_a_stop_nobody_can_approve(bench: Bench) -> None:
    one = (await raised(bench, BARE)).proposal
    assert lacks_stop(one) and stop_of(one.terms) is None and one.terms.waiver is None
    refused = await press(bench, one)
    assert isinstance(refused, Refusal) and refused.code == "stop_missing"
    assert not bench.venue.sent
    kept = await bench.seat.ledger.read(lambda tx: tx.proposals.get(one.id))
    assert kept is not None and kept.state is ProposalState.AWAITING


async def test_a_stop_that_a_person_sets_makes_it_whole(bench: Bench) -> None:
    one = (await raised(bench, BARE)).proposal
    after = await set_stop(
        bench.seat, one, Level(price=Decimal(59_400)), "r0.5%", by=PersonId(7), name="Ana", digest=button_digest(one)
    )
    assert isinstance(after, Raised), after
    entry = after.proposal.terms.legs[0].intent
    assert stop_of(after.proposal.terms) == Decimal(59_400) and entry.size is not None
    assert Decimal("0.08") <= entry.size <= Decimal("0.1"), "sized anew to lose 50 over 500 and fees"
    done = await press(bench, after.proposal)
    assert not isinstance(done, Refusal), done
    assert [order.intent.stop for order in bench.venue.sent] == [Decimal(59_400)]


async def test_a_no_needs_no_stop(bench: Bench) -> None:
    one = (await raised(bench, BARE)).proposal
    await press(bench, one, yes=False)
    kept = await bench.seat.ledger.read(lambda tx: tx.proposals.get(one.id))
    assert kept is not None and kept.state is ProposalState.REJECTED


async def test_leverage_and_size_only_shrink(bench: Bench) -> None:
    limits = Limits(leverage=Decimal(10), order_notional=Decimal(1_000))
    await set_limits(bench.seat, "ceiling", limits, by=None, actor="local")
    one = (await raised(bench, WHOLE.replace("5x", "50x"))).proposal
    entry = one.terms.legs[0].intent
    assert entry.leverage == 10 and entry.size is not None and entry.size * 59_900 <= 1_000
    assert "Leverage is held to 10x, the most allowed here" in one.reasons


async def test_targets_too_small_for_the_size_are_left_out_and_said(bench: Bench) -> None:
    text = WHOLE.replace("61,000 62,000", "61,000 62,000 63,000 64,000 65,000")
    one = (await raised(bench, text, "0.0003")).proposal
    goals = [leg for leg in one.terms.legs if leg.intent.kind is OrderKind.TARGET]
    assert len(goals) in (2, 3)
    assert any(line.startswith(f"Only {len(goals)} of 5 targets") for line in one.reasons)
    assert all(leg.intent.size and leg.intent.size >= Decimal("0.0001") for leg in goals)


@pytest.mark.parametrize(("text", "code"), [
    ("hello there", "signal_pair"),
    ("LONG DOGGO/USDT entry 1 sl 0.9", "unknown_symbol"),
    ("LONG BTC/USDT entry 599 sl 589", "signal_far"),
    ("LONG BTC/USDT entry 61000 sl 60500 tp 63000", "signal_late"),
    ("LONG BTC/USDT entry 59000 sl 58000 tp 59900", "signal_late"),
    ("LONG BTC/USDT entry 59900 sl 59950 tp 61000", "stop_side"),
])
async def test_what_cannot_be_raised_is_one_sentence_and_in_the_journal(bench: Bench, text: str, code: str) -> None:
    refused = await raise_text(bench.seat, VIP, text)
    assert isinstance(refused, Refusal) and refused.code == code, refused
    lines = [entry.fact for entry in await journal(bench) if isinstance(entry.fact, CommandRefused)]
    assert [(line.words, line.reasons) for line in lines] == [(text, refused.reasons)]


async def test_a_position_that_would_be_liquidated_first_is_refused(bench: Bench) -> None:
    refused = await raise_text(bench.seat, VIP, "LONG BTC/USDT entry 59900 sl 30000 lev 100x", "$90000")
    assert isinstance(refused, Refusal) and refused.code == "liquidation_near"


async def test_marks_of_thousands_are_read_by_the_market(bench: Bench) -> None:
    one = (await raised(bench, "LARGO BTC/USDT\nEntrada: 59.900\nObjetivos: 61.500\nStop: 58.900")).proposal
    assert one.terms.legs[0].intent.limit_price == Decimal(59_900)


async def test_a_breakout_waits_for_its_price(bench: Bench) -> None:
    one = (await raised(bench, "Buy BTCUSDT above 60,500, SL 59,800, TP 62,500")).proposal
    entry = one.terms.legs[0].intent
    assert (entry.kind, entry.trigger and entry.trigger.price) == (OrderKind.TRIGGER, Decimal(60_500))
