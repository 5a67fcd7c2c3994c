"""Let only requests with a token that counts reach the server: before any tool runs, asked of the desk itself."""
from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from bot.mcp.line import Answer, Line

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
STATUS = {"rate": 429, "no_desk": 503, "no_answer": 503}
TOKEN_MAX = 200


def bearer_of(header: str | None) -> str | None:
    """Read the token out of an Authorization header; None without one."""
    kind, _, token = (header or "").partition(" ")
    token = token.strip()
    return token if kind.lower() == "bearer" and 0 < len(token) <= TOKEN_MAX else None


def guarded(app: App, line: Line) -> App:
    """Wrap an ASGI application: 401 without a right token, 429 and 503 where the desk says so."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        header = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"), None)
        token = bearer_of(header)
        answer: Answer = await line.call("whoami", token, {}) if token is not None else {"refused": [
            {"rule": "token_missing", "sentence": "Send a token: Authorization: Bearer …"}]}
        if "refused" not in answer:
            await app(scope, receive, send)
            return
        body = json.dumps(answer).encode()
        status = STATUS.get(str(answer["refused"][0]["rule"]), 401)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if status == 401:
            headers.append((b"www-authenticate", b'Bearer realm="wiredesk"'))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return guard
