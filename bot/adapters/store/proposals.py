"""Keep proposals, one per request key, and who decided them."""
from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select

from bot.adapters.store.link import Link
from bot.adapters.store.statements import change, differing, mine, pick
from bot.adapters.store.tables_trading import decisions, proposals
from bot.domain.decision import Decision
from bot.domain.ids import AccountId, ProposalId, RequestKey
from bot.domain.proposal import Origin, Proposal, ProposalState
from bot.ports.ledger_rows import ImpossibleChange, StaleVersion

UNFINISHED = (ProposalState.AWAITING, ProposalState.CLAIMED, ProposalState.APPROVED)

INSERT = insert(proposals)
SAVE = change(proposals, "id", "version")
GET = pick(proposals, "id")
BY_KEY = pick(proposals, "request_key")
AWAITING = pick(proposals).where(proposals.c.state.in_(UNFINISHED))
SINCE = pick(proposals).where(proposals.c.raised_at >= bindparam("moment")).order_by(proposals.c.raised_at)
RECENT = pick(proposals).order_by(proposals.c.raised_at.desc()).limit(bindparam("most"))
ORIGINS = select(
    proposals.c.id, proposals.c.origin_kind, proposals.c.origin_name, proposals.c.origin_person
).where(mine(proposals), proposals.c.id.in_(bindparam("ids", expanding=True)))
DECISION_INSERT = insert(decisions)
DECISION_GET = pick(decisions, "proposal_id", "revision", "voter")
# Sorted by us: asked to sort, SQLite walks every decision by its age instead of finding these few.
DECISIONS_OF = pick(decisions, "proposal_id")
DECISIONS_SINCE = pick(decisions).where(decisions.c.at >= bindparam("moment")).order_by(decisions.c.at)


def to_row(proposal: Proposal) -> dict[str, Any]:
    """Lay a proposal out in columns; the terms stay one piece, as they are digested."""
    return {
        "account": proposal.account,
        "id": proposal.id,
        "request_key": proposal.request_key,
        "state": proposal.state,
        "origin_kind": proposal.origin.kind,
        "origin_name": proposal.origin.name,
        "origin_person": proposal.origin.person,
        "terms": proposal.terms,
        "reference_price": proposal.reference_price,
        "drift_allowed": proposal.drift_allowed,
        "drift_in_r": proposal.drift_in_r,
        "raised_at": proposal.raised_at,
        "expires_at": proposal.expires_at,
        "thesis": proposal.thesis,
        "confidence": proposal.confidence,
        "reasons": list(proposal.reasons),
        "revision": proposal.revision,
        "version": proposal.version,
    }


def from_row(row: Row[Any]) -> Proposal:
    """Read a proposal back."""
    return Proposal(
        id=row.id,
        account=row.account,
        request_key=row.request_key,
        origin=Origin(kind=row.origin_kind, name=row.origin_name, person=row.origin_person),
        terms=row.terms,
        reference_price=row.reference_price,
        drift_allowed=row.drift_allowed,
        raised_at=row.raised_at,
        expires_at=row.expires_at,
        state=row.state,
        drift_in_r=row.drift_in_r,
        thesis=row.thesis,
        confidence=row.confidence,
        reasons=tuple(row.reasons),
        revision=row.revision,
        version=row.version,
    )


class StoredProposals:
    """The repository behind `ports.ledger_trading.Proposals`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def insert_or_find(self, proposal: Proposal) -> tuple[Proposal, bool]:
        """Store a new proposal (True), or give the one already raised under its request key (False)."""
        self._own(proposal)
        known = self.by_request_key(proposal.request_key)
        if known is not None:
            return known, False
        self._link.run(INSERT, to_row(proposal))
        return proposal, True

    def get(self, proposal_id: ProposalId) -> Proposal | None:
        """Find by id."""
        return self._one(GET, key_id=proposal_id)

    def by_request_key(self, key: RequestKey) -> Proposal | None:
        """Find by request key."""
        return self._one(BY_KEY, key_request_key=key)

    def save(self, before: Proposal, after: Proposal) -> Proposal:
        """Store a change of `before`; give it as stored. Raises StaleVersion or ImpossibleChange."""
        self._own(after)
        if before.id != after.id or before.request_key != after.request_key:
            raise ImpossibleChange(f"Proposal {before.id} cannot become {after.id}.")
        if after.version <= before.version:
            after = replace(after, version=before.version + 1)
        keys = {"key_account": self._account, "key_id": before.id, "key_version": before.version}
        if self._link.run(SAVE, {**differing(to_row(before), to_row(after)), **keys}).rowcount != 1:
            raise StaleVersion(f"Proposal {before.id} is no longer at version {before.version}: read it again.")
        return after

    def origins(self, proposal_ids: Collection[ProposalId]) -> dict[ProposalId, Origin]:
        """Tell who raised each of these proposals, without reading their terms."""
        wanted = sorted(set(proposal_ids))
        if not wanted:
            return {}
        rows = self._link.run(ORIGINS, {"key_account": self._account, "ids": wanted})
        return {
            row.id: Origin(kind=row.origin_kind, name=row.origin_name, person=row.origin_person) for row in rows
        }

    def awaiting(self) -> tuple[Proposal, ...]:
        """List the proposals that are not over, oldest first."""
        return tuple(sorted(self._many(AWAITING), key=lambda found: (found.raised_at, found.id)))

    def recent(self, limit: int) -> tuple[Proposal, ...]:
        """List the latest, newest first."""
        return self._many(RECENT, most=limit)

    def since(self, moment: datetime) -> tuple[Proposal, ...]:
        """List those raised at or after a moment, oldest first."""
        return self._many(SINCE, moment=moment)

    def _one(self, statement: Select[Any], **values: Any) -> Proposal | None:
        found = self._link.values(statement, {"key_account": self._account, **values}, from_row)
        return found[0] if found else None

    def _many(self, statement: Select[Any], **values: Any) -> tuple[Proposal, ...]:
        return tuple(self._link.values(statement, {"key_account": self._account, **values}, from_row))

    def _own(self, proposal: Proposal) -> None:
        if proposal.account != self._account:
            raise ImpossibleChange(f"A proposal of {proposal.account} cannot be stored for {self._account}.")


def decision_to_row(decision: Decision) -> dict[str, Any]:
    """Lay a decision out in columns."""
    return {
        "account": decision.account,
        "proposal_id": decision.proposal_id,
        "revision": decision.revision,
        "voter": voter(decision),
        "answer": decision.answer,
        "manner": decision.manner,
        "by": decision.by,
        "at": decision.at,
        "digest": decision.digest,
        "reason": decision.reason,
    }


def decision_from_row(row: Row[Any]) -> Decision:
    """Read a decision back."""
    return Decision(
        account=row.account,
        proposal_id=row.proposal_id,
        revision=row.revision,
        answer=row.answer,
        manner=row.manner,
        by=row.by,
        at=row.at,
        digest=row.digest,
        reason=row.reason,
    )


def voter(decision: Decision) -> str:
    """Name who voted: the person, or the manner where no person did; one voter answers a revision once."""
    return decision.manner.value if decision.by is None else str(decision.by)


class StoredDecisions:
    """The repository behind `ports.ledger_trading.Decisions`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def insert(self, decision: Decision) -> bool:
        """Store a decision; False when the same voter already answered this revision."""
        if decision.account != self._account:
            raise ImpossibleChange(f"A decision of {decision.account} cannot be stored for {self._account}.")
        keys = {
            "key_account": self._account,
            "key_proposal_id": decision.proposal_id,
            "key_revision": decision.revision,
            "key_voter": voter(decision),
        }
        if self._link.run(DECISION_GET, keys).first() is not None:
            return False
        self._link.run(DECISION_INSERT, decision_to_row(decision))
        return True

    def of_proposal(self, proposal_id: ProposalId) -> tuple[Decision, ...]:
        """List the decisions on one proposal, oldest first."""
        keys = {"key_account": self._account, "key_proposal_id": proposal_id}
        return tuple(sorted(self._link.values(DECISIONS_OF, keys, decision_from_row), key=lambda one: one.at))

    def since(self, moment: datetime) -> tuple[Decision, ...]:
        """List decisions at or after a moment, oldest first."""
        rows = self._link.run(DECISIONS_SINCE, {"key_account": self._account, "moment": moment})
        return tuple(decision_from_row(row) for row in rows)
