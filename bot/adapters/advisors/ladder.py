"""Say which rung an advisor may rise to and when it falls: the tables of advisor section 11 as pure functions.

Rising is a person's act on a card that lists what `unmet` says; falling happens by itself, at once.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log

from bot.adapters.advisors.evidence import ENOUGH
from bot.domain.mandate import Rung
from bot.ports.assessor import Circumstances

ORDER = (Rung.OFF, Rung.SHADOW, Rung.PROPOSE, Rung.SEMI, Rung.AUTO)
OUTLIERS = Decimal("0.2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of one advisor version in one symbol group on one account: `about` by the desk, the rest measured.

    Evidence as logarithms; R after all costs; None means not measured. `local` tells models of ours from others.
    """

    about: Circumstances
    local: bool = True
    report: bool = False
    gates_passed: bool = False
    outcomes: int = 0
    blocks: int = 0
    regimes: int = 0
    executed: int = 0
    executed_on_rung: int = 0
    log_evidence: float = 0.0
    log_harm: float = 0.0
    brier_skill: float | None = None
    brier_skill_60: float | None = None
    shortfall: float | None = None
    shortfall_20: float | None = None
    deflated_sharpe: float | None = None
    drawdown_r: float = 0.0
    outcomes_since_fall: int | None = None
    misses_50: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """To which rung, why, and what brings it back."""

    to: Rung
    trigger: str
    back: str


Test = Callable[[Standing], bool]
# trigger, to, what brings it back, when; the lowest rung of all that apply wins, the first listed gives its words.
FALLS: tuple[tuple[str, Rung, str, Test], ...] = (
    ("unverified protection", Rung.OFF, "person", lambda s: s.about.protection_unverified),
    ("harm evidence at 20", Rung.SHADOW, "evidence starts at 1", lambda s: s.log_harm >= log(ENOUGH)),
    ("outliers above 20 % of the last 50", Rung.SHADOW, "a person closes the cause",
     lambda s: s.about.outliers > OUTLIERS),
    ("features differ between live and replay", Rung.SHADOW, "a person closes the cause", lambda s: s.about.skew),
    ("model past its expiry", Rung.SHADOW, "a new version", lambda s: s.about.expired),
    ("drawdown of 8R since promotion", Rung.PROPOSE, "30 more outcomes with evidence still at 20; evidence is kept",
     lambda s: s.drawdown_r >= 8.0),
    ("its daily loss limit", Rung.PROPOSE, "30 more outcomes with evidence still at 20; evidence is kept",
     lambda s: s.about.daily_loss_hit),
    ("lease used up or ended", Rung.PROPOSE, "renewal tap", lambda s: s.about.lease_over),
    ("nobody authorised active for 24 h", Rung.PROPOSE, "renewal tap", lambda s: s.about.nobody_active_24h),
    ("Brier skill below 0 over the last 60", Rung.PROPOSE, "recalibration and 30 outcomes",
     lambda s: s.brier_skill_60 is not None and s.brier_skill_60 < 0.0),
    ("ranges missed more than 30 % of the last 50", Rung.PROPOSE, "recalibration and 30 outcomes",
     lambda s: s.misses_50 is not None and s.misses_50 > 0.30),
    ("executed below simulated by 0.25R over 20", Rung.PROPOSE, "person",
     lambda s: s.shortfall_20 is not None and s.shortfall_20 < -0.25),
    ("two rejections of the exchange in a row", Rung.PROPOSE, "person", lambda s: s.about.rejections_in_row >= 2),
    ("reconciliation drift", Rung.PROPOSE, "person", lambda s: s.about.drift),
    ("model circuit open, budget gone or probe drift", Rung.PROPOSE, "person", lambda s: s.about.circuit_open),
)
# Likewise, but the rung stays: as long as it lasts the advisor reaches no further than this.
SUSPENSIONS: tuple[tuple[str, Rung, str, Callable[[Circumstances], bool]], ...] = (
    ("halt or account breaker", Rung.OFF, "a person resumes", lambda one: one.halted),
    ("stream or clock trouble", Rung.PROPOSE, "automatic, once it is over", lambda one: one.stream_trouble),
)


def fall(standing: Standing) -> Fall | None:
    """Give the fall that is due now; None while nothing triggers or the advisor already stands as low."""
    return _lowest(standing.about.rung, [Fall(to=to, trigger=trigger, back=back)
                                         for trigger, to, back, applies in FALLS if applies(standing)])


def suspended(about: Circumstances) -> Fall | None:
    """Give what keeps an advisor lower than its rung for now; None while nothing does or it stands as low."""
    return _lowest(about.rung, [Fall(to=to, trigger=trigger, back=back)
                                for trigger, to, back, applies in SUSPENSIONS if applies(about)])


def _lowest(rung: Rung, due: Sequence[Fall]) -> Fall | None:
    found = min(due, key=lambda one: ORDER.index(one.to), default=None)
    return found if found is not None and ORDER.index(found.to) < ORDER.index(rung) else None


def unmet(wanted: Rung, standing: Standing) -> tuple[str, ...]:
    """List what is missing for a rung, one sentence each; empty when a person may grant it.

    Rungs are climbed one at a time; a rung at or below the present one needs nothing.
    """
    here, there = ORDER.index(standing.about.rung), ORDER.index(wanted)
    if there <= here:
        return ()
    stands = standing.about.rung.value
    missing = [] if there == here + 1 else [f"It stands on {stands}; rungs are climbed one at a time."]
    rows = {Rung.SHADOW: _shadow, Rung.PROPOSE: _propose, Rung.SEMI: _semi, Rung.AUTO: _auto}
    missing += [words for met, words in rows[wanted](standing) if not met]
    blocked = [f"{trigger}: it would fall at once to {to.value}." for trigger, to, _, applies in FALLS
               if applies(standing) and ORDER.index(to) < there and trigger != "lease used up or ended"]
    return (*missing, *blocked)


Needs = list[tuple[bool, str]]


def _shadow(standing: Standing) -> Needs:
    return [(standing.report or not standing.local, "A registered report is missing.")]


def _propose(standing: Standing) -> Needs:
    proven = (standing.outcomes >= 30 and standing.brier_skill is not None and standing.brier_skill > 0.0
              and standing.log_harm < log(ENOUGH))
    said = "none" if standing.brier_skill is None else f"{standing.brier_skill:+.3f}"
    return [(standing.gates_passed or proven,
             f"The offline gates are not passed, and of 30 shadow outcomes with Brier skill above 0 there are "
             f"{standing.outcomes} with skill {said}.")]


def _semi(standing: Standing) -> Needs:
    enough = standing.log_evidence >= log(ENOUGH)
    rested = standing.outcomes_since_fall is None or standing.outcomes_since_fall >= 30
    short = standing.shortfall is not None and standing.shortfall >= -0.15
    deflated = not standing.local or (standing.deflated_sharpe or 0.0) >= 0.95
    return [
        (enough, f"Evidence is {_value(standing.log_evidence)}, needed are 20."),
        (standing.outcomes >= 100, f"{standing.outcomes} outcomes, needed are 100."),
        (standing.blocks >= 10, f"{standing.blocks} blocks of evidence, needed are 10."),
        (standing.regimes >= 2, f"{standing.regimes} volatility regimes seen, needed are 2."),
        (standing.executed >= 20, f"{standing.executed} executed outcomes, needed are 20."),
        (short, f"Executed minus simulated is {_r(standing.shortfall)}, needed is -0.15R or better."),
        (deflated, f"The deflated Sharpe ratio is {standing.deflated_sharpe or 0.0:.2f}, needed is 0.95."),
        (rested, f"{standing.outcomes_since_fall} outcomes since it fell, needed are 30."),
    ]


def _auto(standing: Standing) -> Needs:
    return [
        (standing.executed_on_rung >= 30,
         f"{standing.executed_on_rung} executed outcomes on SEMI, needed are 30."),
        (standing.log_evidence >= log(ENOUGH), f"Evidence is {_value(standing.log_evidence)}, needed are 20."),
        (standing.log_harm <= log(5.0), f"Evidence of harm is {_value(standing.log_harm)}, at most 5 may be."),
    ]


def _value(logarithm: float) -> str:
    return f"{min(1e6, 2.718281828459045 ** min(logarithm, 20.0)):.1f}"


def _r(value: float | None) -> str:
    return "not measured" if value is None else f"{value:+.2f}R"


def shrink(*limits: float) -> float:
    """Give the effective limit: the least of what venue, owner, person, rung, volatility and model allow (section 9).

    Every layer can only lower; a negative one counts as 0. Raises ValueError without limits or for NaN.
    """
    if not limits or any(limit != limit for limit in limits):
        raise ValueError("An effective limit needs limits, each a number.")
    return max(0.0, min(limits))


def volatility_scale(target: float, realised: float, unusual: bool) -> float:
    """Scale risk by the market's unrest: at most 1, halved beyond the outlier limit (advisor section 9)."""
    scale = min(1.0, target / realised) if realised > 0.0 else 1.0
    return scale / 2.0 if unusual else scale
