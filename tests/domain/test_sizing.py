from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.domain.intent import Direction
from bot.domain.refusal import Refusal
from bot.domain.sizing import (
    Amount,
    BaseAmount,
    EquityAmount,
    QuoteAmount,
    RiskAmount,
    Sized,
    loss_per_unit,
    parse_amount,
    reward_risk,
    size_for,
)
from tests.domain.builders import D, instrument, inverse

LONG = Direction.LONG


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0.05", BaseAmount(size=D("0.05"))),
        (".05", BaseAmount(size=D("0.05"))),
        ("$500", QuoteAmount(notional=D(500))),
        ("$60,500.5", QuoteAmount(notional=D("60500.5"))),
        ("2%", EquityAmount(percent=D(2))),
        ("r0.5%", RiskAmount(percent=D("0.5"))),
        (" R0.5% ", RiskAmount(percent=D("0.5"))),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, amount: Amount) -> None:
    assert parse_amount(text) == amount


@pytest.mark.parametrize(
    "text",
    ["", "1,5", "0,005", "60,50", "1e9", "-1", "+1", "r5", "$5%", "r$5", "abc", "5$", "$", "%", "٣", "1.2.3", "NaN"],
)
def test_doubtful_amounts_are_refused_with_a_hint(text: str) -> None:
    """FF-50; security section 2, rule 9."""
    refusal = parse_amount(text)
    assert isinstance(refusal, Refusal)
    assert "r0.5%" in str(refusal)


def test_zero_is_refused() -> None:
    refusal = parse_amount("$0.00")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "amount_zero"


def sized(amount: Amount, **changes: object) -> Sized:
    wish = {"direction": LONG, "price": D(50000), "equity": D(10000)} | changes
    contract = wish.pop("contract", instrument())
    result = size_for(amount, contract, **wish)  # type: ignore[arg-type]
    assert isinstance(result, Sized), str(result)
    return result


def test_each_unit_of_amount() -> None:
    assert sized(BaseAmount(size=D("0.05678"))).size == D("0.0567")
    assert sized(QuoteAmount(notional=D(500))).size == D("0.01")
    assert sized(EquityAmount(percent=D(2))).size == D("0.004")
    assert sized(EquityAmount(percent=D(2)), contract=inverse(), equity=D(1)).size == D("0.02")


def test_risk_to_the_stop_counts_both_fees() -> None:
    contract = instrument(taker_fee=D("0.001"), maker_fee=D("0"))
    result = sized(RiskAmount(percent=D(1)), contract=contract, price=D(1000), stop=D(990), equity=D(10000))
    # 100 to lose; 10 of price and 1.99 of fees a unit
    assert result.size == D("8.3402")
    assert result.loss is not None
    assert result.loss == D("8.3402") * D("11.99")
    assert result.loss_percent is not None
    assert D("0.9999") < result.loss_percent <= 1


def test_a_maker_entry_pays_less_and_may_be_larger() -> None:
    amount = RiskAmount(percent=D(1))
    assert sized(amount, stop=D(49000), maker=True).size > sized(amount, stop=D(49000)).size


def test_the_sum_lost_is_the_same_on_an_inverse_contract() -> None:
    contract = inverse(taker_fee=D(0), maker_fee=D(0))
    assert loss_per_unit(contract, D(50000), D(40000)) * D(40000) == D(10000)


@pytest.mark.parametrize(
    ("amount", "changes", "code"),
    [
        (RiskAmount(percent=D(1)), {}, "risk_needs_stop"),
        (QuoteAmount(notional=D(500)), {"stop": D(50001)}, "stop_side"),
        (QuoteAmount(notional=D(500)), {"stop": D(50000)}, "stop_side"),
        (QuoteAmount(notional=D(500)), {"stop": D(49999), "direction": Direction.SHORT}, "stop_side"),
        (EquityAmount(percent=D(1)), {"equity": D(0)}, "no_equity"),
        (RiskAmount(percent=D(1)), {"equity": D(-5), "stop": D(49000)}, "no_equity"),
        (QuoteAmount(notional=D(4)), {}, "too_small"),
        (BaseAmount(size=D("0.00009")), {}, "too_small"),
        (QuoteAmount(notional=D(500)), {"price": D(0)}, "price_unknown"),
    ],
)
def test_what_cannot_be_sized_is_refused_and_never_rounded_up(
    amount: Amount, changes: dict[str, object], code: str
) -> None:
    wish = {"direction": LONG, "price": D(50000), "equity": D(10000)} | changes
    refusal = size_for(amount, instrument(), **wish)  # type: ignore[arg-type]
    assert isinstance(refusal, Refusal)
    assert refusal.code == code


def test_refusals_are_told_in_words() -> None:
    assert "as a dot" in str(parse_amount("0,5"))
    assert "as a dot" not in str(parse_amount("abc"))
    low = size_for(BaseAmount(size=D("0.000094")), instrument(), direction=LONG, price=D(50000), equity=D(1))
    assert str(low) == (
        "That is 0.000094 BTC; BTCUSDT trades from 0.0001 BTC (about 5 USDT). Ask for at least 0.0001 BTC."
    )
    for side, word in ((LONG, "below"), (Direction.SHORT, "above")):
        wrong = size_for(BaseAmount(size=D(1)), instrument(), direction=side, price=D(100), equity=D(1), stop=D(100))
        assert str(wrong) == f"The stop 100 is not {word} the entry 100. Put the stop {word} it."


def test_both_fees_of_an_inverse_trade_are_in_coin() -> None:
    contract = inverse(taker_fee=D("0.0006"), maker_fee=D("0.0002"))
    assert loss_per_unit(contract, D(50000), D(40000)) == D("0.2512")
    assert loss_per_unit(contract, D(50000), D(40000), maker=True) == D("0.2508")


def test_a_loss_without_equity_has_no_percentage() -> None:
    empty = sized(BaseAmount(size=D(1)), equity=D(0), stop=D(49000))
    assert empty.loss is not None
    assert empty.loss_percent is None


def test_the_smallest_named_size_would_pass() -> None:
    refusal = size_for(QuoteAmount(notional=D(4)), instrument(), direction=LONG, price=D(30011), equity=D(1))
    assert isinstance(refusal, Refusal)
    assert sized(BaseAmount(size=D(refusal.reasons[0].limit)), price=D(30011)).notional >= 5


PRICES = some.decimals(min_value=D("0.5"), max_value=D(100000), places=1)
MONEY = some.decimals(min_value=1, max_value=10**6, places=2)
PERCENTS = some.decimals(min_value=D("0.01"), max_value=100, places=2)


@given(PRICES, MONEY, PERCENTS, some.integers(1, 99), some.booleans(), some.booleans())
def test_sizing_never_exceeds_what_was_asked(
    price: Decimal, equity: Decimal, percent: Decimal, near: int, coin: bool, short: bool
) -> None:
    contract = inverse() if coin else instrument()
    side = Direction.SHORT if short else LONG
    stop = price * (100 - near * side.sign) / 100
    money = equity * price if coin else equity
    for amount, most in (
        (QuoteAmount(notional=equity), equity),
        (EquityAmount(percent=percent), money * percent / 100),
    ):
        result = size_for(amount, contract, direction=side, price=price, equity=equity)
        assert isinstance(result, Refusal) or result.notional <= most
    risked = size_for(RiskAmount(percent=percent), contract, direction=side, price=price, equity=equity, stop=stop)
    if isinstance(risked, Sized):
        assert risked.loss is not None
        assert risked.loss <= equity * percent / 100 + D("1e-18")
        assert contract.fits_size(risked.size)


def test_reward_to_risk_counts_the_fees_of_both_ways() -> None:
    """A way of 2 R is worth less than 2: fees are taken from the gain and added to the loss."""
    linear = instrument()
    fees_won, fees_lost = D(100) * linear.taker_fee + D(120) * linear.taker_fee, (D(100) + D(90)) * linear.taker_fee
    assert reward_risk(linear, Direction.LONG, D(100), D(90), D(120)) == (D(20) - fees_won) / (D(10) + fees_lost)
    short = reward_risk(linear, Direction.SHORT, D(100), D(110), D(80))
    assert D("1.9") < short < D(2)
    assert reward_risk(linear, Direction.LONG, D(120), D(90), D(120)) < 0
    coin = reward_risk(inverse(), Direction.LONG, D(100), D(90), D(120))
    assert D("1.4") < coin < D("1.5")  # in coin a gain shrinks and a loss grows with the price
