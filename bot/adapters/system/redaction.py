"""Cross out secrets: known values and what looks like one, wherever they stand (security section 8, P8, FF-106)."""
from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import quote

CROSSED_OUT = "[secret]"
SHORTEST = 4
# Each pattern keeps its first group and crosses out the rest.
PATTERNS = (
    # A Bot API address or a bare token.
    re.compile(r"(bot|\b)\d{6,12}:[\w-]{30,}"),
    # Signed headers, as `NAME: value`, `'NAME': 'value'` or `("NAME", "value")`.
    re.compile(r"(ACCESS-(?:KEY|SIGN|PASSPHRASE)[\"']?\s*[:=,]\s*b?[\"']?)[^\s\"',)}]+", re.IGNORECASE),
    # The login frame of a stream, and settings or fields named like it.
    re.compile(r"((?<![a-z])(?:api_?key|passphrase|secret(?:_?key)?|sign(?:ature)?|password|(?:access_?|bot_?)?token)"
               r"\\?[\"']?\s*[:=]\s*\\?[\"']?)"
               r"[^\s\"',)}&\\]+", re.IGNORECASE),
    re.compile(r"(Bearer\s+)[\w.~+/=-]+", re.IGNORECASE),
    re.compile(r"(X-Telegram-Bot-Api-Secret-Token[\"']?\s*[:=,]\s*b?[\"']?)[^\s\"',)}]+", re.IGNORECASE),
    re.compile(r"(x-api-key[\"']?\s*[:=,]\s*b?[\"']?)[^\s\"',)}]+", re.IGNORECASE),
    # The signature of a Mini App's start data, raw or percent-encoded.
    re.compile(r"(\bhash(?:=|%3D))[0-9a-f]{64}", re.IGNORECASE),
    # The password of a database address.
    re.compile(r"(\b[a-z][\w+]*://[^\s:/@]*:)[^\s@/]+(?=@)", re.IGNORECASE),
)
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


def _spellings(secret: str) -> set[str]:
    """Give the ways a secret may be written: plain, percent-encoded, inside JSON, inside a representation."""
    return {secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1]}


class Redactor:
    """Crosses out known secrets and what looks like one.

    While a one-time code is awaited (`awaiting_code`), every six digits standing alone are crossed out as well.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: set[str] = set()
        self._awaiting = 0
        self.learn(*secrets)

    def learn(self, *secrets: str) -> None:
        """Add secrets; shorter ones than four characters are left to the patterns, they would blot out words."""
        for secret in secrets:
            if len(secret) >= SHORTEST:
                self._known |= _spellings(secret)
        longest_first = sorted(self._known, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def awaiting_code(self, change: int) -> None:
        """Count up (+1) when a person is asked for a code or PIN, down (-1) when it came or the time is over."""
        self._awaiting = max(0, self._awaiting + change)

    def clean(self, text: str) -> str:
        """Give the text with every secret crossed out."""
        if self._pattern is not None:
            text = self._pattern.sub(CROSSED_OUT, text)
        for pattern in PATTERNS:
            text = pattern.sub(rf"\g<1>{CROSSED_OUT}", text)
        return CODE.sub(CROSSED_OUT, text) if self._awaiting else text
