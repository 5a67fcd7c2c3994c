"""The control surface (architecture.md 21, C10): JSON over loopback, for judges, tests and the page.

Other parts of the sandbox mount their own paths with ``mount`` and their health with ``part``.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from urllib.parse import parse_qsl

from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.faults import UnknownFault
from bot.sandbox.exchange.http import Handler, Request, Response

Fields = dict[str, Any]

DOES = ("order", "cancel", "close", "leverage", "margin_mode", "position_mode", "transfer", "remove_stop")


class Wrong(ValueError):
    """A request that cannot be done, said in a sentence."""


class Controlled(Protocol):
    """What the control surface does to an exchange."""

    def ledger(self, account: str) -> Fields:
        """Return everything that is true of an account."""

    async def set_price(self, symbol: str, price: str | None, move: float | None, over: float) -> str:
        """Drag a price and return the new one."""

    def set_speed(self, factor: float) -> Fields:
        """Let market time run at another speed."""

    async def advance(self, seconds: float) -> Fields:
        """Play market seconds at once."""

    def act(self, account: str, do: str, fields: Fields) -> Any:
        """Do something in an account as its owner would."""

    def fault(self, name: str, parameters: Fields, times: int | None, seconds: float | None) -> list[Fields]:
        """Switch a fault on or all off; return the active ones."""

    def open_account(self, *, name: str, world: str, environment: str, rights: list[str] | None,
                     ips: list[str] | None, balances: Fields | None) -> Fields:
        """Open an account and return its key."""

    def health(self) -> Fields:
        """Return the exchange's state."""


class Control:
    """Route control calls; ``handle`` is the handler to serve."""

    def __init__(self, exchange: Controlled) -> None:
        self._exchange = exchange
        self._parts: dict[str, Callable[[], Fields]] = {"exchange": exchange.health}
        self._mounts: dict[str, Handler] = {}
        self._routes: dict[tuple[str, str], Callable[[Fields], Awaitable[Any]]] = {
            ("GET", "/health"): self._health,
            ("GET", "/exchange/ledger"): self._ledger,
            ("POST", "/exchange/price"): self._price,
            ("POST", "/exchange/speed"): self._speed,
            ("POST", "/exchange/time"): self._time,
            ("POST", "/exchange/act"): self._act,
            ("POST", "/exchange/fault"): self._fault,
            ("GET", "/exchange/fault"): self._faults,
            ("POST", "/exchange/accounts"): self._accounts,
        }

    def mount(self, prefix: str, handler: Handler) -> None:
        """Give every path below a prefix (``/people``, ``/telegram``, ``/model``, ``/page``) to another part."""
        self._mounts[prefix] = handler

    def part(self, name: str, health: Callable[[], Fields]) -> None:
        """Show another part's state under ``/health``."""
        self._parts[name] = health

    async def handle(self, request: Request) -> Response:
        """Answer one call: 200 with JSON, 400 or 404 with ``error`` holding a sentence."""
        for prefix, handler in self._mounts.items():
            if request.path == prefix or request.path.startswith(prefix + "/"):
                return await handler(request)
        route = self._routes.get((request.method, request.path))
        if route is None:
            known = ", ".join(sorted(f"{method} {path}" for method, path in self._routes))
            return answer({"error": f"There is no {request.method} {request.path} here. Known are: {known}."}, 404)
        try:
            return answer(await route(read(request)))
        except (Wrong, UnknownFault) as wrong:
            return answer({"error": str(wrong)}, 400)
        except Refused as refused:
            return answer({"error": f"The exchange refused: {refused.msg}", "code": refused.code}, 400)

    async def _health(self, given: Fields) -> Any:
        take(given, {})
        return {name: health() for name, health in self._parts.items()}

    async def _ledger(self, given: Fields) -> Any:
        fields = take(given, {"account": str})
        return self._exchange.ledger(fields.get("account", "main"))

    async def _price(self, given: Fields) -> Any:
        fields = take(given, {"symbol": str, "price": str, "move": float, "over": float}, ("symbol",))
        if ("price" in fields) == ("move" in fields):
            raise Wrong("Give either price or move (percent), and not both.")
        price = await self._exchange.set_price(fields["symbol"].upper(), fields.get("price"), fields.get("move"),
                                               fields.get("over", 0.0))
        return {"symbol": fields["symbol"].upper(), "price": price}

    async def _speed(self, given: Fields) -> Any:
        factor = take(given, {"factor": float}, ("factor",))["factor"]
        if not 0 <= factor <= 10_000:
            raise Wrong(f"The factor is a number from 0 (stand still) to 10000, not {factor:g}.")
        return self._exchange.set_speed(factor)

    async def _time(self, given: Fields) -> Any:
        seconds = take(given, {"advance": float}, ("advance",))["advance"]
        if not 0 <= seconds <= 30 * 86_400:
            raise Wrong("The market can be advanced by 0 seconds to 30 days at a time.")
        return await self._exchange.advance(seconds)

    async def _act(self, given: Fields) -> Any:
        account, do = given.pop("account", "main"), given.pop("do", None)
        if do not in DOES:
            raise Wrong(f"The field do is one of {', '.join(DOES)}, not {do!r}.")
        if not isinstance(account, str):
            raise Wrong("The field account is the account's name.")
        return {"account": account, "do": do, "result": self._exchange.act(account, str(do), given)}

    async def _fault(self, given: Fields) -> Any:
        name, times, seconds = given.pop("name", None), given.pop("times", None), given.pop("for", None)
        if not isinstance(name, str):
            raise Wrong("The field name is a fault's name, or clear.")
        if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
            raise Wrong(f"The field times is a whole number from 1, not {times!r}.")
        if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float)):
            raise Wrong(f"The field for is a number of seconds, not {seconds!r}.")
        return {"active": self._exchange.fault(name, given, times, seconds)}

    async def _faults(self, given: Fields) -> Any:
        take(given, {})
        return {"active": self._exchange.fault("", {}, None, None)}

    async def _accounts(self, given: Fields) -> Any:
        fields = take(given, {"name": str, "world": str, "environment": str, "rights": list, "ips": list,
                              "balances": dict}, ("name", "world", "environment"))
        for name, known in (("world", ("classic", "unified")), ("environment", ("live", "demo"))):
            if fields[name] not in known:
                raise Wrong(f"The field {name} is {' or '.join(known)}, not {fields[name]!r}.")
        return self._exchange.open_account(
            name=fields["name"], world=fields["world"], environment=fields["environment"],
            rights=fields.get("rights"), ips=fields.get("ips"), balances=fields.get("balances"),
        )


def read(request: Request) -> Fields:
    """Return a call's fields: the query of a GET, the JSON object of a POST. Raises Wrong."""
    if request.method == "GET":
        return dict(parse_qsl(request.query, keep_blank_values=True))
    try:
        given = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise Wrong("The body is not JSON; an object was expected.") from error
    if not isinstance(given, dict):
        raise Wrong("The body is not a JSON object.")
    return given


def take(given: Fields, kinds: dict[str, type], required: tuple[str, ...] = ()) -> Fields:
    """Return the fields, converted to their kinds. Raises Wrong for an unknown, missing or unreadable one."""
    unknown = given.keys() - kinds.keys()
    if unknown:
        known = ", ".join(kinds) or "none"
        raise Wrong(f"The field {min(unknown)!r} is not known here. Known are: {known}.")
    fields: Fields = {}
    for name, value in given.items():
        if value is None:
            continue
        fields[name] = _as(kinds[name], name, value)
    for name in required:
        if name not in fields:
            raise Wrong(f"The field {name!r} is missing.")
    return fields


def _as(kind: type, name: str, value: Any) -> Any:
    if kind is float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if isinstance(value, bool) or number != number or abs(number) == float("inf"):
            raise Wrong(f"The field {name!r} is a number, not {value!r}.")
        return number
    if kind is str and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, kind):
        raise Wrong(f"The field {name!r} has the wrong type: {value!r}.")
    return value


def answer(body: Any, status: int = 200) -> Response:
    """Return a JSON response."""
    return Response(status=status, body=json.dumps(body, separators=(",", ":"), default=str).encode())
