"""Read what follows /auto: an advisor, a rung, bounds, symbols, and a reason to skip what is unmet. Pure."""
from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.chat.words import number, tidy, unread
from bot.domain.intent import Direction
from bot.domain.mandate import BOTH, Rung
from bot.domain.refusal import Refusal

RUNGS = {one.value.lower(): one for one in Rung}
HINT = ("Write /auto rules semi trade=500 day=2000 trades=5 hours=12 risk=20 budget=80 loss=40 btc long, and `because "
        "…` to skip what is unmet.")
BECAUSE, RENEW, REVOKE = "because", "renew", "revoke"
AMOUNTS = ("trade", "day", "risk", "budget", "loss")
SIDES = {one.value.lower(): one for one in Direction}
COUNTS = ("trades", "hours")


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoWish:
    """What was typed: `rung` None shows the advisors; names and bounds are still as they were said.

    `revoke` ends a mandate and does nothing else, so that any trader may say it (security section 9).
    """

    rung: Rung | None = None
    advisor: str | None = None
    renew: bool = False
    revoke: bool = False
    amounts: tuple[tuple[str, Decimal], ...] = ()
    symbols: tuple[str, ...] = ()
    directions: frozenset[Direction] = BOTH
    because: str | None = None

    def amount(self, name: str, usual: Decimal) -> Decimal:
        """Give a bound that was said, else the usual one."""
        return dict(self.amounts).get(name, usual)


def read_auto(words: str) -> AutoWish | Refusal:
    """Read `/auto …`; total. The rung may stand before or after the advisor."""
    checked = tidy(words)
    if isinstance(checked, Refusal):
        return checked
    said, because = _parted(words.strip())
    rung: Rung | None = None
    renew = revoke = False
    names: list[str] = []
    sides: list[Direction] = []
    amounts: list[tuple[str, Decimal]] = []
    for word in said.split():
        name, sign, figure = word.lower().partition("=")
        if sign:
            value = number(figure.lstrip("$").rstrip("h"))
            if name not in (*AMOUNTS, *COUNTS) or value is None or value <= 0:
                return unread(word, HINT)
            if name in COUNTS and value != int(value):
                return unread(word, f"{name} is a whole number.")
            amounts.append((name, value))
        elif name in RUNGS or name in (RENEW, REVOKE):
            if rung is not None or renew:
                return unread(word, "One rung at a time.")
            renew, revoke = name == RENEW, name == REVOKE
            rung = Rung.PROPOSE if revoke else RUNGS.get(name)
        elif word.lower() in SIDES:
            sides.append(SIDES[word.lower()])
        else:
            names.append(word)
    if because is not None and not because:
        return unread(BECAUSE, "Say the reason after it.")
    # Before the rung stands the advisor, after it the symbols; a single name before bounds is the advisor.
    first = names[0] if names and (rung is None or renew or revoke or _before(said, names[0])) else None
    symbols = tuple(names[1:] if first is not None else names)
    return AutoWish(
        rung=rung, advisor=first, renew=renew, revoke=revoke, amounts=tuple(amounts), symbols=symbols,
        directions=frozenset(sides) or BOTH, because=because,
    )


def only_revokes(args: object) -> bool:
    """Tell whether what was read only ends a mandate."""
    return isinstance(args, AutoWish) and args.revoke


def _parted(words: str) -> tuple[str, str | None]:
    found = words.lower().split().index(BECAUSE) if BECAUSE in words.lower().split() else -1
    if found < 0:
        return words, None
    parts = words.split()
    return " ".join(parts[:found]), " ".join(parts[found + 1:])[:200]


def _before(said: str, name: str) -> bool:
    """Tell whether a name stands before the rung."""
    return said.split()[0] == name
