"""Whatever a caller sends, the answer is the Bot API's own: never a broken connection, never a 500."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.telegram import view
from bot.sandbox.telegram.emulator import Emulator
from bot.sandbox.telegram.methods.table import GET_UPDATES, METHODS
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.world import World
from tests.sandbox.telegram.conftest import Caller, Clock

SCHEMA = json.loads((Path(__file__).parents[2] / "data" / "telegram" / "bot_api_schema_10_2.json").read_text("utf-8"))
PARAMETERS = {name.lower(): tuple(given) for name, given in SCHEMA["methods"].items()}
SMALL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 7003),
    st.sampled_from([7001, -5, "HTML", "x", "", "@owner_local", "https://a"]),
    st.text(max_size=6),
    st.floats(allow_nan=False),
)
KEYS = st.sampled_from(
    [
        "inline_keyboard",
        "keyboard",
        "text",
        "callback_data",
        "url",
        "type",
        "emoji",
        "media",
        "message_id",
        "chat_id",
        "command",
        "description",
        "offset",
        "length",
        "style",
        "web_app",
        "copy_text",
        "quote",
        "remove_keyboard",
        "force_reply",
    ]
)
VALUES = st.recursive(
    SMALL,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=8,
)


@pytest.mark.parametrize("method", [m for m in (*METHODS, GET_UPDATES) if PARAMETERS[m]])
@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pick=st.data(), reach=st.booleans())
async def test_nonsense_is_refused_in_form(method: str, pick: st.DataObject, reach: bool) -> None:
    names = PARAMETERS[method]
    values: dict[str, Any] = pick.draw(st.dictionaries(st.sampled_from(names), VALUES, min_size=1, max_size=len(names)))
    clock = Clock()
    world = World(now=clock, sleep=clock.sleep)
    caller = Caller(world)
    number = (await caller.ok("sendMessage", chat_id=7001, text="x"))["message_id"]
    if reach:
        values = values | {"chat_id": 7001, "message_id": number, "from_chat_id": 7001}
        values.setdefault("text", "y")
    values.pop("timeout", None)
    sent = {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
    answer = await Emulator(world).call(world.bot.token, method, Params(values=sent))
    body = json.loads(answer.body)
    assert body["ok"] is (answer.status == 200)
    assert answer.status in (200, 400, 403, 404, 409, 413, 429)
    view.chat(world, world.chats[7001], 0)


@pytest.mark.parametrize(
    "values",
    [
        {"text": "x", "reply_markup": '{"inline_keyboard":[[{"text":"\\ud83d","callback_data":"a"}]]}'},
        {"text": "x", "reply_markup": "[" * 100_000},
    ],
)
async def test_half_characters_and_endless_nesting_are_refused(api: Caller, values: dict[str, str]) -> None:
    assert (await api.refused("sendMessage", chat_id=7001, **values)).startswith("Bad Request: ")


INF = float("inf")


@pytest.mark.parametrize(
    ("method", "values"),
    [
        ("deleteMessages", {"message_ids": [None, "x", [], INF]}),
        ("sendMessage", {"text": "x", "reply_parameters": {"message_id": "x"}}),
        ("sendMessage", {"text": "x", "reply_parameters": {"message_id": INF, "quote": "x"}}),
        ("sendMessage", {"text": "x", "entities": [{"offset": "9", "length": INF, "type": "bold"}, 5, {"type": None}]}),
        ("sendMessage", {"text": "x", "entities": [{"offset": 0, "length": 1, "type": "text_mention", "user": {}}]}),
        ("sendMessage", {"text": "x", "entities": [{"offset": 0, "length": 1, "type": "date_time"}]}),
        ("sendMessage", {"text": "x", "entities": [{"offset": 0, "length": 1, "type": "text_link", "url": {}}]}),
        ("sendMediaGroup", {"media": [1, {"type": []}]}),
        ("editMessageMedia", {"media": {"type": "photo", "media": [1]}}),
        ("setChatMenuButton", {"menu_button": {"type": "web_app", "web_app": 3}}),
        ("setMyCommands", {"commands": [], "scope": {"type": "chat_member", "user_id": "x", "chat_id": 7001}}),
        ("setMyCommands", {"commands": {}, "scope": {"type": ["chat"]}}),
        ("setMessageReaction", {"reaction": [{"type": "emoji", "emoji": []}]}),
        ("getUpdates", {"offset": 10**30, "limit": "many", "allowed_updates": [[], None, 3]}),
        ("setWebhook", {"url": "http://[::1"}),
        ("setWebhook", {"url": "https://a:99999999/x"}),
        ("sendMessage", {"text": "x", "reply_markup": {"keyboard": [[1]], "input_field_placeholder": {}}}),
        ("sendMessage", {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "url": ["http://[::1"]}]]}}),
        ("sendMessage", {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "style": {}, "url": "a"}]]}}),
    ],
)
async def test_each_known_trap_is_answered(api: Caller, world: World, method: str, values: dict[str, Any]) -> None:
    number = (await api.ok("sendMessage", chat_id=7001, text="x"))["message_id"]
    answer = await api.raw(method, **({"chat_id": 7001, "message_id": number} | values))
    assert answer["ok"] or answer["error_code"] == 400
    view.chat(world, world.chats[7001], 0)
