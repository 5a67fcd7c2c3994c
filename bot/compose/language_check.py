"""Say in plain words whether the language model of the settings can be asked; a question that costs is never asked."""
from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.line import Got
from bot.adapters.advisors.llm.provider import loopback
from bot.adapters.advisors.llm.wires import names_in
from bot.compose.language import line_of, main_model
from bot.settings import LLM, PREFIX, ModelRow, Settings, models_in

REJECTED = ("http_401", "http_403")
UNREACHABLE = ("connect", "timeout", "cut")


def model_findings(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield marks (ok, note, WRONG) with a sentence each, for the settings' own model and every further one asked."""
    named = [one for one in models_in(settings.models_file) if one.name in settings.advisors]
    if not settings.asks_model and not named:
        yield "note", (f"No language model is asked. For its ideas put llm into {PREFIX}ADVISORS, for its opinion set "
                       f"{PREFIX}MODEL_CRITIC; either needs {PREFIX}MODEL_URL and {PREFIX}MODEL_NAME.")
        return
    if settings.model_mode == "replay":
        yield "note", f"{PREFIX}MODEL_MODE is replay: the language model is never asked, what is stored answers."
        return
    for row in (*([main_model(settings)] if settings.asks_model else ()), *named):
        host = urlsplit(row.url).hostname or ""
        places = Places() if row.name == LLM else Places(*(f"{place} of {row.name}" for place in FILED))
        if row.key_file is None and (row.name != LLM or settings.model_key is None) and not loopback(host):
            yield "note", f"{places.key} is not set; {host} will probably want one."
        yield _answer(row, places, settings, host, asyncio.run(_listed(row, settings)))


@dataclass(frozen=True, slots=True)
class Places:
    """Where key, address and name of a model are written."""

    key: str = f"{PREFIX}MODEL_KEY"
    url: str = f"{PREFIX}MODEL_URL"
    model: str = f"{PREFIX}MODEL_NAME"


FILED = ("key_file", "url", "model")


async def _listed(row: ModelRow, settings: Settings) -> Got | Failure:
    line = line_of(row, settings)
    try:
        return await line.listed()
    finally:
        await line.close()


def _answer(row: ModelRow, places: Places, settings: Settings, host: str, got: Got | Failure) -> tuple[str, str]:
    if isinstance(got, Failure) and got.code in REJECTED:
        return "WRONG", f"The model's host {host} does not take the key; copy it again into {places.key}."
    if isinstance(got, Failure) and got.code in UNREACHABLE:
        return "WRONG", f"The language model at {host} cannot be reached ({got.words}); check {places.url}."
    if isinstance(got, Failure):
        return "note", f"{host} answers but does not list its models ({got.words}); the first question will tell."
    names = names_in(got.body)
    if names and row.model not in names:
        shown = ", ".join(names[:5])
        return "WRONG", f"{host} knows no model {row.model}; it has {shown}. Set {places.model}."
    return "ok", (f"The language model {row.model} at {host} answers; all together may cost {settings.model_cost_day} "
                  f"a day and {settings.model_cost_month} a month.")
