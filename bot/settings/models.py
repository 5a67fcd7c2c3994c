"""Read the table of further language models, a TOML file beside the settings (advisor section 8, provider table)."""
from __future__ import annotations

import ipaddress
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.settings.vendor import PREFIX, Unusable

RESERVED = ("rules", "local", "llm", "critic", "reader")


def is_loopback(host: str | None) -> bool:
    """Tell whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


class ModelRow(BaseModel):
    """One model: what its answers cost and may take, and whose it is; the key stays in a file of its own.

    `cutoff` is the last day of its training and `note` says where its data go; both are for people.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,15}$")]
    wire: Literal["openai", "anthropic"] = "openai"
    url: str
    model: Annotated[str, Field(min_length=1, max_length=120)]
    key_file: Path | None = None
    form: Literal["schema", "object"] = "schema"
    price_in: Annotated[Decimal, Field(ge=0, allow_inf_nan=False)] | None = None
    price_out: Annotated[Decimal, Field(ge=0, allow_inf_nan=False)] | None = None
    max_output: Annotated[int, Field(ge=100, le=32_000)] = 1_500
    temperature: Annotated[Decimal, Field(ge=0, le=2)] | None = None
    deadline_s: Annotated[float, Field(ge=0.1, le=120, allow_inf_nan=False)] = 20.0
    cutoff: date | None = None
    note: Annotated[str, Field(max_length=200)] = ""


def models_in(file: Path | None) -> tuple[ModelRow, ...]:
    """Read the `[[model]]` rows of a file; none without one.

    Raises Unusable with every sentence at once: a file that is not there or not TOML, what a row must not be, a name
    that is taken, an address in the clear, a model elsewhere without prices, a key that others may read.
    """
    if file is None:
        return ()
    setting = f"{PREFIX}MODELS_FILE"
    try:
        rows = tomllib.loads(file.expanduser().read_text(encoding="utf-8")).get("model", [])
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as fault:
        raise Unusable(f"{setting} names {file}, which cannot be read as TOML: {fault}.") from None
    found: list[ModelRow] = []
    sentences: list[str] = []
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
        try:
            made = ModelRow.model_validate(row)
        except ValidationError as fault:
            sentences += [f"{setting}, model {number}, {'.'.join(str(part) for part in one['loc']) or 'row'}: "
                          f"{one['msg']}." for one in fault.errors(include_input=False, include_url=False)]
            continue
        sentences += [f"{setting}, model {made.name}: {words}" for words in _wrong(made, [one.name for one in found])]
        found.append(made)
    if sentences:
        raise Unusable(*sentences)
    return tuple(found)


def _wrong(row: ModelRow, taken: list[str]) -> list[str]:
    found, parts = [], urlsplit(row.url)
    here = is_loopback(parts.hostname)
    if row.name in (*RESERVED, *taken):
        found.append("its name is taken; choose another.")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
        found.append("its url must be an https address, or http to loopback.")
    if not here and (row.price_in is None or row.price_out is None):
        # Without a price no budget holds.
        found.append("price_in and price_out are missing; only a model on this machine costs nothing.")
    if row.key_file is not None and not row.key_file.expanduser().is_file():
        found.append(f"its key file {row.key_file} is not there.")
    elif row.key_file is not None and row.key_file.expanduser().stat().st_mode & 0o077:
        found.append(f"others may read its key file; run: chmod 600 {row.key_file}")
    return found
