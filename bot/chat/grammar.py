"""Read a line of chat: one table of commands feeds handlers, help, menus and permissions (architecture section 12).

Pure and total: every text yields a command with its arguments, or a hint that shows the nearest correct form.
"""
from __future__ import annotations

from dataclasses import dataclass

from bot.chat.commands_table import SPECS, CommandSpec
from bot.chat.words import missing
from bot.domain.principal import Permission
from bot.domain.refusal import Reason, Refusal

# Labels of the keyboard below the chat: they arrive as plain words.
KEYS = {
    "positions": "positions",
    "pnl": "pnl",
    "orders": "orders",
    "long": "long",
    "short": "short",
    "alerts": "alerts",
    "inbox": "inbox",
    "ai inbox": "inbox",
    "health": "health",
    "menu": "menu",
}
BY_NAME: dict[str, CommandSpec] = {name: spec for spec in SPECS for name in (spec.name, *spec.aliases)}
FAR = 2
# With so many words a command is not too short but wrong.
ENOUGH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A command that was understood, its arguments as its parser gave them, and the words after its name."""

    spec: CommandSpec
    args: object
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """A known command whose words could not be read; `refusal` shows the nearest correct form."""

    spec: CommandSpec
    refusal: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Misunderstood:
    """No known command; `nearest` within distance 2, to be offered and never carried out."""

    word: str
    nearest: CommandSpec | None
    words: str


def read(text: str, *, command: bool = True) -> Spoken | Unclear | Misunderstood:
    """Read a line; `command` says whether it began with a slash for this bot, else only known first words count."""
    line = text.strip()
    if not command and (key := KEYS.get(line.lower())) is not None:
        return _parsed(BY_NAME[key], "")
    head, _, rest = line.partition(" ") if "\n" not in line.split(" ")[0] else line.partition("\n")
    name = head.lstrip("/").partition("@")[0].lower()
    # Lower case makes plain letters of some that are not: a Kelvin sign is no k.
    spec = BY_NAME.get(name) if head.isascii() else None
    if spec is None and "_" in name and command:
        # Cards write /sl_SOL or /help_orders, because a tap sends a bare command.
        first, _, more = name.partition("_")
        spec, rest = BY_NAME.get(first), f"{more} {rest}".strip()
    if spec is None or (not command and not _speakable(spec)):
        meant = spec or nearest(name, far=FAR if command else 1)
        return Misunderstood(word=name[:32], nearest=meant, words=rest.strip())
    return _parsed(spec, rest.strip())


def _speakable(spec: CommandSpec) -> bool:
    """Tell whether the command may come without a slash: what reads, and what asks by a card before it acts."""
    return spec.permission in (Permission.READ, Permission.TRADE) and spec.name not in ("start", "export")


def _parsed(spec: CommandSpec, words: str) -> Spoken | Unclear:
    if not words and spec.wizard:
        return Spoken(spec=spec, args=None, words="")
    args = spec.parse(words)
    if isinstance(args, Refusal) and _too_few(args.reasons[0], words):
        args = missing(args.reasons[0].remedy)
    return Unclear(spec=spec, refusal=args) if isinstance(args, Refusal) else Spoken(spec=spec, args=args, words=words)


def _too_few(reason: Reason, words: str) -> bool:
    """Tell whether a trade stumbled over its own name: then nothing was wrong, only more was needed."""
    return reason.code == "word_unread" and len(words.split()) < ENOUGH and reason.value not in words.lower().split()


def permission_of(spoken: Spoken) -> Permission:
    """Say what a command needs with these words: showing may need less than setting, stopping needs a trader."""
    spec = spoken.spec
    if spec.stops is not None and spec.stops(spoken.args):
        return Permission.STOP
    if spec.setting is not None and len(spoken.words.split()) >= spec.setting_from:
        return spec.setting
    return spec.permission


def nearest(name: str, *, far: int = FAR) -> CommandSpec | None:
    """Find the command nearest to a misspelling; None beyond distance 2, or beyond 1 for three letters and less.

    Without a slash a greeting is likelier than a typing error of two letters: the caller asks for less `far`.
    """
    far = min(far, FAR if len(name) > 3 else 1)
    best: tuple[int, CommandSpec] | None = None
    for known, spec in BY_NAME.items():
        if abs(len(known) - len(name)) > far:
            continue
        away = distance(name, known)
        if away <= far and (best is None or away < best[0]):
            best = (away, spec)
    return best[1] if best is not None else None


def distance(one: str, two: str) -> int:
    """Count the letters to change, add, drop or swap with a neighbour to turn one word into the other."""
    rows = [list(range(len(two) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(two, 1):
            cost = min(rows[-1][j] + 1, row[j - 1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == two[j - 2] and one[i - 2] == b:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]
