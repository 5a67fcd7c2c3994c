"""Evidence: the table of advisor section 11, blocks, harm, and a small version of A6."""
from __future__ import annotations

from math import inf, isclose, log
from random import Random

import pytest

from bot.adapters.advisors.evidence import (
    BLOCK_OUTCOMES,
    DAY_MS,
    ENOUGH,
    Account,
    Evidence,
    Scored,
    account_for,
    add,
    bet,
    paired,
    thin,
    weigh,
    weigh_harm,
)


def test_the_first_bet_is_nothing_and_the_second_is_computed_by_hand() -> None:
    first = weigh(Evidence(), 1.0)
    assert (first.value, first.count, first.total, first.squares) == (1.0, 1, 1.0, 1.0)
    mean, spread = 1.0 / 4, 1.25 / 2
    staked = mean / (spread + mean * mean)
    assert bet(first, 1 / 1.2, 0.25) == pytest.approx(staked)
    assert weigh(first, 0.5).value == pytest.approx(1.0 + staked * 0.5)


def test_losses_are_not_betted_on_and_ruin_is_for_good() -> None:
    assert bet(Evidence(count=5, total=-3.0, squares=3.0), 1 / 1.2, 0.25) == 0.0
    rich = Evidence(log_value=5.0, count=100, total=40.0, squares=16.5)
    ruined = weigh(rich, -1.3)
    assert ruined.log_value == -inf
    assert weigh(ruined, 3.0).value == 0.0


def test_harm_is_the_mirror_per_outcome() -> None:
    found = Evidence()
    for _ in range(400):
        found = weigh_harm(found, -0.35)
    assert found.log_value > log(ENOUGH)
    assert weigh_harm(Evidence(), 3.2).log_value == 0.0


def test_overlapping_ideas_count_once() -> None:
    ideas = [Scored(began=0, ended=10, net_r=1.0), Scored(began=5, ended=7, net_r=9.0),
             Scored(began=10, ended=12, net_r=2.0), Scored(began=0, ended=20, net_r=9.0)]
    assert [one.net_r for one in thin(ideas)] == [1.0, 2.0]


def test_a_block_is_twenty_outcomes_and_a_day() -> None:
    account = Account()
    for number in range(22):
        account = add(account, Scored(began=number, ended=number, net_r=0.1))
    assert (account.skill.count, account.open_count, account.outcomes) == (0, 22, 22)
    account = add(account, Scored(began=DAY_MS, ended=DAY_MS, net_r=1.4))
    assert (account.skill.count, account.open_count) == (1, 0)
    assert account.skill.total == pytest.approx((22 * 0.1 + 1.4) / 23)
    slow = account_for(Scored(began=day * DAY_MS, ended=day * DAY_MS + 1, net_r=0.1) for day in range(40))
    assert slow.skill.count == 2


def test_recomputing_gives_the_same_account() -> None:
    chance, account = Random(1), Account()
    ideas = [Scored(began=at * 10**7, ended=at * 10**7 + 5, net_r=chance.uniform(-1.1, 1.9)) for at in range(300)]
    for each in ideas:
        account = add(account, each)
    assert account_for(reversed(ideas)) == account


def ever_enough(win: float, paths: int, outcomes: int, seed: int, cluster: int = 0) -> tuple[float, list[int]]:
    """Give the share of paths whose block evidence ever reaches 20, and after how many outcomes."""
    chance, reached = Random(seed), []
    for _ in range(paths):
        evidence, block, swing = Evidence(), [], 0.0
        for number in range(outcomes):
            if cluster and number % cluster == 0:
                swing = chance.choice((-0.15, 0.15))
            block.append(1.9 if chance.random() < win + swing else -1.1)
            if len(block) == BLOCK_OUTCOMES:
                evidence = weigh(evidence, sum(block) / BLOCK_OUTCOMES)
                block = []
                if evidence.log_value >= log(ENOUGH):
                    reached.append(number + 1)
                    break
    return len(reached) / paths, sorted(reached)


def test_no_edge_is_rarely_promoted_however_often_one_looks() -> None:
    """A6, small: zero edge at 2R to 1R less costs wins 1.1 of 3; 4,000 paths are in tests.campaigns.advisor."""
    zero = 1.1 / 3.0
    assert ever_enough(zero, 400, 600, 2)[0] <= 0.05
    for cluster in (20, 40):
        assert ever_enough(zero, 400, 600, 3, cluster=cluster)[0] <= 0.10
    share, after = ever_enough(zero + 0.34 / 3.0, 200, 600, 4)
    assert share >= 0.95
    assert 240 <= after[len(after) // 2] <= 400


def test_a_challenger_is_compared_on_the_same_ideas() -> None:
    worse, better = [-1.0, 2.0, -1.0] * 40, [-0.5, 2.0, 0.4] * 40
    assert paired(worse, better).value > ENOUGH
    assert paired(worse, worse).value == 1.0
    assert paired(better, worse).value <= 1.0


def test_the_stored_logarithm_is_the_sum() -> None:
    found, total = Evidence(), 0.0
    for observed in (0.3, -0.2, 0.5, 0.1):
        total += log(1.0 + bet(found, 1 / 1.2, 0.25) * observed)
        found = weigh(found, observed)
    assert isclose(found.log_value, total)
