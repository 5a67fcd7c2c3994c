"""Sign a request over a given timestamp, nothing else: the stored stamp is the one that is sent (R2)."""
from __future__ import annotations

import binascii
import hmac
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An API key with its secret and passphrase; none of the three appears in a representation (P8)."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str = field(repr=False)


def prehash(timestamp: str, method: str, path: str, query: str, body: str) -> str:
    """Write the text that is signed: stamp, method in capitals, path, `?` and query if any, body (rest.md 0.2).

    `query` and `body` are exactly what goes over the wire (FF-60). REST stamps are milliseconds, the socket login's
    are seconds.
    """
    return f"{timestamp}{method.upper()}{path}{'?' + query if query else ''}{body}"


def signature(secret: str, text: str) -> str:
    """Sign a prehash with HMAC-SHA256, in base 64 (rest.md 0.2)."""
    digest = hmac.digest(secret.encode(), text.encode(), "sha256")
    return binascii.b2a_base64(digest, newline=False).decode()


def signed_headers(
    credentials: Credentials, timestamp_ms: int, method: str, path: str, query: str, body: str
) -> dict[str, str]:
    """Give the headers of one signed REST call (rest.md 0.2)."""
    stamp = str(timestamp_ms)
    return {
        "ACCESS-KEY": credentials.key,
        "ACCESS-SIGN": signature(credentials.secret, prehash(stamp, method, path, query, body)),
        "ACCESS-TIMESTAMP": stamp,
        "ACCESS-PASSPHRASE": credentials.passphrase,
    }
