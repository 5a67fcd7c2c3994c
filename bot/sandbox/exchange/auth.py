"""Who is calling: key, passphrase, timestamp and signature over the exact bytes (rest.md 0.2, README 3 and 5)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.endpoints import Endpoint
from bot.sandbox.exchange.http import Request

WINDOW_MS = 30_000

# What a key needs per section: any of these for reading, any of those for writing (rest.md 1.4).
_RIGHTS = {
    "order": (("coor", "coow", "readonly", "trade"), ("coow", "trade")),
    "position": (("cpor", "cpow", "readonly", "trade"), ("cpow", "trade")),
    "account": (("cpor", "cpow", "coor", "coow", "readonly", "trade"), ("cpow", "trade")),
    "common": ((), ("cpow", "coow", "wtow", "chow", "trade")),
}
_RIGHT_NAMES = {"order": "contract_order", "position": "contract_position", "account": "contract_position"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key: its secret parts, the account it belongs to, what it may do and from where."""

    key: str
    secret: str
    passphrase: str
    account: str
    environment: str
    rights: frozenset[str]
    ips: tuple[str, ...] = ()


class Keys:
    """All keys of the exchange by their public name."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self._keys = {key.key: key for key in keys}

    def add(self, key: Key) -> None:
        """Register a key."""
        self._keys[key.key] = key

    def find(self, name: str) -> Key | None:
        """Return the key of this name, or None."""
        return self._keys.get(name)

    def all(self) -> list[Key]:
        """Return every key."""
        return list(self._keys.values())


def sign(secret: str, prehash: str | bytes) -> str:
    """Return base64 of HMAC-SHA256 over the prehash."""
    message = prehash.encode() if isinstance(prehash, str) else prehash
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def prehash(request: Request, timestamp: str) -> bytes:
    """Return the bytes a REST call is signed over, taken from the wire unchanged."""
    path = request.path + ("?" + request.query if request.query else "")
    return (timestamp + request.method + path).encode(errors="surrogateescape") + request.body


def authenticate(request: Request, keys: Keys, now_ms: int) -> Key:
    """Return the key that signed this request.

    Raises Refused: 40001, 40003, 40005, 40011 for a missing header, 40005 for a timestamp that is not one, 40006 for
    an unknown key, 40008 outside 30 s, 40012 for the passphrase, 40009 for the signature, 40018 for the address.
    """
    headers = request.headers
    for header, code in (("access-key", "40001"), ("access-sign", "40003"), ("access-timestamp", "40005"),
                         ("access-passphrase", "40011")):
        if not headers.get(header):
            raise Refused(code)
    stamp = headers["access-timestamp"]
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 16):
        raise Refused("40005")
    key = keys.find(headers["access-key"])
    if key is None:
        raise Refused("40006")
    if abs(now_ms - int(stamp)) > WINDOW_MS:
        raise Refused("40008")
    if not hmac.compare_digest(headers["access-passphrase"].encode(errors="surrogateescape"), key.passphrase.encode()):
        raise Refused("40012")
    if not same_signature(key.secret, prehash(request, stamp), headers["access-sign"]):
        raise Refused("40009")
    if key.ips and request.ip not in key.ips:
        raise Refused("40018")
    return key


def same_signature(secret: str, message: bytes, given: str) -> bool:
    """Return whether ``given`` is the base64 signature of the message."""
    try:
        raw = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(raw, hmac.new(secret.encode(), message, hashlib.sha256).digest())


def authorise(key: Key, endpoint: Endpoint, request: Request, *, unified: bool) -> None:
    """Check environment, account world and rights of an authenticated call.

    Raises Refused 40099 for a demo key without its header or a live key with it, 40085 for a unified account,
    40014 for a right the key lacks.
    """
    if (key.environment == "demo") != (request.headers.get("paptrading") == "1"):
        raise Refused("40099")
    if unified and endpoint.path.startswith("/api/v2/mix/"):
        raise Refused("40085")
    reading, writing = _RIGHTS[endpoint.section]
    needed = writing if endpoint.method == "POST" else reading
    if needed and not key.rights.intersection(needed):
        kind = "write" if endpoint.method == "POST" else "read"
        name = _RIGHT_NAMES.get(endpoint.section, "account")
        raise Refused("40014", f"Incorrect permissions, need {name} {kind} permissions")
