"""Read the environment over `.env`: the one place that does."""
from __future__ import annotations

import difflib
import os
from pathlib import Path

from pydantic import ValidationError

from bot.settings.contradictions import contradictions
from bot.settings.fields import Settings
from bot.settings.vendor import PREFIX, Unusable

USUAL = Path(".env")


def _about_file(file: Path) -> list[str]:
    if not file.exists():
        # The usual one may be missing; one that was named is a slip, and the defaults would be somebody else's money.
        return [] if file == USUAL else [f"{file} is not there; name a settings file that is (--env-file)."]
    if os.name != "posix" or not file.is_file():
        return []
    state = file.stat()
    if state.st_mode & 0o077:
        return [f"{file} holds secrets and others may read it (mode {state.st_mode & 0o777:04o}); "
                f"run: chmod 600 {file}"]
    if state.st_uid not in (os.getuid(), 0):
        return [f"{file} belongs to another user (id {state.st_uid}); it must be yours, mode 0600."]
    return []


def _unknown(names: list[str]) -> list[str]:
    known, found = [PREFIX + name.upper() for name in Settings.model_fields], []
    for name in sorted(name for name in names if name.upper().startswith(PREFIX) and name.upper() not in known):
        near = difflib.get_close_matches(name.upper(), known, n=1)
        found.append(f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else "."))
    return found


def _named_in(file: Path) -> list[str]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return [line.partition("=")[0].removeprefix("export ").strip() for line in lines if not line.startswith("#")]


def load(env_file: Path | None = USUAL) -> Settings:
    """Read the environment over `env_file`; the environment wins.

    Raises Unusable with every sentence at once: unreadable values, unknown names, a file others may read, and what
    contradicts itself. No value is repeated in a sentence where it could be a secret.
    """
    found = _unknown([*os.environ, *(_named_in(env_file) if env_file else [])])
    found += _about_file(env_file) if env_file else []
    try:
        settings = Settings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as fault:
        raise Unusable(*found, *(f"{PREFIX}{'_'.join(str(part) for part in error['loc'][:1]).upper()}: "
                                 f"{error['msg']}." for error in fault.errors(include_input=False))) from None
    found += contradictions(settings)
    if found:
        raise Unusable(*found)
    return settings
