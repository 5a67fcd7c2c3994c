"""Build the advisor that the settings ask for."""
from __future__ import annotations

from datetime import timedelta

from bot.adapters.advisors.rules import Rules
from bot.desk.advise import Advice
from bot.desk.wish import symbol_words
from bot.domain.mandate import Rung
from bot.settings import Settings

LENGTHS = {
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
}


def advice_of(settings: Settings) -> Advice:
    """Give how the `rules` advisor is asked."""
    return Advice(
        advisor=Rules(settings.advisor_timeframe),
        symbols=tuple(symbol_words(name) for name in settings.advisor_symbols),
        length=LENGTHS[settings.advisor_timeframe],
        rung=Rung(settings.first_rung),
        risk_percent=settings.advisor_risk,
        cool_down_s=settings.seconds("advisor_cool_down_s"),
    )
