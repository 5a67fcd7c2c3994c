"""Hold one request of a person and the answer to it, and what every command needs to serve it."""
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.chat.buttons import Press
from bot.chat.card import Card
from bot.chat.commands_table import CommandSpec
from bot.chat.daily import Curve, no_curve
from bot.chat.dashboard import Dashboards
from bot.chat.need import Quorums
from bot.chat.render.figures import Books
from bot.chat.render.text import Chip
from bot.desk.front import Desk
from bot.domain.decision import Quorum
from bot.domain.ids import RequestKey
from bot.domain.principal import Principal
from bot.domain.proposal import Origin, OriginKind
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Plain
from bot.ports.messenger import Message

# Typed orders need a second factor above 2 percent of equity at risk, a second person above 10 (features, defaults).
PROPOSED = Quorum()
TYPED = Quorum(one=Decimal(2), two=Decimal(10), cap=Decimal(100))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRules:
    """The chat's numbers, seconds already divided by the time scale (C2); rates are not.

    `raise_delay_s` is how long looser limits wait, `others_s` how long a typed order waits for somebody else's yes.
    `command_age_s` is also the gap in polling after which presses of the first batch are stale (reliability 5.2).
    """

    command_age_s: float = 20.0
    commands_per_minute: int = 20
    stranger_pause_s: float = 3600.0
    denials_per_minute: int = 10
    question_s: float = 60.0
    repeat_s: float = 5.0
    step_up_s: float = 300.0
    poll_s: int = 15
    raise_delay_s: float = 600.0
    others_s: float = 300.0
    quorums: Quorums = field(default_factory=lambda: Quorums(proposed=PROPOSED, typed=TYPED))


# Draws candles: title, badge, bars, levels, fills; gives a PNG, None where it could not be drawn.
Draw = Callable[[str, str, Sequence[Any], Sequence[Any], Sequence[Any]], Awaitable[bytes | None]]


async def no_picture(title: str, badge: str, bars: object, levels: object, fills: object) -> bytes | None:
    """Draw nothing: where there is no drawing process the facts go out as text."""
    return None


# Draws words as a QR code; gives a PNG, None where it could not be drawn.
Qr = Callable[[str], Awaitable[bytes | None]]


async def no_qr(words: str) -> bytes | None:
    """Draw nothing: the words themselves are told as well."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Where people are served: the desk, the badge, the rules, facts about this very process.

    `wake` rings delivery after a commit; `bot_name` is for links; `health` tells what the process can vouch for.
    """

    desk: Desk
    chip: Chip
    rules: ChatRules
    wake: Callable[[], None]
    health: Callable[[], Plain]
    version: str = ""
    bot_name: str = ""
    config: Plain = field(default_factory=dict)
    flattening: asyncio.Lock = field(default_factory=asyncio.Lock)
    dashboards: Dashboards | None = None
    draw: Draw = no_picture
    curve: Curve = no_curve
    qr: Qr = no_qr
    seal_key: bytes = b""

    def books(self) -> Books:
        """Give the contracts as last read, for their steps."""
        return self.desk.seat.shelf.instruments

    def now(self) -> datetime:
        """Give the time."""
        return self.desk.seat.clock.now()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: who, where, which command with which arguments, typed or pressed.

    `key` makes a repetition find what the first had done (architecture 9(a)). `press` and `ref` (the card's number)
    are set for presses; `quoted` is the text a typed command replied to; `asked` the question an answer belongs to;
    `source` whose words were forwarded.
    """

    principal: Principal
    chat: int
    private: bool
    update: int
    key: RequestKey
    spec: CommandSpec
    args: object = None
    words: str = ""
    press: Press | None = None
    ref: int | None = None
    quoted: str | None = None
    asked: Plain | None = None
    source: str | None = None

    @property
    def origin(self) -> Origin:
        """Say that a person wants it."""
        return Origin(kind=OriginKind.PERSON, name=self.principal.name, person=self.principal.person)

    @property
    def actor(self) -> str:
        """Name the person in the journal."""
        return f"person:{self.principal.person}"


Work = Callable[[Tx], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a call.

    `cards` are queued and `work` is done in the transaction that marks the update as handled. `edit` is shown in the
    pressed message itself. `toast` answers a press. `then` is what follows while the press is being answered; its
    reply is queued after it. `delete` takes the person's own message away (secrets), `away` others. `keys` shows
    the keyboard. `secret` is sent past the message rows, which keep what they are given; its number is noted where it
    is `fleeting` and has to be taken away again.
    """

    cards: tuple[Card, ...] = ()
    edit: Card | None = None
    toast: str = ""
    loud: bool = False
    work: Work | None = None
    then: Callable[[], Awaitable[Reply]] | None = None
    delete: bool = False
    keys: bool = False
    menus: bool = False
    secret: Message | None = None
    fleeting: bool = False
    away: tuple[int, ...] = ()


Handler = Callable[[Counter, Call], Awaitable[Reply]]
