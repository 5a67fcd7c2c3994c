"""Turn "0.05", "$500", "2%" or "r0.5%" into a size the contract accepts, never a larger one than was asked for."""
from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.intent import Direction
from bot.domain.numbers import HUNDRED, ZERO, ceil_to, parse, plain
from bot.domain.refusal import Refusal, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseAmount:
    """A size in base units: "0.05"."""

    size: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteAmount:
    """A position value in quote units: "$500"."""

    notional: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityAmount:
    """A position value in percent of the wallet's equity: "2%"."""

    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskAmount:
    """What may be lost at the stop, fees included, in percent of the wallet's equity: "r0.5%"."""

    percent: Decimal


Amount = BaseAmount | QuoteAmount | EquityAmount | RiskAmount
NUMBER = r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
AMOUNT = re.compile(rf"(?P<risk>r)?(?P<money>\$)?(?P<number>{NUMBER})(?P<percent>%)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """A size on the step with what it means.

    `notional` in quote units; `margin_value` and `loss` (price and both fees, at the stop) in the margin coin; `loss`
    and `loss_percent` (of equity) are None without a stop.
    """

    size: Decimal
    notional: Decimal
    margin_value: Decimal
    loss: Decimal | None
    loss_percent: Decimal | None


def parse_amount(text: str) -> Amount | Refusal:
    """Read an amount as people write it (C: typed trades, architecture section 21).

    A bare number is base units, `$` quote units, `%` equity, `r…%` risk. A comma groups thousands; other uses of it,
    exponents and signs are refused with a hint (security section 2, rule 9).
    """
    word = text.strip().lower()
    match = AMOUNT.fullmatch(word)
    number = parse(match["number"].replace(",", "")) if match else None
    mixed = match is not None and bool(match["risk"]) and (bool(match["money"]) or not match["percent"])
    if match is None or number is None or mixed or (match["money"] and match["percent"]):
        hint = "Write the decimal point as a dot. " if "," in word else ""
        return refuse(
            "amount_unread", f"{text.strip()!r} is no amount.", f"{hint}Write 0.05, $500, 2% or r0.5%.",
            value=text.strip(), limit="0.05, $500, 2%, r0.5%",
        )
    if number <= ZERO:
        return refuse("amount_zero", "The amount is zero.", "Write an amount above 0.", value=word, limit="above 0")
    if match["risk"]:
        return RiskAmount(percent=number)
    if match["percent"]:
        return EquityAmount(percent=number)
    return QuoteAmount(notional=number) if match["money"] else BaseAmount(size=number)


def size_for(
    amount: Amount,
    instrument: Instrument,
    *,
    direction: Direction,
    price: Decimal,
    equity: Decimal,
    stop: Decimal | None = None,
    maker: bool = False,
) -> Sized | Refusal:
    """Work out the size for an amount at a price, rounded down to the step.

    `equity` is that of the contract's own wallet, in its margin coin. Leverage plays no part: it only sets the margin.
    Gives a refusal for a risk amount without a stop, a stop on the wrong side, no equity, or less than the contract's
    minimum: never rounded up (advisor section 9).
    """
    if price <= ZERO:
        return refuse("price_unknown", "There is no price to size with.", "Try again in a moment.", value=plain(price))
    if stop is not None and (price - stop) * direction.sign <= ZERO:
        side = "below" if direction is Direction.LONG else "above"
        return refuse(
            "stop_side", f"The stop {plain(stop)} is not {side} the entry {plain(price)}.", f"Put the stop {side} it.",
            value=plain(stop), limit=f"{side} {plain(price)}",
        )
    if isinstance(amount, (EquityAmount, RiskAmount)) and equity <= ZERO:
        return refuse(
            "no_equity", f"The {instrument.margin_coin} wallet holds nothing to take a percentage of.",
            f"Move {instrument.margin_coin} into the futures wallet, or name a size.", value=plain(equity),
        )
    wished = _wished(amount, instrument, price, equity, stop, maker)
    if isinstance(wished, Refusal):
        return wished
    size = instrument.round_size(wished)
    least = _least(instrument, price)
    if size < least:
        return refuse(
            "too_small", f"That is {plain(_cut(wished, instrument))} {instrument.base}; {instrument.symbol} trades from"
            f" {plain(least)} {instrument.base} (about {plain(_cents(least * price))} {instrument.quote}).",
            f"Ask for at least {plain(least)} {instrument.base}.", value=plain(size), limit=plain(least),
        )
    loss = None if stop is None else size * loss_per_unit(instrument, price, stop, maker=maker)
    percent = None if loss is None or equity <= ZERO else loss / equity * HUNDRED
    return Sized(
        size=size, notional=instrument.notional(size, price), margin_value=instrument.margin_value(size, price),
        loss=loss, loss_percent=percent,
    )


def loss_per_unit(instrument: Instrument, entry: Decimal, stop: Decimal, *, maker: bool = False) -> Decimal:
    """Give what one base unit loses from entry to stop, both fees included, in the margin coin.

    Linear contracts lose quote units; coin-margined ones the same sum in coin at the stop price (semantics section
    11). The exit always pays the taker fee.
    """
    entry_fee = instrument.maker_fee if maker else instrument.taker_fee
    if instrument.inverse:
        return abs(entry - stop) / stop + entry_fee + instrument.taker_fee
    return abs(entry - stop) + entry * entry_fee + stop * instrument.taker_fee


def reward_risk(
    instrument: Instrument, direction: Direction, price: Decimal, stop: Decimal, target: Decimal
) -> Decimal:
    """Give what reaching the target brings over what the stop costs, from a price, taker fees on both sides included.

    Zero or less when the target is behind the price or its way does not pay the fees (advisor sections 9 and 10).
    """
    lost = loss_per_unit(instrument, price, stop)
    way = (target - price) * direction.sign
    fees = loss_per_unit(instrument, price, target) - abs(target - price) / (target if instrument.inverse else 1)
    return ((way / target if instrument.inverse else way) - fees) / lost


def _wished(
    amount: Amount, instrument: Instrument, price: Decimal, equity: Decimal, stop: Decimal | None, maker: bool
) -> Decimal | Refusal:
    if isinstance(amount, BaseAmount):
        return amount.size
    if isinstance(amount, QuoteAmount):
        return amount.notional / price
    if isinstance(amount, EquityAmount):
        value = equity * amount.percent / HUNDRED
        return value if instrument.inverse else value / price
    if stop is None:
        return refuse(
            "risk_needs_stop", f"Risking {plain(amount.percent)}% needs a stop to measure it by.",
            "Add a stop, for example: sl 2%.", value="no stop", limit="a stop",
        )
    return equity * amount.percent / HUNDRED / loss_per_unit(instrument, price, stop, maker=maker)


def _least(instrument: Instrument, price: Decimal) -> Decimal:
    return max(instrument.minimum_size, ceil_to(instrument.minimum_notional / price, instrument.size_step))


def _cut(size: Decimal, instrument: Instrument) -> Decimal:
    """Show a wish two digits finer than the step, so that a person sees how far below it is."""
    return size.quantize(instrument.size_step / HUNDRED)


def _cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))
