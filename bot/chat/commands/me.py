"""Serve what is one's own: welcome, help, settings, zone, quiet hours, what reaches me."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.chat.call import Call, Counter, Handler, Reply
from bot.chat.commands.raise_wish import no
from bot.chat.commands.second_factor import pin, totp
from bot.chat.commands_table import SPECS, CommandSpec
from bot.chat.commands_table import Topic as Chapter
from bot.chat.grammar import BY_NAME
from bot.chat.prefs import Prefs, Volume, read_prefs, save_prefs, with_quiet, with_volume, with_zone
from bot.chat.render import control, help, portfolio, replies
from bot.desk.verdict import limits_for
from bot.domain.alert import Topic
from bot.domain.limits import Limits
from bot.domain.numbers import plain
from bot.domain.principal import Role, permissions
from bot.domain.refusal import Refusal, refuse
from bot.domain.trading import Environment
from bot.ports.ledger import Tx

REAL = frozenset({Environment.LIVE})
MUTE_MINUTES = 60


async def start(counter: Counter, call: Call) -> Reply:
    """Serve /start: welcome; an owner's /start opens a group for reading."""
    if not call.private:
        return _open_group(counter, call)
    view = await counter.desk.account()
    real = counter.desk.seat.environment in REAL
    card = portfolio.welcome(view, counter.chip, call.principal.name, real=real)
    return Reply(cards=(card,), keys=True, menus=True)


def _open_group(counter: Counter, call: Call) -> Reply:
    if Role.OWNER not in call.principal.roles:
        return Reply()

    def work(tx: Tx) -> None:
        stored = tx.desk.value("groups") or {}
        tx.desk.set_value("groups", {**stored, str(call.chat): True}, counter.now())

    card = replies.said(counter.chip, "This group may read", "Orders and answers stay in private chats.")
    return Reply(cards=(card,), work=work)


def visible(call: Call) -> list[CommandSpec]:
    """List the commands the caller's roles may use."""
    granted = permissions(call.principal.roles)
    return [spec for spec in SPECS if spec.permission in granted]


async def helped(counter: Counter, call: Call) -> Reply:
    """Serve /help and /menu: topics, one topic, or one command; only what the caller may do."""
    words = str(call.args or "").strip().lower().lstrip("/")
    mine = visible(call)
    if not words:
        names = [one.value for one in Chapter if any(spec.topic is one for spec in mine)]
        return Reply(cards=(help.topics(names, counter.chip),))
    chapter = next((one for one in Chapter if one.value.lower() == words), None)
    if chapter is not None:
        lines = [line(spec) for spec in mine if spec.topic is chapter]
        return Reply(cards=(help.topic(chapter.value, lines, counter.chip),))
    spec = BY_NAME.get(words.split()[0])
    if spec is None or spec not in mine:
        return Reply(cards=(control.hint(f"No help about {words[:20]}.", counter.chip, example="/help"),))
    related = [one.name for one in mine if one.topic is spec.topic and one is not spec]
    return Reply(cards=(help.command(line(spec), related, counter.chip),))


def line(spec: CommandSpec) -> help.HelpLine:
    """Write a command as help shows it."""
    return help.HelpLine(
        name=spec.name, usage=f"/{spec.name} {spec.usage}".strip(), what=spec.does, example=spec.example
    )


async def me(counter: Counter, call: Call) -> Reply:
    """Serve /me."""
    prefs = await _prefs(counter, call)
    roles = ", ".join(sorted(one.value.lower() for one in call.principal.roles))
    mine = await counter.desk.seat.ledger.read(lambda tx: limits_for(tx, None, call.principal.person))
    return Reply(cards=(replies.said(
        counter.chip, f"You are {roles}", f"Number {call.principal.person}, zone {prefs.zone}.",
        f"Account {counter.desk.seat.account}.", *_bounds(mine),
    ),))


def _bounds(mine: Limits) -> list[str]:
    """Say what binds this very person, in a line each."""
    said = [
        f"Leverage up to {plain(mine.leverage)}x." if mine.leverage is not None else "",
        f"Up to {plain(mine.order_notional)} an order." if mine.order_notional is not None else "",
        f"Up to {plain(mine.person_notional)} of your own in all." if mine.person_notional is not None else "",
        f"Up to {plain(mine.order_risk)}% of equity at risk an order." if mine.order_risk is not None else "",
    ]
    return [*(one for one in said if one), "All limits: /limits"]


async def zone(counter: Counter, call: Call) -> Reply:
    """Serve /tz."""
    name = str(call.args or "").strip()
    if not name:
        return Reply(cards=(help.settings(await _prefs(counter, call), counter.chip, counter.now()),))
    return await _change(counter, call, lambda prefs: with_zone(prefs, name))


async def quiet(counter: Counter, call: Call) -> Reply:
    """Serve /quiet."""
    said: tuple[str, ...] = call.args or ()  # type: ignore[assignment]
    words = " ".join(said)
    if not words:
        return Reply(cards=(help.settings(await _prefs(counter, call), counter.chip, counter.now()),))
    return await _change(counter, call, lambda prefs: with_quiet(prefs, words))


async def mute(counter: Counter, call: Call) -> Reply:
    """Serve /mute: nothing rings for a while but what is critical; 0 minutes end it."""
    minutes: int = MUTE_MINUTES if call.args is None else call.args  # type: ignore[assignment]
    until = counter.now() + timedelta(minutes=minutes) if minutes else None
    return await _change(counter, call, lambda prefs: replace(prefs, muted_until=until))


async def notify(counter: Counter, call: Call) -> Reply:
    """Serve /notify: the matrix, or one row of it."""
    words: tuple[str, ...] = call.args or ()  # type: ignore[assignment]
    if not words:
        return Reply(cards=(help.matrix((await _prefs(counter, call)).matrix, counter.chip),))
    topic = next((one for one in Topic if words[0] in (one.value.lower(), one.value.lower().rstrip("s"))), None)
    volume = next((one for one in Volume if len(words) > 1 and one.value == words[1]), None)
    if topic is None or volume is None:
        names = ", ".join(one.value.lower() for one in Topic)
        return no(counter, call, refuse("unread", "I cannot read this.", f"Write /notify fills silent; rows: {names}."))
    reply = await _change(counter, call, lambda prefs: with_volume(prefs, topic, volume))
    after = with_volume(await _prefs(counter, call), topic, volume)
    return replace(reply, cards=(help.matrix(after.matrix, counter.chip),))


async def settings(counter: Counter, call: Call) -> Reply:
    """Serve /settings, `/settings plain on` and `/settings amounts hide`."""
    words: tuple[str, ...] = call.args or ()  # type: ignore[assignment]
    if words[:1] == ("plain",):
        plain = words[1:] != ("off",)
        return await _change(counter, call, lambda prefs: replace(prefs, plain=plain))
    if words[:1] == ("amounts",) and words[1:] in (("hide",), ("show",)):
        return await _change(counter, call, lambda prefs: replace(prefs, hidden=words[1] == "hide"))
    if words:
        return no(counter, call, refuse(
            "unread", f"I cannot read {' '.join(words)!r}.", "Write /settings plain on or /settings amounts hide."
        ))
    return Reply(cards=(help.settings(await _prefs(counter, call), counter.chip, counter.now()),))


async def language(counter: Counter, call: Call) -> Reply:
    """Serve /lang: one language so far."""
    return Reply(cards=(control.acknowledged("The desk speaks English.", counter.chip),))


async def _prefs(counter: Counter, call: Call) -> Prefs:
    return await counter.desk.seat.ledger.read(lambda tx: read_prefs(tx, call.principal.person))


async def _change(counter: Counter, call: Call, change: Callable[[Prefs], Prefs | Refusal]) -> Reply:
    after = change(await _prefs(counter, call))
    if isinstance(after, Refusal):
        return no(counter, call, after)
    card = help.settings(after, counter.chip, counter.now())
    return Reply(cards=(card,), work=lambda tx: save_prefs(tx, call.principal.person, after, counter.now()),
                 toast="Kept.")


HANDLERS: dict[str, Handler] = {
    "start": start, "menu": helped, "help": helped, "me": me, "tz": zone, "quiet": quiet, "mute": mute,
    "notify": notify, "settings": settings, "lang": language, "pin": pin, "totp": totp,
}
