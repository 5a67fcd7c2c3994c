"""One stream connection without any I/O: text frames in, text frames out, time given (websocket.md 2 to 5)."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from bot.sandbox.exchange.auth import Key, Keys, same_signature
from bot.sandbox.exchange.faults import Faults

Arg = dict[str, str]
Topic = tuple[str, str, str, str]
"""Account name ("" on public channels), product type, channel, instrument or ``default``."""

IDLE_MS = 120_000
LIFE_MS = 86_400_000
MESSAGES_A_SECOND = 10
SUBSCRIPTIONS_AN_HOUR = 240
CHANNELS_MOST = 1_000
ARGS_BYTES = 4_096
BACKLOG_MOST = 50_000
LOGIN_WINDOW_MS = 30_000

_ERRORS = {
    30002: "illegal request",
    30004: "User not logged in",
    30005: "error",
    30006: "too many requests",
    30007: "request over limit, connection close",
    30011: "invalid ACCESS_KEY",
    30012: "invalid ACCESS_PASSPHRASE",
    30013: "invalid ACCESS_TIMESTAMP",
    30014: "Request timestamp expired",
    30015: "Invalid sign",
    30016: "Param error",
}


class Desk(Protocol):
    """What a session needs from the exchange around it."""

    keys: Keys
    faults: Faults

    def now(self) -> int:
        """Return the server's clock in ms."""

    def true_now(self) -> int:
        """Return the clock that durations are measured with, in ms."""

    def refusal(self, key: Key) -> tuple[int, str] | None:
        """Return why this key may not use the v2 stream, or None."""

    def topic(self, arg: Arg, account: str, *, private: bool) -> Topic | None:
        """Return the topic an argument names, or None when there is no such channel."""

    def attach(self, session: Session, topic: Topic, arg: Arg) -> None:
        """Subscribe a session and send what is sent first."""

    def detach(self, session: Session, topic: Topic) -> None:
        """End a subscription."""

    def trade(self, session: Session, message: dict[str, Any]) -> None:
        """Place or cancel an order over the socket."""


PRIVATE_CHANNELS = frozenset(
    ("account", "positions", "orders", "orders-algo", "fill", "positions-history", "equity", "adl-noti")
)


def _nobody() -> None:
    """Wake nobody: a session whose frames are collected by hand."""


class Session:
    """The protocol of one connection. Frames to send gather in ``out``; ``closed`` is set when it is over."""

    def __init__(self, desk: Desk, *, private: bool, demo: bool = False, ip: str = "127.0.0.1") -> None:
        self.desk = desk
        self.private = private
        self.demo = demo
        self.ip = ip
        self.out: deque[str] = deque()
        self.wake: Callable[[], None] = _nobody
        self.closed: tuple[int, str] | None = None
        self.key: Key | None = None
        self.topics: dict[Topic, Arg] = {}
        self.opened_ms = self.last_ping_ms = desk.true_now()
        self._second = (0, 0)
        self._asked: deque[int] = deque()

    @property
    def account(self) -> str:
        """Return the account that has logged in, or ""."""
        return self.key.account if self.key else ""

    def push(self, frame: str) -> None:
        """Queue a frame; a silent socket swallows it, a hopelessly slow reader is cut off."""
        if self.closed or (self.desk.faults and self.desk.faults.find("silent_socket")):
            return
        self.out.append(frame)
        if len(self.out) > BACKLOG_MOST:
            self.close(1008, "the reader is too slow")
        self.wake()

    def close(self, code: int = 1000, reason: str = "") -> None:
        """End the connection and all its subscriptions; queued frames still leave."""
        if self.closed is None:
            self.closed = (code, reason)
            for topic in list(self.topics):
                self.desk.detach(self, topic)
            self.topics.clear()
            self.wake()

    def tick(self, now_ms: int) -> None:
        """Cut the connection after two minutes without a ping and after a day."""
        if now_ms - self.last_ping_ms > IDLE_MS:
            self.close(1001, "no ping for two minutes")
        elif now_ms - self.opened_ms > LIFE_MS:
            self.close(1001, "open for a day")

    def receive(self, text: str | bytes) -> None:
        """Take one message from the client and queue whatever answers it."""
        now = self.desk.true_now()
        if self.closed or not self._counted(now):
            return
        if text == "ping":
            self.last_ping_ms = now
            self.push("pong")
            return
        message = _parsed(text)
        if message is None:
            self.error(30002)
            return
        op = message.get("op")
        args = message.get("args")
        if op == "login" and self.private:
            self._login(args)
        elif op in ("subscribe", "unsubscribe"):
            self._each(str(op), args, now)
        elif op == "trade" and self.private:
            self.desk.trade(self, message)
        else:
            self.error(30003, f"INVALID op:{op}")

    def error(self, code: int, msg: str = "", arg: Any = None) -> None:
        """Queue an error event; the code is a number, as live (README 7)."""
        event: dict[str, Any] = {"event": "error"}
        if arg is not None:
            event["arg"] = arg
        event |= {"code": code, "msg": msg or _ERRORS.get(code, "error")}
        self.push(dump(event))

    def _counted(self, now: int) -> bool:
        second, count = self._second
        count = count + 1 if second == now // 1000 else 1
        self._second = (now // 1000, count)
        if count > MESSAGES_A_SECOND:
            self.error(30007)
            self.close(1008, "more than ten messages a second")
            return False
        return True

    def _login(self, args: Any) -> None:
        given = args[0] if isinstance(args, list) and len(args) == 1 else None
        names = ("apiKey", "passphrase", "timestamp", "sign")
        if not isinstance(given, dict) or any(not isinstance(given.get(name), str) for name in names):
            self._fail(30005, "error")
            return
        stamp = given["timestamp"]
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) in (10, 13)):
            self._fail(30013)
            return
        key = self.desk.keys.find(given["apiKey"])
        if key is None:
            self._fail(30011)
            return
        if key.passphrase != given["passphrase"]:
            self._fail(30012)
            return
        sent_ms = int(stamp) * (1000 if len(stamp) == 10 else 1)
        if abs(self.desk.now() - sent_ms) > LOGIN_WINDOW_MS:
            self._fail(30014)
            return
        if not same_signature(key.secret, (stamp + "GET/user/verify").encode(), given["sign"]):
            self._fail(30015)
            return
        if key.ips and self.ip not in key.ips:
            self._fail(40018, "Invalid IP")
            return
        if (key.environment == "demo") != self.demo:
            self._fail(40099, "exchange environment is incorrect")
            return
        refused = self.desk.refusal(key)
        if refused:
            self._fail(*refused)
            return
        self.key = key
        self.push('{"event":"login","code":0,"msg":""}')

    def _fail(self, code: int, msg: str = "") -> None:
        self.error(code, msg)
        self.close(1008, "login failed")

    def _each(self, op: str, args: Any, now: int) -> None:
        if not isinstance(args, list) or not args:
            self.error(30002)
            return
        if len(dump(args)) > ARGS_BYTES:
            self.error(30016, "the arguments are longer than 4096 bytes")
            return
        if op == "subscribe" and not self._asks(now):
            return
        for arg in args:
            if not isinstance(arg, dict) or not all(isinstance(v, str) for v in arg.values()):
                self.error(30016, arg=arg)
            elif arg.get("channel") in PRIVATE_CHANNELS and not self.key:
                self.error(30004, arg=arg)
            else:
                self._one(op, arg)
            if self.closed:
                return

    def _asks(self, now: int) -> bool:
        while self._asked and now - self._asked[0] >= 3_600_000:
            self._asked.popleft()
        if len(self._asked) >= SUBSCRIPTIONS_AN_HOUR:
            self.error(30006, "more than 240 subscribe requests an hour")
            return False
        self._asked.append(now)
        return True

    def _one(self, op: str, arg: Arg) -> None:
        topic = self.desk.topic(arg, self.account, private=self.private)
        if topic is None:
            said = ",".join(f"{name}:{arg[name]}" for name in ("instType", "channel", "instId", "coin") if name in arg)
            self.error(30001, f"{said} doesn't exist", arg)
            return
        shown = {**arg, "instId": "default"} if topic[2] == "equity" else arg
        if op == "unsubscribe":
            if self.topics.pop(topic, None) is not None:
                self.desk.detach(self, topic)
            self.push(dump({"event": "unsubscribe", "arg": shown}))
            return
        if len(self.topics) >= CHANNELS_MOST and topic not in self.topics:
            self.error(30007)
            self.close(1008, "more than 1000 channels")
            return
        self.push(dump({"event": "subscribe", "arg": shown}))
        self.topics[topic] = arg
        self.desk.attach(self, topic, arg)


def dump(value: Any) -> str:
    """Return compact JSON."""
    return json.dumps(value, separators=(",", ":"))


def _parsed(text: str | bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None
