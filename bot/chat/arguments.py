"""Read what follows a command that is no trade: a symbol, a count, a span of days, a role. Pure; no locale guessing."""
from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from bot.chat.words import NUMBER, missing, number, tidy, unread
from bot.domain.principal import Role
from bot.domain.refusal import Refusal, refuse

TEXT_MAX = 512
PASTED_MAX = 4096
DAYS = {"today": 1, "day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
SPAN = re.compile(r"(?P<n>\d{1,3})(?P<unit>[dwm])")
UNIT_DAYS = {"d": 1, "w": 7, "m": 30}
ROLES = {"viewer": Role.VIEWER, "trader": Role.TRADER, "approver": Role.APPROVER, "owner": Role.OWNER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role for a person; `person` None in an invitation."""

    role: Role
    person: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare:
    """An opening that names its market and nothing else."""

    symbol: str


def nothing(words: str) -> Refusal | None:
    """Read a command that takes no words; further words are ignored only where they are empty."""
    return unread(words, "This command stands alone.") if words else None


def text(words: str) -> str | Refusal:
    """Take the words as they are, at most 512 letters."""
    if len(words) > TEXT_MAX:
        return refuse("too_long", f"That is {len(words)} letters; {TEXT_MAX} are read.", "Say it shorter.")
    return words


def pasted(words: str) -> str | Refusal:
    """Take a pasted text as it is, at most as long as one message."""
    if len(words) > PASTED_MAX:
        return refuse("too_long", f"That is {len(words)} letters; {PASTED_MAX} are read.", "Paste the signal alone.")
    return words


def symbol(words: str) -> str | Refusal | None:
    """Read one symbol, or none."""
    found = tidy(words)
    if isinstance(found, Refusal):
        return found
    if len(found) > 1:
        return unread(found[1], "Name one symbol: btc.")
    return found[0] if found else None


def needed_symbol(words: str) -> str | Refusal:
    """Read exactly one symbol."""
    found = symbol(words)
    return found if found is not None else missing("Name a symbol: btc.")


def listed(words: str) -> tuple[str, ...] | Refusal:
    """Read words parted by blanks."""
    found = tidy(words)
    return found if isinstance(found, Refusal) else tuple(found)


def count(words: str) -> int | Refusal | None:
    """Read a count from 1 to 500, or none."""
    found = tidy(words)
    if isinstance(found, Refusal):
        return found
    if not found:
        return None
    if not found[0].isdigit() or not 1 <= int(found[0]) <= 500:
        return unread(found[0], "Write a number from 1 to 500.")
    return int(found[0])


def span(words: str) -> int | Refusal:
    """Read a span: `today`, `7d`, `4w`, `3m`, or a number of days; gives days, 1 where nothing is said."""
    found = tidy(words)
    if isinstance(found, Refusal):
        return found
    if not found:
        return 1
    match = SPAN.fullmatch(found[0])
    if match is not None:
        return max(1, int(match["n"]) * UNIT_DAYS[match["unit"]])
    if found[0] in DAYS:
        return DAYS[found[0]]
    if found[0].isdigit() and 1 <= int(found[0]) <= 999:
        return int(found[0])
    return unread(found[0], "Write today, 7d, 4w or 3m.")


def minutes(words: str) -> int | Refusal | None:
    """Read minutes up to a day, 0 for off, or none."""
    found = tidy(words)
    if isinstance(found, Refusal):
        return found
    if not found:
        return None
    if found[0] in ("off", "0"):
        return 0
    figure = found[0].removesuffix("m")
    if not figure.isdigit() or not 1 <= int(figure) <= 1440:
        return unread(found[0], "Write minutes, 1 to 1440, or off: /mute 30.")
    return int(figure)


def role(words: str) -> Grant | Refusal:
    """Read a role: viewer, trader, approver or owner; viewer where nothing is said."""
    found = tidy(words)
    if isinstance(found, Refusal):
        return found
    name = found[0] if found else "viewer"
    return Grant(role=ROLES[name]) if name in ROLES else unread(name, f"Roles are {', '.join(ROLES)}.")


def person_and_role(words: str) -> Grant | Refusal:
    """Read a person's number and a role."""
    found = tidy(words)
    if isinstance(found, Refusal):
        return found
    if len(found) < 2:
        return missing("Write /role 123456 trader; numbers are in /users.")
    if len(found) != 2 or not found[0].isdigit() or found[1] not in ROLES:
        return unread(words, "Write /role 123456 trader; numbers are in /users.")
    return Grant(person=int(found[0]), role=ROLES[found[1]])


def person(words: str) -> int | Refusal:
    """Read a person's number."""
    found = tidy(words)
    if isinstance(found, Refusal):
        return found
    if not found:
        return missing("Write /revoke 123456; numbers are in /users.")
    if len(found) != 1 or not found[0].isdigit():
        return unread(words, "Write /revoke 123456; numbers are in /users.")
    return int(found[0])


def settings(words: str) -> tuple[tuple[str, Decimal], ...] | Refusal:
    """Read `set name=number …` of /limits; an empty tuple asks to show them."""
    found = tidy(words)
    if isinstance(found, Refusal):
        return found
    if found and found[0] == "set":
        found = found[1:]
    pairs: list[tuple[str, Decimal]] = []
    for word in found:
        name, _, figure = word.partition("=")
        value = number(figure.lstrip("$").rstrip("%x")) if re.fullmatch(rf"\$?(?:{NUMBER})[%x]?", figure) else None
        if value is None:
            return unread(word, "Write /limits set leverage=5 order_notional=1000.")
        pairs.append((name, value))
    return tuple(pairs)
