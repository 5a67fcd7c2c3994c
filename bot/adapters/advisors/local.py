"""Serve one registered model on one symbol: bars in; a judged prediction, or the reason why there is none, out."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.adapters.advisors.artefact import Artefact, Head
from bot.adapters.advisors.attribution import credits_of, top_reasons
from bot.adapters.advisors.bar import Bar
from bot.adapters.advisors.kernel import WARMUP, Kernel, NotABar, row_hash
from bot.adapters.advisors.labels import STOP_ATR, parse_recipe
from bot.adapters.advisors.outlier import Place
from bot.ports.advisor import OUTSIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a model says of one side at one closed bar.

    `raw` is never shown; `chance` is calibrated, None where there was nothing to calibrate on; `spread` is low and high
    in R and on how many outcomes they rest; `stop` and `target` are distances from the entry in price; `break_even` is
    the chance from which the trade pays its costs. `row` is the hash of the features and `began` the bar the stream
    began with: a replay from there gives the same hash, or the kernel is skewed (`lab skew`).
    """

    at: int
    side: str
    raw: float
    chance: float | None
    break_even: float
    spread: tuple[float, float, int] | None
    distance: float
    place: Place
    reasons: tuple[tuple[str, int], ...]
    stop: float
    target: float
    row: str
    began: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """No prediction, with the reason code: warm_up, bad_bar, outside."""

    reason: str
    words: str


class Local:
    """A model on its stream of bars; replaying the same bars gives the same predictions, bit for bit."""

    def __init__(self, artefact: Artefact) -> None:
        """Start cold."""
        self._artefact = artefact
        self._recipe = parse_recipe(artefact.label)
        self._kernel = Kernel(artefact.kernel, artefact.timeframe)

    @property
    def last_at(self) -> int | None:
        """Give the opening of the last bar taken, in UTC milliseconds."""
        return self._kernel.last_at

    def push(self, bar: Bar) -> tuple[Prediction, ...] | Silent:
        """Take the next closed bar and judge both sides the model knows; never raises for a bad bar."""
        try:
            row = self._kernel.push(bar)
        except NotABar as fault:
            return Silent(reason="bad_bar", words=str(fault))
        if not self._kernel.warm:
            return Silent(reason="warm_up", words=f"{self._kernel.seen} of {WARMUP} bars were seen.")
        distance = self._artefact.outlier.distance(row)
        place = self._artefact.outlier.place(distance)
        if place is Place.OUTSIDE:
            words = f"Distance {distance:.1f}, above {self._artefact.outlier.limit_999:.1f}: nothing like the training."
            return Silent(reason=OUTSIDE, words=words)
        return tuple(self._judge(head, bar, row, distance, place) for head in self._artefact.heads)

    def warm_up(self, bars: Sequence[Bar]) -> None:
        """Take bars without judging them; raises NotABar."""
        for bar in bars:
            self._kernel.push(bar)

    def _judge(self, head: Head, bar: Bar, row: Sequence[float], distance: float, place: Place) -> Prediction:
        raw = head.model.predict(row)
        _, credits = credits_of(head.model, row)
        stop = STOP_ATR * self._recipe.stop * self._kernel.atr
        target_r = self._recipe.target_r
        cost_r = 2.0 * sum(self._artefact.costs) * bar.close / stop
        return Prediction(
            at=bar.at, side=head.side, raw=raw, chance=head.calibration.chance(raw) if head.calibration else None,
            break_even=min(1.0, (1.0 + cost_r) / (1.0 + target_r)), spread=head.ranges.range_of(raw),
            distance=distance, place=place,
            reasons=top_reasons(self._artefact.features, credits),
            stop=stop, target=stop * target_r, row=row_hash(row),
            began=self._kernel.began_at or 0,
        )
