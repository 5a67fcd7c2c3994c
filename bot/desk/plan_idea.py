"""Turn an idea, which has no size, into a wish that has one, or say what is wrong with it (advisor section 9)."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.desk.layers import effective, layers_for, lowest, shrinking
from bot.desk.mandate import Cap
from bot.desk.plan import plan
from bot.desk.planned import Preview
from bot.desk.seat import Seat
from bot.desk.verdict import limits_for
from bot.desk.wish import Level, OpenWish, TargetWish
from bot.domain.numbers import ZERO, plain
from bot.domain.proposal import Origin
from bot.domain.refusal import Refusal, refuse
from bot.ports.advisor import TARGET_R_MOST, Context, Idea

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """An idea with a size; `shrunk` says what made it smaller than was granted, the strictest first.

    `reward_risk` is what it could gain for what it could lose, after costs.
    """

    wish: OpenWish
    shrunk: tuple[str, ...]
    reward_risk: Decimal | None


async def plan_idea(
    seat: Seat, origin: Origin, idea: Idea, granted: Decimal, most: Cap | None = None
) -> Sized | Refusal:
    """Size an idea by what every layer leaves of its granted risk, never above order limit or `most`.

    Gives every reason why it does not pay or is too near: reward to risk after costs must be at least 1.3, liquidation
    two stop distances away (advisor section 9). An idea that was left no risk was vetoed on its way.
    """
    if idea.risk_percent <= 0:
        return refuse("vetoed", idea.against or "It was vetoed.", "Nothing was proposed.", value="0", limit="0")
    layers = await layers_for(seat, origin.name, idea, granted)
    if isinstance(layers, Refusal):
        return layers
    risk, less = effective(granted, layers), shrinking(granted, layers)
    if risk <= ZERO:
        return refuse("no_risk_left", f"{less[0].words}.", "Nothing was proposed.", value="0", limit=plain(granted))
    wish = OpenWish(
        symbol=str(idea.symbol),
        direction=idea.direction,
        amount=f"r{plain(risk)}%",
        stop=Level(price=idea.stop),
        targets=(TargetWish(level=Level(price=idea.target)),),
    )
    planned = await plan(seat, origin, wish)
    if isinstance(planned, Refusal):
        return planned
    numbers = planned.preview
    assert numbers is not None, "An opening has its numbers."
    refused = tuple(_against(numbers, idea, seat.rules.reward_risk_least))
    if refused:
        return Refusal(reasons=tuple(reason for each in refused for reason in each.reasons))
    limits = await seat.ledger.read(lambda tx: limits_for(tx, idea.symbol, None))
    cap = lowest(limits.order_notional, *(() if most is None else (most.notional, _worth_at(most.risk, numbers))))
    words = tuple(one.words for one in less)
    if cap is None or numbers.notional <= cap:
        return Sized(wish=wish, shrunk=words, reward_risk=numbers.reward_risk)
    capped = f"One order may be worth {plain(round(cap, 2))}"
    return Sized(wish=replace(wish, amount=f"${plain(cap)}"), shrunk=(capped, *words),
                 reward_risk=numbers.reward_risk)


def _worth_at(risk: Decimal | None, numbers: Preview) -> Decimal | None:
    """Give the notional that loses a risk at the stop; None where neither is known."""
    return None if risk is None or not numbers.loss else numbers.notional * risk / numbers.loss


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
