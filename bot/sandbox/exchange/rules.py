"""What an order must satisfy before it is accepted (semantics.md 5 and 8; codes as of errors.md 5)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.specs import ONE, Spec, find
from bot.sandbox.exchange.state import Account, text

if TYPE_CHECKING:
    from bot.sandbox.exchange.engine import Engine

PLAN_LIMIT = 50
PRICE_CEILING = 10**12
Params = dict[str, Any]


def places(number: Decimal) -> int:
    """Return how many decimals a number needs."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def symbol(engine: Engine, p: Params) -> Spec:
    """Return the contract a request names. Raises Refused 40034, 22012, 40778, 40823."""
    spec = find(p["symbol"], p.get("productType", ""))
    coin(spec, p)
    if spec.symbol not in engine.quotes:
        raise Refused("40823", f"There is no price of {spec.symbol} yet")
    return spec


def coin(spec: Spec, p: Params) -> None:
    """Refuse a margin coin the symbol does not take (40778)."""
    given = p.get("marginCoin")
    if given is not None and given != spec.coin:
        raise Refused("40778", f"The current symbol does not support {given} as the margin coin")


def required(p: Params, name: str) -> str:
    """Return a parameter that other parameters made required. Raises Refused 40019."""
    value = p.get(name)
    if not value:
        raise Refused("40019", f"Parameter {name} cannot be empty")
    return str(value)


def size(spec: Spec, given: str, *, market: bool) -> Decimal:
    """Return a size that fits the symbol's steps and limits. Raises Refused 40020, 40808, 22038, 45111, 45112."""
    number = Decimal(given)
    if number <= 0:
        raise Refused("40020", "Parameter size error")
    if places(number) > spec.volume_place:
        raise Refused("40808", "Parameter verification exception size checkBDScale error "
                               f"value={given} checkScale={spec.volume_place}")
    if number < spec.min_size:
        raise Refused("45111", f"less than the minimum order quantity {text(spec.min_size)}")
    most = spec.max_market if market else spec.max_limit
    if number > most:
        raise Refused("45112", f"more than the maximum order quantity {text(most)}")
    if number % spec.step:
        raise Refused("22038", f"The size should be a multiple of {text(spec.step)}")
    return number


def amount(p: Params, name: str) -> Decimal:
    """Return a positive amount of money that a calculator is asked about. Raises Refused 40020."""
    number = Decimal(p[name])
    if not 0 < number < PRICE_CEILING:
        raise Refused("40020", f"Parameter {name} error")
    return number


def price(spec: Spec, given: str, *, code: str = "40706", name: str = "order price") -> Decimal:
    """Return a price on the tick. Raises Refused 41103, 45115, 43009, ``code`` when not positive."""
    number = Decimal(given)
    if number <= 0:
        raise Refused(code, f"Wrong {name}")
    if number > PRICE_CEILING:
        raise Refused("43009", f"The price cannot be higher than {PRICE_CEILING}")
    if places(number) > spec.price_place:
        raise Refused("41103", "param price scale error error")
    if number % spec.tick:
        raise Refused("45115", f"The price you enter should be a multiple of {text(spec.tick)}")
    return number


def band(engine: Engine, spec: Spec, limit: Decimal, *, buys: bool) -> None:
    """Refuse a limit price too far through the market (MODEL: against mark). Raises Refused 40815, 40816."""
    mark = engine.mark(spec)
    if buys and limit > mark * (ONE + spec.band):
        raise Refused("40815", f"The order price cannot be higher than {_edge(spec, mark * (ONE + spec.band))}")
    if not buys and limit < mark * (ONE - spec.band):
        raise Refused("40816", f"The order price cannot be lower than {_edge(spec, mark * (ONE - spec.band))}")


def _edge(spec: Spec, number: Decimal) -> str:
    return text(number // spec.tick * spec.tick)


def notional(spec: Spec, at: Decimal, amount: Decimal) -> None:
    """Refuse an opening order below the minimum value. Raises Refused 45110."""
    if at * amount < spec.min_notional:
        raise Refused("45110", f"less than the minimum amount {text(spec.min_notional)} {spec.quote}")


def fresh_oid(account: Account, oid: str) -> None:
    """Refuse a client id that was used before or is promised to a modification. Raises Refused 40786."""
    if oid in account.by_oid or oid in account.promised_oids:
        raise Refused("40786", "Duplicate clientOid")


def fresh_plan_oid(account: Account, oid: str) -> None:
    """Refuse a plan's client id that was used before; plans have their own space. Raises Refused 40786."""
    if oid in account.plan_by_oid:
        raise Refused("40786", "Duplicate clientOid")


def order_count(account: Account, spec: Spec) -> None:
    """Refuse an order above the open-order limits. Raises Refused 45118, 43128."""
    if len(account.open_orders) < spec.max_symbol_orders:
        return
    here = [o for o in account.open_orders.values() if o.spec.product == spec.product]
    if sum(1 for o in here if o.spec is spec) >= spec.max_symbol_orders:
        raise Refused("45118", f"Open orders of {spec.symbol} reached the limit of {spec.max_symbol_orders}")
    if len(here) >= spec.max_product_orders:
        raise Refused("43128", f"Open orders of {spec.product} reached the limit of {spec.max_product_orders}")


def plan_count(account: Account, spec: Spec, *, tpsl: bool) -> None:
    """Refuse a plan above the limits. Raises Refused 43071 for triggers, 40890 for take-profits and stop-losses."""
    same = [p for p in account.plans_of(spec.symbol) if (p.kind not in ("normal_plan", "track_plan")) == tpsl]
    if len(same) >= PLAN_LIMIT:
        raise Refused("40890" if tpsl else "43071", f"The number of such orders is limited to {PLAN_LIMIT}")


def trading(engine: Engine, account: Account, spec: Spec) -> None:
    """Refuse while risk handling or deleveraging runs. Raises Refused 45009, 22067."""
    now = engine.now_ms()
    if account.wallet(spec).frozen_until > now:
        raise Refused("45009", "The account is at risk and cannot perform trades temporarily")
    if engine.adl_until.get(spec.symbol, 0) > now:
        raise Refused("22067", "ADL is running, the symbol is locked temporarily")
