"""From a checked call to the engine's answer, under the faults that concern orders and lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.exchange import rest_account, rest_batch, rest_common, rest_order, rest_plan, rest_position
from bot.sandbox.exchange.auth import Key
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.endpoints import ENDPOINTS, Endpoint
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.faults import Faults
from bot.sandbox.exchange.lag import Lag
from bot.sandbox.exchange.params import Params, checked
from bot.sandbox.exchange.state import Account

Answer = Callable[[Engine, Account, Params], Any]

ROUTES: dict[tuple[str, str], Answer] = {
    **rest_account.ROUTES, **rest_position.ROUTES, **rest_order.ROUTES, **rest_batch.ROUTES, **rest_plan.ROUTES,
}
ORDER_PATH = "/api/v2/mix/order/"


class Dispatch:
    """Answer signed calls of every account."""

    def __init__(self, engine: Engine, faults: Faults, lag: Lag, settled: Callable[[], None]) -> None:
        self._engine, self._faults, self._lag = engine, faults, lag
        self._upgrades: dict[str, str] = {}
        self.settled = settled

    def unified(self, account: str) -> bool:
        """Return whether the account lives in the unified world."""
        return self._engine.accounts[account].world == "unified"

    def answer(self, key: Key, endpoint: Endpoint, params: Params) -> Any:
        """Return the data of a signed call. Raises Refused."""
        engine = self._engine
        engine.run_due()
        account = engine.accounts[key.account]
        route = endpoint.method, endpoint.path
        common = rest_common.ROUTES.get(route)
        if common is not None:
            return common(rest_common.Caller(engine, account, key, self._upgrades), params)
        if self._faults:
            self._arm(endpoint)
            if endpoint.is_list:
                account = self._lag.seen(account)
        answer = ROUTES.get(route)
        if answer is None:
            raise Refused("40404")
        try:
            return answer(engine, account, params)
        finally:
            engine.flush()

    def place(self, key: Key, word: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Run an order endpoint named by its last word with loose fields, as the stream and the outside do.

        Raises Refused as the endpoint does.
        """
        endpoint = ENDPOINTS["POST", ORDER_PATH + word]
        data: dict[str, Any] = self.answer(key, endpoint, checked(endpoint, fields))
        return data

    def _arm(self, endpoint: Endpoint) -> None:
        if endpoint.method != "POST":
            return
        self._lag.remember()
        if endpoint.path.endswith("/cancel-order") and self._faults.take("fill_after_cancel"):
            self._engine.fill_on_cancel += 1
        if endpoint.path.endswith("/modify-order") and self._faults.take("modify_fails"):
            self._engine.modify_fails += 1
        if endpoint.path.endswith("/place-order"):
            pieces = self._faults.take("partial_fills")
            if pieces:
                self._engine.chunks_next = int(pieces.parameters["n"])
