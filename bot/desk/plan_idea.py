"""Turn an idea, which has no size, into a wish that has one, or say what is wrong with it (advisor section 9)."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from bot.desk.plan import plan
from bot.desk.planned import Preview
from bot.desk.seat import Seat
from bot.desk.verdict import limits_for
from bot.desk.wish import Level, OpenWish, TargetWish
from bot.domain.numbers import ZERO, percent_of, plain
from bot.domain.proposal import Origin
from bot.domain.refusal import Refusal, refuse
from bot.ports.advisor import Context, Idea

TARGET_R_MOST = Decimal(3)
LIQUIDATION_STOPS = 2


def flaw(idea: Idea, context: Context) -> str | None:
    """Say what makes an idea unusable, None for a sound one: it is not trusted to fit what was asked."""
    if idea.symbol != context.symbol or idea.context_digest != context.digest:
        return "it speaks of something it was not asked about"
    if not (idea.stop.is_finite() and idea.target.is_finite() and min(idea.stop, idea.target) > ZERO):
        return "its prices are no prices"
    risk = (context.mark - idea.stop) * idea.direction.sign
    reward = (idea.target - context.mark) * idea.direction.sign
    if risk <= ZERO:
        return "its stop is on the wrong side of the price"
    if reward <= ZERO:
        return "its target is on the wrong side of the price"
    if reward > TARGET_R_MOST * risk:
        return f"its target is more than {TARGET_R_MOST} times the risk away"
    return None


def quoted(text: str, most: int) -> str:
    """Give a model's words as one line of plain text without anything that steers a display, cut to a length."""
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


async def plan_idea(
    seat: Seat, origin: Origin, idea: Idea, risk_percent: Decimal, most: Decimal | None = None
) -> OpenWish | Refusal:
    """Size an idea by its risk, never above order limit or `most`; a Refusal where it does not pay or is too near.

    Reward to risk after costs must be at least 1.3, liquidation two stop distances away (advisor section 9). An idea
    that was left no risk was vetoed on its way.
    """
    if idea.risk_percent <= 0:
        return refuse("vetoed", idea.against or "It was vetoed.", "Nothing was proposed.", value="0", limit="0")
    wish = OpenWish(
        symbol=str(idea.symbol),
        direction=idea.direction,
        amount=f"r{plain(percent_of(Decimal(idea.risk_percent), risk_percent))}%",
        stop=Level(price=idea.stop),
        targets=(TargetWish(level=Level(price=idea.target)),),
    )
    planned = await plan(seat, origin, wish)
    if isinstance(planned, Refusal):
        return planned
    numbers = planned.preview
    assert numbers is not None, "An opening has its numbers."
    refused = next(_against(numbers, idea, seat.rules.reward_risk_least), None)
    if refused is not None:
        return refused
    limits = await seat.ledger.read(lambda tx: limits_for(tx, idea.symbol, None))
    cap = lowest(limits.order_notional, most)
    return wish if cap is None or numbers.notional <= cap else replace(wish, amount=f"${plain(cap)}")


def lowest(*limits: Decimal | None) -> Decimal | None:
    """Give the effective limit: the lowest of those there are; no layer can raise another (advisor section 9)."""
    return min((one for one in limits if one is not None), default=None)


def _against(numbers: Preview, idea: Idea, least: Decimal) -> Iterator[Refusal]:
    if numbers.reward_risk is not None and numbers.reward_risk < least:
        ratio = plain(round(numbers.reward_risk, 2))
        yield refuse(
            "reward_risk", f"After costs it could gain {ratio} for 1 at risk.", "Nothing was proposed.",
            value=ratio, limit=plain(least),
        )
    room = abs(numbers.price - idea.stop) * LIQUIDATION_STOPS
    if numbers.liquidation is not None and abs(numbers.price - numbers.liquidation) < room:
        yield refuse(
            "liquidation_near", "Its liquidation would lie within two stop distances.", "Nothing was proposed.",
            value=plain(numbers.liquidation), limit=plain(room),
        )
