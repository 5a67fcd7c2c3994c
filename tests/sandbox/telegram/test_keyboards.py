"""Keyboards: what is accepted, what is echoed, and the sentences of what is not."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.telegram.world import World
from tests.sandbox.telegram.conftest import Caller

INLINE = "can't parse inline keyboard button: "


def inline(*buttons: Any) -> dict[str, Any]:
    return {"inline_keyboard": [list(buttons)]}


@pytest.mark.parametrize(
    ("markup", "sentence"),
    [
        (inline({"text": "x", "callback_data": "é" * 33}), "BUTTON_DATA_INVALID"),
        (inline({"text": "x", "callback_data": ""}), "BUTTON_DATA_INVALID"),
        (inline({"text": "x"}), f"{INLINE}Text buttons are unallowed in the inline keyboard"),
        (inline({"text": "x", "callback_data": "d", "style": "purple"}), f"{INLINE}invalid button style specified"),
        (
            inline({"text": "x", "url": "http://localhost/x"}),
            "inline keyboard button URL 'http://localhost/x' is invalid: Wrong HTTP URL",
        ),
        (
            inline({"text": "x", "web_app": {"url": "http://example.org"}}),
            "inline keyboard button Web App URL 'http://example.org' is invalid: Only HTTPS links are allowed",
        ),
        (inline({"text": "x", "copy_text": {"text": "y" * 257}}), "BUTTON_COPY_TEXT_INVALID"),
        (inline(*[{"text": "x", "callback_data": "d"}] * 9), "reply markup is too long"),
        ({"inline_keyboard": [[{"text": "x", "callback_data": "d"}]] * 101}, "reply markup is too long"),
        ("{broken", "can't parse reply keyboard markup JSON object"),
        ("[1]", "object expected as reply markup"),
    ],
)
async def test_refused_keyboards(api: Caller, markup: Any, sentence: str) -> None:
    assert await api.refused("sendMessage", chat_id=7001, text="x", reply_markup=markup) == f"Bad Request: {sentence}"


async def test_inline_keyboard_is_echoed_with_styles_and_copies(api: Caller) -> None:
    markup = inline(
        {"text": "Approve", "callback_data": "d" * 64, "style": "success", "disabled": {}},
        {"text": "Copy", "copy_text": {"text": "ord-1"}},
        {"text": "See", "url": "example.org"},
    )
    m = await api.ok("sendMessage", chat_id=7001, text="x", reply_markup=markup)
    assert m["reply_markup"] == inline(
        {"text": "Approve", "style": "success", "callback_data": "d" * 64},
        {"text": "Copy", "copy_text": {"text": "ord-1"}},
        {"text": "See", "url": "http://example.org/"},
    )


async def test_reply_keyboard_is_not_echoed_but_shown_until_removed(api: Caller, world: World) -> None:
    keyboard = {"keyboard": [["Dash", {"text": "Help"}]], "resize_keyboard": True, "is_persistent": True}
    m = await api.ok("sendMessage", chat_id=7001, text="x", reply_markup=keyboard)
    assert "reply_markup" not in m
    assert world.chats[7001].keyboard == {
        "keyboard": [[{"text": "Dash"}, {"text": "Help"}]],
        "is_persistent": True,
        "resize_keyboard": True,
    }
    await api.ok("sendMessage", chat_id=7001, text="x", reply_markup={"remove_keyboard": True})
    assert world.chats[7001].keyboard is None


async def test_an_edit_takes_inline_keyboards_only(api: Caller) -> None:
    m = await api.ok("sendMessage", chat_id=7001, text="x")
    sentence = await api.refused(
        "editMessageText",
        chat_id=7001,
        message_id=m["message_id"],
        text="y",
        reply_markup={"keyboard": [["a"]]},
    )
    assert sentence == "Bad Request: inline keyboard expected"
