"""Serve /limits: show them, tighten at once, loosen by the second factor and after a while or a second owner's yes."""
from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from bot.chat import raises
from bot.chat.call import Call, Counter, Handler, Reply
from bot.chat.commands.raise_wish import no
from bot.chat.commands.second_factor import demand
from bot.chat.raises import Raise
from bot.chat.render import control
from bot.desk.control import keep_limits
from bot.domain.limits import Limits, loosened
from bot.domain.numbers import parse
from bot.domain.principal import Permission, may
from bot.domain.record import from_plain
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Plain

ACCOUNT, CEILING = "account", "ceiling"
TOKEN = 8


async def limits(counter: Counter, call: Call) -> Reply:
    """Serve /limits: show every scope, or set some of the account's below the settings' ceiling."""
    pairs: tuple[tuple[str, Decimal], ...] = call.args or ()  # type: ignore[assignment]
    stored = await limits_of(counter)
    if not pairs:
        return Reply(cards=(control.limits(tuple(stored.items()), counter.chip),))
    known = {one.name for one in fields(Limits)} - {"allow", "deny", "stop_required"}
    wrong = next((name for name, _ in pairs if name not in known), None)
    if wrong is not None:
        return no(counter, call, refuse(
            "limit_unknown", f"There is no limit {wrong!r}.", f"Known: {', '.join(sorted(known))}."
        ))
    ceiling = stored.get(CEILING)
    over = [name for name, value in pairs if ceiling is not None and (top := getattr(ceiling, name)) is not None
            and value > top]
    if over:
        top = getattr(ceiling, over[0])
        return no(counter, call, refuse(
            "above_ceiling", f"{over[0]} may be {top} at most: the settings' ceiling.",
            "No chat can raise a ceiling.", limit=str(top),
        ))
    told = [[name, str(value)] for name, value in pairs]
    before = stored.get(ACCOUNT, Limits())
    if not loosened(before, _with(before, told)):
        return await limits_set(counter, call, {"pairs": told})
    words = "Loosen: " + ", ".join(f"{name} to {value}" for name, value in pairs) + "."
    return await demand(counter, call, "limits", words, pairs=told)


def _with(before: Limits, pairs: list[list[str]]) -> Limits:
    whole = {one.name: one.type for one in fields(Limits)}
    changed: dict[str, Any] = {}
    for name, text in pairs:
        value = parse(text)
        assert value is not None, text
        changed[name] = int(value) if "int" in str(whole[name]) else value
    return replace(before, **changed)


async def limits_set(counter: Counter, call: Call, data: Plain) -> Reply:
    """Store tighter limits at once; let looser ones wait for ten minutes or a second owner."""
    token, who = counter.desk.seat.ids.new_token(TOKEN), call.principal

    def work(tx: Tx) -> Raise | None:
        now = counter.now()
        rows: dict[str, Limits] = {row.scope: from_plain(Limits, row.values) for row in tx.desk.limits()}
        before = rows.get(ACCOUNT, Limits())
        after = _with(before, data["pairs"])
        looser = loosened(before, after)
        if not looser:
            keep_limits(tx, ACCOUNT, after, by=who.person, actor=call.actor, now=now)
            return None
        words = raises.said([(name, getattr(before, name), getattr(after, name)) for name in looser])
        wanted = Raise(
            token=token, scope=ACCOUNT, by=who.person, name=who.name, words=words, limits=after,
            due=raises.due_at(now, counter.rules.raise_delay_s),
        )
        raises.put(tx, wanted, counter.chip, now)
        return wanted

    waits = await counter.desk.seat.ledger.transact(work)
    if waits is not None:
        counter.wake()
        return Reply()
    return Reply(cards=(control.limits(tuple((await limits_of(counter)).items()), counter.chip),))


async def raise_pressed(counter: Counter, call: Call, verb: str) -> Reply:
    """Confirm or stop a raise that waits; the first press decides."""
    if not may(call.principal, Permission.CONTROL):
        return Reply(toast="This needs the role owner.", loud=True)
    answer, _, token = verb.partition("-")
    act = raises.enforce if answer == "ok" else raises.stop

    def work(tx: Tx) -> Raise | Refusal:
        return act(tx, token, call.principal.person, counter.chip, counter.now())

    done = await counter.desk.seat.ledger.transact(work)
    counter.wake()
    if isinstance(done, Refusal):
        return Reply(toast=str(done), loud=True)
    return Reply(toast="In force now." if answer == "ok" else "Stopped; the limits stay.")


async def limits_of(counter: Counter) -> dict[str, Limits]:
    """Read the limits of every scope."""
    rows = await counter.desk.seat.ledger.read(lambda tx: tx.desk.limits())
    return {row.scope: from_plain(Limits, row.values) for row in rows}


HANDLERS: dict[str, Handler] = {"limits": limits}
