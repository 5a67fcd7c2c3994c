"""Margin arithmetic: wallet figures, cost of orders, margin ratio, liquidation prices (semantics.md 3, 11, 12)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.sandbox.exchange.specs import GRAIN, ONE, Spec
from bot.sandbox.exchange.state import CROSSED, ISOLATED, ZERO, Account, Position, Wallet

if TYPE_CHECKING:
    from bot.sandbox.exchange.engine import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a wallet is worth and what of it is spoken for, in margin coin."""

    balance: Decimal
    locked: Decimal
    isolated_margin: Decimal
    cross_margin: Decimal
    isolated_profit: Decimal
    cross_profit: Decimal
    maintenance: Decimal

    @property
    def equity(self) -> Decimal:
        """Return balance plus open profit."""
        return self.balance + self.isolated_profit + self.cross_profit

    @property
    def cross_equity(self) -> Decimal:
        """Return what stands behind the crossed positions."""
        return self.balance - self.isolated_margin + self.cross_profit

    @property
    def cross_free(self) -> Decimal:
        """Return what can open crossed positions."""
        return max(ZERO, self.cross_equity - self.cross_margin - self.locked)

    @property
    def isolated_free(self) -> Decimal:
        """Return what can be set aside or transferred out: open profit does not count, open loss does."""
        loss = min(self.cross_profit, ZERO)
        return max(ZERO, self.balance - self.isolated_margin + loss - self.cross_margin - self.locked)

    @property
    def risk(self) -> Decimal:
        """Return the crossed risk rate; liquidation at 1."""
        if not self.maintenance:
            return ZERO
        if self.cross_equity <= 0:
            return Decimal(10)
        return self.maintenance / self.cross_equity


def figures(engine: Engine, account: Account, wallet: Wallet) -> Figures:
    """Return a wallet's figures at the current marks."""
    isolated_margin = cross_margin = isolated_profit = cross_profit = maintenance = ZERO
    for p in account.positions.values():
        spec = p.spec
        if spec.product != wallet.product or spec.coin != wallet.coin:
            continue
        mark = engine.mark(spec)
        profit = spec.profit(p.long, p.entry, mark, p.size)
        if p.margin_mode == ISOLATED:
            isolated_margin += p.margin
            isolated_profit += profit
        else:
            cross_margin += initial(p)
            cross_profit += profit
            maintenance += keep(p, mark)
    return Figures(balance=wallet.balance, locked=wallet.locked, isolated_margin=isolated_margin,
                   cross_margin=cross_margin, isolated_profit=isolated_profit, cross_profit=cross_profit,
                   maintenance=maintenance)


def initial(p: Position) -> Decimal:
    """Return size x entry / leverage in margin coin."""
    return round(p.spec.value(p.size, p.entry) / p.leverage, GRAIN)


def margin_of(p: Position) -> Decimal:
    """Return the margin held for a position."""
    return p.margin if p.margin_mode == ISOLATED else initial(p)


def rate_of(p: Position, mark: Decimal) -> Decimal:
    """Return the maintenance rate of the position's tier."""
    return p.spec.tier(p.size * mark).rate


def keep(p: Position, mark: Decimal) -> Decimal:
    """Return maintenance plus closing fee: value x (r + f) (semantics.md 12)."""
    return p.spec.value(p.size, mark) * (rate_of(p, mark) + p.spec.taker)


def profit_of(p: Position, mark: Decimal) -> Decimal:
    """Return the open profit at a mark."""
    return p.spec.profit(p.long, p.entry, mark, p.size)


def ratio(engine: Engine, account: Account, p: Position) -> Decimal:
    """Return the margin ratio; 1 is liquidation. Crossed positions share their wallet's."""
    if p.margin_mode == CROSSED:
        return figures(engine, account, account.wallet(p.spec)).risk
    return isolated_ratio(p, engine.mark(p.spec))


def isolated_ratio(p: Position, mark: Decimal) -> Decimal:
    """Return s m (r + f) / (M + profit), verified against the documents' sample (semantics.md 12)."""
    equity = p.margin + profit_of(p, mark)
    return keep(p, mark) / equity if equity > 0 else Decimal(10)


def liquidation_price(engine: Engine, account: Account, p: Position) -> Decimal:
    """Return the price at which the ratio reaches 1; zero or less means none (semantics.md 12)."""
    mark = engine.mark(p.spec)
    rate = rate_of(p, mark) + p.spec.taker
    if p.margin_mode == ISOLATED:
        return solve_liquidation(p.spec, p.long, p.size, p.entry, p.margin, rate)
    f = figures(engine, account, account.wallet(p.spec))
    behind = f.cross_equity - profit_of(p, mark) - (f.maintenance - keep(p, mark))
    other = account.positions.get((p.spec.symbol, "short" if p.long else "long"))
    if other is None:
        return solve_liquidation(p.spec, p.long, p.size, p.entry, behind, rate)
    behind += keep(other, mark) - profit_of(other, mark)
    other_rate = rate_of(other, mark) + p.spec.taker
    legs = ((p, rate), (other, other_rate)) if p.long else ((other, other_rate), (p, rate))
    return _solve_hedged(legs, behind)


def _solve_hedged(legs: tuple[tuple[Position, Decimal], tuple[Position, Decimal]], behind: Decimal) -> Decimal:
    """Return the one price at which a long and a short of a symbol together use up what is behind them."""
    (long, long_rate), (short, short_rate) = legs
    stake = long.size * long.entry - short.size * short.entry
    slope = long.size * (ONE - long_rate) - short.size * (ONE + short_rate)
    above, below = (stake, behind + slope) if long.spec.inverse else (stake - behind, slope)
    return above / below if below else ZERO


def solve_liquidation(spec: Spec, long: bool, size: Decimal, entry: Decimal, behind: Decimal, rate: Decimal) -> Decimal:
    """Return the liquidation price for money ``behind`` and r + f; the coin-margined form is a MODEL."""
    if spec.inverse:
        below = behind + size * (ONE - rate) if long else size * (ONE + rate) - behind
        return size * entry / below if below > 0 else ZERO
    if long:
        return (size * entry - behind) / (size * (ONE - rate))
    return (size * entry + behind) / (size * (ONE + rate))


def bankruptcy_price(spec: Spec, long: bool, size: Decimal, entry: Decimal, behind: Decimal) -> Decimal:
    """Return the price at which nothing of the money behind is left."""
    price = solve_liquidation(spec, long, size, entry, behind, ZERO)
    return max(price, spec.tick)


def break_even(p: Position) -> Decimal:
    """Return entry (1 + f) / (1 - f) for a long, mirrored for a short (semantics.md 11); funding is left out."""
    fee = p.spec.taker
    return p.entry * (ONE + fee) / (ONE - fee) if p.long else p.entry * (ONE - fee) / (ONE + fee)


def opening_cost(spec: Spec, price: Decimal, size: Decimal, leverage: int) -> Decimal:
    """Return what an opening order reserves (MODEL, semantics.md 3)."""
    value = spec.value(size, price)
    return round(value / leverage + value * spec.taker * (ONE + spec.fee_up), GRAIN)


def free(engine: Engine, account: Account, spec: Spec, margin_mode: str) -> Decimal:
    """Return what a new order in this margin mode may cost."""
    f = figures(engine, account, account.wallet(spec))
    return f.cross_free if margin_mode == CROSSED else f.isolated_free


def max_open(engine: Engine, account: Account, spec: Spec, price: Decimal, hold_side: str) -> Decimal:
    """Return the largest size an opening order could have now, on the step."""
    setting = account.setting(spec.symbol)
    leverage = setting.leverage(hold_side)
    unit = opening_cost(spec, price, ONE, leverage)
    size = free(engine, account, spec, setting.margin_mode) / unit
    return size // spec.step * spec.step
