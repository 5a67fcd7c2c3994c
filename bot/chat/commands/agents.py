"""Serve `/models agents`: who may propose from outside, and taking that away at once."""
from __future__ import annotations

from datetime import timedelta

from bot.chat.call import Call, Counter, Reply
from bot.chat.card import DANGER, press
from bot.chat.commands.raise_wish import no
from bot.chat.render import replies
from bot.chat.render.autonomy import RUNG_WORDS
from bot.chat.render.text import Part, bold, card, clean, code, countdown, lines, rich
from bot.desk.agent import FIRST, Agent, agents, own, revoke_agent
from bot.desk.ladder import reaches
from bot.domain.mandate import Rung
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.messenger import Button

SHOWN = 10


async def served(counter: Counter, call: Call, words: tuple[str, ...]) -> Reply:
    """List agents, or revoke one: `agents`, `agents revoke research-bot`."""
    if not words:
        return await _listed(counter)
    if len(words) != 2 or words[0] != "revoke":
        return no(counter, call, refuse(
            "word_unread", f"I cannot read {' '.join(words)[:40]!r}.", "Write /models agents revoke research-bot.",
        ))
    name, now = words[1], counter.now()
    done = await counter.desk.seat.ledger.transact(lambda tx: revoke_agent(tx, name, now, call.actor))
    if isinstance(done, Refusal):
        return no(counter, call, done)
    said = replies.said(counter.chip, f"{done.name}: revoked", "Its token counts no longer. What it proposed stays.")
    return Reply(cards=(said,), toast=f"{done.name} is out.")


async def _listed(counter: Counter) -> Reply:
    now = counter.now()

    def read(tx: Tx) -> list[tuple[Agent, int, Rung]]:
        since = now - timedelta(days=1)
        return [(one, len(own(tx, one, since)), reaches(tx, one.origin.name, FIRST, now)) for one in agents(tx)]

    found = await counter.desk.seat.ledger.read(read)
    live = [one for one, _, _ in found if one.revoked_at is None and now < one.until]
    rows = tuple(
        (Button(label=f"Revoke {clean(one.name, 16)}", data=press("c", "models", f"agents.revoke.{one.name}"),
                style=DANGER),)
        for one in live[:SHOWN]
    )
    said: list[Part] = []
    for one, count, rung in found[:SHOWN]:
        ends = rich("ends ", countdown(one.until, now)) if one in live else \
            "revoked" if one.revoked_at is not None else "ended"
        scopes = ", ".join(sorted(scope.value for scope in one.scopes))
        did = f" · {RUNG_WORDS[rung]} · {count} proposed in 24 h"
        said.append(rich(bold(clean(one.name, 24)), f" · {scopes} · ", ends, did))
    make = rich("A new one is watched only; an owner lets it ask: ", code("/auto NAME propose"), ". Let one in where "
                "the desk runs: ", code("wiredesk mcp token add NAME"))
    return Reply(cards=(card(
        counter.chip, f"{len(live)} agent{'' if len(live) == 1 else 's'} from outside",
        lines(*said) if said else None, make, rows=rows,
    ),))
