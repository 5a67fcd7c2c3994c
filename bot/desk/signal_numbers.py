"""Read numbers as people write them: digits of any script, commas, dots, blanks and k; in one style per text. Pure."""
from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from bot.domain.numbers import parse

# Marks of writing direction and of joining: they change nothing that is read.
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe0e]")
KEYCAP = re.compile("([0-9])\ufe0f?\u20e3")
CIRCLED = re.compile("[\u2460-\u2473\u2776-\u277f\u2780-\u2793\u24f5-\u24fe]")
ORDINAL = "\u241f"
NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,'٫٬]\d+)*(?P<kilo>\s?[kк](?![^\W_]))?(?:\s?(?P<percent>%))?", re.IGNORECASE)
SPACED = re.compile(r"(?<![\d.,'])(\d{1,3})((?: \d{3})+)(?![\d'])")


class Style(Enum):
    """Which mark is the decimal point: 60,500.5 or 60.500,5."""

    DOT = "DOT"
    COMMA = "COMMA"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a text: its value, whether it is in percent, and where it ends."""

    value: Decimal
    percent: bool
    start: int
    end: int


def tidy_text(text: str) -> str:
    """Write a text in plain letters and digits: numbered signs become an ordinal mark, digits of any script 0 to 9.

    What no row of a database can hold (half characters, control signs) becomes a blank.
    """
    marked = KEYCAP.sub(lambda found: f" {ORDINAL}{found[1]} ", storable(text))
    marked = CIRCLED.sub(lambda found: f" {ORDINAL}{int(unicodedata.numeric(found[0]))} ", marked)
    # No-break and thin blanks only ever group digits.
    grouped = re.sub("(?<=\\d)[\u00a0\u202f\u2009\u2007](?=\\d{3}(?!\\d))", "'", marked)
    plain = unicodedata.normalize("NFKC", INVISIBLE.sub("", grouped.replace("\r\n", "\n").replace("\r", "\n")))
    plain = plain.replace("٫", ".").replace("٬", ",").replace("٪", "%").replace("’", "'").replace("−", "-")
    return "".join(
        str(unicodedata.digit(letter)) if unicodedata.category(letter) == "Nd" else letter for letter in plain
    )


def storable(text: str) -> str:
    """Put a blank in place of half characters and control signs other than line breaks."""
    return "".join(
        " " if letter not in "\n\r\t" and unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in text
    )


def join_groups(text: str) -> str:
    """Read `60 500` as one number: for texts that make no sense otherwise."""
    return SPACED.sub(lambda found: found[1] + found[2].replace(" ", "'"), text)


def figure_at(text: str, place: int, style: Style) -> Figure | None:
    """Read the number that begins at `place`; None where none does, or it cannot be written so in this style."""
    found = NUMBER.match(text, place)
    if found is None:
        return None
    body = re.match(r"[\d.,']+", found[0])
    value = value_of(body[0], style) if body is not None else None
    if value is None:
        return None
    if found["kilo"]:
        value *= 1000
    return Figure(value=value, percent=bool(found["percent"]), start=place, end=found.end())


def value_of(body: str, style: Style) -> Decimal | None:
    """Give the value of digits with their marks; None where a mark stands where this style has none."""
    point, group = (".", ",") if style is Style.DOT else (",", ".")
    whole, _, fraction = body.partition(point)
    if point in fraction or group in fraction or "'" in fraction:
        return None
    for mark in (group, "'"):
        parts = whole.split(mark)
        if len(parts) > 1 and (any(len(one) != 3 for one in parts[1:]) or not 1 <= len(parts[0]) <= 3
                               or parts[0].startswith("0")):
            return None
        whole = "".join(parts)
    return parse(f"{whole}.{fraction}" if fraction else whole)
