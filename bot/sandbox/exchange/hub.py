"""Where streams meet the exchange: who listens to what, and what each frame reaches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.exchange.auth import Key, Keys
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.faults import Faults
from bot.sandbox.exchange.market import Market
from bot.sandbox.exchange.params import PRODUCTS
from bot.sandbox.exchange.sockets import InProcessSocket
from bot.sandbox.exchange.stream import PRIVATE_CHANNELS, Arg, Session, Topic, dump
from bot.sandbox.exchange.stream_private import ON_SUBSCRIBE, PrivateFeeds, topic_of
from bot.sandbox.exchange.stream_public import PublicFeeds

CONNECTIONS_MOST = 100
_NEW_IN_FIVE_MINUTES = 300
_TRADE_ARGS = frozenset(("id", "instType", "instId", "channel", "params", "apiCode"))

Place = Callable[[Key, str, dict[str, Any]], dict[str, Any]]
"""Run place-order or cancel-order (path word) with REST fields and return its data. Raises Refused."""


class Hub:
    """The desk behind all sessions (see ``stream.Desk``)."""

    def __init__(self, *, engine: Engine, market: Market, keys: Keys, faults: Faults, now: Callable[[], int],
                 true_now: Callable[[], int], place: Place, seed: int, with_checksum: bool = True) -> None:
        self.keys, self.faults = keys, faults
        self.now, self.true_now = now, true_now
        self.trading_enabled = False
        self._engine, self._market, self._place = engine, market, place
        self._sessions: list[Session] = []
        self._opened: dict[str, list[int]] = {}
        self._listeners: dict[Topic, dict[Session, None]] = {}
        self._wanted: dict[tuple[str, str], int] = {}
        self.public = PublicFeeds(market, faults, now, self.publish, seed=seed, with_checksum=with_checksum)
        self.private = PrivateFeeds(faults, now, self.publish, self._listeners.__contains__)
        engine.listen(self.private.happened)
        engine.wants = lambda account, channel: (account, channel) in self._wanted
        market.told = self.public.trades

    # Connections

    def open(self, private: bool, demo: bool = False, ip: str = "127.0.0.1") -> Session:
        """Return a new session; it is closed already when the address has too many (websocket.md 2)."""
        session = Session(self, private=private, demo=demo, ip=ip)
        now = self.true_now()
        recent = [at for at in self._opened.get(ip, []) if now - at < 300_000]
        self._opened[ip] = [*recent, now]
        mine = sum(1 for other in self._sessions if other.ip == ip and not other.closed)
        if len(recent) >= _NEW_IN_FIVE_MINUTES or mine >= CONNECTIONS_MOST:
            session.error(30007)
            session.close(1008, "too many connections")
        elif self.faults and (self.faults.find("drop_socket") or self.faults.find("maintenance")):
            session.close(1012, "service restart")
        else:
            self._sessions.append(session)
        return session

    def connect(self, *, private: bool, demo: bool = False, ip: str = "127.0.0.1") -> InProcessSocket:
        """Return an in-process socket, for tests."""
        return InProcessSocket(self.open(private, demo, ip), self.private.flush)

    def sessions(self) -> int:
        """Return how many connections are open."""
        return len(self._sessions)

    def drop_all(self, reason: str = "connection reset") -> None:
        """Cut every connection."""
        for session in self._sessions:
            session.close(1012, reason)

    def tick(self) -> None:
        """Cut idle and old connections, forget closed ones, publish what is due."""
        now = self.true_now()
        for session in self._sessions:
            session.tick(now)
        self._sessions = [session for session in self._sessions if not session.closed]
        self.public.due(now)
        self.private.flush()

    # What a session needs

    def refusal(self, key: Key) -> tuple[int, str] | None:
        """Return 40085 for a unified account."""
        if self._engine.accounts[key.account].world == "unified":
            return 40085, "You are in Unified Account mode, and the Classic Account API is not supported at this time"
        return None

    def topic(self, arg: Arg, account: str, *, private: bool) -> Topic | None:
        """Return the topic an argument names, or None."""
        product, channel = arg.get("instType", ""), arg.get("channel", "")
        if product not in PRODUCTS:
            return None
        if channel in PRIVATE_CHANNELS:
            return topic_of(arg, account, self._market.product_of) if private else None
        symbol = arg.get("instId", "")
        named = arg.keys() == {"instType", "channel", "instId"}
        if private or not named or not self.public.knows(product, channel, symbol):
            return None
        return "", product, channel, symbol

    def attach(self, session: Session, topic: Topic, arg: Arg) -> None:
        """Subscribe, and send the first frame of channels that have one."""
        listeners = self._listeners.setdefault(topic, {})
        fresh = session not in listeners
        listeners[session] = None
        account, product, channel, _ = topic
        if not account:
            self.public.watch(topic)
            session.push(self.public.first(topic))
            return
        if fresh:
            self._wanted[account, channel] = self._wanted.get((account, channel), 0) + 1
        if channel in ON_SUBSCRIBE:
            session.push(self.private.frame(topic, self._engine.state_rows(account, product, channel)))

    def detach(self, session: Session, topic: Topic) -> None:
        """End a subscription."""
        listeners = self._listeners.get(topic, {})
        if session not in listeners:
            return
        del listeners[session]
        if topic[0]:
            wanted = topic[0], topic[2]
            self._wanted[wanted] -= 1
            if not self._wanted[wanted]:
                del self._wanted[wanted]
        if not listeners:
            del self._listeners[topic]
            if not topic[0]:
                self.public.unwatch(topic)

    def publish(self, topic: Topic, frame: str) -> None:
        """Send a frame to everybody who listens to the topic."""
        for session in list(self._listeners.get(topic, ())):
            session.push(frame)

    def trade(self, session: Session, message: dict[str, Any]) -> None:
        """Place or cancel over the socket; refused with 40301 unless enabled (websocket.md 8)."""
        args = message.get("args")
        item = args[0] if isinstance(args, list) and len(args) == 1 else None
        if not isinstance(item, dict) or not isinstance(item.get("params"), dict) or item.keys() - _TRADE_ARGS:
            session.error(30016)
            return
        if session.key is None:
            session.error(30004)
            return
        channel = item.get("channel")
        if channel not in ("place-order", "cancel-order"):
            session.error(30001, f"channel:{channel} doesn't exist")
            return
        shown = {name: item.get(name, "") for name in ("id", "instType", "channel", "instId")}
        try:
            if not self.trading_enabled:
                raise Refused("40301")
            fields = {**item["params"], "symbol": item.get("instId"), "productType": item.get("instType")}
            data = self._place(session.key, channel, fields)
        except Refused as refused:
            code = int(refused.code)
            session.push(dump({"event": "error", "arg": [{**shown, "params": item["params"]}], "code": code,
                               "msg": refused.msg}))
            return
        session.push(dump({"event": "trade", "arg": [{**shown, "params": data}], "code": 0, "msg": "Success"}))
