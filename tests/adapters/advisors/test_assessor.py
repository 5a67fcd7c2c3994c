"""Behind the port: ideas followed like labels, evidence that is the same weighed in parts and anew, falls, scores."""
from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from bot.adapters.advisors.assessor import RUINED, LadderAssessor
from bot.adapters.advisors.evidence import Scored, account_for
from bot.domain.ids import Symbol
from bot.domain.mandate import Rung
from bot.domain.record import milliseconds
from bot.ports.assessor import Circumstances, Judged
from bot.ports.lab_rows import EvidenceRow, IdeaRow, OutcomeRow
from bot.ports.market import Candle

T0 = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
JUDGE = LadderAssessor()
IDEA = IdeaRow(
    id="I-1", advisor="M-1", kind="OPEN", symbol=Symbol("BTCUSDT"), direction="LONG", entry=None, stop=Decimal(90),
    target=Decimal(120), valid_s=225, horizon_s=600, claim_bp=6000, chance_bp=None, thesis="", against="",
    invalidation="", reasons="[]", context="", fate="shadow", abstained=None, proposal=None, at=T0,
)
STANDS = Circumstances(rung=Rung.SEMI, since=None, fell_at=None, version=None)


def minute(number: int, opened: int, high: int, low: int, close: int) -> Candle:
    return Candle(opened_at=T0 + number * MINUTE, open=Decimal(opened), high=Decimal(high), low=Decimal(low),
                  close=Decimal(close), volume=Decimal(1), turnover=Decimal(0))


def judged(number: int, net_r: str, *, lasts: int = 5, every: int = 10, filled: bool = True) -> Judged:
    at = T0 + number * every * MINUTE
    idea = replace(IDEA, id=f"I-{number:04d}", at=at)
    outcome = OutcomeRow(
        idea=idea.id, filled=filled, exit="STOP" if net_r.startswith("-") else "TARGET", gross_r=Decimal(net_r),
        net_r=Decimal(net_r), executed_r=None, ai_cost_r=Decimal(0), entered_at=at, ended_at=at + lasts * MINUTE,
        resolved_at=at + lasts * MINUTE,
    )
    return idea, outcome


def many(count: int, seed: int, lasts: int = 5) -> list[Judged]:
    chance = Random(seed)
    return [judged(number, chance.choice(("1.9", "-1.1")), lasts=chance.randint(1, lasts), every=60)
            for number in range(count)]


def weighed(outcomes: list[Judged], so_far: EvidenceRow | None = None) -> EvidenceRow:
    return JUDGE.weigh(so_far, "M-1", "all", outcomes, T0)


def test_an_idea_is_followed_to_its_barrier_with_fee_and_funding() -> None:
    bars = [minute(0, 100, 104, 99, 103), minute(1, 103, 121, 102, 118)]
    assert JUDGE.follow(IDEA, bars[:1], Decimal(0)) is None
    found = JUDGE.follow(IDEA, bars, Decimal("0.001"), [(T0 + 90 * timedelta(seconds=1), Decimal("0.01"))])
    assert found is not None
    assert (found.filled, found.exit, found.gross_r, found.ended_at) == (True, "TARGET", 2, T0 + 2 * MINUTE)
    # Fee of 0.1 % and a half spread of 0.01 % on 100 and 120, a funding of 1 % of the entry, in units of 10.
    assert found.net_r == Decimal("2") - (Decimal("0.0011") * 220 + 1) / 10
    short = replace(IDEA, direction="SHORT", stop=Decimal(110), target=Decimal(80))
    ended = JUDGE.follow(short, [minute(0, 100, 111, 99, 103)], Decimal(0))
    assert ended is not None
    assert (ended.exit, ended.gross_r) == ("STOP", -1)


@pytest.mark.parametrize("seed", range(5))
def test_evidence_weighed_in_parts_is_the_evidence_weighed_anew(seed: int) -> None:
    outcomes = many(200, seed, lasts=100)
    stored = None
    for begin in range(0, 200, 7):
        stored = weighed(outcomes[: begin + 7], stored)
    assert stored == weighed(outcomes)
    whole = account_for(Scored(began=milliseconds(idea.at), ended=milliseconds(one.ended_at or T0),
                               net_r=float(one.net_r)) for idea, one in outcomes)
    assert stored is not None
    assert json.loads(stored.body)["account"]["skill"]["log_value"] == whole.skill.log_value
    assert (stored.blocks, stored.outcomes) == (whole.skill.count, whole.outcomes)


def test_what_was_not_filled_or_overlaps_does_not_count() -> None:
    assert weighed([judged(0, "1.0"), judged(1, "0", filled=False), judged(2, "1.0")]).outcomes == 2
    assert weighed([judged(number, "1.0", lasts=25) for number in range(6)]).outcomes == 2


def test_evidence_begins_anew_and_ruin_is_written_as_a_number() -> None:
    fresh = JUDGE.anew("M-1", "all", T0 + 15 * MINUTE)
    assert (fresh.log_skill, fresh.outcomes) == (0, 0)
    after = weighed([judged(number, "1.0") for number in range(4)], fresh)
    assert after.outcomes == 2
    ruined = weighed([judged(number, "0.3" if number < 400 else "-1.9", every=300) for number in range(440)])
    assert ruined.log_skill == RUINED


def test_harm_falls_to_shadow_and_starts_anew() -> None:
    losing = weighed([judged(number, "-1.1", every=300) for number in range(60)])
    found = JUDGE.fall(STANDS, losing, [])
    assert found is not None
    assert (found.to, found.anew) == (Rung.SHADOW, True)
    assert JUDGE.fall(STANDS, None, []) is None
    over = JUDGE.fall(replace(STANDS, lease_over=True), None, [])
    assert over is not None
    assert (over.to, over.why, over.anew) == (Rung.PROPOSE, "lease used up or ended", False)


def test_what_is_missing_for_a_rung_is_listed() -> None:
    missing = JUDGE.unmet(Rung.SEMI, replace(STANDS, rung=Rung.PROPOSE), None, [])
    assert any("100" in one for one in missing)
    assert JUDGE.unmet(Rung.PROPOSE, STANDS, None, []) == ()


def test_a_scorecard_shows_numbers_from_thirty_outcomes_on() -> None:
    few = JUDGE.score("M-1", None, many(29, 1))
    assert ("Record", "no record yet (29 of 30)") in few.rows
    enough = dict(JUDGE.score("M-1", weighed(many(60, 1)), many(60, 1)).rows)
    assert set(enough) >= {"Hit", "Mean", "Said", "Evidence", "Harm"}
    assert "Record" not in enough
