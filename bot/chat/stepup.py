"""Prove a second time who is there: PIN by scrypt, TOTP with replay protection, a lock after five failures. Pure.

Rules of security section 3: one step of tolerance, the last accepted step must grow, five failures lock raising
actions for 15 minutes, never stopping. A grant is not kept: the factor is asked for one named action and spent on it.
"""
from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp

SHORTEST_PIN = 6
FAILURES = 5
LOCK = timedelta(minutes=15)
STEP_S = 30
PIN = re.compile(rf"\d{{{SHORTEST_PIN},12}}")
# About 20 ms on a small machine; it runs on the ledger's thread, never on the event loop.
COST, BLOCK, LANES = 2**13, 8, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A person's second factor: salted hash of a PIN, or a TOTP secret with the last step that was accepted.

    What is stored holds the secret sealed; only while it is proven is it open (`people.prove`).
    """

    pin: str | None = None
    totp: str | None = None
    last_step: int = 0
    failures: int = 0
    locked_until: datetime | None = None

    @property
    def enrolled(self) -> bool:
        """Tell whether there is anything to prove with."""
        return self.pin is not None or self.totp is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a try came to: the factor as it is to be stored, whether it was right, until when it is locked."""

    factor: Factor
    right: bool
    locked_until: datetime | None = None


def hashed(pin: str, salt: str) -> str:
    """Hash a PIN for keeping; gives `scrypt$salt$hash`. Raises ValueError for one that is no PIN."""
    if not PIN.fullmatch(pin):
        raise ValueError(f"A PIN is {SHORTEST_PIN} to 12 digits.")
    key = hashlib.scrypt(pin.encode(), salt=salt.encode(), n=COST, r=BLOCK, p=LANES, dklen=32)
    return f"scrypt${salt}${key.hex()}"


def prove(factor: Factor, given: str, now: datetime) -> Proof:
    """Check what was typed; while locked nothing is right and nothing is counted."""
    if factor.locked_until is not None and now < factor.locked_until:
        return Proof(factor=factor, right=False, locked_until=factor.locked_until)
    word = given.strip()
    step = _step(factor, word, now)
    if step is not None:
        return Proof(factor=replace(factor, last_step=step, failures=0, locked_until=None), right=True)
    if _pin(factor, word):
        return Proof(factor=replace(factor, failures=0, locked_until=None), right=True)
    failures = factor.failures + 1
    until = now + LOCK if failures >= FAILURES else None
    after = replace(factor, failures=0 if until else failures, locked_until=until)
    return Proof(factor=after, right=False, locked_until=until)


def _pin(factor: Factor, word: str) -> bool:
    if factor.pin is None or not PIN.fullmatch(word):
        return False
    salt = factor.pin.split("$")[1]
    return hmac.compare_digest(hashed(word, salt), factor.pin)


def _step(factor: Factor, word: str, now: datetime) -> int | None:
    """Give the time step a code belongs to if it is right and newer than the last accepted one."""
    if factor.totp is None or not re.fullmatch(r"\d{6}", word):
        return None
    totp = pyotp.TOTP(factor.totp)
    at = int(now.timestamp()) // STEP_S
    found = None
    for step in (at - 1, at, at + 1):
        same = hmac.compare_digest(totp.at(step * STEP_S), word)
        if same and step > factor.last_step:
            found = step
    return found


def to_plain(factor: Factor) -> dict[str, Any]:
    """Write a factor for the ledger."""
    until = factor.locked_until
    return {
        "pin": factor.pin,
        "totp": factor.totp,
        "last_step": factor.last_step,
        "failures": factor.failures,
        "locked_until": until.timestamp() if until is not None else None,
    }


def from_plain(stored: dict[str, Any] | None) -> Factor:
    """Read a factor; an empty one for a person without."""
    if stored is None:
        return Factor()
    until = stored.get("locked_until")
    return Factor(
        pin=stored.get("pin"),
        totp=stored.get("totp"),
        last_step=int(stored.get("last_step", 0)),
        failures=int(stored.get("failures", 0)),
        locked_until=datetime.fromtimestamp(until, UTC) if until is not None else None,
    )
