"""A model behind both wires, OpenAI-compatible and Anthropic, that answers as the mood of the moment says (C9, C10).

What it does not imitate: streaming by server-sent events, tools, images, prices, rate limits. It reads a symbol and a
price out of the prompt and answers with an idea in the shape of the JSON schema that was sent along.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from bot.sandbox.exchange.http import Request, Response
from bot.sandbox.model_mishaps import travel
from bot.sandbox.model_words import REFUSAL, said
from bot.sandbox.moods import Moods, UnknownMood
from bot.sandbox.telegram.server import address, start_loopback

Fields = dict[str, Any]
Sleep = Callable[[float], Awaitable[Any]]

NAME = "sandbox-model"
_BODY_BYTES = 4 << 20


class Wrong(ValueError):
    """A request the model's interface would refuse, said in a sentence."""


class Model:
    """One stubbed model. `now` gives wall milliseconds, `sleep` waits; both may be a test's own."""

    def __init__(self, now: Callable[[], int], sleep: Sleep = asyncio.sleep) -> None:
        self.moods = Moods(now)
        self._now, self._sleep = now, sleep
        self._numbers = itertools.count(1)
        self.calls: list[Fields] = []

    def application(self) -> web.Application:
        """Return both interfaces as one application."""
        app = web.Application(client_max_size=_BODY_BYTES)
        app.router.add_post("/chat/completions", self._completions)
        app.router.add_post("/messages", self._messages)
        app.router.add_get("/models", self._models)
        return app

    def health(self) -> Fields:
        """Return the model's part of `GET /health`."""
        return {"calls": len(self.calls), "faults": self.moods.active()}

    async def control(self, request: Request) -> Response:
        """Answer `/model/fault` (POST sets the mood, GET lists it) and `GET /model/calls`."""
        if (request.method, request.path) == ("GET", "/model/calls"):
            return _json({"calls": self.calls})
        if request.path != "/model/fault" or request.method not in ("GET", "POST"):
            return _json({"error": f"There is no {request.method} {request.path} here."}, 404)
        if request.method == "GET":
            return _json({"active": self.moods.active()})
        try:
            given = json.loads(request.body or b"{}")
            if not isinstance(given, dict):
                raise UnknownMood("The body must be one JSON object.")
            return _json({"active": self.moods.set(given)})
        except UnknownMood as unknown:
            return _json({"error": str(unknown)}, 400)
        except (ValueError, RecursionError):
            return _json({"error": "The body must be one JSON object."}, 400)

    async def _completions(self, raw: web.Request) -> web.StreamResponse:
        try:
            asked = _asked(await raw.read())
            form = asked.get("response_format") or {}
            schema = form.get("json_schema", {}).get("schema") if isinstance(form, dict) else None
            prompt = _prompt(asked)
        except Wrong as wrong:
            error = {"message": str(wrong), "type": "invalid_request_error", "param": None, "code": None}
            return web.json_response({"error": error}, status=400)
        mood, given = self._taken("openai", asked)
        text = said(mood, prompt, schema, given)
        message: Fields = {"role": "assistant", "content": text, "refusal": None}
        if mood == "refusing":
            message |= {"content": None, "refusal": REFUSAL}
        if mood == "tools":
            message |= {"content": None, "tool_calls": [{"id": "call_1", "type": "function",
                                                         "function": {"name": "approve", "arguments": "{}"}}]}
        body = {
            "id": f"chatcmpl-{next(self._numbers)}", "object": "chat.completion", "created": self._now() // 1000,
            "model": asked["model"], "usage": _usage(mood, prompt, text, ("prompt_tokens", "completion_tokens")),
            "choices": [] if mood == "empty" else [{
                "index": 0, "message": message, "logprobs": None,
                "finish_reason": {"truncated": "length", "tools": "tool_calls"}.get(mood, "stop"),
            }],
        }
        return await travel(raw, mood, given, body, self._sleep)

    async def _models(self, raw: web.Request) -> web.StreamResponse:
        row = {"id": NAME, "type": "model", "object": "model"}
        mood, given = self.moods.look()
        return await travel(raw, mood, given, {"object": "list", "data": [row]}, self._sleep)

    async def _messages(self, raw: web.Request) -> web.StreamResponse:
        try:
            asked = _asked(await raw.read())
            if not isinstance(asked.get("max_tokens"), int):
                raise Wrong("max_tokens: Field required")
            form = (asked.get("output_config") or {}).get("format") or {}
            schema = form.get("schema") if isinstance(form, dict) else None
            prompt = _prompt(asked)
        except Wrong as wrong:
            error = {"type": "invalid_request_error", "message": str(wrong)}
            return web.json_response({"type": "error", "error": error}, status=400)
        mood, given = self._taken("anthropic", asked)
        text = said(mood, prompt, schema, given)
        stop = {"truncated": "max_tokens", "refusing": "refusal", "tools": "tool_use"}.get(mood, "end_turn")
        content: list[Fields] = [] if mood in ("refusing", "empty") else [{"type": "text", "text": text}]
        if mood == "tools":
            content.append({"type": "tool_use", "id": "toolu_1", "name": "approve", "input": {}})
        body = {
            "id": f"msg_{next(self._numbers)}", "type": "message", "role": "assistant", "model": asked["model"],
            "content": content, "stop_reason": stop,
            "stop_sequence": None, "usage": _usage(mood, prompt, text, ("input_tokens", "output_tokens")),
        }
        return await travel(raw, mood, given, body, self._sleep)

    def _taken(self, wire: str, asked: Fields) -> tuple[str, Fields]:
        mood, given = self.moods.take()
        self.calls.append({"at": self._now(), "wire": wire, "model": asked["model"], "mood": mood, "asked": asked})
        return mood, given


@asynccontextmanager
async def serve(model: Model, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve the model on loopback and yield the base of both paths, without a trailing slash.

    Raises ValueError for another address.
    """
    runner = await start_loopback(model.application(), host, port)
    try:
        yield address(runner)
    finally:
        await runner.cleanup()


def _asked(body: bytes) -> Fields:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        raise Wrong("We could not parse the JSON body of your request.") from None
    if not isinstance(asked, dict):
        raise Wrong("The body must be a JSON object.")
    if not isinstance(asked.get("model"), str) or not asked["model"]:
        raise Wrong("you must provide a model parameter")
    if not isinstance(asked.get("messages"), list) or not asked["messages"]:
        raise Wrong("messages: at least one message is required")
    if asked.get("stream"):
        raise Wrong("This model does not stream; leave `stream` out.")
    return asked


def _prompt(asked: Fields) -> str:
    """Return every text of a request in order, one block a line."""
    parts: list[str] = []
    for message in [{"content": asked.get("system")}, *asked["messages"]]:
        content = message.get("content") if isinstance(message, dict) else None
        blocks = content if isinstance(content, list) else [content]
        for block in blocks:
            text = block.get("text") if isinstance(block, dict) else block
            if isinstance(text, str):
                parts.append(text)
    if not parts:
        raise Wrong("messages: no text was found")
    return "\n".join(parts)


def _usage(mood: str, prompt: str, text: str, names: tuple[str, str]) -> dict[str, int] | None:
    if mood == "no_usage":
        return None
    counts = (len(prompt) // 4 + 1, len(text) // 4 + 1)
    if mood == "lying_usage":
        counts = (10**9, 10**9)
    usage = dict(zip(names, counts, strict=True))
    return usage | {"total_tokens": sum(counts)} if names[0] == "prompt_tokens" else usage


def _json(body: Fields, status: int = 200) -> Response:
    return Response(status=status, body=json.dumps(body).encode())
