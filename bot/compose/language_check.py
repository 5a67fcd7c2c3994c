"""Say in plain words whether the language model of the settings can be asked; a question that costs is never asked."""
from __future__ import annotations

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.line import Got
from bot.adapters.advisors.llm.provider import loopback
from bot.adapters.advisors.llm.wires import names_in
from bot.compose.language import line_of
from bot.settings import PREFIX, Settings

REJECTED = ("http_401", "http_403")
UNREACHABLE = ("connect", "timeout", "cut")


def model_findings(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield marks (ok, note, WRONG) with a sentence each."""
    if not settings.asks_model:
        yield "note", (f"No language model is asked. For its ideas put llm into {PREFIX}ADVISORS, for its opinion set "
                       f"{PREFIX}MODEL_CRITIC; either needs {PREFIX}MODEL_URL and {PREFIX}MODEL_NAME.")
        return
    if settings.model_mode == "replay":
        yield "note", f"{PREFIX}MODEL_MODE is replay: the language model is never asked, what is stored answers."
        return
    host = urlsplit(settings.model_url or "").hostname or ""
    if settings.model_key is None and not loopback(host):
        yield "note", f"{PREFIX}MODEL_KEY is not set; {host} will probably want one."
    yield _answer(settings, host, asyncio.run(_listed(settings)))


async def _listed(settings: Settings) -> Got | Failure:
    line = line_of(settings)
    try:
        return await line.listed()
    finally:
        await line.close()


def _answer(settings: Settings, host: str, got: Got | Failure) -> tuple[str, str]:
    if isinstance(got, Failure) and got.code in REJECTED:
        return "WRONG", f"The model's host {host} does not take the key; copy it again into {PREFIX}MODEL_KEY."
    if isinstance(got, Failure) and got.code in UNREACHABLE:
        return "WRONG", f"The language model at {host} cannot be reached ({got.words}); check {PREFIX}MODEL_URL."
    if isinstance(got, Failure):
        return "note", f"{host} answers but does not list its models ({got.words}); the first question will tell."
    names = names_in(got.body)
    if names and settings.model_name not in names:
        shown = ", ".join(names[:5])
        return "WRONG", f"{host} knows no model {settings.model_name}; it has {shown}. Set {PREFIX}MODEL_NAME."
    return "ok", (f"The language model {settings.model_name} at {host} answers; it may cost {settings.model_cost_day} "
                  f"a day and {settings.model_cost_month} a month.")
