"""Say which features moved a prediction: what each step down a tree, or each weight, added (advisor section 3.2)."""
from __future__ import annotations

from collections.abc import Sequence

from bot.adapters.advisors.gbt import Trees
from bot.adapters.advisors.logit import Logit


def credits_of(model: Trees | Logit, row: Sequence[float]) -> tuple[float, list[float]]:
    """Give the expected score and what each feature adds to it; together they are the raw score."""
    if isinstance(model, Logit):
        return model.bias, model.credits(row)
    start, credits = 0.0, [0.0] * len(row)
    for tree in model.trees:
        features, thresholds, left, right, values = tree.features, tree.thresholds, tree.left, tree.right, tree.values
        if not features:
            start += tree.leaves[0]
            continue
        node, here = 0, values[0]
        start += here
        while node >= 0:
            feature = features[node]
            node = left[node] if row[feature] <= thresholds[node] else right[node]
            after = values[node] if node >= 0 else tree.leaves[~node]
            credits[feature] += after - here
            here = after
    return start, credits


def top_reasons(names: Sequence[str], credits: Sequence[float], most: int = 5) -> tuple[tuple[str, int], ...]:
    """Give the strongest features as signed per-mille shares of all that moved the score, strongest first."""
    whole = sum(map(abs, credits))
    if whole <= 0.0:
        return ()
    ranked = sorted(zip(names, credits, strict=True), key=lambda pair: (-abs(pair[1]), pair[0]))[:most]
    shares = ((name, round(1000.0 * credit / whole)) for name, credit in ranked)
    return tuple((name, share) for name, share in shares if share)
