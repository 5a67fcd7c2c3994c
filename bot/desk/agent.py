"""Know the agents from outside that may ask and propose: a token each, kept as its hash, with scopes and an end."""
from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from bot.desk.enter import write
from bot.desk.ladder import reaches
from bot.domain.events_control import SettingChanged
from bot.domain.mandate import Rung
from bot.domain.proposal import Origin, OriginKind, Proposal, ProposalState
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx

PLACE = "agents"
PREFIX = "mcp:"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,23}")
TOKEN_LENGTH, TOKEN_START = 40, "wda-"
DAYS_MOST = 365
AWAITING_MOST, DAY_MOST = 3, 20
FIRST = Rung.SHADOW
ASK_AN_OWNER = "Ask an owner for a new one: wiredesk mcp token add NAME."


class Scope(Enum):
    """What a token is good for."""

    READ = "read"
    PROPOSE = "propose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One agent: its token only as a SHA-256 in hex, and until when it counts."""

    name: str
    hash: str
    scopes: frozenset[Scope]
    made_at: datetime
    until: datetime
    revoked_at: datetime | None = None

    @property
    def origin(self) -> Origin:
        """Name it as who raised a proposal: an advisor like any other, whose name says that it comes from outside."""
        return Origin(kind=OriginKind.ADVISOR, name=f"{PREFIX}{self.name}")

    @property
    def actor(self) -> str:
        """Name it in the journal."""
        return f"advisor:{PREFIX}{self.name}"


def agent_name(origin: Origin) -> str | None:
    """Give the name of the agent from outside that raised something; None for everybody else."""
    outside = origin.kind is OriginKind.ADVISOR and origin.name.startswith(PREFIX)
    return origin.name.removeprefix(PREFIX) if outside else None


def agents(tx: Tx) -> tuple[Agent, ...]:
    """List every agent that ever was, by name."""
    rows = tx.desk.value(PLACE) or {}
    return tuple(_read(name, rows[name]) for name in sorted(rows))


def add_agent(
    tx: Tx, name: str, token: str, scopes: frozenset[Scope], days: int, now: datetime, actor: str
) -> Agent | Refusal:
    """Let an agent in with this token; a name whose token still counts has to be revoked first."""
    if NAME.fullmatch(name) is None:
        return refuse(
            "agent_name", f"{name[:40]!r} is no name for an agent.", "Take 2 to 24 small letters, digits and dashes.",
            value=name[:40], limit=NAME.pattern,
        )
    if not 1 <= days <= DAYS_MOST or not scopes:
        return refuse(
            "agent_days", f"A token counts for 1 to {DAYS_MOST} days and for read, propose or both.",
            "Say --days 30 --scopes read,propose.", value=str(days), limit=str(DAYS_MOST),
        )
    known = next((one for one in agents(tx) if one.name == name), None)
    if known is not None and known.revoked_at is None and now < known.until:
        return refuse("agent_known", f"{name} has a token that counts.", f"Revoke it first: mcp token revoke {name}.",
                      value=known.until.isoformat())
    made = Agent(
        name=name, hash=hash_of(token), scopes=scopes, made_at=now, until=now + timedelta(days=days)
    )
    _save(tx, made, now)
    words = f"{', '.join(sorted(one.value for one in scopes))} until {made.until:%Y-%m-%d %H:%M} UTC"
    write(tx, SettingChanged(name=f"agent {name}", was=None, now=words, by=None), now, actor)
    return made


def revoke_agent(tx: Tx, name: str, now: datetime, actor: str) -> Agent | Refusal:
    """End an agent's token at once; ending an ended one changes nothing."""
    known = next((one for one in agents(tx) if one.name == name), None)
    if known is None:
        return refuse("agent_unknown", f"There is no agent {name[:40]}.", "See mcp token list.", value=name[:40])
    if known.revoked_at is not None:
        return known
    ended = Agent(
        name=known.name, hash=known.hash, scopes=known.scopes, made_at=known.made_at, until=known.until, revoked_at=now
    )
    _save(tx, ended, now)
    write(tx, SettingChanged(name=f"agent {name}", was="in use", now="revoked", by=None), now, actor)
    return ended


def agent_of(tx: Tx, token: str, now: datetime) -> Agent | Refusal:
    """Find whose token this is; a Refusal for an unknown, ended or revoked one. Every stored hash is compared."""
    given, found = hash_of(token), None
    for one in agents(tx):
        if hmac.compare_digest(one.hash, given):
            found = one
    if found is None:
        return refuse("token_unknown", "This token is not known here.", ASK_AN_OWNER)
    if found.revoked_at is not None:
        return refuse("token_revoked", f"The token of {found.name} was revoked.", ASK_AN_OWNER,
                      value=found.revoked_at.isoformat())
    if now >= found.until:
        return refuse("token_expired", f"The token of {found.name} ended {found.until:%Y-%m-%d %H:%M} UTC.",
                      ASK_AN_OWNER, value=now.isoformat(), limit=found.until.isoformat())
    return found


def beyond_scope(agent: Agent, scope: Scope) -> Refusal | None:
    """Say that a token is not good for something; None where it is."""
    if scope in agent.scopes:
        return None
    has = ", ".join(sorted(one.value for one in agent.scopes))
    return refuse("scope", f"The token of {agent.name} is good for {has} only.", ASK_AN_OWNER, value=has,
                  limit=scope.value)


def beyond_quota(tx: Tx, agent: Agent, now: datetime) -> Refusal | None:
    """Say that an agent proposed too much; None where it may propose once more (advisor section 12)."""
    since = now - timedelta(days=1)
    mine = own(tx, agent, since)
    # What is only watched lies on no table, and is bounded all the same.
    count = max(len(mine), len(tx.lab_record.ideas(since, agent.origin.name)))
    waiting = sum(1 for one in mine if one.state is ProposalState.AWAITING and one.expires_at > now)
    if waiting >= AWAITING_MOST:
        return refuse(
            "awaiting_most", f"{waiting} proposals of {agent.name} wait for an answer; {AWAITING_MOST} may.",
            "Wait for an answer, or withdraw one.", value=str(waiting), limit=str(AWAITING_MOST),
        )
    if count >= DAY_MOST:
        return refuse(
            "day_most", f"{agent.name} proposed {count} times within 24 hours; {DAY_MOST} are taken.",
            "Propose again when the oldest is a day old.", value=str(count), limit=str(DAY_MOST),
        )
    return None


def own(tx: Tx, agent: Agent, since: datetime) -> list[Proposal]:
    """List an agent's own proposals from a moment on, oldest first."""
    return [one for one in tx.proposals.since(since) if one.origin == agent.origin]


def held_back(tx: Tx, agent: Agent, now: datetime) -> Rung | None:
    """Give the rung that keeps an agent's ideas off the table; None where it may ask people.

    It begins on SHADOW like every new version: noted and scored, until an owner puts it on PROPOSE. Nothing here acts
    alone, so higher is no further.
    """
    rung = reaches(tx, agent.origin.name, FIRST, now)
    return rung if rung in (Rung.OFF, Rung.SHADOW) else None


def hash_of(token: str) -> str:
    """Give what is kept of a token; it is random and long, so a plain hash says nothing about it."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _save(tx: Tx, agent: Agent, now: datetime) -> None:
    row: dict[str, Any] = {
        "hash": agent.hash, "scopes": sorted(one.value for one in agent.scopes), "made": agent.made_at.isoformat(),
        "until": agent.until.isoformat(),
        "revoked": agent.revoked_at.isoformat() if agent.revoked_at is not None else None,
    }
    tx.desk.set_value(PLACE, (tx.desk.value(PLACE) or {}) | {agent.name: row}, now)


def _read(name: str, row: dict[str, Any]) -> Agent:
    return Agent(
        name=name, hash=str(row["hash"]), scopes=frozenset(Scope(one) for one in row["scopes"]),
        made_at=datetime.fromisoformat(row["made"]), until=datetime.fromisoformat(row["until"]),
        revoked_at=datetime.fromisoformat(row["revoked"]) if row["revoked"] else None,
    )
