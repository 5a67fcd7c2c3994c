"""Decide from an evaluation where a model may start: the gates of advisor section 7. They never grant autonomy."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FOLD_SKILL_LEAST = -0.01
DEFLATED_LEAST = 0.95
TRADES_LEAST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One gate: what it asks, what was found, for what it counts, and whether it is passed."""

    name: str
    asked: str
    found: str
    opens: str
    passed: bool


def gates(metrics: Mapping[str, Any]) -> tuple[Gate, ...]:
    """Judge the metrics of an evaluation; a tail that was not opened yet, or opened before, passes nothing."""
    canary, tail = metrics["canaries"], metrics.get("tail")
    skills = [fold["brier_skill"] for fold in metrics["folds"]]
    worst = min(skills)
    costly = metrics["costs"]["1.5"]
    enough = metrics["trades"]["count"] >= TRADES_LEAST
    tail_ok = tail is not None and tail["opened_before"] == 0 and tail["mean_r"] > 0 and tail["brier_skill"] > 0
    said = "not opened yet" if tail is None else (
        f"{tail['mean_r']:+.3f}R in {tail['count']} trades, skill {tail['brier_skill']:+.4f}"
        + (f", but opened {tail['opened_before']} times before" if tail["opened_before"] else ""))
    return (
        Gate(name="canary: future", asked="AUC > 0.9", found=f"{canary['future_auc']:.3f}", opens="report",
             passed=canary["future_auc"] > 0.9),
        Gate(name="canary: shuffled labels", asked="AUC 0.5 ± 0.03", found=f"{canary['noise_auc']:.3f}", opens="report",
             passed=abs(canary["noise_auc"] - 0.5) <= 0.03),
        Gate(name="Brier skill out of fold", asked="> 0", found=f"{metrics['brier_skill']:+.4f}", opens="SHADOW",
             passed=metrics["brier_skill"] > 0),
        Gate(name="Brier skill of every fold", asked=f"≥ {FOLD_SKILL_LEAST}", found=f"worst {worst:+.4f}",
             opens="SHADOW", passed=worst >= FOLD_SKILL_LEAST),
        Gate(name="mean R at 1.5x costs", asked=f"> 0 in at least {TRADES_LEAST} trades",
             found=f"{costly:+.3f}R in {metrics['trades']['count']} trades", opens="PROPOSE",
             passed=enough and costly > 0),
        Gate(name="untouched tail", asked="mean R > 0 and Brier skill > 0, opened once", found=said, opens="PROPOSE",
             passed=tail_ok),
        Gate(name="full warm-up", asked="1,500 bars", found=f"{metrics['warmup']:,} bars", opens="PROPOSE",
             passed=metrics["warmup"] >= 1500),
        Gate(name="deflated Sharpe", asked=f"≥ {DEFLATED_LEAST}",
             found=f"{metrics['deflated_sharpe']:.3f} with {metrics['trials']} trials",
             opens="offline part of SEMI", passed=enough and metrics["deflated_sharpe"] >= DEFLATED_LEAST),
    )


def may_register(found: tuple[Gate, ...]) -> tuple[str, ...]:
    """List why a model may not even be watched; empty when it may start in SHADOW."""
    return tuple(f"{gate.name}: {gate.found}, asked is {gate.asked}" for gate in found
                 if gate.opens in ("report", "SHADOW") and not gate.passed)


def verdict(found: tuple[Gate, ...]) -> str:
    """Say the result in one line."""
    broken = [gate for gate in found if gate.opens == "report" and not gate.passed]
    if broken:
        return f"Refused: {broken[0].name} shows {broken[0].found}; this evaluation cannot be believed."
    refused = may_register(found)
    if refused:
        return f"No edge: refused even for SHADOW because of {refused[0]}."
    missing = [gate for gate in found if gate.opens == "PROPOSE" and not gate.passed]
    if missing:
        return f"No edge: SHADOW only, because of {missing[0].name} ({missing[0].found}, asked is {missing[0].asked})."
    if all(gate.passed for gate in found):
        return "May start in PROPOSE by an owner's tap; the offline part of SEMI is passed too."
    return "May start in PROPOSE by an owner's tap; the deflated Sharpe ratio is too low for SEMI."
