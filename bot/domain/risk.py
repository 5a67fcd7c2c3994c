"""Give the verdict: may this intent leave, with the numbers of this very transaction, under these limits."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bot.domain.contract_rules import reference_price
from bot.domain.instrument import Instrument
from bot.domain.intent import Effect, OrderIntent
from bot.domain.limits import Limits
from bot.domain.numbers import HUNDRED, ZERO
from bot.domain.refusal import Reason
from bot.domain.risk_exposure import Exposure
from bot.domain.risk_rules import CLOSING, OPENING, Case
from bot.domain.sizing import loss_per_unit

__all__ = ["Approved", "Exposure", "Limits", "Near", "Reason", "Refused", "Verdict", "evaluate", "near_limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """Yes: the intent may leave now; `before` and `after` are the exposures without and with it."""

    intent: OrderIntent
    before: Exposure
    after: Exposure


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """No, with every reason found and not only the first."""

    intent: OrderIntent
    reasons: tuple[Reason, ...]


Verdict = Approved | Refused


def evaluate(
    intent: OrderIntent, instrument: Instrument, exposure: Exposure, limits: Limits, now: datetime
) -> Verdict:
    """Give the verdict on an intent: all rules are asked, all reasons kept (issue 3, "Risk"; advisor section 9).

    Only opening is limited; an intent that closes is held against what there is to close and the price collar, never
    against limits, so getting out is always possible. An order without a stop risks its whole notional.
    """
    case = _case(intent, instrument, exposure, limits, now)
    rules = OPENING if intent.effect is Effect.OPEN else CLOSING
    reasons = tuple(reason for ask in rules for reason in ask(case))
    if reasons:
        return Refused(intent=intent, reasons=reasons)
    return Approved(intent=intent, before=exposure, after=exposure_after(case))


def _case(
    intent: OrderIntent, instrument: Instrument, exposure: Exposure, limits: Limits, now: datetime
) -> Case:
    price = reference_price(intent, exposure.mark)
    size = intent.size or ZERO
    notional = instrument.notional(size, price)
    if intent.stop is None:
        risk = notional
    else:
        lost = size * loss_per_unit(instrument, price, intent.stop)
        risk = lost * intent.stop if instrument.inverse else lost
    percent = risk / exposure.equity * HUNDRED if exposure.equity > ZERO else HUNDRED
    return Case(
        intent=intent, instrument=instrument, exposure=exposure, limits=limits, now=now, price=price,
        notional=notional, risk=risk, risk_percent=percent,
    )


def exposure_after(case: Case) -> Exposure:
    """Give the exposure with the intent counted as filled (R14); closing intents free nothing until they fill."""
    was = case.exposure
    if case.intent.effect is Effect.CLOSE:
        return replace(was, closable=was.closable - (case.intent.size or was.closable), closing=was.closing + 1)
    return replace(
        was,
        symbol_notional=was.symbol_notional + case.notional,
        side_notional=was.side_notional + case.notional,
        account_notional=was.account_notional + case.notional,
        person_notional=was.person_notional + case.notional,
        open_risk=was.open_risk + case.risk,
        position_size=was.position_size + (case.intent.size or ZERO),
        positions=was.positions + (1 if was.position_size == ZERO else 0),
        orders=was.orders + 1,
        symbol_orders=was.symbol_orders + 1,
        orders_last_minute=was.orders_last_minute + 1,
        person_orders_last_minute=was.person_orders_last_minute + 1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A limit that is nearly used up: its code as in refusals, with value and limit in its own unit."""

    code: str
    value: Decimal
    limit: Decimal


NEAR = Decimal("0.8")


def near_limits(exposure: Exposure, limits: Limits, share: Decimal = NEAR) -> tuple[Near, ...]:
    """List the limits of which at least `share` is used, for the warning before the refusal."""
    return near(
        ("symbol_notional", exposure.symbol_notional, limits.symbol_notional),
        ("side_notional", exposure.side_notional, limits.side_notional),
        ("account_notional", exposure.account_notional, limits.account_notional),
        ("person_notional", exposure.person_notional, limits.person_notional),
        ("open_risk", _share(exposure.open_risk, exposure.equity), limits.open_risk),
        ("daily_loss", _share(exposure.day_loss, exposure.day_start_equity), limits.daily_loss),
        ("rolling_loss", _share(exposure.rolling_loss, exposure.rolling_start_equity), limits.rolling_loss),
        share=share,
    )


def near(*used: tuple[str, Decimal, Decimal | None], share: Decimal = NEAR) -> tuple[Near, ...]:
    """Pick of (code, value, limit) those of which at least `share` is used; without a limit nothing is near."""
    return tuple(
        Near(code=code, value=value, limit=limit)
        for code, value, limit in used
        if limit is not None and value > ZERO and value >= limit * share
    )


def _share(part: Decimal, whole: Decimal) -> Decimal:
    if part <= ZERO:
        return ZERO
    return part / whole * HUNDRED if whole > ZERO else HUNDRED
