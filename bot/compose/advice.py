"""Build the advisors that the settings ask for: the fixed rules, and every registered model they name."""
from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.adapters.advisors.artefact import NotServed, load_artefact
from bot.adapters.advisors.bar import minutes_of
from bot.adapters.advisors.llm.client import Client
from bot.adapters.advisors.llm.critic import Criticised
from bot.adapters.advisors.llm.proposer import LlmAdvisor, unheard
from bot.adapters.advisors.local_advisor import LocalAdvisor
from bot.adapters.advisors.rules import NAME as RULES
from bot.adapters.advisors.rules import Rules
from bot.compose.language import Voices
from bot.compose.predictions import Heard, untold
from bot.compose.registry import Served
from bot.desk.advise import Advice
from bot.desk.wish import symbol_words
from bot.domain.ids import Symbol
from bot.domain.mandate import Rung
from bot.ports.advisor import Advisor, Keeper, Scaler
from bot.ports.lab_rows import VersionRow, VersionState
from bot.ports.ledger import Ledger
from bot.settings import LLM, PREFIX, Settings, Unusable

log = logging.getLogger(__name__)

LOCAL = "local"
SILENT = Voices()


async def advices_of(
    ledger: Ledger, settings: Settings, voices: Voices = SILENT, heard: Heard | None = None
) -> tuple[Advice, ...]:
    """Give how each advisor of the settings is asked, in their order; the first is the one `/propose` asks.

    A critic, where there is one, stands behind each of them but the model itself. `heard` takes what served models
    predict. Raises Unusable for a name that is nobody's.
    """
    return tuple(criticised(one, voices) for one in await _named(ledger, settings, voices, heard))


def criticised(advice: Advice, voices: Voices) -> Advice:
    """Put the critic, where there is one, behind an advisor that is not the model itself."""
    critic, proposer = voices.critic, voices.proposer
    own = proposer.advisor if proposer is not None else None
    if critic is None or advice.advisor.name == own:
        return advice
    return replace(advice, advisor=Criticised(advice.advisor, critic))


def registry_of(settings: Settings, voices: Voices, heard: Heard | None, advices: Sequence[Advice]) -> Served:
    """Give the trained models that are served, and how one that is registered later joins them."""
    def serve(version: VersionRow) -> Advice | None:
        made = served(version, settings, heard)
        if made is not None and isinstance(made.keeper, LocalAdvisor):
            found.advisors[version.id] = made.keeper
        return None if made is None else criticised(made, voices)

    found = Served(serve=serve, all_of_them=LOCAL in settings.advisors)
    found.advisors.update({one.keeper.name: one.keeper for one in advices if isinstance(one.keeper, LocalAdvisor)})
    return found


async def _named(ledger: Ledger, settings: Settings, voices: Voices, heard: Heard | None) -> tuple[Advice, ...]:
    versions = await ledger.read(lambda tx: tx.lab_models.versions())
    registered = [one for one in versions if one.state is VersionState.REGISTERED]
    found: list[Advice] = []
    for name in settings.advisors:
        if name == RULES:
            symbols = tuple(symbol_words(word) for word in settings.advisor_symbols)
            rules = Rules(settings.advisor_timeframe)
            found.append(asked(rules, symbols, settings, Rung(settings.first_rung), rules, rules))
            continue
        if name in voices.proposers:
            found.append(language_model(voices, voices.proposers[name], settings))
            continue
        mine = [one for one in registered if name in (LOCAL, one.id)]
        if not mine and name != LOCAL:
            known = ", ".join([RULES, LOCAL, LLM, *voices.proposers, *(one.id for one in registered)])
            raise Unusable(f"{PREFIX}ADVISORS names {name}, which is nobody. Known are: {known}.")
        found += [advice for one in mine if (advice := served(one, settings, heard)) is not None]
    return tuple(found)


def language_model(voices: Voices, voice: Client, settings: Settings) -> Advice:
    """Give how the language model is asked: in SHADOW unless the settings name a rung, as every new version."""
    screen = Rules(settings.advisor_timeframe) if settings.model_asks == "candidate" else None
    symbols = tuple(symbol_words(word) for word in settings.advisor_symbols)
    rung = Rung(settings.rung) if settings.rung is not None else Rung.SHADOW
    heard = voices.newsroom.heard if voices.newsroom is not None else unheard
    advisor = LlmAdvisor(voice, settings.advisor_timeframe, screen=screen, heard=heard)
    return asked(advisor, symbols, settings, rung)


def served(version: VersionRow, settings: Settings, heard: Heard | None = None) -> Advice | None:
    """Give how a registered model is asked; None, with a line in the log, where it is not what was trained.

    Where people stored no rung for it, it starts in SHADOW: it is scored and proposes nothing (advisor section 11).
    """
    try:
        artefact = load_artefact(version.artefact, version.sha256)
    except NotServed as fault:
        log.error("Model %s is not served: %s", version.id, fault)
        return None
    symbols = tuple(Symbol(name) for name in artefact.symbols)
    told = untold if heard is None else heard.of(version.id, artefact)
    model = LocalAdvisor(version.id, artefact, told=told)
    return asked(model, symbols, settings, Rung.SHADOW, model)


def asked(
    advisor: Advisor, symbols: tuple[Symbol, ...], settings: Settings, rung: Rung, keeper: Keeper | None = None,
    scaler: Scaler | None = None,
) -> Advice:
    """Give how any advisor is asked: on its own candles, with the settings' risk and rest."""
    return Advice(
        advisor=advisor,
        symbols=symbols,
        length=timedelta(minutes=minutes_of(advisor.needs.timeframe)),
        rung=rung,
        risk_percent=settings.advisor_risk,
        cool_down_s=settings.seconds("advisor_cool_down_s"),
        keeper=keeper,
        scaler=scaler,
    )
