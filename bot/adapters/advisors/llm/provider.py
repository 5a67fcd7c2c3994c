"""Describe a language model as the settings name it: where it is, how it speaks, what it may cost and take.

No key lives here: whoever opens the connection is handed its headers (security section 9).
"""
from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from urllib.parse import urlsplit

MILLION = Decimal(1_000_000)


class Wire(Enum):
    """Which of the two interfaces it speaks; Ollama, vLLM and most gateways speak OPENAI."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"


class Form(Enum):
    """Whether it keeps to a JSON schema sent along, or is only told in words to answer with one object."""

    SCHEMA = "schema"
    OBJECT = "object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One row of the provider table; prices per million tokens, `temperature` only where the model takes one.

    Raises ValueError for an address that is neither https nor http to loopback.
    """

    name: str
    wire: Wire
    base_url: str
    model: str
    form: Form
    price_in: Decimal
    price_out: Decimal
    max_output: int
    deadline_s: float
    temperature: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse an address that would carry the key and the question in the clear."""
        parts = urlsplit(self.base_url)
        if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and loopback(parts.hostname))):
            raise ValueError(f"A model's address must be https, or http to loopback, found {self.base_url!r}.")


def loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def version_of(provider: Provider, instructions: str) -> str:
    """Give the digest of all that makes its answers: another model, host, form or instruction is another advisor.

    The port is left out: a model on this machine is the same one behind another port.
    """
    parts = (provider.wire.value, urlsplit(provider.base_url).hostname or "", provider.model, provider.form.value,
             str(provider.temperature), instructions)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
