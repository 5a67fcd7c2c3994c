"""Validate inline and reply keyboards and echo the inline ones in the server's form (bot_api.md 6, 7.1)."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.telegram import links
from bot.sandbox.telegram.errors import Refusal, bad
from bot.sandbox.telegram.params import Params

Row = list[dict[str, Any]]
_ALL, _IN_ROW = 100, 8
_STYLES = ("primary", "success", "danger")
_ACTIONS = (
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
)
_INLINE = "can't parse inline keyboard button: "
_REPLY = "can't parse keyboard button: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """What `reply_markup` asked for; `rows` are the buttons, `value` the whole object."""

    kind: Literal["none", "inline", "reply", "remove", "force"]
    rows: tuple[Row, ...] = ()
    value: dict[str, Any] | None = None


NONE = Markup(kind="none")


def read(p: Params, *, private: bool) -> Markup:
    """Read and validate `reply_markup` of a send; raises 400 with the original's sentences."""
    given = p.json("reply_markup", "reply keyboard markup JSON object")
    if given is None:
        return NONE
    if not isinstance(given, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" in given:
        rows = _rows(given["inline_keyboard"], "inline_keyboard", lambda b: _inline_button(b, private=private))
        return Markup(kind="inline", rows=rows, value={"inline_keyboard": list(rows)}) if rows else NONE
    if "keyboard" in given:
        rows = _rows(given["keyboard"], "keyboard", lambda b: _reply_button(b, private=private))
        if len(str(given.get("input_field_placeholder", ""))) > 64:
            raise bad("reply markup placeholder is too long")
        flags = {
            name: given[name] for name in
            ("is_persistent", "resize_keyboard", "one_time_keyboard", "input_field_placeholder", "selective")
            if name in given
        }
        return Markup(kind="reply", rows=rows, value={"keyboard": list(rows)} | flags)
    if given.get("remove_keyboard"):
        return Markup(kind="remove", value=given)
    if given.get("force_reply"):
        return Markup(kind="force", value=given)
    return NONE


def read_inline(p: Params, *, private: bool) -> Markup:
    """Read the markup of an edit: inline or nothing; raises 400 `inline keyboard expected`."""
    markup = read(p, private=private)
    if markup.kind not in ("inline", "none"):
        raise bad("inline keyboard expected")
    return markup


def _rows(given: Any, field: str, check: Any) -> tuple[Row, ...]:
    if not isinstance(given, list):
        raise bad(f'field "{field}" must be of type Array')
    rows: list[Row] = []
    for row in given:
        if not isinstance(row, list):
            raise bad(f'field "{field}" must be an Array of Arrays')
        if len(row) > _IN_ROW:
            raise bad("reply markup is too long")
        if row:
            rows.append([check(button) for button in row])
    if sum(len(row) for row in rows) > _ALL:
        raise bad("reply markup is too long")
    return tuple(rows)


def _common(button: Any, what: str) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise bad(f"{what}Object expected" if what == _INLINE else f"{what}expected an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise bad(f"{what}Can't find field \"text\"")
    if not text.strip():
        raise bad(f"{what}Button text must be non-empty" if what == _REPLY else "inline keyboard button text is empty")
    out: dict[str, Any] = {"text": text}
    if "icon_custom_emoji_id" in button:
        out["icon_custom_emoji_id"] = str(button["icon_custom_emoji_id"])
    style = button.get("style")
    if style is not None and style != "":
        if style not in _STYLES:
            raise bad(f"{what}invalid button style specified")
        out["style"] = style
    return out


def _inline_button(button: Any, *, private: bool) -> dict[str, Any]:
    out = _common(button, _INLINE)
    action = next((name for name in _ACTIONS if name in button), None)
    if action is None:
        raise bad(f"{_INLINE}Text buttons are unallowed in the inline keyboard")
    value = button[action]
    if action == "callback_data":
        if not isinstance(value, str) or not 1 <= len(value.encode()) <= 64:
            raise bad("BUTTON_DATA_INVALID")
    elif action == "url":
        value = _button_url(value)
    elif action == "web_app":
        value = _web_app(value, "inline keyboard button", private=private)
    elif action == "copy_text":
        text = value.get("text") if isinstance(value, dict) else None
        if not isinstance(text, str) or not 1 <= len(text) <= 256:
            raise bad("BUTTON_COPY_TEXT_INVALID")
        value = {"text": text}
    elif action in ("callback_game", "pay", "login_url"):
        raise bad("BUTTON_TYPE_INVALID")
    return out | {action: value}


def _button_url(value: Any) -> str:
    url = str(value)
    user = links.mentioned_user(url)
    address = url if user is not None else links.checked(url)
    if address is None:
        raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return address


def _web_app(value: Any, what: str, *, private: bool) -> dict[str, Any]:
    url = value.get("url") if isinstance(value, dict) else None
    if not isinstance(url, str):
        raise bad(f"{_INLINE}Can't find field \"url\"")
    check_web_app(url, what)
    if not private:
        raise bad("BUTTON_TYPE_INVALID")
    return {"url": url}


def check_web_app(url: str, what: str) -> None:
    """Demand https, or loopback as the emulator's own exception; raises 400 naming the address."""
    if not url.startswith("https://") and not (url.startswith("http://") and links.is_loopback(url)):
        raise bad(f"{what} Web App URL '{url}' is invalid: Only HTTPS links are allowed")


def _reply_button(button: Any, *, private: bool) -> dict[str, Any]:
    if isinstance(button, str):
        button = {"text": button}
    out = _common(button, _REPLY)
    if "web_app" in button:
        out["web_app"] = _web_app(button["web_app"], "keyboard button", private=private)
    for name in ("request_contact", "request_location"):
        if button.get(name):
            if not private:
                raise Refusal(400, "Bad Request: phone number can be requested in private chats only")
            out[name] = True
    return out
