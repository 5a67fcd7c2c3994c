"""What the control surface does to the exchange (C10): ground truth, prices, time, actions, faults, accounts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from random import Random
from typing import Any, Protocol

from bot.sandbox.clock import Clock
from bot.sandbox.exchange import truth
from bot.sandbox.exchange.auth import Key, Keys
from bot.sandbox.exchange.control import Fields, Wrong
from bot.sandbox.exchange.dispatch import Dispatch
from bot.sandbox.exchange.endpoints import ENDPOINTS
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.faults import Faults
from bot.sandbox.exchange.ledger import Ledger
from bot.sandbox.exchange.market import Market
from bot.sandbox.exchange.params import checked
from bot.sandbox.exchange.specs import SPECS

TRADES = ("coor", "coow", "cpor", "cpow", "stor")
_WORDS = {"read": ("coor", "cpor", "stor"), "trade": TRADES, "withdraw": ("wwow",), "transfer": ("wtow",)}
_CODES = frozenset(("coor", "coow", "cpor", "cpow", "stor", "stow", "smor", "smow", "ttor", "ttow", "wtor", "wtow",
                    "wwow", "taxr", "taxw", "chor", "chow", "p2pr", "p2p", "pllr", "pllw", "trade", "readonly"))
_CHUNK_S = 600.0

_ACTS = {"order": ("order", "place-order"), "cancel": ("order", "cancel-order"), "close": ("order", "close-positions"),
         "leverage": ("account", "set-leverage"), "margin_mode": ("account", "set-margin-mode"),
         "position_mode": ("account", "set-position-mode")}
_STOPS = ("loss_plan", "pos_loss", "moving_plan")


class Played(Protocol):
    """The part of a venue that lets time pass."""

    def play(self) -> None:
        """Bring prices up to market time."""


class Outside:
    """Do to one exchange what C10 allows."""

    def __init__(self, *, clock: Clock, engine: Engine, market: Market, keys: Keys, faults: Faults, ledger: Ledger,
                 dispatch: Dispatch, played: Played, seed: int, health: Callable[[], Fields]) -> None:
        self._clock, self._engine, self._market, self._keys = clock, engine, market, keys
        self._faults, self._ledger, self._dispatch, self._played = faults, ledger, dispatch, played
        self._seed = seed
        self.health = health

    def ledger(self, account: str) -> Fields:
        """Return everything that is true of an account, rows in the exchange's own field names."""
        self._known(account)
        return {**truth.of(self._engine, self._engine.accounts[account]), "requests": self._ledger.rows(account)}

    async def set_price(self, symbol: str, price: str | None, move: float | None, over: float) -> str:
        """Drag a symbol's last price to a level or by a percentage, at once or over seconds; return the new price."""
        listing = self._market.listings.get(symbol)
        if listing is None:
            raise Wrong(f"There is no symbol {symbol!r}. Known are: {', '.join(self._market.listings)}.")
        try:
            target = Decimal(price) if price is not None else listing.last * (1 + Decimal(str(move)) / 100)
        except InvalidOperation as error:
            raise Wrong(f"The field price is a number, not {price!r}.") from error
        target = round(target / listing.tick) * listing.tick if target.is_finite() else Decimal(0)
        if not listing.last / 1000 < target < listing.last * 1000:
            raise Wrong(f"The price can be dragged to anything positive near {listing.last}, not to {price or move}.")
        over_ms = round(max(over, 0.0) * self._clock.speed * 1000)
        moment = self._market.tape.drag(listing.coin, float(target) / (1 + listing.basis), over_ms)
        if moment is not None:
            self._market.apply(moment)
            self._dispatch.settled()
        return str(target)

    def set_speed(self, factor: float) -> Fields:
        """Let market time run at another speed."""
        self._clock.speed = factor
        return self._time()

    async def advance(self, seconds: float) -> Fields:
        """Play market seconds at once, the prices in between included."""
        left = seconds
        while left > 0:
            self._clock.advance(min(left, _CHUNK_S))
            left -= _CHUNK_S
            self._played.play()
            await asyncio.sleep(0)
        return self._time()

    def _time(self) -> Fields:
        return {"market_time": self._clock.market(), "server_time": self._clock.wall(), "factor": self._clock.speed}

    def act(self, account: str, do: str, fields: Fields) -> Any:
        """Do something in an account as its owner would elsewhere. Raises Wrong or Refused."""
        self._known(account)
        key = next(key for key in self._keys.all() if key.account == account)
        if do == "transfer":
            return self._transfer(account, fields)
        fields = self._filled_in(fields, do)
        if do == "remove_stop":
            return self._remove_stops(key, fields)
        section, word = _ACTS[do]
        endpoint = ENDPOINTS["POST", f"/api/v2/mix/{section}/{word}"]
        unknown = fields.keys() - endpoint.required - endpoint.optional
        if unknown:
            raise Wrong(f"The field {min(unknown)!r} is not known to {word}.")
        try:
            return self._dispatch.answer(key, endpoint, checked(endpoint, fields))
        finally:
            self._dispatch.settled()

    @staticmethod
    def _filled_in(fields: Fields, do: str) -> Fields:
        """Return the fields with product, coin and mode of the symbol where they were left out."""
        spec = SPECS.get(str(fields.get("symbol", "")).upper())
        filled = {"productType": spec.product if spec else "USDT-FUTURES", **fields}
        if spec and do in ("order", "leverage", "margin_mode"):
            filled.setdefault("marginCoin", spec.coin)
        if do == "order":
            filled.setdefault("marginMode", "crossed")
            filled.setdefault("orderType", "limit" if fields.get("price") else "market")
        return filled

    def _remove_stops(self, key: Key, fields: Fields) -> list[Fields]:
        account = self._engine.accounts[key.account]
        wanted = {str(fields.get(name, "")) for name in ("orderId", "clientOid")} - {""}
        symbol = str(fields.get("symbol", "")).upper()
        gone = []
        for plan in list(account.live_plans.values()):
            if plan.kind not in _STOPS or (symbol and plan.spec.symbol != symbol):
                continue
            if wanted and not wanted & {str(plan.id), plan.oid}:
                continue
            given = {"symbol": plan.spec.symbol, "productType": plan.spec.product, "planType": plan.kind,
                     "orderIdList": [{"orderId": str(plan.id)}]}
            self._dispatch.place(key, "cancel-plan-order", given)
            gone.append({"orderId": str(plan.id), "clientOid": plan.oid, "planType": plan.kind})
        self._dispatch.settled()
        return gone

    def _transfer(self, account: str, fields: Fields) -> Fields:
        unknown = fields.keys() - {"coin", "amount", "productType"}
        if unknown:
            raise Wrong(f"The field {min(unknown)!r} is not known to transfer. Known are: coin, amount, productType.")
        coin = str(fields.get("coin", "USDT")).upper()
        product = str(fields.get("productType") or {"USDT": "USDT-FUTURES", "USDC": "USDC-FUTURES"}.get(
            coin, "COIN-FUTURES"))
        amount = _amount("amount", fields.get("amount"))
        owner = self._engine.accounts[account]
        wallet = owner.wallets.get((product, coin))
        if wallet is None:
            raise Wrong(f"There is no {coin} wallet in {product}.")
        if wallet.balance + amount < 0:
            raise Wrong(f"The wallet holds {wallet.balance} {coin}; {-amount} cannot leave it.")
        kind = "trans_from_exchange" if amount >= 0 else "trans_to_exchange"
        self._engine.bill(owner, wallet, "", kind, amount=amount)
        self._engine.flush()
        self._dispatch.settled()
        return {"coin": coin, "productType": product, "balance": str(wallet.balance)}

    def fault(self, name: str, parameters: Fields, times: int | None, seconds: float | None) -> list[Fields]:
        """Switch a fault on, or all off with ``clear``; return the active ones."""
        if name == "clear":
            self._faults.clear()
        elif name:
            self._faults.add(name, parameters, times=times, seconds=seconds)
        return [fault.row() for fault in self._faults.active()]

    def open_account(self, *, name: str, world: str, environment: str, rights: list[str] | None,
                     ips: list[str] | None, balances: Fields | None) -> Fields:
        """Open an account and return its key. Raises Wrong."""
        if not name or name in self._engine.accounts:
            raise Wrong(f"The name {name!r} is empty or taken. Choose another.")
        granted: set[str] = set()
        for right in rights if rights is not None else ["trade"]:
            if right not in _WORDS and right not in _CODES:
                raise Wrong(f"The right {right!r} is not known. Known are: {', '.join([*_WORDS, *sorted(_CODES)])}.")
            granted.update(_WORDS.get(right, (right,)))
        amounts = None if balances is None else {c.upper(): str(_amount(c, v)) for c, v in balances.items()}
        self._engine.add_account(name, world=world, environment=environment, balances=amounts)
        key = new_key(self._seed, name, environment, frozenset(granted), tuple(str(ip) for ip in ips or ()))
        self._keys.add(key)
        return {"key": key.key, "secret": key.secret, "passphrase": key.passphrase}

    def _known(self, account: str) -> None:
        if account not in self._engine.accounts:
            raise Wrong(f"There is no account {account!r}. Known are: {', '.join(self._engine.accounts)}.")


def new_key(seed: int, name: str, environment: str, rights: frozenset[str], ips: tuple[str, ...] = ()) -> Key:
    """Return the key of an account; the same seed and name give the same key."""
    rng = Random(f"{seed}:key:{name}")
    return Key(
        key=f"bg_{rng.getrandbits(128):032x}", secret=f"{rng.getrandbits(256):064x}",
        passphrase=f"sandbox{rng.getrandbits(40):010x}", account=name, environment=environment, rights=rights, ips=ips,
    )


def _amount(name: str, value: Any) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise Wrong(f"The field {name!r} is an amount, not {value!r}.") from error
    if not amount.is_finite() or isinstance(value, bool):
        raise Wrong(f"The field {name!r} is an amount, not {value!r}.")
    return amount
