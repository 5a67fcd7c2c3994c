"""The bot's own card: name, descriptions, commands by scope, menu button, leaving."""
from __future__ import annotations

import re
from typing import Any

from bot.sandbox.telegram import keyboards, wire
from bot.sandbox.telegram.errors import Refusal, bad
from bot.sandbox.telegram.params import Params, whole
from bot.sandbox.telegram.state import Json
from bot.sandbox.telegram.world import World

_PLAIN_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")


def get_me(world: World, p: Params) -> Json:
    """Return the bot with the flags only it sees."""
    bot = world.bot
    return wire.bot_user(world) | {
        "can_join_groups": True, "can_read_all_group_messages": bot.reads_groups, "supports_inline_queries": False,
        "supports_guest_queries": False, "can_connect_to_business": False, "has_main_web_app": False,
        "has_topics_enabled": bot.topics_enabled, "allows_users_to_create_topics": False, "can_manage_bots": False,
    }


def _scope(world: World, p: Params) -> str:
    given = p.json("scope", "BotCommandScope")
    if given is None:
        return "default"
    if not isinstance(given, dict):
        raise bad("can't parse BotCommandScope: Object expected")
    kind = given.get("type")
    if kind in _PLAIN_SCOPES:
        return str(kind)
    if kind not in ("chat", "chat_administrators", "chat_member"):
        raise bad("can't parse BotCommandScope: Unsupported type specified")
    chat = world.chat(str(given.get("chat_id", "")))
    member = f" {whole(given.get('user_id'))}" if kind == "chat_member" else ""
    return f"{kind} {chat.id}{member}"


def _command(given: Any) -> Json:
    if not isinstance(given, dict):
        raise bad("can't parse BotCommand: expected an Object")
    name, description = given.get("command"), given.get("description")
    if not isinstance(name, str) or not isinstance(description, str):
        missing = "description" if isinstance(name, str) else "command"
        raise bad(f'can\'t parse BotCommand: Can\'t find field "{missing}"')
    name = name.removeprefix("/")
    if not name:
        raise bad("command must be non-empty")
    if len(name) > 32:
        raise bad("command length must not exceed 32")
    if not description.strip():
        raise bad("command description must be non-empty")
    if len(description) > 256:
        raise bad("command description length must not exceed 256")
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise bad("BOT_COMMAND_INVALID")
    return {"command": name, "description": description}


def set_my_commands(world: World, p: Params) -> bool:
    """Replace the commands of one scope and language; none deletes them."""
    given = p.json("commands", "BotCommand: invalid JSON")
    if not isinstance(given, list):
        raise bad("can't parse BotCommand: expected an Array")
    if len(given) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    commands = [_command(c) for c in given]
    key = (_scope(world, p), p.text("language_code"))
    if commands:
        world.bot.commands[key] = commands
    else:
        world.bot.commands.pop(key, None)
    world.touch()
    return True


def get_my_commands(world: World, p: Params) -> list[Json]:
    """Return the commands of exactly that scope and language."""
    return world.bot.commands.get((_scope(world, p), p.text("language_code")), [])


def delete_my_commands(world: World, p: Params) -> bool:
    """Forget the commands of exactly that scope and language."""
    world.bot.commands.pop((_scope(world, p), p.text("language_code")), None)
    world.touch()
    return True


def set_chat_menu_button(world: World, p: Params) -> bool:
    """Set the button beside the text field, for one private chat or for all."""
    given = p.json("menu_button", "MenuButton") or {"type": "default"}
    kind = given.get("type") if isinstance(given, dict) else None
    if kind == "web_app":
        app = given.get("web_app")
        keyboards.check_web_app(str(app.get("url", "")) if isinstance(app, dict) else "", "menu button")
        if not str(given.get("text", "")).strip():
            raise bad("can't parse menu button: Text must be non-empty")
    elif kind not in ("default", "commands"):
        raise bad("can't parse menu button: MenuButton has unsupported type")
    key = _private(world, p)
    if kind == "default" and key is not None:
        world.bot.menu_buttons.pop(key, None)
    else:
        world.bot.menu_buttons[key] = given
    world.touch()
    return True


def get_chat_menu_button(world: World, p: Params) -> Json:
    """Return the button of a chat, or the one of all."""
    buttons = world.bot.menu_buttons
    return buttons.get(_private(world, p), buttons.get(None, {"type": "commands"}))


def _private(world: World, p: Params) -> int | None:
    if not p.text("chat_id"):
        return None
    chat = world.chat(p.text("chat_id"))
    if chat.kind != "private":
        raise bad("chat is not a private chat")
    return chat.id


def _stored(kept: dict[str, str], p: Params, field: str, longest: int) -> bool:
    value = p.text(field)
    if len(value) > longest:
        raise bad(f"{field.replace('_', ' ')} is too long")
    kept[p.text("language_code")] = value
    return True


def set_my_name(world: World, p: Params) -> bool:
    """Set the name, at most 64."""
    done = _stored(world.bot.names, p, "name", 64)
    world.bot.name = world.bot.names.get("") or world.bot.name
    world.touch()
    return done


def get_my_name(world: World, p: Params) -> Json:
    """Return the name."""
    return {"name": world.bot.names.get(p.text("language_code")) or world.bot.name}


def set_my_description(world: World, p: Params) -> bool:
    """Set what an empty chat shows, at most 512."""
    return _stored(world.bot.descriptions, p, "description", 512)


def get_my_description(world: World, p: Params) -> Json:
    """Return what an empty chat shows."""
    return {"description": world.bot.descriptions.get(p.text("language_code"), "")}


def set_my_short_description(world: World, p: Params) -> bool:
    """Set the profile's line, at most 120."""
    return _stored(world.bot.short_descriptions, p, "short_description", 120)


def get_my_short_description(world: World, p: Params) -> Json:
    """Return the profile's line."""
    return {"short_description": world.bot.short_descriptions.get(p.text("language_code"), "")}


def log_out(world: World, p: Params) -> bool:
    """Leave this server; every later call is refused."""
    world.bot.logged_out = True
    return True


def close(world: World, p: Params) -> bool:
    """Close the bot here; refused with 429 in its first ten minutes."""
    if world.bot.closed:
        raise bad("the bot has already been closed")
    left = world.rules.close_age - (world.now() - world.born)
    if left > 0:
        raise Refusal(429, f"Too Many Requests: retry after {int(left) + 1}", {"retry_after": int(left) + 1})
    world.bot.closed = True
    return True
