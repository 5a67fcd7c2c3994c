"""The Telegram part of the control surface (C10) and the chat page, mounted into one aiohttp application."""
from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.sandbox.telegram import groups, links, people, view
from bot.sandbox.telegram.emulator import Emulator
from bot.sandbox.telegram.people import Unable
from bot.sandbox.telegram.state import Chat, Json
from bot.sandbox.telegram.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Prices = Callable[[], Mapping[str, str]]
_PAGE = Path(__file__).parent / "page"
_LONGEST_WAIT = 60.0
_KEEP_ALIVE = 15.0
_PAGE_MESSAGES = 300
_CSP = (
    "default-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


class _Wrong(Exception):
    """A request that cannot be met; the sentence goes back as `error`."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


def mount(
    app: web.Application, emulator: Emulator, *, page_at: str = "/", prices: Prices | None = None,
    notes: Mapping[str, str] | None = None,
) -> None:
    """Add /people…, /telegram/… and the chat page to an application.

    `prices` gives the last price by symbol for the panel's sliders (without it they move by percent only);
    `notes` are lines shown on the page, such as the PIN. The page calls /exchange/… by relative address.
    """
    world = emulator.world
    room = _Rooms(world, prices, dict(notes or {}))
    for method, path, handler in (
        ("POST", "/people", room.add), ("GET", "/people", room.list_people),
        ("POST", "/people/{id}/say", room.say), ("POST", "/people/{id}/tap", room.tap),
        ("GET", "/people/{id}/chat", room.chat),
        ("POST", "/telegram/fault", room.fault), ("GET", "/telegram/fault", room.faults),
        ("GET", "/telegram/feed", room.feed), ("GET", "/telegram/market", room.market),
        ("GET", "/telegram/files/{path:.+}", room.file),
        ("POST", "/telegram/people/{id}/react", room.react), ("POST", "/telegram/people/{id}/forward", room.forward),
        ("POST", "/telegram/people/{id}/delete", room.delete), ("POST", "/telegram/people/{id}/mood", room.mood),
        ("POST", "/telegram/groups", room.group), ("POST", "/telegram/groups/{id}/bot", room.bot_status),
        ("POST", "/telegram/groups/{id}/upgrade", room.upgrade), ("POST", "/telegram/groups/{id}/topic", room.topic),
    ):
        app.router.add_route(method, path, _door(handler))
    app.router.add_get(page_at, _door(_page_file("index.html")))
    for asset in sorted(_PAGE.iterdir()):
        if asset.suffix in (".css", ".js", ".svg"):
            app.router.add_get(f"/page/{asset.name}", _door(_page_file(asset.name)))


def mount_rest(app: web.Application, handler: Handler) -> None:
    """Give every path that no other part has to one handler, behind the same door; call it last."""
    app.router.add_route("*", "/{rest:.*}", _door(handler))


def health(emulator: Emulator) -> Json:
    """Return the emulator's part of `GET /health`."""
    world = emulator.world
    return {
        "polling": world.updates.parked is not None, "webhook": world.webhook.url or None,
        "pending_updates": len(world.updates.pending), "faults": world.faults.list(world.now()),
        "calls": dict(emulator.calls),
    }


def _door(handler: Handler) -> Handler:
    """Let only pages of this very server in, and turn sentences into 4xx answers."""

    async def answered(request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        foreign = origin is not None and urlsplit(origin).netloc != request.host
        if foreign or not links.is_loopback(f"http://{request.host}"):
            return web.json_response({"error": "The control surface serves its own page only."}, status=403)
        try:
            return await handler(request)
        except _Wrong as wrong:
            return web.json_response({"error": str(wrong)}, status=wrong.status)

    return answered


def _page_file(name: str) -> Handler:
    async def served(request: web.Request) -> web.StreamResponse:
        return web.FileResponse(_PAGE / name, headers={
            "Cache-Control": "no-cache", "Content-Security-Policy": _CSP, "X-Content-Type-Options": "nosniff",
        })

    return served


async def _body(request: web.Request, required: Mapping[str, type], optional: Mapping[str, Any]) -> Json:
    try:
        given = json.loads(await request.read() or b"{}")
    except ValueError:
        raise _Wrong("The body must be one JSON object.") from None
    if not isinstance(given, dict):
        raise _Wrong("The body must be one JSON object.")
    return _checked(given, required, optional)


def _checked(given: Json, required: Mapping[str, type], optional: Mapping[str, Any]) -> Json:
    known = dict(required) | dict(optional)
    for name, value in given.items():
        if name not in known:
            raise _Wrong(f"Unknown field {name!r}. Expected: {', '.join(known) or 'none'}.")
        wanted = known[name] if isinstance(known[name], tuple) else (known[name],)
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            raise _Wrong(f"Field {name!r} must be {' or '.join(w.__name__ for w in wanted)}, found {value!r}.")
    for name in required:
        if name not in given:
            raise _Wrong(f"Field {name!r} is missing.")
    return given


def _id(request: web.Request) -> int:
    try:
        return int(request.match_info["id"])
    except ValueError:
        raise _Wrong(f"An id is a whole number, found {request.match_info['id']!r}.") from None


def _query(request: web.Request, known: tuple[str, ...]) -> dict[str, float]:
    out: dict[str, float] = {}
    for name, value in request.query.items():
        if name not in known:
            raise _Wrong(f"Unknown parameter {name!r}. Expected: {', '.join(known)}.")
        try:
            out[name] = float(value)
        except ValueError:
            raise _Wrong(f"Parameter {name!r} must be a number, found {value!r}.") from None
    return out


def _able(result: Any) -> Any:
    if isinstance(result, Unable):
        raise _Wrong(result.sentence, result.status)
    return result


class _Rooms:
    """The handlers, over one world."""

    def __init__(self, world: World, prices: Prices | None, notes: dict[str, str]) -> None:
        self.world = world
        self.prices = prices
        self.notes = notes

    async def add(self, request: web.Request) -> web.StreamResponse:
        given = await _body(request, {"name": str}, {"username": str})
        if not given["name"].strip():
            raise _Wrong("A person needs a name.")
        return web.json_response({"id": self.world.add_person(given["name"], username=given.get("username")).id})

    async def list_people(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"people": view.people(self.world)})

    async def say(self, request: web.Request) -> web.StreamResponse:
        given = await _body(request, {"text": str}, {
            "chat": int, "reply_to": int, "edit_of": int, "forwarded": (bool, int), "date": int, "thread": int,
        })
        return web.json_response(view.said(_able(people.say(
            self.world, _id(request), given["text"], chat_id=given.get("chat"), reply_to=given.get("reply_to"),
            edit_of=given.get("edit_of"), forwarded=given.get("forwarded", False), date=given.get("date"),
            thread=given.get("thread"),
        ))))

    async def tap(self, request: web.Request) -> web.StreamResponse:
        given = await _body(request, {"message_id": int}, {"label": str, "data": str, "chat": int})
        if ("label" in given) == ("data" in given):
            raise _Wrong("A tap needs either 'label' or 'data'.")
        return web.json_response(view.tapped(_able(await people.tap(
            self.world, _id(request), given["message_id"], label=given.get("label"), press_data=given.get("data"),
            chat_id=given.get("chat"),
        ))))

    async def chat(self, request: web.Request) -> web.StreamResponse:
        asked = _query(request, ("chat", "after", "wait"))
        _, chat = _able(people.find(self.world, _id(request), int(asked["chat"]) if "chat" in asked else None))
        after = int(asked.get("after", 0))
        loop = asyncio.get_running_loop()
        end = loop.time() + min(asked.get("wait", 0.0), _LONGEST_WAIT)
        while True:
            seen = view.chat(self.world, chat, after)
            left = end - loop.time()
            if seen["messages"] or left <= 0:
                return web.json_response(seen)
            await self.world.changed(seen["cursor"], left)

    async def feed(self, request: web.Request) -> web.StreamResponse:
        """Stream a chat as server-sent events; each carries what changed since the last."""
        asked = _query(request, ("person", "chat", "after"))
        person_id = int(asked.get("person", 0))
        _, chat = _able(people.find(self.world, person_id, int(asked["chat"]) if "chat" in asked else None))
        last = request.headers.get("Last-Event-ID", "")
        after = int(last) if last.isdigit() else int(asked.get("after", 0))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        with suppress(ConnectionResetError):  # the page has gone
            await self._push(response, chat, person_id, after)
        return response

    async def _push(self, response: web.StreamResponse, chat: Chat, person_id: int, after: int) -> None:
        while True:
            seen = view.chat(self.world, chat, after) | view.around(self.world, chat, person_id)
            seen["messages"] = seen["messages"][-_PAGE_MESSAGES:]
            seen["notes"] = self.notes
            after = seen["cursor"]
            await response.write(f"id: {after}\ndata: {json.dumps(seen)}\n\n".encode())
            while not await self.world.changed(after, _KEEP_ALIVE):
                await response.write(b": still here\n\n")

    async def market(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"prices": dict(self.prices()) if self.prices else None})

    async def file(self, request: web.Request) -> web.StreamResponse:
        stored = self.world.files.by_path(request.match_info["path"])
        if stored is None:
            raise _Wrong("There is no such file.", 404)
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        picture = stored.mime in ("image/png", "image/jpeg", "image/gif", "image/webp")
        return web.Response(
            body=stored.content, headers=headers,
            content_type=stored.mime if picture else "application/octet-stream",
        )

    async def fault(self, request: web.Request) -> web.StreamResponse:
        try:
            given = json.loads(await request.read() or b"{}")
        except ValueError:
            raise _Wrong("The body must be one JSON object.") from None
        if not isinstance(given, dict) or not isinstance(given.get("name"), str):
            raise _Wrong("A fault needs a 'name'.")
        name = given.pop("name")
        sentence = self.world.faults.set(name, given, self.world.now())
        if sentence is not None:
            raise _Wrong(sentence)
        self.world.updates.wake()
        self.world.touch()
        return await self.faults(request)

    async def faults(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"active": self.world.faults.list(self.world.now())})

    async def react(self, request: web.Request) -> web.StreamResponse:
        given = await _body(request, {"message_id": int}, {"emoji": str, "chat": int})
        return web.json_response(view.said(_able(people.react(
            self.world, _id(request), given["message_id"], given.get("emoji"), chat_id=given.get("chat"),
        ))))

    async def forward(self, request: web.Request) -> web.StreamResponse:
        given = await _body(request, {"message_id": int}, {"chat": int, "to": int})
        return web.json_response(view.said(_able(people.forward(
            self.world, _id(request), given["message_id"], chat_id=given.get("chat"), to=given.get("to"),
        ))))

    async def delete(self, request: web.Request) -> web.StreamResponse:
        given = await _body(request, {"message_id": int}, {"chat": int})
        return web.json_response(view.said(_able(people.delete(
            self.world, _id(request), given["message_id"], chat_id=given.get("chat"),
        ))))

    async def mood(self, request: web.Request) -> web.StreamResponse:
        given = await _body(request, {"mood": str}, {})
        return web.json_response({"update_id": _able(people.set_mood(self.world, _id(request), given["mood"]))})

    async def group(self, request: web.Request) -> web.StreamResponse:
        given = await _body(request, {"title": str, "founder": int}, {"members": list, "kind": str, "forum": bool})
        kind = given.get("kind", "supergroup")
        if kind not in ("group", "supergroup"):
            raise _Wrong(f"A kind is group or supergroup, found {kind!r}.")
        chat = _able(groups.open_group(
            self.world, given["founder"], given["title"], set(given.get("members", [])),
            supergroup=kind == "supergroup", forum=given.get("forum", False),
        ))
        return web.json_response({"id": chat.id})

    async def bot_status(self, request: web.Request) -> web.StreamResponse:
        given = await _body(request, {"by": int, "status": str}, {})
        update = _able(groups.set_bot_status(self.world, _id(request), given["by"], given["status"]))
        return web.json_response({"update_id": update})

    async def upgrade(self, request: web.Request) -> web.StreamResponse:
        given = await _body(request, {"by": int}, {})
        return web.json_response({"id": _able(groups.upgrade(self.world, _id(request), given["by"])).id})

    async def topic(self, request: web.Request) -> web.StreamResponse:
        given = await _body(request, {"by": int, "name": str}, {})
        return web.json_response({
            "message_thread_id": _able(groups.open_topic(self.world, _id(request), given["by"], given["name"])),
        })
