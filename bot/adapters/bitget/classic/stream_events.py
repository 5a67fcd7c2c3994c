"""Say what a socket's protocol found out: the values between it and the feeds."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

import msgspec

from bot.adapters.bitget.classic.row_reader import UNREADABLE
from bot.adapters.bitget.classic.topic import Topic
from bot.adapters.bitget.classic.wire_value import MOMENT_DIGITS, moment


class Trouble(Enum):
    """Why a connection ended, as far as the next attempt cares.

    NETWORK: try again soon. AUTH: the key, its passphrase or its network address is refused; a person is needed.
    CLOCK: the login's timestamp was refused. LIMIT: we asked too much. OVERFLOW: our own queue was full.
    """

    NETWORK = "NETWORK"
    AUTH = "AUTH"
    CLOCK = "CLOCK"
    LIMIT = "LIMIT"
    OVERFLOW = "OVERFLOW"


class Stamped(msgspec.Struct, gc=False):
    """A frame of which only its stamp is read."""

    ts: object = None


TAIL = b',"ts":'
TAIL_LENGTH = len(TAIL) + MOMENT_DIGITS + 1
STAMP = msgspec.json.Decoder(Stamped, float_hook=Decimal)


class Pushed(msgspec.Struct, frozen=True, gc=False):
    """Rows arrived on a topic at `received_at`; of `frame` nothing else is read yet."""

    topic: Topic
    action: object
    frame: bytes
    received_at: datetime

    @property
    def sent_at(self) -> datetime:
        """Give the venue's stamp, or else our receipt."""
        # The frame's last brace closes the frame itself, so a stamp right before it is the frame's.
        tail = self.frame[-TAIL_LENGTH:]
        if tail.startswith(TAIL) and tail.endswith(b"}"):
            stamp = moment(tail[len(TAIL) : -1].decode(errors="replace"))
            if stamp is not None:
                return stamp
        try:
            return moment(STAMP.decode(self.frame).ts) or self.received_at
        except UNREADABLE:
            return self.received_at


@dataclass(frozen=True, slots=True)
class Settled:
    """Every topic asked for so far was acknowledged or refused; `refused` says why, by topic."""

    refused: dict[Topic, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """The venue refused one topic, or a request it does not name."""

    topic: Topic | None
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Alive:
    """The venue answered a ping."""


@dataclass(frozen=True, slots=True)
class Garbled:
    """A frame could not be read, or names no topic of ours: something may have been lost with it."""

    why: str


@dataclass(frozen=True, slots=True)
class Odd:
    """The venue said something that carries no rows and that nobody here knows; for the log."""

    what: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection cannot be used any more; close it."""

    trouble: Trouble
    why: str


@dataclass(frozen=True, slots=True)
class Rotated:
    """A younger connection has taken over, settled before the old one closed: nothing was missed."""

    old: int


ProtocolEvent = Pushed | Settled | Refused | Alive | Garbled | Odd | Lost
