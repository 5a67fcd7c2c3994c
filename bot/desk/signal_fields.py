"""Read a signal out of named fields, as charting services post them; unknown fields stay visible. Pure."""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.desk.signal import Signal
from bot.desk.signal_numbers import Style, storable, tidy_text, value_of
from bot.desk.signal_text import TARGETS_MAX, read_text
from bot.desk.wish import Level, TargetWish
from bot.domain.intent import Direction
from bot.domain.numbers import HUNDRED, ZERO, plain
from bot.domain.refusal import Refusal, refuse

# What a field may be called, in small letters without blanks, dashes and underscores.
NAMES = {
    "pair": ("pair", "symbol", "ticker", "coin", "market", "instrument"),
    "side": ("side", "direction", "action", "order", "orderaction", "position", "marketposition", "signal", "type"),
    "entry": ("entry", "entryprice", "price", "limit", "limitprice", "entries", "zone", "entryzone", "close"),
    "low": ("entrylow", "entrymin", "zonelow"),
    "high": ("entryhigh", "entrymax", "zonehigh"),
    "stop": ("stop", "sl", "stoploss", "stopprice", "slprice"),
    "targets": ("targets", "target", "tp", "tps", "takeprofit", "takeprofits", "profit"),
    "leverage": ("leverage", "lev"),
    "margin": ("margin", "marginmode"),
    "kind": ("ordertype", "entrytype", "kind"),
    "text": ("text", "message", "comment", "note"),
    "source": ("source", "name", "strategy", "bot"),
    "id": ("id", "alertid", "signalid"),
}
FIELDS = {name: field for field, names in NAMES.items() for name in names}
NUMBERED = re.compile(r"(?:tp|target|takeprofit)(?P<n>\d{1,2})(?:price)?")
LONG, SHORT = ("long", "buy", "openlong", "enterlong", "1"), ("short", "sell", "openshort", "entershort", "-1")
OVER = ("close", "flat", "exit", "closelong", "closeshort", "exitlong", "exitshort", "0")
PAIR = re.compile(
    r"(?:[A-Z]{3,12}:)?(?P<base>[A-Z0-9]{1,15}?)[/\-_:]?(?:(?P<quote>USDT|USDC)|USD)?(?:[.\-_]?(?:P|PERP|SWAP|UMCBL))?"
)
FIELDS_MAX, WORD_MAX = 60, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A signal as it was posted: `source` names the sender, `id` is the sender's own number of it."""

    signal: Signal
    source: str = ""
    id: str = ""


def read_fields(fields: Mapping[str, object]) -> Posted | Refusal:
    """Read fields of a posted alert; its `text` is read as a pasted one and completed by the other fields.

    Gives a Refusal in one sentence when there is no pair or no side, a number cannot be read, or it asks to close.
    """
    if len(fields) > FIELDS_MAX:
        return refuse("too_long", f"It has {len(fields)} fields; {FIELDS_MAX} are read.", "Send the trade alone.")
    known: dict[str, object] = {}
    numbered: dict[int, object] = {}
    unread: list[str] = []
    for name, value in fields.items():
        small = re.sub(r"[\s_\-]", "", name).lower()
        count = NUMBERED.fullmatch(small)
        if value is None or value == "":
            continue
        if count is not None:
            numbered[int(count["n"])] = value
        elif small in FIELDS and FIELDS[small] not in known:
            known[FIELDS[small]] = value
        else:
            unread.append(storable(f"{name[:WORD_MAX]}: {str(value)[:WORD_MAX]}"))
    if numbered and "targets" not in known:
        known["targets"] = [numbered[place] for place in sorted(numbered)]
    elif numbered:
        unread += [storable(f"target {place}: {str(value)[:WORD_MAX]}") for place, value in sorted(numbered.items())]
    signal = _signal(known, unread)
    if isinstance(signal, Refusal):
        return signal
    return Posted(signal=signal, source=_word(known.get("source")), id=_word(known.get("id")))


def _signal(known: dict[str, object], unread: list[str]) -> Signal | Refusal:
    text = known.get("text")
    if isinstance(text, str) and "pair" not in known and "side" not in known:
        found = read_text(text)
        return found if isinstance(found, Refusal) else replace(found, unread=(*found.unread, *unread))
    if text is not None:
        unread.append(storable(f"text: {str(text)[:WORD_MAX]}"))
    written = _word(known.get("pair"))
    pair = PAIR.fullmatch(written.upper().replace(" ", ""))
    if pair is None:
        return refuse("signal_pair", "The alert names no pair.", 'Send "symbol": "BTCUSDT".', value=written)
    side = _side(_word(known.get("side")))
    if isinstance(side, Refusal):
        return side
    entry = _entry(known)
    stop, targets, leverage = _level("stop", known), _targets(known), _leverage(known)
    for part in (entry, stop, targets, leverage):
        if isinstance(part, Refusal):
            return part
    assert not isinstance(entry, Refusal) and not isinstance(stop, Refusal)
    assert not isinstance(targets, Refusal) and not isinstance(leverage, Refusal)
    return Signal(
        pair=f"{pair['base']}{pair['quote'] or ''}", written=written, direction=side, entry=entry, stop=stop,
        targets=targets, leverage=leverage, margin=_word(known.get("margin")) or None, unread=tuple(unread),
    )


def _word(value: object) -> str:
    return " ".join(tidy_text(str(value)).split())[:WORD_MAX] if isinstance(value, str | int | Decimal) else ""


def _side(word: str) -> Direction | Refusal:
    small = re.sub(r"[\s_\-]", "", word).lower() if word not in ("-1",) else word
    if small in LONG or small in SHORT:
        return Direction.LONG if small in LONG else Direction.SHORT
    if small in OVER:
        return refuse(
            "signal_closes", f"It asks to {small}; only openings are taken from outside.",
            "Positions have their stops and targets; close by hand with /close.", value=word,
        )
    return refuse("signal_side", f"The alert's side reads {word!r}.", 'Send "side": "long" or "short".', value=word)


def _number(name: str, value: object) -> tuple[Decimal, bool] | Refusal:
    """Read one figure and whether it is in percent; it has to be above zero."""
    text = _word(value).lstrip("$").strip() if not isinstance(value, bool) else ""
    percent = text.endswith("%")
    found = value_of(text.rstrip("% ").lstrip("+-" if percent else ""), Style.DOT) if text else None
    if found is None or found <= ZERO or not found.is_finite():
        return refuse(
            "signal_number", f"Its {name} reads {str(value)[:40]!r}, which is no price.",
            "Write numbers with a dot: 60500.5.", value=storable(str(value)[:40]),
        )
    return found, percent


def _level(name: str, known: dict[str, object]) -> Level | Refusal | None:
    if name not in known:
        return None
    found = _number(name, known[name])
    if isinstance(found, Refusal):
        return found
    return Level(percent=found[0]) if found[1] else Level(price=found[0])


def _several(value: object) -> list[object]:
    if isinstance(value, list):
        return list(value)
    if not isinstance(value, str):
        return [value]
    return [part for part in re.split(r"[;|]|,\s+|\s+-\s+|\s+", value.strip()) if part]


def _entry(known: dict[str, object]) -> tuple[Decimal, ...] | Refusal:
    market = "market" in (_word(known.get("entry")).lower(), _word(known.get("kind")).lower())
    given = [] if market or "entry" not in known else _several(known["entry"])
    given += [known[edge] for edge in ("low", "high") if edge in known]
    prices: list[Decimal] = []
    for one in given:
        found = _number("entry", one)
        if isinstance(found, Refusal):
            return found
        prices.append(found[0])
    return tuple(dict.fromkeys((min(prices), max(prices)))) if prices else ()


def _targets(known: dict[str, object]) -> tuple[TargetWish, ...] | Refusal:
    levels: list[Level] = []
    for one in _several(known["targets"])[:TARGETS_MAX] if "targets" in known else []:
        found = _number("target", one)
        if isinstance(found, Refusal):
            return found
        levels.append(Level(percent=found[0]) if found[1] else Level(price=found[0]))
    even = HUNDRED // len(levels) if levels else HUNDRED
    shares = [even] * (len(levels) - 1) + [HUNDRED - even * (len(levels) - 1)]
    return tuple(TargetWish(level=level, share=share) for level, share in zip(levels, shares, strict=False))


def _leverage(known: dict[str, object]) -> Decimal | Refusal | None:
    if "leverage" not in known:
        return None
    found = _number("leverage", re.sub(r"(?i)x", "", plain(known["leverage"]) if isinstance(known["leverage"], Decimal)
                                       else str(known["leverage"])))
    return found if isinstance(found, Refusal) else found[0]
