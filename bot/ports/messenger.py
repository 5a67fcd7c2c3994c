"""Tell a person something in a chat, and learn whether it arrived."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One button under a message: `data` at most 64 bytes, or a `url`, or text to `copy`."""

    label: str
    data: str | None = None
    url: str | None = None
    copy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What to say: HTML text, rows of buttons, an optional picture, and whether it may ring."""

    html: str
    plain: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    photo: bytes | None = None
    silent: bool = False
    pin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The chat has it; `ref` names the message for edits."""

    ref: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Try again after so many seconds: flood control or no connection."""

    seconds: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """This chat cannot be written to: blocked, deactivated, gone."""

    why: str


Delivery = Delivered | Later | Unreachable


class Messenger(Protocol):
    """A chat service, seen from the desk's side."""

    async def tell(self, chat: int, message: Message) -> Delivery:
        """Send a message."""
        ...

    async def retell(self, chat: int, ref: int, message: Message) -> Delivery:
        """Edit a message in place; an unchanged one counts as delivered."""
        ...
