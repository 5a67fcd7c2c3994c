"""Hold every number the desk acts by, with its unit and its source; compose divides the times by the time scale."""
from __future__ import annotations

from dataclasses import dataclass, fields, replace
from decimal import Decimal
from enum import Enum
from math import ceil

from bot.domain.absence import ClockRule


class NakedPolicy(Enum):
    """What happens to a position that could not be protected in time (FF-35)."""

    CLOSE = "CLOSE"
    ALARM = "ALARM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Seconds unless the name says otherwise; the defaults are those of reliability sections 2 and 3."""

    send_delay_max_s: float = 2.0
    validity_s: float = 30.0
    skew_s: float = 2.0
    absent_lag_s: float = 10.0
    absent_answers: int = 3
    ask_steps_s: tuple[float, ...] = (0.3, 0.7, 1.5, 3.0, 5.0)
    rejected_lookup_s: float = 5.0
    unknown_alarm_s: float = 120.0
    orders_period_s: float = 10.0
    orders_period_degraded_s: float = 5.0
    positions_period_s: float = 10.0
    positions_period_urgent_s: float = 2.0
    fills_period_s: float = 60.0
    fills_overlap_s: float = 900.0
    bills_period_s: float = 300.0
    protection_period_s: float = 5.0
    protection_readback_s: float = 30.0
    modes_period_s: float = 600.0
    clock_period_s: float = 60.0
    stop_verify_s: float = 3.0
    naked_max_s: float = 20.0
    naked_policy: NakedPolicy = NakedPolicy.CLOSE
    ticket_life_s: float = 30.0
    yes_life_s: float = 60.0
    proposal_life_s: float = 900.0
    price_age_max_s: float = 10.0
    drift_allowed: Decimal = Decimal("0.0025")
    drift_allowed_r: Decimal = Decimal("0.25")
    reward_risk_least: Decimal = Decimal("1.3")
    # A day that moves more than this shrinks what models may risk (advisor section 9).
    day_move_percent: Decimal = Decimal(4)
    idea_life_least_s: float = 60.0
    idea_life_most_s: float = 1200.0
    advice_period_s: float = 5.0
    score_period_s: float = 60.0
    ladder_period_s: float = 5.0
    veto_window_s: float = 0.0
    default_stop_percent: Decimal = Decimal(2)
    waiver_life_s: float = 86_400.0
    flat_rounds: int = 12
    flat_pause_s: float = 1.0
    lease_life_s: float = 15.0
    lease_beat_s: float = 5.0
    lease_margin_s: float = 5.0
    watch_period_s: float = 0.5
    equal_rejections: int = 3
    haste_yeses: int = 10
    haste_window_s: float = 600.0
    haste_glance_s: float = 3.0
    haste_pause_s: float = 30.0
    first_lookback_s: float = 7 * 86_400.0

    def scaled(self, factor: float) -> Rules:
        """Divide every time by `factor`, for the sandbox only (C2); counts and fractions stay."""
        changed: dict[str, float | tuple[float, ...]] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name.endswith("_s"):
                parts = value if isinstance(value, tuple) else (value,)
                scaled = tuple(part / factor for part in parts)
                changed[field.name] = scaled if isinstance(value, tuple) else scaled[0]
        return replace(self, **changed)  # type: ignore[arg-type]

    @property
    def clock_rule(self) -> ClockRule:
        """Give what makes "no such order" believed: count, and age after the signed timestamp (R5)."""
        return ClockRule(
            validity_s=ceil(self.validity_s),
            skew_s=ceil(self.skew_s),
            lag_s=ceil(self.absent_lag_s),
            minimum_asks=self.absent_answers,
        )
