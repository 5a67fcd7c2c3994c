"""Work out where an advisor stands from its outcomes and from what the desk knows (advisor section 11)."""
from __future__ import annotations

import json
from collections.abc import Sequence

from bot.adapters.advisors.calibration import calibrate
from bot.adapters.advisors.conformal import WATCHED
from bot.adapters.advisors.evidence import Account
from bot.adapters.advisors.ladder import Standing
from bot.adapters.advisors.scores import SHOWN_FROM, brier_skill, worst_drawdown
from bot.ports.assessor import Circumstances, Judged

# A chance that was said, and whether the target was reached.
Chance = tuple[float, int]
RECENT, REFIT = 60, 10
SHORT = 20


def of(about: Circumstances, account: Account, outcomes: Sequence[Judged]) -> Standing:
    """Fill in the table that `ladder` reads; `outcomes` are all of the key, in any order."""
    filled = sorted((each for each in outcomes if each[1].filled), key=lambda each: (each[0].at, each[0].id))
    executed = [each for each in filled if each[1].executed_r is not None]
    on_rung = [each for each in executed if about.since is None or each[0].at >= about.since]
    chances = said_chances(filled, calibrated=about.version is not None)
    metrics = json.loads(about.version.metrics) if about.version is not None else {}
    return Standing(
        about=about, local=about.version is not None,
        report=about.version is not None and about.version.report is not None,
        gates_passed=bool(metrics.get("may_propose", False)),
        outcomes=account.outcomes, blocks=account.skill.count, regimes=regimes(filled),
        executed=len(executed), executed_on_rung=len(on_rung),
        log_evidence=account.skill.log_value, log_harm=account.harm.log_value,
        brier_skill=skill(chances), brier_skill_60=skill(chances[-RECENT:]) if len(chances) >= RECENT else None,
        shortfall=_shortfall(executed), shortfall_20=_shortfall(executed[-SHORT:]) if len(executed) >= SHORT else None,
        deflated_sharpe=metrics.get("deflated_sharpe"),
        drawdown_r=worst_drawdown([float(each[1].executed_r or 0) for each in on_rung]),
        outcomes_since_fall=None if about.fell_at is None
        else sum(each[0].at >= about.fell_at for each in filled),
        misses_50=missed(filled),
    )


def missed(filled: Sequence[Judged]) -> float | None:
    """Give the share of the last 50 ranges that the outcome lay outside of; None before there are 50."""
    ranged = [(idea.range_low, outcome.net_r, idea.range_high) for idea, outcome in filled
              if idea.range_low is not None and idea.range_high is not None][-WATCHED:]
    if len(ranged) < WATCHED:
        return None
    return sum(not low <= net <= high for low, net, high in ranged) / len(ranged)


def regimes(filled: Sequence[Judged]) -> int:
    """Count the volatility regimes seen, by the width of stops: two once the widest third is twice the narrowest.

    Stops are multiples of the average true range, so their width is the volatility of that moment.
    """
    widths = sorted(abs(1.0 - float(idea.stop) / float(idea.target)) for idea, _ in filled
                    if idea.stop is not None and idea.target)
    if not widths:
        return 0
    third = max(1, len(widths) // 3)
    return 2 if sum(widths[-third:]) >= 2.0 * sum(widths[:third]) else 1


def said_chances(filled: Sequence[Judged], *, calibrated: bool) -> list[Chance]:
    """Give what was claimed and whether it hit, oldest first.

    Models of ours claim calibrated chances. Claims of others are ignored until 30 outcomes exist, and from then on mean
    what the map fitted on all earlier ones makes of them, fitted anew every 10 (advisor section 8).
    """
    claimed = [(idea.claim_bp / 10_000, int(outcome.exit == "TARGET")) for idea, outcome in filled
               if idea.claim_bp is not None]
    if calibrated:
        return claimed
    found: list[Chance] = []
    for start in range(SHOWN_FROM, len(claimed), REFIT):
        before = claimed[:start]
        fitted = calibrate([chance for chance, _ in before], [hit for _, hit in before], [1.0] * start)
        if fitted is not None:
            found += [(fitted.chance(chance), hit) for chance, hit in claimed[start:start + REFIT]]
    return found


def skill(chances: Sequence[Chance]) -> float | None:
    """Give the skill of chances against always saying the base rate; None where there are none."""
    return brier_skill([chance for chance, _ in chances], [hit for _, hit in chances]) if chances else None


def _shortfall(executed: Sequence[Judged]) -> float | None:
    """Give the mean of executed minus simulated R; None where nothing was executed."""
    if not executed:
        return None
    return sum(float((one.executed_r or 0) - one.net_r) for _, one in executed) / len(executed)
