"""Read the small words of a typed trade: numbers, prices, percents, sides. Pure (security section 2, rule 9)."""
from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from bot.desk.wish import Level, Which
from bot.domain.intent import Direction, MarginMode, TimeInForce
from bot.domain.numbers import parse
from bot.domain.refusal import Refusal, refuse
from bot.domain.sizing import NUMBER as NUMBER

PRICE = re.compile(rf"@?(?P<n>{NUMBER})")
PERCENT = re.compile(rf"[-−+]?(?P<n>{NUMBER})%")
LEVERAGE = re.compile(rf"(?:(?P<a>{NUMBER})x|x(?P<b>{NUMBER})|lev=?(?P<c>{NUMBER})x?)")
MONEY = re.compile(rf"(?P<n>{NUMBER})(?:usdt|usdc|usd)")
AMOUNT = re.compile(rf"r?\$?(?:{NUMBER})%?")
LONGEST = 512
# The ways of writing one character that mean the same: full and half width, blanks that do not break.
EVENED = frozenset({"<wide>", "<narrow>", "<noBreak>"})
LONG = {"long", "buy", "b", "forcelong", "l"}
SHORT = {"short", "sell", "s", "forceshort"}
CLOSE = {"close", "exit", "fx", "forceexit"}
FORCE = {
    "post": TimeInForce.POST_ONLY,
    "postonly": TimeInForce.POST_ONLY,
    "ioc": TimeInForce.IOC,
    "fok": TimeInForce.FOK,
    "gtc": TimeInForce.GTC,
}
MODES = {
    "cross": MarginMode.CROSSED,
    "crossed": MarginMode.CROSSED,
    "iso": MarginMode.ISOLATED,
    "isolated": MarginMode.ISOLATED,
}
WHICH = {
    "all": Which.ALL,
    "longs": Which.LONGS,
    "shorts": Which.SHORTS,
    "winners": Which.WINNERS,
    "losers": Which.LOSERS,
}
EXAMPLE = "long btc $100 5x sl 2% tp 4%"


def tidy(text: str) -> list[str] | Refusal:
    """Normalise what was typed and cut it into words; refuses control and direction marks (security section 2, 9)."""
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").strip()
    if len(plain) > LONGEST:
        return refuse("too_long", f"That is {len(plain)} letters; {LONGEST} are read.", "Write one command a message.")
    odd = [letter for letter in plain if unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs") and letter != "\n"]
    # A raised 2 or a circled 1 would become a digit of the number before it: only widths and blanks are evened out.
    if odd or not plain.isascii() or any(map(_changes_meaning, text)):
        return refuse(
            "odd_letters", "The text holds letters that are not plain.", "Type it with plain letters and digits."
        )
    spaced = re.sub(r"(?<=\b[st][lp])\s*=\s*", " ", plain.lower())
    spaced = re.sub(r"@\s+", "@", spaced)
    return re.sub(r"\s*=\s*", "=", spaced).split()


def _changes_meaning(letter: str) -> bool:
    kind = unicodedata.decomposition(letter).partition(" ")[0]
    return kind.startswith("<") and kind not in EVENED and unicodedata.category(letter) != "Zs"


def number(text: str) -> Decimal | None:
    """Read digits with a dot, and commas only as thousands marks in whole groups."""
    return parse(text.replace(",", "")) if re.fullmatch(NUMBER, text) else None


def level(text: str) -> Level | None:
    """Read a price or a distance in percent."""
    share = PERCENT.fullmatch(text)
    if share is not None:
        return Level(percent=number(share["n"]))
    price = PRICE.fullmatch(text)
    return Level(price=number(price["n"])) if price is not None else None


def unread(word: str, hint: str) -> Refusal:
    """Say which word could not be read and show the nearest correct form."""
    return refuse("word_unread", f"I cannot read {word!r}.", hint, value=word)


def missing(hint: str) -> Refusal:
    """Say that a command needs more words and show the nearest correct form."""
    return refuse("incomplete", "Something is missing.", hint)


def direction_of(word: str) -> Direction | None:
    """Read a side."""
    if word in LONG:
        return Direction.LONG
    return Direction.SHORT if word in SHORT else None


def side_among(words: list[str]) -> Direction | None:
    """Find `long` or `short` among words."""
    return next((Direction(word.upper()) for word in words if word in ("long", "short")), None)


def as_amount(word: str) -> str:
    """Write `500usdt` as `$500`; anything else stays."""
    money = MONEY.fullmatch(word)
    return f"${money['n']}" if money is not None else word
