"""Second factors: right once, never replayed, locked after five failures, never locking what stops (T5)."""
from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.stepup import FAILURES, LOCK, Factor, from_plain, hashed, prove, to_plain

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WITH_PIN = Factor(pin=hashed("000000", "salt"))


def code(at: datetime) -> str:
    return str(pyotp.TOTP(SECRET).at(at))


def test_a_pin_is_right_or_wrong() -> None:
    assert prove(WITH_PIN, " 000000 ", NOW).right
    wrong = prove(WITH_PIN, "000001", NOW)
    assert not wrong.right and wrong.factor.failures == 1


def test_five_failures_lock_and_the_lock_ends() -> None:
    factor = WITH_PIN
    for _ in range(FAILURES):
        proof = prove(factor, "999999", NOW)
        factor = proof.factor
    assert proof.locked_until == NOW + LOCK
    assert not prove(factor, "000000", NOW + timedelta(minutes=14)).right
    assert prove(factor, "000000", NOW + LOCK).right


def test_a_code_counts_once_and_earlier_steps_never_after_it() -> None:
    factor = Factor(totp=SECRET)
    first = prove(factor, code(NOW), NOW)
    assert first.right
    assert not prove(first.factor, code(NOW), NOW).right
    assert not prove(first.factor, code(NOW - timedelta(seconds=30)), NOW).right
    assert prove(first.factor, code(NOW + timedelta(seconds=30)), NOW + timedelta(seconds=30)).right


@pytest.mark.parametrize(("seconds", "right"), [(-90, False), (-30, True), (0, True), (30, True), (90, False)])
def test_one_step_of_tolerance(seconds: int, right: bool) -> None:
    assert prove(Factor(totp=SECRET), code(NOW + timedelta(seconds=seconds)), NOW).right is right


def test_nobody_proves_with_nothing() -> None:
    assert not prove(Factor(), "000000", NOW).right and not Factor().enrolled


@pytest.mark.parametrize("pin", ["", "12345", "abcdef", "1234567890123", "12 3456"])
def test_what_is_no_pin_is_not_kept(pin: str) -> None:
    with pytest.raises(ValueError, match="A PIN is"):
        hashed(pin, "salt")


@given(st.builds(Factor, pin=st.none() | st.text(max_size=5), totp=st.none() | st.text(max_size=5),
                 last_step=st.integers(0, 10**9), failures=st.integers(0, 4),
                 locked_until=st.none() | st.just(NOW)))
def test_a_factor_is_kept_whole(factor: Factor) -> None:
    assert from_plain(to_plain(factor)) == factor


@pytest.mark.parametrize(("seconds", "eight"), [
    (59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
    (2000000000, "69279037"), (20000000000, "65353130"),
])
def test_the_vectors_of_rfc_6238(seconds: int, eight: str) -> None:
    """Appendix B, SHA-1: its codes have eight digits, of which ours are the last six."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    at = datetime.fromtimestamp(seconds, UTC)
    assert prove(Factor(totp=secret), eight[2:], at).right
    assert not prove(Factor(totp=secret), eight[2:], at + timedelta(seconds=90)).right
