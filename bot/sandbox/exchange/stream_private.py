"""Private channels: account changes as frames (websocket.md 7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bot.sandbox.exchange.faults import Faults
from bot.sandbox.exchange.state import Event
from bot.sandbox.exchange.stream import Topic, dump
from bot.sandbox.exchange.stream_public import Publish

ON_SUBSCRIBE = ("account", "positions", "equity")
_BY_SYMBOL = ("orders", "fill", "adl-noti")


def topic_of(arg: dict[str, str], account: str, symbols: Callable[[str], str]) -> Topic | None:
    """Return the private topic an argument names, or None; ``symbols`` gives the product of a symbol or ""."""
    channel, product = arg["channel"], arg["instType"]
    names = arg.keys() - {"instType", "channel"}
    if channel == "account":
        return (account, product, channel, "default") if names == {"coin"} and arg["coin"] == "default" else None
    if channel == "equity":
        return (account, product, channel, "default") if arg.get("instId", "default") == "default" else None
    inst = arg.get("instId", "")
    if names != {"instId"}:
        return None
    if inst == "default" or (channel in _BY_SYMBOL and symbols(inst) == product):
        return account, product, channel, inst
    return None


def market_side(row: dict[str, Any]) -> dict[str, Any]:
    """Return a fill as its channel shows it: the true market direction, unlike REST (7.4)."""
    shown = dict(row)
    shown["side"] = shown.pop("trueSide")
    return shown


class PrivateFeeds:
    """Gather what happened and publish it in order, one frame per event, serialised once."""

    def __init__(self, faults: Faults, now: Callable[[], int], publish: Publish,
                 listened: Callable[[Topic], bool]) -> None:
        self._faults, self._now, self._publish, self._listened = faults, now, publish, listened
        self._pending: list[tuple[Topic, str]] = []
        self._held: list[tuple[Topic, str]] = []

    def happened(self, event: Event) -> None:
        """Take one event of the engine; nothing is made of it when nobody listens."""
        insts = ("default", event.symbol) if event.channel in _BY_SYMBOL else ("default",)
        for inst in insts:
            topic = (event.account, event.product, event.channel, inst)
            if self._listened(topic):
                self._pending.append((topic, self.frame(topic, event.rows)))

    def frame(self, topic: Topic, rows: Sequence[dict[str, Any]]) -> str:
        """Return the push frame of these rows."""
        channel = topic[2]
        if channel == "fill":
            rows = [market_side(one) for one in rows]
        action = "update" if channel == "adl-noti" else "snapshot"
        arg = {"instType": topic[1], "channel": channel}
        if channel == "account":
            arg["coin"] = "default"
        elif channel != "equity":
            arg["instId"] = topic[3]
        return dump({"action": action, "arg": arg, "data": rows, "ts": self._now()})

    def flush(self) -> None:
        """Publish what has gathered, under the faults that disturb order and number."""
        if not self._pending and not self._held:
            return
        batch, self._pending = self._held + self._pending, []
        held, self._held = self._held, []
        if self._faults and self._faults.find("reorder_push"):
            if len(batch) == 1 and not held:
                self._held = batch
                return
            batch.reverse()
        twice = bool(self._faults and self._faults.find("duplicate_push"))
        for topic, text in batch:
            self._publish(topic, text)
            if twice:
                self._publish(topic, text)
