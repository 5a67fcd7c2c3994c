"""Build the advisors that the settings ask for: the fixed rules, and every registered model they name."""
from __future__ import annotations

import logging
from datetime import timedelta

from bot.adapters.advisors.artefact import NotServed, load_artefact
from bot.adapters.advisors.bar import minutes_of
from bot.adapters.advisors.local_advisor import LocalAdvisor
from bot.adapters.advisors.rules import NAME as RULES
from bot.adapters.advisors.rules import Rules
from bot.desk.advise import Advice
from bot.desk.wish import symbol_words
from bot.domain.ids import Symbol
from bot.domain.mandate import Rung
from bot.ports.advisor import Advisor
from bot.ports.lab_rows import VersionRow, VersionState
from bot.ports.ledger import Ledger
from bot.settings import PREFIX, Settings, Unusable

log = logging.getLogger(__name__)

LOCAL = "local"


async def advices_of(ledger: Ledger, settings: Settings) -> tuple[Advice, ...]:
    """Give how each advisor of the settings is asked, in their order; the first is the one `/propose` asks.

    Raises Unusable for a name that is nobody's.
    """
    versions = await ledger.read(lambda tx: tx.lab_models.versions())
    registered = [one for one in versions if one.state is VersionState.REGISTERED]
    found: list[Advice] = []
    for name in settings.advisors:
        if name == RULES:
            symbols = tuple(symbol_words(word) for word in settings.advisor_symbols)
            found.append(asked(Rules(settings.advisor_timeframe), symbols, settings, Rung(settings.first_rung)))
            continue
        mine = [one for one in registered if name in (LOCAL, one.id)]
        if not mine and name != LOCAL:
            known = ", ".join([RULES, LOCAL, *(one.id for one in registered)])
            raise Unusable(f"{PREFIX}ADVISORS names {name}, which is nobody. Known are: {known}.")
        found += [advice for one in mine if (advice := served(one, settings)) is not None]
    return tuple(found)


def served(version: VersionRow, settings: Settings) -> Advice | None:
    """Give how a registered model is asked; None, with a line in the log, where it is not what was trained.

    Where people stored no rung for it, it starts in SHADOW: it is scored and proposes nothing (advisor section 11).
    """
    try:
        artefact = load_artefact(version.artefact, version.sha256)
    except NotServed as fault:
        log.error("Model %s is not served: %s", version.id, fault)
        return None
    symbols = tuple(Symbol(name) for name in artefact.symbols)
    return asked(LocalAdvisor(version.id, artefact), symbols, settings, Rung.SHADOW)


def asked(advisor: Advisor, symbols: tuple[Symbol, ...], settings: Settings, rung: Rung) -> Advice:
    """Give how any advisor is asked: on its own candles, with the settings' risk and rest."""
    return Advice(
        advisor=advisor,
        symbols=symbols,
        length=timedelta(minutes=minutes_of(advisor.needs.timeframe)),
        rung=rung,
        risk_percent=settings.advisor_risk,
        cool_down_s=settings.seconds("advisor_cool_down_s"),
    )
