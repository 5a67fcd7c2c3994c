"""Tell a person something in a chat, and learn whether it arrived."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One button under a message: `data` at most 64 bytes, or a `url`, or text to `copy`.

    `style` is "success", "danger" or "primary"; None is the plain one.
    """

    label: str
    data: str | None = None
    url: str | None = None
    copy: str | None = None
    style: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What to say: HTML text, rows of buttons, an optional picture or file, and whether it may ring.

    `plain` is the same without markup, for chats that refuse the HTML. `topic` is a thread of a group.
    """

    html: str
    plain: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    photo: bytes | None = None
    document: bytes | None = None
    file_name: str | None = None
    silent: bool = False
    pin: bool = False
    protect: bool = False
    topic: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The chat has it; `ref` names the message for edits."""

    ref: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """It was not sent; try again after so many seconds: flood control (`flood`) or no connection."""

    seconds: float
    why: str
    flood: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """It may have arrived or not: the answer was lost (FF-89, FF-90)."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The service will never take this message as it is: our own mistake, for the log."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The message to edit is not there any more, or cannot be edited: send a new one."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The chat lives under another number now (FF-100)."""

    chat: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """This chat cannot be written to: blocked, deactivated, gone."""

    why: str


Delivery = Delivered | Later | Doubtful | Refused | Gone | Moved | Unreachable


class Messenger(Protocol):
    """A chat service, seen from the desk's side; what it answers is a value, it raises nothing of the network."""

    async def tell(self, chat: int, message: Message) -> Delivery:
        """Send a message."""
        ...

    async def retell(self, chat: int, ref: int, message: Message) -> Delivery:
        """Edit a message in place; an unchanged one counts as delivered."""
        ...

    async def pin(self, chat: int, ref: int) -> Delivery:
        """Pin a message without a sound, and unpin what this desk had pinned before it."""
        ...

    async def alive(self) -> bool:
        """Tell whether the service answers at all, by a call that changes nothing."""
        ...
