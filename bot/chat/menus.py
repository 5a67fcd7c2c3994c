"""Put the command menu on people's phones: strangers see two lines, each role what it may (chat_ux section 4)."""
from __future__ import annotations

from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeChat

from bot.chat.commands_table import MENU, CommandSpec
from bot.chat.grammar import BY_NAME
from bot.domain.principal import Permission, Person, permissions

STRANGERS = ("start", "help")
GROUPS = ("dash", "positions", "orders", "pnl", "help")


def menu_for(granted: frozenset[Permission]) -> tuple[CommandSpec, ...]:
    """List the menu of somebody with these permissions, most used first."""
    return tuple(BY_NAME[name] for name in MENU if BY_NAME[name].permission in granted)


async def set_menus(bot: Bot, people: tuple[Person, ...]) -> None:
    """Set the menus of strangers, groups and everybody known; raises what the bot raises."""
    await bot.set_my_commands(_lines(tuple(BY_NAME[name] for name in STRANGERS)))
    await bot.set_my_commands(_lines(tuple(BY_NAME[name] for name in GROUPS)), BotCommandScopeAllGroupChats())
    for person in people:
        await set_menu(bot, person)


async def set_menu(bot: Bot, person: Person) -> None:
    """Set one person's menu in their private chat; who is gone gets that of strangers back."""
    scope = BotCommandScopeChat(int(person.person))
    if person.active and person.roles:
        await bot.set_my_commands(_lines(menu_for(permissions(person.roles))), scope)
    else:
        await bot.delete_my_commands(scope)


def _lines(specs: tuple[CommandSpec, ...]) -> list[BotCommand]:
    return [BotCommand(spec.name, spec.does) for spec in specs]
