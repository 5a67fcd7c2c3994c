"""An engine with prices and one account, driven by its signed endpoints."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bot.sandbox.exchange import rest_account, rest_batch, rest_order, rest_plan, rest_position
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.specs import SPECS
from bot.sandbox.exchange.state import Account, Event, Trade

ROUTES = {**rest_account.ROUTES, **rest_position.ROUTES, **rest_order.ROUTES, **rest_batch.ROUTES, **rest_plan.ROUTES}
PRICES = {"BTC": "100000", "ETH": "4000", "SOL": "200", "XRP": "2", "DOGE": "0.2"}
START = 1_764_931_200_000


class Floor:
    """Hold the engine, the account ``main``, and everything it pushed."""

    def __init__(self, *, one_way: bool = False) -> None:
        self.now = START
        self.engine = Engine(lambda: self.now, 7)
        self.events: list[Event] = []
        self.trades: list[Trade] = []
        self.engine.listen(self.events.append)
        self.engine.on_trade(self.trades.append)
        self.main = self.engine.add_account("main")
        for symbol, spec in SPECS.items():
            self.move(symbol, PRICES[spec.base])
        if one_way:
            for product in self.main.pos_mode:
                self.main.pos_mode[product] = "one_way_mode"

    def move(self, symbol: str, price: str) -> None:
        """Set last, mark and index of a symbol."""
        self.engine.price(symbol, price, price, price)

    def wait(self, ms: int) -> None:
        """Let wall time pass and do what is due."""
        self.now += ms
        self.engine.run_due()

    def call(self, word: str, account: Account | None = None, **p: Any) -> Any:
        """Call an endpoint by its last word; symbol, product and coin default to BTCUSDT's."""
        route = next(route for route in ROUTES if route[1].rsplit("/", 1)[1] == word)
        spec = SPECS[p.setdefault("symbol", "BTCUSDT")] if p.get("symbol", "BTCUSDT") in SPECS else None
        if spec:
            p = {"productType": spec.product, "marginCoin": spec.coin, **p}
        self.engine.run_due()
        try:
            return ROUTES[route](self.engine, account or self.main, {k: v for k, v in p.items() if v is not None})
        finally:
            self.engine.flush()

    def refusal(self, word: str, account: Account | None = None, **p: Any) -> str:
        """Return the code a call is refused with."""
        try:
            answer = self.call(word, account, **p)
        except Refused as refused:
            return refused.code
        raise AssertionError(f"{word} was accepted: {answer}")

    def order(self, side: str, size: str, price: str | None = None, **p: Any) -> dict[str, Any]:
        """Place an order; a price makes it a limit order; hedge accounts open unless told otherwise."""
        if self.hedged(p):
            p.setdefault("tradeSide", "open")
        kind = {"orderType": "limit", "price": price} if price else {"orderType": "market"}
        return dict(self.call("place-order", **{"side": side, "size": size, "marginMode": "crossed", **kind, **p}))

    def hedged(self, p: dict[str, Any]) -> bool:
        """Return whether the product of this request is in hedge mode."""
        return self.main.pos_mode[SPECS[p.get("symbol", "BTCUSDT")].product] == "hedge_mode"

    def detail(self, ack: dict[str, Any], **p: Any) -> dict[str, Any]:
        """Return an order's detail by what its acknowledgement carried."""
        wanted = {"orderId": ack["orderId"]} if ack.get("orderId") else {"clientOid": ack["clientOid"]}
        return dict(self.call("detail", **wanted, **p))

    def positions(self, symbol: str = "BTCUSDT") -> list[dict[str, Any]]:
        """Return the positions of a symbol."""
        return list(self.call("single-position", symbol=symbol))

    def rows(self, channel: str) -> list[dict[str, Any]]:
        """Return all rows pushed on a channel."""
        return [row for event in self.events if event.channel == channel for row in event.rows]

    def bills(self, product: str = "USDT-FUTURES") -> list[dict[str, Any]]:
        """Return the newest hundred bills."""
        return list(self.call("bill", productType=product, limit="100")["bills"])

    def balance(self, product: str = "USDT-FUTURES", coin: str = "USDT") -> Decimal:
        """Return a wallet's cash."""
        return self.main.wallet_of(product, coin).balance
