"""Ring the alerts people set: price, funding, profit, way to liquidation; one-shot, or armed again after it went back.

An alert is a row of one small named value. Ringing it writes `AlertRang` in the transaction that disarms it, so it
rings once however often the process dies.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

from bot.desk.enter import write
from bot.desk.front import Desk
from bot.domain.events_control import AlertRang
from bot.domain.ids import PersonId, Symbol
from bot.domain.numbers import HUNDRED, ZERO, parse, plain
from bot.domain.record import from_plain, to_plain
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Plain
from bot.ports.market import MarketSilent

ALERTS = "alerts_set"
PERIOD_S = 2.0
PER_PERSON = 50
# An alert that re-arms must first go back by this part of its level, else it would ring at every tick.
BACK = Decimal("0.002")


class What(Enum):
    """What an alert looks at: the last price, the funding rate, open profit, the way to liquidation in percent."""

    PRICE = "price"
    FUNDING = "funding"
    PROFIT = "pnl"
    LIQUIDATION = "liq"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAlert:
    """One alert of one person; `symbol` None: all positions together. Funding and distances are in percent."""

    id: str
    person: PersonId
    what: What
    symbol: Symbol | None
    above: bool
    level: Decimal
    again: bool
    armed: bool = True
    snoozed_until: datetime | None = None

    @property
    def words(self) -> str:
        """Say the condition as it was written."""
        unit = "%" if self.what in (What.FUNDING, What.LIQUIDATION) else ""
        name = "" if self.what is What.PRICE else f"{self.what.value} "
        return f"{name}{'>' if self.above else '<'} {plain(self.level)}{unit}"


SHAPE = re.compile(
    r"(?:(?P<symbol>[\w/.\-]+)\s+)?(?P<what>price|funding|pnl|liq)?\s*"
    r"(?P<sign>>=|<=|>|<|above|below|over|under)\s*(?P<level>[+\-−]?[\d,]*\.?\d+)\s*(?P<unit>%|usdt|\$)?(?P<rest>.*)",
    re.IGNORECASE,
)
# `funding btc > 0.1` is `btc funding > 0.1` with its first two words the other way round.
AHEAD = re.compile(r"^(price|funding|pnl|liq)\s+([A-Za-z][\w/.\-]*)\s+(?=[<>a-z])", re.IGNORECASE)
NAMES = ("price", "funding", "pnl", "liq")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertWish:
    """An alert as typed; the symbol is still in the person's words."""

    symbol: str | None
    what: What
    above: bool
    level: Decimal
    again: bool


def read_wish(words: str) -> AlertWish | Refusal:
    """Read `btc > 65,000`, `btc funding > 0.05%`, `pnl < -100`, `btc liq < 10% again`; total."""
    match = SHAPE.fullmatch(AHEAD.sub(r"\2 \1 ", words.strip()))
    number = str(match["level"]).replace(",", "").replace("−", "-") if match is not None else ""
    level = parse(number)
    if match is None or level is None:
        return refuse("alert_words", f"{words.strip()[:60]!r} is no condition.",
                      "Write /alert btc > 65000, /alert pnl < -100 or /alert btc funding > 0.05%.")
    symbol: str | None = match["symbol"]
    name = str(match["what"] or "").lower()
    if symbol is not None and not name and symbol.lower() in NAMES:
        name, symbol = symbol.lower(), None
    what = What(name) if name else What.PRICE
    if symbol is None and what in (What.PRICE, What.FUNDING):
        return refuse("alert_symbol", "It does not say of which symbol.", "Write /alert btc > 65000.")
    rest = str(match["rest"]).strip().lower()
    if rest not in ("", "again", "rearm", "re-arm", "always"):
        return refuse("alert_rest", f"{rest[:40]!r} was not understood.", "Only `again` may follow the number.")
    return AlertWish(
        symbol=symbol, what=what, above=str(match["sign"]).lower() in (">", ">=", "above", "over"), level=level,
        again=bool(rest),
    )


def alerts_of(tx: Tx, person: PersonId | None = None) -> tuple[SetAlert, ...]:
    """List the alerts that are set, of one person or of all, oldest first."""
    stored: Plain = tx.desk.value(ALERTS) or {}
    found: list[SetAlert] = [from_plain(SetAlert, one) for one in stored.get("rows", ())]
    return tuple(one for one in found if person is None or one.person == person)


def add(tx: Tx, alert: SetAlert, at: datetime) -> Refusal | None:
    """Store an alert; a Refusal when the person has too many."""
    if len(alerts_of(tx, alert.person)) >= PER_PERSON:
        return refuse("alerts_many", f"You have {PER_PERSON} alerts.", "Delete some with /alerts first.",
                      value=str(PER_PERSON), limit=str(PER_PERSON))
    _store(tx, (*alerts_of(tx), alert), at)
    return None


def remove(tx: Tx, alert_id: str, person: PersonId, at: datetime) -> SetAlert | None:
    """Delete one's own alert; gives it back for an undo, None when there is none."""
    mine = next((one for one in alerts_of(tx, person) if one.id == alert_id), None)
    if mine is not None:
        _store(tx, tuple(one for one in alerts_of(tx) if one.id != alert_id), at)
    return mine


def snooze(tx: Tx, alert_id: str, person: PersonId, length: timedelta, at: datetime) -> bool:
    """Keep one's own alert silent for a while, armed again afterwards; False when there is none."""
    if all(one.id != alert_id for one in alerts_of(tx, person)):
        return False
    later = tuple(
        replace(one, snoozed_until=at + length, armed=True) if one.id == alert_id else one for one in alerts_of(tx)
    )
    _store(tx, later, at)
    return True


def _store(tx: Tx, alerts: tuple[SetAlert, ...], at: datetime) -> None:
    tx.desk.set_value(ALERTS, {"rows": [to_plain(one) for one in alerts]}, at)


def judge(alert: SetAlert, value: Decimal | None, now: datetime) -> tuple[SetAlert, bool]:
    """Say what an alert becomes at a value and whether it rings; None (silent market) changes nothing."""
    if value is None or (alert.snoozed_until is not None and now < alert.snoozed_until):
        return alert, False
    true = value > alert.level if alert.above else value < alert.level
    if alert.armed:
        return (replace(alert, armed=False), True) if true else (alert, False)
    band = max(abs(alert.level) * BACK, Decimal("0.0001"))
    back = value < alert.level - band if alert.above else value > alert.level + band
    return (replace(alert, armed=True), False) if alert.again and back else (alert, False)


async def watch_alerts(desk: Desk) -> None:
    """Look at every alert every two seconds, for ever."""
    while True:
        await look(desk)
        await desk.seat.clock.sleep(PERIOD_S)


async def look(desk: Desk) -> int:
    """Look at every alert once; gives how many rang."""
    alerts = await desk.seat.ledger.read(alerts_of)
    if not alerts:
        return 0
    values = {one.id: value for one in alerts if (value := await _value(desk, one)) is not None}

    def work(tx: Tx) -> int:
        now, kept, rung = desk.seat.clock.now(), [], 0
        for one in alerts_of(tx):
            after, rings = judge(one, values.get(one.id), now)
            if rings:
                rung += 1
                fact = AlertRang(person=one.person, alert_id=one.id, symbol=one.symbol, condition=one.words,
                                 value=values[one.id], again=one.again)
                write(tx, fact, now, "system:alert")
            if not rings or one.again:
                kept.append(after)
        if tuple(kept) != alerts_of(tx):
            _store(tx, tuple(kept), now)
        return rung

    return await desk.seat.ledger.transact(work)


async def _value(desk: Desk, alert: SetAlert) -> Decimal | None:
    try:
        if alert.symbol is not None and alert.what in (What.PRICE, What.FUNDING):
            ticker = await desk.seat.market.ticker(alert.symbol)
            if alert.what is What.PRICE:
                return ticker.last
            return ticker.funding_rate * HUNDRED if ticker.funding_rate is not None else None
    except MarketSilent:
        return None
    held = [one for one in await desk.holdings() if alert.symbol in (None, one.position.symbol)]
    if alert.what is What.LIQUIDATION:
        return min((one.distance for one in held if one.distance is not None), default=None)
    if any(one.unrealised is None for one in held) or not held:
        return None
    return sum((one.unrealised for one in held if one.unrealised is not None), ZERO)
