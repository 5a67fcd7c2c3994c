"""Words become one entry with its stop, its targets and the numbers of the card (R11, FF-35, FF-41, FF-50)."""
from __future__ import annotations

from decimal import Decimal

import pytest

from bot.desk.control import set_limits
from bot.desk.propose import Raised
from bot.domain.intent import MarginMode, OrderKind, TimeInForce
from bot.domain.limits import Limits
from bot.domain.refusal import Refusal
from tests.desk.trade import say
from tests.support.scripted import Bench


async def plan(bench: Bench, words: str) -> Raised:
    raised = await say(bench, words, "k", yes=None)
    assert isinstance(raised, Raised), str(raised)
    return raised


@pytest.mark.parametrize(
    ("amount", "size"),
    [("0.01", "0.01"), ("$500", "0.0083"), ("500usdt", "0.0083"), ("2%", "0.0033"), ("r0.5%", "0.0393")],
)
async def test_sizes_are_read_as_people_write_them_and_rounded_down(bench: Bench, amount: str, size: str) -> None:
    # r0.5 %: 50 USDT over 1,200 to the stop and 0.06 % of 60,000 and of 58,800 in fees.
    raised = await plan(bench, f"long btc {amount} sl 2%")
    assert raised.proposal.terms.legs[0].intent.size == Decimal(size)


async def test_the_default_stop_is_attached_and_said(bench: Bench) -> None:
    raised = await plan(bench, "long btc 0.01")
    preview = raised.plan.preview
    assert preview is not None and preview.default_stop and preview.stop == Decimal(58_800)
    assert raised.proposal.terms.legs[0].intent.stop == Decimal(58_800)


async def test_a_waived_stop_is_a_reason_in_the_terms(bench: Bench) -> None:
    raised = await plan(bench, "long btc 0.01 sl off")
    assert raised.proposal.terms.waiver and raised.proposal.terms.legs[0].intent.stop is None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("long btc 0.01 sl 61000", "stop_side"), ("short btc 0.01 sl 59000", "stop_side"),
        ("long btc 0.01 sl 2% tp 59000", "target_side"), ("long btc 0.01 sl 2% tp 62000:80 63000:80", "target_share"),
        ("long btc 0.00001 sl 2%", "too_small"), ("long doge 10 sl 2%", "unknown_symbol"),
        ("long btc r1% sl off", "risk_needs_stop"),
        ("long btc 0.01 trigger 59000 trail 1% sl 2%", "trailing_guards"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_next_step(bench: Bench, words: str, code: str) -> None:
    refused = await say(bench, words, "k")
    assert isinstance(refused, Refusal) and refused.code == code
    assert refused.reasons[0].remedy and not bench.venue.sent


async def test_a_trailing_entry_leaves_its_stop_to_the_audit(bench: Bench) -> None:
    raised = await plan(bench, "long btc 0.01 trigger 59000 trail 1%")
    assert raised.proposal.terms.legs[0].intent.attached is None and raised.proposal.terms.waiver is None


async def test_every_kind_of_order_is_planned(bench: Bench) -> None:
    cases = {
        "long btc 0.01 sl 2%": (OrderKind.MARKET, TimeInForce.GTC),
        "long btc 0.01 @59000 sl 2%": (OrderKind.LIMIT, TimeInForce.GTC),
        "long btc 0.01 @59000 post sl 2%": (OrderKind.LIMIT, TimeInForce.POST_ONLY),
        "long btc 0.01 @59000 ioc sl 2%": (OrderKind.LIMIT, TimeInForce.IOC),
        "long btc 0.01 @59000 fok sl 2%": (OrderKind.LIMIT, TimeInForce.FOK),
        "long btc 0.01 trigger 61000 sl 2%": (OrderKind.TRIGGER, TimeInForce.GTC),
        "long btc 0.01 trigger 59000 trail 1% sl off": (OrderKind.TRAILING, TimeInForce.GTC),
    }
    for place, (words, wanted) in enumerate(cases.items()):
        raised = await say(bench, words, str(place), yes=None)
        assert isinstance(raised, Raised), f"{words}: {raised}"
        intent = raised.proposal.terms.legs[0].intent
        assert (intent.kind, intent.time_in_force) == wanted, words


async def test_the_card_says_what_is_lost_and_what_changes(bench: Bench) -> None:
    """features 2: loss in money and percent, liquidation, exposure before and after, fees, leverage change."""
    preview = (await plan(bench, "long btc 0.05 5x iso sl 2% tp 4%")).plan.preview
    assert preview is not None
    assert preview.loss is not None and Decimal(60) < preview.loss < Decimal(65)
    assert preview.loss_percent is not None and preview.loss_percent == preview.loss / 100
    assert (preview.exposure_before, preview.exposure_after) == (Decimal(0), Decimal("0.3"))
    assert (preview.leverage, preview.leverage_was) == (Decimal(5), Decimal(10))
    assert preview.margin == Decimal(600) and preview.fees is not None and preview.fees > 0
    assert preview.liquidation is not None and Decimal(48_000) < preview.liquidation < Decimal(48_700)
    assert preview.reward_risk is not None and Decimal("1.8") < preview.reward_risk < Decimal(2)


async def test_a_coin_margined_contract_is_reckoned_in_its_coin(bench: Bench) -> None:
    raised = await plan(bench, "long btcusd 0.1 iso sl 2%")
    preview = raised.plan.preview
    assert preview is not None and preview.coin == "BTC"
    assert preview.loss is not None and preview.loss < Decimal("0.01")
    assert raised.proposal.terms.margin_mode is MarginMode.ISOLATED


async def test_leverage_follows_the_limit_where_nobody_named_it(bench: Bench) -> None:
    await set_limits(bench.seat, "account", Limits(leverage=Decimal(4)), by=None, actor="local")
    raised = await plan(bench, "long btc 0.01 sl 2%")
    assert raised.proposal.terms.leverage == Decimal(4)
