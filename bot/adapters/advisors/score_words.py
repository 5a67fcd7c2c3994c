"""Put a scorecard into words: how often, how much, how sure (advisor section 11)."""
from __future__ import annotations

from collections.abc import Sequence

from bot.adapters.advisors.evidence import Account
from bot.adapters.advisors.scores import SHOWN_FROM, mean_interval, wilson
from bot.ports.assessor import Judged, Score


def score(advisor: str, account: Account, outcomes: Sequence[Judged]) -> Score:
    """Print the scorecard of an advisor; numbers appear from 30 outcomes on, before that how many there are."""
    filled = [each for each in outcomes if each[1].filled]
    hits = sum(outcome.exit == "TARGET" for _, outcome in filled)
    rows = [("Outcomes", f"{len(filled)} ({len(outcomes) - len(filled)} not filled)")]
    if len(filled) < SHOWN_FROM:
        rows.append(("Record", f"no record yet ({len(filled)} of {SHOWN_FROM})"))
    else:
        low, high = wilson(hits, len(filled))
        rows.append(("Hit", f"{hits} of {len(filled)} ({low:.0%}–{high:.0%})"))
        rows.append(("Mean", _interval([float(outcome.net_r) for _, outcome in filled])))
        claims = [(idea.claim_bp / 10_000, outcome.exit == "TARGET") for idea, outcome in filled
                  if idea.claim_bp is not None]
        if claims:
            said = sum(chance for chance, _ in claims) / len(claims)
            rows.append(("Said", f"{said:.0%}, hit {sum(hit for _, hit in claims) / len(claims):.0%}"))
    executed = [outcome for _, outcome in filled if outcome.executed_r is not None]
    if executed:
        shortfall = sum(float((one.executed_r or 0) - one.net_r) for one in executed) / len(executed)
        earned = sum(float(one.executed_r or 0) for one in executed)
        rows += [("Executed", f"{len(executed)}, {earned:+.2f}R"), ("Shortfall", f"{shortfall:+.2f}R each")]
    rows += [("Evidence", f"{min(account.skill.value, 9999.0):.1f} (20 is enough)"),
             ("Harm", f"{min(account.harm.value, 9999.0):.1f} (20 ends it)"), ("Blocks", str(account.skill.count))]
    return Score(head=f"{advisor}: {len(filled)} outcomes", rows=tuple(rows))


def spread(values: Sequence[float]) -> str:
    """Say how many outcomes there are and their mean; below 30, or where 0 lies inside the interval, that it is little.
    """
    mean, low, high = mean_interval(values)
    sure = len(values) >= SHOWN_FROM and not low <= 0.0 <= high
    return f"{len(values)}: {mean:+.2f}R each" + ("" if sure else ", not significant")


def _interval(values: Sequence[float]) -> str:
    mean, low, high = mean_interval(values)
    return f"{mean:+.2f}R ({low:+.2f} to {high:+.2f})"
