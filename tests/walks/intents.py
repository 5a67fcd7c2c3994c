"""Draw what a person may want, by seed, and let the desk do it: opens of all kinds to flat, halt and resume."""
from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal

from bot.desk.propose import Raised
from bot.desk.wish import (
    AmendWish,
    CancelWish,
    CloseWish,
    LadderWish,
    Level,
    LeverageWish,
    MarginModeWish,
    OpenWish,
    ProtectWish,
    ReverseWish,
    TargetWish,
    TwapWish,
    Which,
    Wish,
)
from bot.domain.decision import Manner
from bot.domain.ids import RequestKey
from bot.domain.intent import Direction, MarginMode, OrderKind, TimeInForce
from bot.domain.order import Order, Owner
from bot.domain.refusal import Refusal
from tests.support.simulated import Life
from tests.walks.stage import LOCAL, Stage

Draw = Callable[[Stage, Life], Awaitable[Wish | None]]


def _symbol(stage: Stage) -> str:
    return stage.chance.choice(stage.setting.symbols)


def _side(stage: Stage) -> Direction:
    return stage.chance.choice((Direction.LONG, Direction.LONG, Direction.SHORT))


def _away(stage: Stage, symbol: str, direction: Direction, percent: float) -> Decimal:
    """Give a price that many percent better than the market for who opens."""
    price = stage.price(symbol)
    return price * (1 - Decimal(str(percent)) / 100 * direction.sign)


def _stop(stage: Stage) -> Level:
    return Level(percent=Decimal(stage.chance.choice(("1", "2", "3"))))


def _targets(stage: Stage) -> tuple[TargetWish, ...]:
    kind = stage.chance.random()
    if kind < 0.6:
        return ()
    if kind < 0.85:
        return (TargetWish(level=Level(percent=Decimal(4))),)
    return (
        TargetWish(level=Level(percent=Decimal(3)), share=Decimal(50)),
        TargetWish(level=Level(percent=Decimal(6)), share=Decimal(50)),
    )


async def _open_market(stage: Stage, life: Life) -> Wish:
    amount = stage.chance.choice(("$500", "$480", "$520", "r0.1%"))
    leverage = stage.chance.choice((None, Decimal(5), Decimal(10)))
    waived = "a test of waivers" if stage.chance.random() < 0.04 else None
    return OpenWish(
        symbol=_symbol(stage),
        direction=_side(stage),
        amount=amount,
        stop=None if waived or stage.chance.random() < 0.2 else _stop(stage),
        no_stop=waived,
        targets=_targets(stage),
        leverage=leverage,
    )


async def _open_limit(stage: Stage, life: Life) -> Wish:
    symbol, side = _symbol(stage), _side(stage)
    force = stage.chance.choice((TimeInForce.GTC, TimeInForce.GTC, TimeInForce.POST_ONLY, TimeInForce.IOC))
    away = stage.chance.choice((-0.1, 0.02, 0.05, 0.2, 1.0))
    if force is TimeInForce.POST_ONLY:
        away = abs(away)
    return OpenWish(
        symbol=symbol,
        direction=side,
        amount="$500",
        kind=OrderKind.LIMIT,
        price=_away(stage, symbol, side, away),
        time_in_force=force,
        stop=_stop(stage),
        targets=_targets(stage)[:1],
    )


async def _open_trigger(stage: Stage, life: Life) -> Wish:
    symbol, side = _symbol(stage), _side(stage)
    away = stage.chance.choice((-0.3, 0.3, -1.0))
    return OpenWish(
        symbol=symbol,
        direction=side,
        amount="$500",
        kind=OrderKind.TRIGGER,
        trigger=_away(stage, symbol, side, away),
        stop=_stop(stage),
    )


async def _open_trailing(stage: Stage, life: Life) -> Wish:
    symbol, side = _symbol(stage), _side(stage)
    return OpenWish(
        symbol=symbol,
        direction=side,
        amount="$500",
        kind=OrderKind.TRAILING,
        trigger=_away(stage, symbol, side, 0.2),
        callback=stage.chance.choice((Decimal("0.1"), Decimal(1))),
    )


async def _ladder(stage: Stage, life: Life) -> Wish:
    symbol, side = _symbol(stage), _side(stage)
    return LadderWish(
        symbol=symbol,
        direction=side,
        amount="$1000",
        first=_away(stage, symbol, side, 0.1),
        last=_away(stage, symbol, side, 0.6),
        steps=2,
        stop=_stop(stage),
    )


async def _twap(stage: Stage, life: Life) -> Wish:
    return TwapWish(
        symbol=_symbol(stage), direction=_side(stage), amount="$1000", minutes=1, slices=2, stop=_stop(stage)
    )


async def _held(life: Life, stage: Stage) -> tuple[str, Direction] | None:
    held = await life.desk.holdings()
    if not held:
        return None
    one = stage.chance.choice(held).position
    return str(one.symbol), one.direction


async def _scale_in(stage: Stage, life: Life) -> Wish | None:
    held = await _held(life, stage)
    if held is None:
        return None
    return OpenWish(symbol=held[0], direction=held[1], amount="$500", stop=_stop(stage))


async def _close(stage: Stage, life: Life) -> Wish | None:
    held = await _held(life, stage)
    if held is None:
        return None
    symbol, side = held
    share = Decimal(stage.chance.choice((25, 50, 100, 100)))
    price = None
    if stage.chance.random() < 0.25:
        price = _away(stage, symbol, side.other, stage.chance.choice((0.02, 0.3)))
    return CloseWish(which=Which.ONE, symbol=symbol, direction=side, share=share, price=price)


async def _close_many(stage: Stage, life: Life) -> Wish:
    return CloseWish(which=stage.chance.choice((Which.ALL, Which.LONGS, Which.SHORTS, Which.WINNERS, Which.LOSERS)))


async def _reverse(stage: Stage, life: Life) -> Wish | None:
    held = await _held(life, stage)
    return None if held is None else ReverseWish(symbol=held[0], direction=held[1])


async def _live(life: Life, stage: Stage, *, guards: bool = False) -> Order | None:
    orders = [
        one for one in await life.desk.orders() if one.owner is Owner.OURS and (guards or not one.intent.kind.is_guard)
    ]
    return stage.chance.choice(orders) if orders else None


async def _cancel_one(stage: Stage, life: Life) -> Wish | None:
    order = await _live(life, stage)
    return None if order is None else CancelWish(order=order.client_order_id)


async def _cancel_many(stage: Stage, life: Life) -> Wish:
    return CancelWish(symbol=stage.chance.choice((None, _symbol(stage))))


async def _amend(stage: Stage, life: Life) -> Wish | None:
    order = await _live(life, stage)
    if order is None:
        return None
    symbol, intent = str(order.intent.symbol), order.intent
    price = _away(stage, symbol, intent.direction, stage.chance.choice((0.03, 0.1, 0.4)))
    size = None
    if stage.chance.random() < 0.5 and intent.size is not None:
        size = intent.size * Decimal(stage.chance.choice(("0.5", "1.3")))
    return AmendWish(order=order.client_order_id, price=price, size=size)


async def _protect(stage: Stage, life: Life) -> Wish | None:
    held = await _held(life, stage)
    if held is None:
        return None
    symbol, side = held
    kind = stage.chance.random()
    if kind < 0.5:
        return ProtectWish(symbol=symbol, direction=side, stop=_stop(stage))
    if kind < 0.6:
        return ProtectWish(symbol=symbol, direction=side, break_even=True)
    if kind < 0.7:
        return ProtectWish(symbol=symbol, direction=side, trail=Decimal(1))
    if kind < 0.95:
        return ProtectWish(symbol=symbol, direction=side, stop=_stop(stage), targets=_targets(stage))
    return ProtectWish(symbol=symbol, direction=side, off="a test of waivers")


async def _leverage(stage: Stage, life: Life) -> Wish:
    leverage = Decimal(stage.chance.choice((3, 5, 10, 20)))
    return LeverageWish(symbol=_symbol(stage), leverage=leverage)


async def _margin_mode(stage: Stage, life: Life) -> Wish:
    return MarginModeWish(symbol=_symbol(stage), mode=stage.chance.choice(tuple(MarginMode)))


WISHES: tuple[tuple[int, Draw], ...] = (
    (20, _open_market),
    (16, _open_limit),
    (4, _open_trigger),
    (2, _open_trailing),
    (3, _ladder),
    (2, _twap),
    (8, _scale_in),
    (10, _close),
    (3, _close_many),
    (3, _reverse),
    (6, _cancel_one),
    (2, _cancel_many),
    (7, _amend),
    (6, _protect),
    (3, _leverage),
    (1, _margin_mode),
)


async def intend(stage: Stage, life: Life) -> None:
    """Draw one wish and let the desk carry it out beside everything else that goes on; at times an old one again."""
    if stage.said and stage.chance.random() < 0.08:
        redeliver(stage, life)
    kinds = [draw for _, draw in WISHES]
    draw = stage.chance.choices(kinds, weights=[weight for weight, _ in WISHES])[0]
    wish = await draw(stage, life)
    if wish is None:
        wish = await _open_market(stage, life)
    put(stage, life, wish)


def put(stage: Stage, life: Life, wish: Wish, key: RequestKey | None = None) -> RequestKey:
    """Say a wish to the desk, as a task of its life; gives its request key."""
    if key is None:
        stage.keys += 1
        stage.tally.intents += 1
        key = RequestKey(f"walk:{stage.keys}")
        stage.said.append((key, wish))
    stage.spread = stage.spread or isinstance(wish, TwapWish)
    stage.say(f"{key} {words(wish)}")
    life.spawn(_told(stage, life, key, wish), f"intent {key}")
    return key


def redeliver(stage: Stage, life: Life) -> None:
    """Say a wish again under its own key, as a chat that delivers an update twice does; after a restart too (I13)."""
    key, wish = stage.chance.choice(stage.said)
    put(stage, life, wish, key)


async def _told(stage: Stage, life: Life, key: RequestKey, wish: Wish) -> None:
    answer = await life.desk.propose(LOCAL, key, wish, yes=Manner.LOCAL)
    if isinstance(answer, Refusal):
        stage.say(f"{key} refused: {answer}")
        return
    stage.say(f"{key} {outcome(answer)}")


def outcome(answer: Raised) -> str:
    """Say in a line what a wish came to."""
    if answer.done is None:
        return f"{answer.proposal.id} {answer.proposal.state.value}{' again' if answer.again else ''}"
    orders = ", ".join(f"{one.client_order_id} {one.state.value}" for one in answer.done.orders)
    said = "; ".join(str(one) for one in answer.done.refusals)
    return f"{answer.proposal.id} [{orders}] waiting {answer.done.waiting} {said}"


def words(wish: Wish) -> str:
    """Write a wish in a short line."""
    name = type(wish).__name__.removesuffix("Wish")
    parts = []
    for field in wish.__slots__:
        value = getattr(wish, field)
        if value not in (None, (), False):
            parts.append(f"{field}={getattr(value, 'value', value)}")
    return f"{name} {' '.join(parts)}"


async def control(stage: Stage, life: Life) -> None:
    """Halt, past the books at times, pause, or go flat."""
    what = stage.chance.choices(("halt", "mark", "pause", "flat"), weights=(2, 2, 2, 2))[0]
    stage.say(what)
    if what == "mark":
        stage.mark()
        return
    if what == "flat":
        stage.keys += 1
        life.spawn(life.desk.flat(LOCAL, RequestKey(f"walk:{stage.keys}"), "local"), "flat")
        return
    switch = life.desk.halt if what == "halt" else life.desk.pause
    await switch(by=None, why="walk", actor="local")


async def resume(stage: Stage, life: Life) -> None:
    """Let the desk go on."""
    stage.say("resume")
    await life.desk.resume(by=None, why="walk", actor="local")
