"""Weigh outcomes as evidence that stays valid however often people look (advisor section 11).

A bet against "the mean is not above zero": the value may reach 20 with a chance of at most 5 % if that is true. The
unit of evidence for skill is a block of at least 20 outcomes and one UTC day, because outcomes cluster; harm is counted
per outcome, because speed matters more there. Floats, and therefore here and not in the domain (advisor section 16).
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import exp, inf, log

ENOUGH = 20.0
BLOCK_OUTCOMES = 20
DAY_MS = 86_400_000
# Losses per unit of evidence stay above -1.2R unless stops gap; a target is at most 3R, and costs go on top.
SKILL_BET_MAX = 1.0 / 1.2
HARM_BET_MAX = 1.0 / 6.0
SKILL_PRIOR, HARM_PRIOR = 0.25, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The logarithm of the value and what the next bet is made of: how many, their sum, their sum of squares."""

    log_value: float = 0.0
    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    @property
    def value(self) -> float:
        """Give the value; 1 says nothing, 20 is enough."""
        return exp(min(self.log_value, 700.0))


def bet(so_far: Evidence, most: float, prior: float) -> float:
    """Give the share staked on the next observation, from earlier ones only."""
    mean = so_far.total / (so_far.count + 3)
    spread = (prior + so_far.squares) / (so_far.count + 1)
    return min(most, max(0.0, mean / (spread + mean * mean)))


def weigh(so_far: Evidence, observed: float, *, most: float = SKILL_BET_MAX, prior: float = SKILL_PRIOR) -> Evidence:
    """Take one observation in R; once the value is 0 it stays 0."""
    factor = 1.0 + bet(so_far, most, prior) * observed
    gained = log(factor) if factor > 0.0 else -inf
    return Evidence(log_value=so_far.log_value + gained, count=so_far.count + 1, total=so_far.total + observed,
                    squares=so_far.squares + observed * observed)


def weigh_harm(so_far: Evidence, net_r: float) -> Evidence:
    """Take one outcome in R as evidence that the model loses."""
    return weigh(so_far, -net_r, most=HARM_BET_MAX, prior=HARM_PRIOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One outcome that counts: when its idea began and ended (UTC milliseconds) and its R after all costs."""

    began: int
    ended: int
    net_r: float


def thin(outcomes: Iterable[Scored]) -> list[Scored]:
    """Keep one open idea at a time, the first of those that overlap; in order of their ends."""
    kept: list[Scored] = []
    for each in sorted(outcomes, key=lambda one: (one.began, one.ended)):
        if not kept or each.began >= kept[-1].ended:
            kept.append(each)
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a key (advisor version, symbol group, account) has earned: skill by blocks, harm by outcomes.

    `open_sum` and `open_count` are the block still filling, which began with an outcome that ended at `open_since`.
    """

    skill: Evidence = Evidence()
    harm: Evidence = Evidence()
    open_sum: float = 0.0
    open_count: int = 0
    open_since: int = 0
    outcomes: int = 0


def add(account: Account, outcome: Scored) -> Account:
    """Take one outcome; outcomes come thinned and in the order of their ends."""
    since = outcome.ended if account.open_count == 0 else account.open_since
    total, count = account.open_sum + outcome.net_r, account.open_count + 1
    after = replace(account, harm=weigh_harm(account.harm, outcome.net_r), outcomes=account.outcomes + 1)
    if count >= BLOCK_OUTCOMES and outcome.ended // DAY_MS > since // DAY_MS:
        skill = weigh(account.skill, total / count)
        return replace(after, skill=skill, open_sum=0.0, open_count=0, open_since=0)
    return replace(after, open_sum=total, open_count=count, open_since=since)


def account_for(outcomes: Iterable[Scored]) -> Account:
    """Compute the account anew from all outcomes: what the nightly check compares with the stored one."""
    account = Account()
    for each in thin(outcomes):
        account = add(account, each)
    return account


def paired(champion: Sequence[float], challenger: Sequence[float]) -> Evidence:
    """Weigh whether a challenger beats the champion on the same ideas; differences are halved to keep the bound."""
    found = Evidence()
    for old, new in zip(champion, challenger, strict=True):
        found = weigh(found, (new - old) / 2.0, most=1.0 / 2.6, prior=HARM_PRIOR)
    return found
