"""Plan an opening: words become one entry with its stop attached, its targets, and the numbers of the card. Pure."""
from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from bot.desk.facts import Facts
from bot.desk.planned import Plan, Preview
from bot.desk.rules import Rules
from bot.desk.wish import Level, OpenWish, TargetWish
from bot.domain.contract_rules import check
from bot.domain.ids import AccountId
from bot.domain.instrument import Instrument
from bot.domain.intent import Attached, Direction, Effect, MarginMode, OrderIntent, OrderKind, Trigger
from bot.domain.limits import Limits
from bot.domain.liquidation import Stake, liquidation_price
from bot.domain.numbers import HUNDRED, ZERO, percent, plain
from bot.domain.proposal import Action, Leg, LegAfter, Terms
from bot.domain.protection import stop_at_distance, target_at_distance
from bot.domain.refusal import Refusal, refuse
from bot.domain.sizing import Sized, loss_per_unit, parse_amount, size_for
from bot.domain.trading import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """What planning must know of the account: equity and free margin in the margin coin, what is held and exposed.

    `held` is the position the order would add to; `exposure` all notionals in quote units.
    """

    equity: Decimal
    available: Decimal
    held: Stake | None
    exposure: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where a plan is made: account, environment, rules and limits."""

    account: AccountId
    environment: Environment
    rules: Rules
    limits: Limits

    def default_stop(self, instrument: Instrument, direction: Direction, entry: Decimal) -> Attached:
        """Give the stop that is attached where nobody named one."""
        stop = stop_at_distance(instrument, direction, entry, self.rules.default_stop_percent)
        return Attached(stop=stop)


def plan_open(wish: OpenWish, facts: Facts, wallet: Wallet, ground: Ground) -> Plan | Refusal:
    """Turn an opening wish into terms; gives a Refusal with what was expected, found and what to do next.

    The stop rides on the entry request (R11, D16); the first target too when it takes everything, else targets are
    legs of their own that wait for the fill. A trailing entry can carry neither at the exchange: the protection audit
    places its default stop as soon as it has opened. Leverage: the word, else the symbol's own, else the limit where
    that is lower.
    """
    instrument = facts.instrument
    entry = entry_price(wish, facts)
    stop = _stop(wish, instrument, entry, ground.rules)
    if isinstance(stop, Refusal):
        return stop
    targets = _targets(wish.targets, instrument, wish.direction, entry)
    wrong = _wrong_target(targets, wish.direction, entry)
    if wrong is not None:
        return wrong
    amount = parse_amount(wish.amount)
    if isinstance(amount, Refusal):
        return amount
    maker = wish.kind is OrderKind.LIMIT
    sized = size_for(
        amount, instrument, direction=wish.direction, price=entry, equity=wallet.equity, stop=stop, maker=maker
    )
    if isinstance(sized, Refusal):
        return sized
    leverage, changes = choose_leverage(wish.leverage, facts, wish.direction, ground.limits)
    mode = wish.margin_mode or facts.settings.margin_mode
    intent = OrderIntent(
        symbol=instrument.symbol,
        direction=wish.direction,
        effect=Effect.OPEN,
        kind=wish.kind,
        size=sized.size,
        limit_price=_tick(instrument, wish.price, wish.direction),
        trigger=_trigger(wish, instrument),
        time_in_force=wish.time_in_force,
        attached=_attached(wish, stop, targets),
        margin_mode=mode,
        leverage=leverage,
    )
    refused = check(instrument, intent, facts.mark, facts.tiers)
    if refused is not None:
        return refused
    terms = Terms(
        account=ground.account,
        environment=ground.environment,
        action=Action.PLACE,
        symbol=instrument.symbol,
        direction=wish.direction,
        legs=(Leg(child="entry", intent=intent), *_target_legs(intent, targets, instrument)),
        leverage=leverage if changes else None,
        margin_mode=mode if mode is not facts.settings.margin_mode else None,
        waiver=wish.no_stop,
    )
    preview = _preview(wish, facts, wallet, sized, stop, targets, leverage, changes, mode)
    return Plan(terms=terms, reference=facts.mark, preview=preview, summary=summary_of(intent, entry))


def entry_price(wish: OpenWish, facts: Facts) -> Decimal:
    """Give the price an entry is reckoned with: its limit, its trigger, or the far side of the spread."""
    if wish.price is not None:
        return wish.price
    if wish.trigger is not None:
        return wish.trigger
    side = facts.ticker.ask if wish.direction is Direction.LONG else facts.ticker.bid
    return side or facts.ticker.last


def level_price(level: Level, instrument: Instrument, direction: Direction, entry: Decimal, *, stop: bool) -> Decimal:
    """Give the price of a level: absolute ones to the tick, distances measured from the entry."""
    if level.price is not None:
        return instrument.round_price(level.price, buying=(direction is Direction.LONG) != stop)
    distance = level.percent or ZERO
    if stop:
        return stop_at_distance(instrument, direction, entry, distance)
    return target_at_distance(instrument, direction, entry, distance)


def choose_leverage(
    wanted: Decimal | None, facts: Facts, direction: Direction, limits: Limits
) -> tuple[Decimal, bool]:
    """Give the leverage to trade with and whether it differs from the symbol's own (typed trades, section 21)."""
    own = facts.settings.leverage(direction)
    chosen = wanted if wanted is not None else own
    if wanted is None and limits.leverage is not None:
        chosen = min(own, limits.leverage)
    return chosen, chosen != own


def summary_of(intent: OrderIntent, entry: Decimal) -> str:
    """Say an intent in one line: direction, size, symbol, kind and price."""
    at = "at market" if intent.kind is OrderKind.MARKET else f"{intent.kind.value.lower()} {plain(entry)}"
    verb = "Open" if intent.effect is Effect.OPEN else "Close"
    size = "whole position" if intent.size is None else plain(intent.size)
    return f"{verb} {intent.direction.value.lower()} {size} {intent.symbol} {at}"


def _tick(instrument: Instrument, price: Decimal | None, direction: Direction) -> Decimal | None:
    return None if price is None else instrument.round_price(price, buying=direction is Direction.LONG)


def _trigger(wish: OpenWish, instrument: Instrument) -> Trigger | None:
    if wish.trigger is None:
        return None
    price = instrument.round_price(wish.trigger, buying=wish.direction is Direction.LONG)
    return Trigger(price=price, by=wish.trigger_by, callback=wish.callback)


def _stop(wish: OpenWish, instrument: Instrument, entry: Decimal, rules: Rules) -> Decimal | Refusal | None:
    if wish.no_stop is not None:
        return None
    if wish.kind is OrderKind.TRAILING and (wish.stop is not None or wish.targets):
        return refuse(
            "trailing_guards",
            "A trailing entry has no price yet, so the exchange takes no stop or target with it.",
            f"Leave them out: a stop {plain(rules.default_stop_percent)}% away is placed when it has opened.",
        )
    level = wish.stop or Level(percent=rules.default_stop_percent)
    price = level_price(level, instrument, wish.direction, entry, stop=True)
    if (entry - price) * wish.direction.sign <= ZERO:
        side = "below" if wish.direction is Direction.LONG else "above"
        return refuse(
            "stop_side",
            f"The stop {plain(price)} is not {side} the entry {plain(entry)}.",
            f"Put the stop {side} the entry, for example sl 2%.",
            value=plain(price),
            limit=f"{side} {plain(entry)}",
        )
    return price


Priced = tuple[tuple[Decimal, Decimal], ...]


def _targets(wishes: tuple[TargetWish, ...], instrument: Instrument, direction: Direction, entry: Decimal) -> Priced:
    return tuple((level_price(one.level, instrument, direction, entry, stop=False), one.share) for one in wishes)


def _wrong_target(targets: Priced, direction: Direction, entry: Decimal) -> Refusal | None:
    """Say so before the entry leaves when a target would be refused after it (FF-35)."""
    for price, share in targets:
        if (price - entry) * direction.sign <= ZERO:
            side = "above" if direction is Direction.LONG else "below"
            return refuse(
                "target_side",
                f"The target {plain(price)} is not {side} the entry {plain(entry)}.",
                f"Put it {side} the entry, for example tp 4%.",
                value=plain(price),
                limit=f"{side} {plain(entry)}",
            )
        if share <= ZERO:
            return refuse("target_share", "A target takes a share above 0%.", "Write tp 62000:50 63500:50.")
    if sum((share for _, share in targets), ZERO) > HUNDRED:
        return refuse("target_share", "The targets take more than 100% together.", "Write tp 62000:50 63500:50.")
    return None


def _attached(wish: OpenWish, stop: Decimal | None, targets: Priced) -> Attached | None:
    whole = targets[0][0] if len(targets) == 1 and targets[0][1] == HUNDRED else None
    if wish.kind is OrderKind.TRAILING or (stop is None and whole is None):
        return None
    return Attached(stop=stop, target=whole, by=wish.trigger_by)


def _target_legs(entry: OrderIntent, targets: Priced, instrument: Instrument) -> tuple[Leg, ...]:
    """Make one guard order a target; a single target for everything rides on the entry instead."""
    if len(targets) < 2 and all(share == HUNDRED for _, share in targets):
        return ()
    assert entry.size is not None
    legs = []
    for place, (price, share) in enumerate(targets, start=1):
        size = instrument.round_size(entry.size * share / HUNDRED)
        intent = replace(
            entry,
            effect=Effect.CLOSE,
            kind=OrderKind.TARGET,
            size=size,
            limit_price=None,
            trigger=Trigger(price=price),
            attached=None,
            leverage=None,
        )
        legs.append(Leg(child=f"target-{place}", intent=intent, after=LegAfter.ENTRY_FILLED))
    return tuple(legs)


def _preview(
    wish: OpenWish,
    facts: Facts,
    wallet: Wallet,
    sized: Sized,
    stop: Decimal | None,
    targets: Priced,
    leverage: Decimal,
    changes: bool,
    mode: MarginMode,
) -> Preview:
    instrument, entry = facts.instrument, entry_price(wish, facts)
    maker = wish.kind is OrderKind.LIMIT
    fee_in = instrument.maker_fee if maker else instrument.taker_fee
    stake = wallet.held.add(sized.size, entry) if wallet.held is not None else _stake(wish, sized.size, entry)
    worth = Decimal(1) if not instrument.inverse else facts.mark
    equity = wallet.equity * worth
    liquidation = _liquidation(facts, wallet, stake, leverage, mode)
    gain = sum(
        (
            _gain(instrument, wish.direction, entry, price, sized.size * share / HUNDRED, maker)
            for price, share in targets
        ),
        ZERO,
    )
    return Preview(
        price=entry,
        size=sized.size,
        notional=sized.notional,
        margin=sized.margin_value / leverage,
        fees=sized.margin_value * (fee_in + instrument.taker_fee),
        loss=sized.loss,
        loss_percent=sized.loss_percent,
        gain=gain if targets else None,
        reward_risk=gain / sized.loss if targets and sized.loss else None,
        liquidation=liquidation,
        distance=None if liquidation is None else percent(abs(entry - liquidation), entry),
        exposure_before=wallet.exposure / equity if equity > ZERO else None,
        exposure_after=(wallet.exposure + sized.notional) / equity if equity > ZERO else None,
        leverage=leverage,
        leverage_was=facts.settings.leverage(wish.direction) if changes else None,
        stop=stop,
        targets=tuple(price for price, _ in targets),
        default_stop=wish.stop is None and stop is not None,
        coin=instrument.margin_coin,
    )


def _stake(wish: OpenWish, size: Decimal, entry: Decimal) -> Stake:
    return Stake(direction=wish.direction, size=size, entry=entry)


def _gain(
    instrument: Instrument, direction: Direction, entry: Decimal, price: Decimal, size: Decimal, maker: bool
) -> Decimal:
    fees = loss_per_unit(instrument, entry, price, maker=maker) - _move(instrument, entry, price)
    return (_move(instrument, entry, price) * direction.sign * (1 if price > entry else -1) - fees) * size


def _move(instrument: Instrument, entry: Decimal, price: Decimal) -> Decimal:
    return abs(entry - price) / price if instrument.inverse else abs(entry - price)


def _liquidation(
    facts: Facts, wallet: Wallet, stake: Stake, leverage: Decimal, mode: MarginMode
) -> Decimal | None:
    return liquidation_price(
        facts.instrument, stake, mode=mode, tiers=facts.tiers, leverage=leverage, wallet=wallet.equity
    )
