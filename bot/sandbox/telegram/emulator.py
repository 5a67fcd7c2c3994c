"""One call of the Bot API, from name and parameters to an answer; no sockets, so tests may mount it directly."""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram import errors
from bot.sandbox.telegram.errors import Dropped, Refusal
from bot.sandbox.telegram.faults import Raw, encode
from bot.sandbox.telegram.methods.table import DESCRIBED, GET_UPDATES, METHODS
from bot.sandbox.telegram.methods.updates import get_updates
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back over the wire."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class Emulator:
    """The Bot API over one `World`; `calls` counts answered calls by method."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls: Counter[str] = Counter()

    async def call(
        self, token: str, method: str, p: Params, *, alive: Callable[[], bool] = lambda: True,
    ) -> Answer:
        """Carry out one call; raises `Dropped` where the connection must end without an answer."""
        name = (method or p.text("method")).lower()
        chat_id = p.integer("chat_id") or None
        try:
            self._admit(token)
            now = self.world.now()
            if slow := self.world.faults.has("telegram_slow", name, now, chat_id):
                await self.world.sleep(int(slow.given.get("ms", 1000)) / 1000)
            foreign = self.world.faults.before(name, chat_id, self.world.now())
            answer = _foreign(foreign) if foreign is not None else await self._carry_out(name, p, alive)
        except Refusal as refusal:
            answer = refused(refusal)
        self.calls[name] += 1
        if self.world.faults.has("telegram_lost_answer", name, self.world.now(), chat_id):
            raise Dropped
        return answer

    def _admit(self, token: str) -> None:
        number, colon, secret = token.partition(":")
        if not colon or not secret or len(token) > 80 or not number.isdigit() or number.startswith("0"):
            raise Refusal(401, errors.TOKEN_MALFORMED)
        if token != self.world.bot.token:
            raise Refusal(401, errors.TOKEN_UNKNOWN)
        if self.world.bot.logged_out:
            raise Refusal(400, errors.LOGGED_OUT)

    async def _carry_out(self, name: str, p: Params, alive: Callable[[], bool]) -> Answer:
        if name == GET_UPDATES:
            redelivered = self.world.faults.has("telegram_redeliver", name, self.world.now())
            pending = list(self.world.updates.pending) if redelivered else []
            if pending:
                return _done([u.wire() for u in pending])
            result = await get_updates(self.world, p, alive)
            foreign = self.world.faults.before(name, None, self.world.now())
            return _done(result) if foreign is None else _foreign(foreign)
        chosen = METHODS.get(name)
        if chosen is None:
            raise Refusal(404, errors.METHOD_NOT_FOUND)
        result = chosen(self.world, p)
        if name in DESCRIBED:
            result, description = result
            return _done(result, description)
        return _done(result)


def _foreign(raw: Raw) -> Answer:
    return Answer(status=raw.status, body=raw.body, content_type=raw.content_type)


def _done(result: Any, description: str | None = None) -> Answer:
    body: dict[str, Any] = {"ok": True, "result": result}
    if description is not None:
        body["description"] = description
    return Answer(status=200, body=encode(body))


def refused(refusal: Refusal) -> Answer:
    """Write a refusal: HTTP status equals error_code, a 429 also names its wait in a header."""
    body: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    headers = {}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
        if "retry_after" in refusal.parameters:
            headers["Retry-After"] = str(refusal.parameters["retry_after"])
    return Answer(status=refusal.code, body=encode(body), headers=headers)
