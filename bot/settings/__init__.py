"""Read the environment and `.env`, once, and refuse what contradicts itself; nothing else in the house reads either.

Every setting is `WIREDESK_` and its name in capitals. Names ending in `_s` are seconds and are divided by `time_scale`
in what `seconds` gives; percents are percents (2 means 2 %); notionals are in quote units.
"""
from __future__ import annotations

from bot.settings.fields import LLM, Settings
from bot.settings.models import ModelRow, models_in
from bot.settings.source import load
from bot.settings.vendor import ADDRESSES, PREFIX, Unusable

__all__ = ["ADDRESSES", "LLM", "PREFIX", "ModelRow", "Settings", "Unusable", "load", "models_in"]
