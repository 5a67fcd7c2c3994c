"""Hand over what planning found: the terms to propose and the numbers a person must see with them."""
from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.domain.proposal import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a card says beside the terms; money in the margin coin unless it says notional, None where not known.

    `loss` and `gain` are at the stop and at the targets, fees included; `fees` in and out; `distance` is from the
    price to the liquidation estimate in percent; exposures are multiples of the wallet's equity.
    """

    price: Decimal
    size: Decimal
    notional: Decimal
    margin: Decimal | None = None
    fees: Decimal | None = None
    loss: Decimal | None = None
    loss_percent: Decimal | None = None
    gain: Decimal | None = None
    reward_risk: Decimal | None = None
    liquidation: Decimal | None = None
    distance: Decimal | None = None
    exposure_before: Decimal | None = None
    exposure_after: Decimal | None = None
    leverage: Decimal | None = None
    leverage_was: Decimal | None = None
    stop: Decimal | None = None
    targets: tuple[Decimal, ...] = ()
    default_stop: bool = False
    rounded_from: Decimal | None = None
    coin: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Terms ready to be proposed; `reference` is the price they were written at, None where no price matters."""

    terms: Terms
    reference: Decimal | None
    preview: Preview | None
    summary: str
    rows: tuple[str, ...] = ()
