"""Find what cannot be together: keys and addresses, times and environments, rungs and bounds (C1, C1a, C2)."""
from __future__ import annotations

import json
from urllib.parse import urlsplit

from bot.settings.fields import KEYS, Settings
from bot.settings.models import is_loopback, models_in
from bot.settings.vendor import ADDRESSES, PREFIX, VENDOR, Unusable

BOUNDS = (
    "mandate_notional_per_trade", "mandate_notional_per_day", "mandate_trades_per_day", "mandate_hours",
    "mandate_risk_per_trade", "mandate_risk_budget", "mandate_loss_per_day",
)


def _about_addresses(settings: Settings) -> list[str]:
    found = []
    for name in ADDRESSES:
        given, setting = getattr(settings, name), PREFIX + name.upper()
        if given is None:
            continue
        parts, schemes = urlsplit(given), ("ws", "wss") if "_ws" in name else ("http", "https")
        if parts.scheme not in schemes or not parts.hostname:
            found.append(f"{setting} must begin with {schemes[1]}:// (or {schemes[0]}:// to loopback in the sandbox).")
        elif settings.environment == "sandbox":
            if not is_loopback(parts.hostname):
                found.append(f"{setting} points to {parts.hostname}, but in the sandbox everything is on loopback; set "
                             f"{PREFIX}ENVIRONMENT to demo or live to speak to the outside.")
        elif is_loopback(parts.hostname):
            found.append(f"{setting} points to loopback while {PREFIX}ENVIRONMENT is {settings.environment}: real keys "
                         "are never sent to a simulator. Remove the address, or set the environment to sandbox.")
        elif settings.address(name) != VENDOR[settings.environment][name]:
            found.append(f"{setting} must be {VENDOR[settings.environment][name]} or unset in "
                         f"{settings.environment}; other hosts are for the sandbox only.")
    return found


def _about_model(settings: Settings) -> list[str]:
    found = []
    if settings.model_url is not None:
        parts = urlsplit(settings.model_url)
        plain = parts.scheme == "http" and is_loopback(parts.hostname)
        if not parts.hostname or not (plain or parts.scheme == "https"):
            found.append(f"{PREFIX}MODEL_URL must be an https address, or http to loopback.")
    if settings.asks_model:
        found += _about_asking(settings)
    try:
        models_in(settings.models_file)
    except Unusable as no:
        found += no.sentences
    missing = [PREFIX + name.upper() for name in BOUNDS if getattr(settings, name) is None]
    if settings.first_rung in ("SEMI", "AUTO") and missing:
        found.append(f"{PREFIX}RUNG is {settings.first_rung}, and a model acts alone only inside bounds: set "
                     f"{', '.join(missing)}, or lower the rung to PROPOSE.")
    return found


def _about_asking(settings: Settings) -> list[str]:
    who = f"{PREFIX}MODEL_CRITIC" if settings.model_critic else f"{PREFIX}ADVISORS"
    needed = ["model_url", "model_name"]
    if settings.model_url is not None and not is_loopback(urlsplit(settings.model_url).hostname):
        # Without a price no budget holds.
        needed += ["model_price_in", "model_price_out"]
    lacking = ", ".join(PREFIX + name.upper() for name in needed if getattr(settings, name) is None)
    return [f"{who} wants a language model, and {lacking} is missing; set it, or ask none."] if lacking else []


def _about_people(settings: Settings) -> list[str]:
    if settings.seed_people is None:
        return []
    if settings.environment != "sandbox":
        return [f"{PREFIX}SEED_PEOPLE is for the sandbox only; elsewhere the first owner is let in by a code from the "
                "console. Remove it."]
    try:
        rows = json.loads(settings.seed_people)
        right = all(isinstance(row["id"], int) and row["name"] and isinstance(row["roles"], list) for row in rows)
    except (ValueError, KeyError, TypeError):
        right = False
    return [] if right else [f"{PREFIX}SEED_PEOPLE must be a JSON list of objects with name, id and roles."]


def contradictions(settings: Settings) -> list[str]:
    """List what cannot be together, one clear sentence each (C1, C1a, C2)."""
    found = []
    if settings.environment == "paper":
        found.append(f"{PREFIX}ENVIRONMENT is paper, which is not built yet; use sandbox (nothing real) or demo "
                     "(Bitget's demo trading).")
        return found
    found += _about_addresses(settings) + _about_model(settings)
    if settings.time_scale != 1 and settings.environment != "sandbox":
        found.append(f"{PREFIX}TIME_SCALE is {settings.time_scale:g}, but only the sandbox's time can be scaled; "
                     "remove it.")
    found += _about_people(settings)
    given = [name for name in KEYS if getattr(settings, name) is not None]
    if given and len(given) < len(KEYS):
        lacking = ", ".join(PREFIX + name.upper() for name in KEYS if name not in given)
        found.append(f"A Bitget key has three parts, and {lacking} is missing.")
    listen, secret = settings.signals_listen, settings.signals_secret
    if listen is not None and not (listen.rpartition(":")[0] and listen.rpartition(":")[2].isdigit()):
        found.append(f"{PREFIX}SIGNALS_LISTEN must look like 127.0.0.1:8787.")
    if listen is not None and (secret is None or len(secret) < 16):
        found.append(f"{PREFIX}SIGNALS_LISTEN needs {PREFIX}SIGNALS_SECRET with at least 16 characters.")
    if settings.lease_beat_s + settings.lease_margin_s >= settings.lease_life_s:
        found.append(f"{PREFIX}LEASE_LIFE_S must be longer than LEASE_BEAT_S and LEASE_MARGIN_S together.")
    if not settings.product_lines:
        found.append(f"{PREFIX}PRODUCT_LINES is empty; name at least one of USDT, USDC, COIN.")
    return found
