"""Strict validation of parameters by name and kind (rest.md; codes of errors.md).

Enum values and symbols are accepted in any letter case and handed on in the documented one (rest.md 0.1);
parameter names, granularities and margin coins are not.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

from bot.sandbox.exchange.candles import GRANULARITIES
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.endpoints import Endpoint

Params = dict[str, Any]

PRODUCTS = ("USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES")
_DELISTED = ("SUSDT-FUTURES", "SUSDC-FUTURES", "SCOIN-FUTURES")
_TRIGGERS = ("fill_price", "mark_price")
_ORDER_STP = ("none", "cancel_taker", "cancel_maker", "cancel_both")
_PERIODS = ("5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d")

_ENUMS: dict[str, tuple[str, ...]] = {
    "productType": PRODUCTS,
    "marginMode": ("isolated", "crossed"),
    "side": ("buy", "sell"),
    "tradeSide": ("open", "close"),
    "orderType": ("limit", "market"),
    "force": ("gtc", "ioc", "fok", "post_only"),
    "reduceOnly": ("YES", "NO"),
    "stpMode": _ORDER_STP,
    "posMode": ("one_way_mode", "hedge_mode"),
    "assetMode": ("single", "union"),
    "posSide": ("long", "short"),
    "autoMargin": ("on", "off"),
    "triggerType": _TRIGGERS,
    "newTriggerType": _TRIGGERS,
    "stopSurplusTriggerType": _TRIGGERS,
    "stopLossTriggerType": _TRIGGERS,
    "newStopSurplusTriggerType": _TRIGGERS,
    "newStopLossTriggerType": _TRIGGERS,
    "onlyFunding": ("yes", "no"),
    "kLineType": ("MARKET", "MARK", "INDEX"),
    "precision": ("scale0", "scale1", "scale2", "scale3"),
    "planStatus": ("executed", "fail_execute", "cancelled"),
    "status": ("live", "partially_filled"),
    "holdSide": ("long", "short", "buy", "sell"),
    "period": _PERIODS,
}
_TPSL = ("profit_plan", "loss_plan", "moving_plan", "pos_profit", "pos_loss")
# Where one name means different things in different places.
_ENUMS_AT: dict[tuple[str, str], tuple[str, ...]] = {
    ("place-plan-order", "planType"): ("normal_plan", "track_plan"),
    ("place-tpsl-order", "planType"): _TPSL,
    ("modify-plan-order", "planType"): ("normal_plan", "track_plan"),
    ("cancel-plan-order", "planType"): ("normal_plan", "track_plan", *_TPSL, "profit_loss"),
    ("orders-plan-pending", "planType"): ("normal_plan", "track_plan", "profit_loss"),
    ("orders-plan-history", "planType"): ("normal_plan", "track_plan", "profit_loss"),
    ("plan-sub-order", "planType"): ("normal_plan", "track_plan"),
    ("trade-rate", "businessType"): ("mix", "spot", "margin"),
    ("all-trade-rate", "businessType"): ("mix", "spot", "margin"),
    ("merge-depth", "limit"): ("1", "5", "15", "50", "max"),
    ("long-short", "period"): (*_PERIODS[:-1], "1Dutc"),
    ("set-leverage", "holdSide"): ("long", "short"),
    ("close-positions", "holdSide"): ("long", "short"),
}
_ENUM_CODES = {"productType": "400172", "tradeSide": "400172", "granularity": "400172"}
_ENUM_TEXTS = {"tradeSide": "Illegal position opening type"}

_LIMITS = {"candles": 1000, "fills-history": 1000, "history-candles": 200, "history-index-candles": 200,
           "history-mark-candles": 200, "future-record": 500}
_DECIMALS = frozenset((
    "size", "price", "triggerPrice", "executePrice", "callbackRatio", "rangeRate", "newSize", "newPrice", "amount",
    "newTriggerPrice", "newCallbackRatio", "openAmount", "openPrice", "presetStopSurplusPrice", "presetStopLossPrice",
    "presetStopSurplusExecutePrice", "presetStopLossExecutePrice", "newPresetStopSurplusPrice",
    "newPresetStopLossPrice", "stopSurplusTriggerPrice", "stopSurplusExecutePrice", "stopLossTriggerPrice",
    "stopLossExecutePrice", "stopSurplusSize", "stopLossSize", "leverage", "longLeverage", "shortLeverage",
    "newStopSurplusTriggerPrice", "newStopSurplusExecutePrice", "newStopLossTriggerPrice", "newStopLossExecutePrice",
))
_DIGITS = frozenset(("startTime", "endTime", "idLessThan", "limit", "pageNo", "pageSize", "requestTime",
                     "receiveWindow", "orderId", "planOrderId", "subUid"))
_LISTS = {"orderList": 50, "orderIdList": 50}
_OIDS = frozenset(("clientOid", "newClientOid", "stopSurplusClientOid", "stopLossClientOid"))
_DECIMAL = re.compile(r"-?\d{1,24}(\.\d{1,24})?")
_OID = re.compile(r"[0-9A-Za-z_+#:\-]+")
_ITEMS = {
    "orderList": frozenset((
        "size", "price", "side", "tradeSide", "orderType", "force", "clientOid", "reduceOnly", "stpMode",
        "presetStopSurplusPrice", "presetStopLossPrice", "presetStopSurplusExecutePrice", "presetStopLossExecutePrice",
    )),
    "orderIdList": frozenset(("orderId", "clientOid")),
}
# Names that widely used SDKs send to these endpoints and that the server ignores; any other unknown name is refused.
_IGNORED = {
    "place-plan-order": frozenset(("force", "executePrice")),
    "place-tpsl-order": frozenset(("force", "orderType")),
    "modify-plan-order": frozenset(("newSurplusTriggerPrice",)),
    "bill": frozenset(("marginCoin", "symbol")),
}
_IGNORED_IN_ITEMS = frozenset(("symbol", "productType", "marginCoin", "marginMode"))


def parse(endpoint: Endpoint, query: str, body: bytes, content_type: str) -> Params:
    """Return the request's parameters, normalised, absent optional ones left out.

    Raises Refused with the documented code: 40017 for an unknown name or an unreadable body, 40019 for a missing
    or empty required one, 40020 for a bad value, 400172 for product types, trade sides and granularities.
    """
    return checked(endpoint, _body(body, content_type) if endpoint.method == "POST" else _query(query))


def checked(endpoint: Endpoint, given: Params) -> Params:
    """Return parameters normalised, absent optional ones left out. Raises Refused as ``parse`` does."""
    leaf = endpoint.path.rsplit("/", 1)[1]
    unknown = given.keys() - endpoint.required - endpoint.optional
    ignored = _IGNORED.get(leaf, frozenset()) & unknown
    if unknown - ignored:
        raise Refused("40017", f"Parameter {min(unknown - ignored)} is not expected here")
    params: Params = {}
    for name in endpoint.required:
        if given.get(name) in (None, "", []):
            # modify-tpsl-order wants size "" for position-level plans (rest.md 6.4).
            if leaf == "modify-tpsl-order" and name == "size" and name in given:
                continue
            raise Refused("40019", f"Parameter {name} cannot be empty")
    for name, value in given.items():
        if value is None or value == "" or name in ignored:
            continue
        params[name] = _items(leaf, name, value) if name in _LISTS else check(leaf, name, value)
    if leaf == "place-tpsl-order" and params["planType"].startswith("pos_"):
        # A plan of the whole position has no size of its own; SDKs send one all the same.
        params.pop("size", None)
    return params


def check(leaf: str, name: str, value: Any) -> str:
    """Return one scalar parameter in its documented spelling. Raises Refused."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Refused("40020", f"Parameter {name} error")
    text = str(value)
    names = _ENUMS_AT.get((leaf, name)) or _ENUMS.get(name)
    if names:
        return _enum(name, text, names)
    if name == "granularity":
        if text not in GRANULARITIES:
            raise Refused("400172", "Parameter verification failed granularity")
    elif name in _DIGITS:
        _digits(leaf, name, text)
    elif name in _DECIMALS:
        if not _DECIMAL.fullmatch(text):
            raise Refused("40020", f"Parameter {name} error")
    elif name in _OIDS:
        _client_id(text)
    elif name == "symbol":
        return text.upper()
    elif name in ("marginCoin", "coin") and text != text.upper():
        raise Refused("40020", f"Parameter {name} error")
    return text


class _Number(str):
    """A JSON number kept as it was written."""


def _enum(name: str, text: str, names: tuple[str, ...]) -> str:
    for known in names:
        if text == known or text.lower() == known.lower():
            return known
    if name == "productType" and text.upper() in _DELISTED:
        raise Refused("400172", f"Parameter verification failed {text} is no longer available")
    raise Refused(_ENUM_CODES.get(name, "40020"), _ENUM_TEXTS.get(name, f"Parameter {name} error"))


def _digits(leaf: str, name: str, text: str) -> None:
    longest = 13 if name.endswith("Time") else 20
    if not (text.isascii() and text.isdigit() and len(text) <= longest):
        raise Refused("40402" if name == "orderId" else "40020", f"Parameter {name} error")
    if name in ("limit", "pageSize"):
        most = _LIMITS.get(leaf, 100)
        # One SDK reports 1000 accepted on fills (rest.md 2.8).
        if int(text) < 1 or (int(text) > most and leaf != "fills"):
            raise Refused("40053", f"Parameter {name} must be between 1 and {most}")


def _client_id(text: str) -> None:
    if len(text) >= 64 or not _OID.fullmatch(text):
        raise Refused("40305", "client_oid length is not greater than 64, and cannot be Martian characters")
    if len(text) >= 50:
        raise Refused("40304", "Client orderId can not be longer than 50")


def _items(leaf: str, name: str, value: Any) -> list[Params]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Refused("40020", f"Parameter {name} error")
    if len(value) > _LISTS[name]:
        if name == "orderIdList":
            raise Refused("40912", "single cancel cannot exceed 50")
        raise Refused("40306", "Batch processing orders can only process up to 50")
    items = []
    for item in value:
        unknown = item.keys() - _ITEMS[name] - _IGNORED_IN_ITEMS
        if unknown:
            raise Refused("40017", f"Parameter {min(unknown)} is not expected here")
        known = {k: v for k, v in item.items() if k in _ITEMS[name] and v is not None and v != ""}
        items.append({k: check(leaf, k, v) for k, v in known.items()})
    return items


def _query(query: str) -> Params:
    given: Params = {}
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        name = unquote(name)
        if name in given:
            raise Refused("40017", f"Parameter {name} is given twice")
        given[name] = unquote(value)
    return given


def _body(body: bytes, content_type: str) -> Params:
    if not body:
        return {}
    if "application/json" not in content_type.lower():
        raise Refused("40007")
    try:
        given = json.loads(body, object_pairs_hook=_once, parse_float=_Number, parse_constant=_not_a_number)
    except (ValueError, RecursionError) as error:
        raise Refused("40017", "Parameter verification failed, the body is not JSON") from error
    if not isinstance(given, dict):
        raise Refused("40017", "Parameter verification failed, the body is not an object")
    return given


def _once(pairs: list[tuple[str, Any]]) -> Params:
    given = dict(pairs)
    if len(given) != len(pairs):
        raise ValueError("a name is given twice")
    return given


def _not_a_number(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")
