"""A row of the provider table: only safe addresses, and every change that changes answers is another version."""
from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.adapters.advisors.llm.provider import Form, Wire, version_of
from tests.adapters.advisors.llm.voices import provider


@pytest.mark.parametrize("address", [
    "https://models.example/v1", "http://127.0.0.1:11434/v1", "http://localhost:8000/v1", "http://[::1]:8000/v1",
])
def test_https_and_this_machine_are_spoken_to(address: str) -> None:
    assert provider(address).base_url == address


@pytest.mark.parametrize("address", [
    "http://models.example/v1", "http://10.0.0.5:8000", "ftp://127.0.0.1", "models.example", "", "http://",
    "http://localhost.example/v1", "http://127.0.0.1.example/v1",
])
def test_nothing_else_is(address: str) -> None:
    with pytest.raises(ValueError, match="https, or http to loopback"):
        provider(address)


@pytest.mark.parametrize("changed", [
    {"model": "other"}, {"wire": Wire.ANTHROPIC}, {"form": Form.OBJECT}, {"temperature": Decimal(0)},
    {"base_url": "https://models.example/v1"},
])
def test_another_model_host_or_form_is_another_version(changed: dict[str, Any]) -> None:
    assert version_of(provider(**changed), "x") != version_of(provider(), "x")


def test_other_instructions_are_another_version_and_another_port_or_price_is_not() -> None:
    assert version_of(provider(), "x") != version_of(provider(), "y")
    same = provider("http://127.0.0.1:10", price_in=Decimal(1), deadline_s=3.0)
    assert version_of(provider(), "x") == version_of(same, "x")
