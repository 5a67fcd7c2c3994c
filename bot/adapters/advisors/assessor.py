"""Stand behind the assessor port: rows in, floats inside, decimals and sentences out (advisor section 11)."""
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from math import isfinite

from bot.adapters.advisors import exits, ladder, standing
from bot.adapters.advisors.bar import MINUTE_MS, Bar
from bot.adapters.advisors.evidence import Account, Evidence, Scored, add
from bot.adapters.advisors.resolver import Costs, Exit, Pursuit, resolve
from bot.adapters.advisors.score_words import score, spread
from bot.domain.mandate import Rung
from bot.domain.record import milliseconds, moment_of
from bot.ports.assessor import Circumstances, Falls, Followed, Judged, Score
from bot.ports.lab_rows import EvidenceRow, IdeaRow
from bot.ports.market import Candle

OPENS = "OPEN"
PLACES = Decimal("0.0001")
# What the logarithm of a value that became 0 is written as.
RUINED = Decimal(-999)
# Which idea was weighed last: when it was had, and its id.
Taken = tuple[int, str]


class LadderAssessor:
    """The assessor that ships; it holds nothing."""

    def follow(
        self, idea: IdeaRow, bars: Sequence[Candle], fee: Decimal, paid: Sequence[tuple[datetime, Decimal]] = ()
    ) -> Followed | None:
        """Follow an idea over the closed minutes after it; one about an open trade against doing nothing."""
        rates = [(milliseconds(at), float(rate)) for at, rate in paid]
        minutes = [_bar(one) for one in bars]
        if idea.kind != OPENS:
            return exits.follow(idea, minutes, rates)
        assert idea.stop is not None and idea.target is not None, "Only ideas are followed, no abstentions."
        begun = milliseconds(idea.at)
        pursuit = Pursuit(
            sign=1 if idea.direction == "LONG" else -1,
            entry=None if idea.entry is None else float(idea.entry), stop=float(idea.stop), target=float(idea.target),
            valid_until=begun + idea.valid_s * 1000, horizon_ms=idea.horizon_s * 1000,
        )
        found = resolve(pursuit, minutes, MINUTE_MS, Costs(fee=float(fee)), rates)
        if found.exit is Exit.UNFINISHED:
            return None
        return Followed(
            filled=found.filled, exit=found.exit.value, gross_r=_r(found.gross_r), net_r=_r(found.net_r),
            entered_at=None if found.entered_at is None else moment_of(found.entered_at),
            ended_at=None if found.ended_at is None else moment_of(found.ended_at),
        )

    def weigh(
        self, so_far: EvidenceRow | None, advisor: str, group: str, outcomes: Sequence[Judged], at: datetime
    ) -> EvidenceRow:
        """Take outcomes into the evidence of a key."""
        account, taken, ended = _read(so_far)
        for idea, outcome in sorted(outcomes, key=lambda each: (each[0].at, each[0].id)):
            began = milliseconds(idea.at)
            if (began, idea.id) <= taken:
                continue
            taken = (began, idea.id)
            if not outcome.filled or outcome.ended_at is None or began < ended:
                # Not filled is nothing to learn from, and of ideas that overlap the first alone counts.
                continue
            ended = milliseconds(outcome.ended_at)
            account = add(account, Scored(began=began, ended=ended, net_r=float(outcome.net_r - outcome.ai_cost_r)))
        return _row(advisor, group, account, taken, ended, at)

    def anew(self, advisor: str, group: str, at: datetime) -> EvidenceRow:
        """Start from 1."""
        return _row(advisor, group, Account(), (milliseconds(at), ""), 0, at)

    def fall(self, about: Circumstances, evidence: EvidenceRow | None, outcomes: Sequence[Judged]) -> Falls | None:
        """Say which fall is due now."""
        account, _, _ = _read(evidence)
        found = ladder.fall(standing.of(about, account, outcomes))
        if found is None:
            return None
        return Falls(to=found.to, why=found.trigger, back=found.back, anew=found.trigger.startswith("harm"))

    def suspended(self, about: Circumstances) -> Falls | None:
        """Say what keeps an advisor lower for now."""
        found = ladder.suspended(about)
        return None if found is None else Falls(to=found.to, why=found.trigger, back=found.back, anew=False)

    def unmet(
        self, wanted: Rung, about: Circumstances, evidence: EvidenceRow | None, outcomes: Sequence[Judged]
    ) -> tuple[str, ...]:
        """List what is missing for a rung."""
        account, _, _ = _read(evidence)
        return ladder.unmet(wanted, standing.of(about, account, outcomes))

    def spread(self, values: Sequence[Decimal]) -> str:
        """Say how many, their mean, and whether that is more than chance."""
        return spread([float(one) for one in values])

    def score(self, advisor: str, evidence: EvidenceRow | None, outcomes: Sequence[Judged]) -> Score:
        """Print the scorecard."""
        account, _, _ = _read(evidence)
        return score(advisor, account, outcomes)


def _bar(candle: Candle) -> Bar:
    return Bar(milliseconds(candle.opened_at), float(candle.open), float(candle.high), float(candle.low),
               float(candle.close), float(candle.volume))


def _r(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(PLACES)


def _log(value: Evidence) -> Decimal:
    return _r(value.log_value) if isfinite(value.log_value) else RUINED


def _row(advisor: str, group: str, account: Account, taken: Taken, ended: int, at: datetime) -> EvidenceRow:
    body = {"account": asdict(account), "taken": list(taken), "ended": ended}
    return EvidenceRow(
        advisor=advisor, group=group, log_skill=_log(account.skill), log_harm=_log(account.harm),
        blocks=account.skill.count, outcomes=account.outcomes, body=json.dumps(body, sort_keys=True), at=at,
    )


def _read(row: EvidenceRow | None) -> tuple[Account, Taken, int]:
    """Give the account, the idea taken last (when it was had, and its id), and when the last counted one ended."""
    if row is None:
        return Account(), (0, ""), 0
    body = json.loads(row.body)
    plain = body["account"]
    skill, harm = Evidence(**plain.pop("skill")), Evidence(**plain.pop("harm"))
    return Account(skill=skill, harm=harm, **plain), (body["taken"][0], body["taken"][1]), body["ended"]
