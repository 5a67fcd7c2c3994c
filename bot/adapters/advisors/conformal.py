"""Say between which R outcomes like this one ended: split-conformal ranges per score bucket (advisor section 6)."""
from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

WANTED = 0.8
SHOWN_FROM = 50
BUCKETS = 5
KEPT = 400
# Adaptive conformal inference (after Gibbs and Candes): the share that may miss follows the misses.
STEP = 0.02
WATCHED = 50
MISS_ALERT = 0.30


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """The sorted R of the outcomes whose score lay in a bucket; `count` is how many there were before thinning."""

    outcomes: tuple[float, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """Buckets of raw scores between ascending edges; one more bucket than edges."""

    edges: tuple[float, ...]
    buckets: tuple[Bucket, ...]

    def range_of(self, raw: float, miss: float = 1.0 - WANTED) -> tuple[float, float, int] | None:
        """Give low, high in R and on how many outcomes they rest; None below 50."""
        bucket = self.buckets[bisect_right(self.edges, raw)]
        if bucket.count < SHOWN_FROM:
            return None
        low, high = interval(bucket.outcomes, miss)
        return low, high, bucket.count


def interval(ordered: Sequence[float], miss: float) -> tuple[float, float]:
    """Give the central interval of sorted outcomes that misses the next one with at most this chance.

    With n exchangeable outcomes the k-th lowest and highest bound n + 1 of them: k = floor(miss / 2 * (n + 1)).
    """
    count = len(ordered)
    low = max(1, floor(miss / 2.0 * (count + 1)))
    high = min(count, ceil((1.0 - miss / 2.0) * (count + 1)))
    return ordered[low - 1], ordered[high - 1]


def fit_ranges(raws: Sequence[float], outcomes: Sequence[float]) -> Ranges:
    """Fit on out-of-fold scores and R: as many buckets of equal count, up to 5, as hold 50 outcomes each."""
    count = len(raws)
    pairs = sorted(zip(raws, outcomes, strict=True))
    wanted = max(1, min(BUCKETS, count // SHOWN_FROM))
    edges = tuple(sorted({pairs[count * part // wanted][0] for part in range(1, wanted)}))
    filled: list[list[float]] = [[] for _ in range(len(edges) + 1)]
    for raw, outcome in pairs:
        filled[bisect_right(edges, raw)].append(outcome)
    return Ranges(edges=edges, buckets=tuple(_bucket(sorted(each)) for each in filled))


def _bucket(ordered: list[float]) -> Bucket:
    count = len(ordered)
    if count <= KEPT:
        return Bucket(outcomes=tuple(ordered), count=count)
    kept = tuple(ordered[round(part * (count - 1) / (KEPT - 1))] for part in range(KEPT))
    return Bucket(outcomes=kept, count=count)


class Adaptive:
    """The share that ranges may miss, adapted to how often they did; alerts on too many of the last 50."""

    __slots__ = ("_misses", "miss")

    def __init__(self, miss: float = 1.0 - WANTED) -> None:
        """Start at the wanted share."""
        self.miss = miss
        self._misses: deque[bool] = deque(maxlen=WATCHED)

    def observe(self, missed: bool) -> None:
        """Take one outcome: widen after a miss, narrow a little after a hit."""
        self._misses.append(missed)
        self.miss = min(0.5, max(0.01, self.miss + STEP * ((1.0 - WANTED) - missed)))

    @property
    def alert(self) -> bool:
        """Tell whether more than 30 % of the last 50 were missed (advisor section 11)."""
        return len(self._misses) == WATCHED and sum(self._misses) > MISS_ALERT * WATCHED
