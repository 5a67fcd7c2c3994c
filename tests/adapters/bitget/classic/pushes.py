"""The recorded pushes, and ways to spoil them."""
from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.adapters.bitget.classic.stream_events import Pushed
from bot.adapters.bitget.classic.stream_frames import argument
from bot.adapters.bitget.classic.topic import LINES, Topic, key_of
from bot.adapters.bitget.classic.wire_push import ENVELOPE

VECTORS = Path(__file__).parents[3] / "data" / "bitget"
NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
SPOILS: tuple[object, ...] = (
    None, "", "null", "1e3", "1E-3", "1e999999999", "NaN", "-Infinity", "a new word", -1, 0, 12, 0.5, 10**30, True,
    [], {}, [None], {"a": 1}, "\u0661\u0662", "<html>",
)


def channels() -> list[str]:
    """List the channels that have a vector."""
    return sorted(path.stem.removeprefix("push_") for path in VECTORS.glob("push_*.json"))


def vector(channel: str) -> str:
    """Read one recorded push."""
    return (VECTORS / f"push_{channel}.json").read_text().strip()


def row(channel: str, **changes: object) -> dict[str, Any]:
    """Give the first row of a recorded push with some fields changed; `...` leaves a field out."""
    found: dict[str, Any] = json.loads(vector(channel))["data"][0] | changes
    return {name: value for name, value in found.items() if value is not ...}


def pushed(text: str) -> Pushed:
    """Make of a frame what the protocol makes of it."""
    envelope = ENVELOPE.decode(text)
    key = key_of(argument(envelope.arg))
    assert key is not None
    topic = Topic(line=LINES[key[0]], channel=key[1], symbol=key[2])
    return Pushed(topic, envelope.action, text.encode(), NOW)


def with_rows(channel: str, *rows: object) -> Pushed:
    """Make a push of a channel with other rows."""
    return pushed(json.dumps(json.loads(vector(channel)) | {"data": list(rows)}))


def spoiled(channel: str) -> Iterator[tuple[str, str]]:
    """Yield a recorded push with each field of its row left out, and replaced by each of SPOILS; named by field."""
    whole = json.loads(vector(channel))
    first = whole["data"][0]
    for place in range(len(first)) if isinstance(first, list) else first:
        for spoil in (..., *SPOILS):
            changed = copy.deepcopy(whole)
            if spoil is ...:
                del changed["data"][0][place]
            else:
                changed["data"][0][place] = spoil
            yield str(place), json.dumps(changed)
