"""Keep what advisors said and what came of it: advisors, rungs, predictions, ideas, outcomes, evidence."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select

from bot.adapters.store.lab_statements import insert_new, read, read_all, spelled
from bot.adapters.store.link import Link
from bot.adapters.store.statements import change, mine, pick
from bot.adapters.store.tables_lab import advisors, evidence, ideas, outcomes, predictions, risk_scales, rungs
from bot.domain.ids import AccountId, Symbol
from bot.ports.lab_rows import AdvisorRow, EvidenceRow, IdeaRow, OutcomeRow, PredictionRow, RungRow, ScaleRow

ADD_ADVISOR, ADD_PREDICTION = insert_new(advisors), insert_new(predictions)
ADD_RUNG, ADD_IDEA, ADD_OUTCOME, ADD_EVIDENCE = insert(rungs), insert(ideas), insert(outcomes), insert(evidence)
ADVISORS = pick(advisors).order_by(advisors.c.at, advisors.c.id)
RUNG = pick(rungs, "advisor", "group").order_by(rungs.c.edition.desc()).limit(1)
RUNGS = pick(rungs, "advisor").order_by(rungs.c.at, rungs.c.edition)
SINCE = bindparam("since", type_=predictions.c.bar_at.type)
PREDICTIONS = (pick(predictions, "advisor").where(predictions.c.bar_at >= SINCE)
               .order_by(predictions.c.bar_at, predictions.c.symbol, predictions.c.side))
FORGET = delete(predictions).where(
    mine(predictions), predictions.c.bar_at < bindparam("before", type_=predictions.c.bar_at.type))
IDEA = pick(ideas, "id")
MOVE_IDEA = change(ideas, "id")
IDEAS = (pick(ideas).where(ideas.c.at >= bindparam("since", type_=ideas.c.at.type)).order_by(ideas.c.at, ideas.c.id))
LATEST = pick(ideas, "advisor").order_by(ideas.c.at.desc(), ideas.c.id).limit(bindparam("most"))
RESOLVED = select(outcomes.c.idea).where(outcomes.c.account == ideas.c.account, outcomes.c.idea == ideas.c.id)
SCALES = pick(risk_scales, "advisor", "symbol").order_by(risk_scales.c.edition)
ADD_SCALE = insert(risk_scales)
OPENS = "OPEN"
FOLLOWED = (OPENS, "CLOSE", "TIGHTEN")
UNRESOLVED = (pick(ideas).where(ideas.c.abstained.is_(None), ideas.c.kind.in_(FOLLOWED), ~RESOLVED.exists())
              .order_by(ideas.c.at, ideas.c.id).limit(bindparam("most")))
ENDED = IDEAS.where(RESOLVED.exists())
# Nothing ends before it was had.
OUTCOMES = (pick(outcomes).where(outcomes.c.resolved_at >= bindparam("since", type_=outcomes.c.resolved_at.type))
            .order_by(outcomes.c.resolved_at, outcomes.c.idea))
BEHIND, OUTCOME = pick(ideas, "proposal").limit(1), pick(outcomes, "idea")
EVIDENCE = pick(evidence, "advisor", "group")
MOVE_EVIDENCE = change(evidence, "advisor", "group")
BEGINNING = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class StoredLabRecord:
    """The repository behind `ports.lab.LabRecord`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def save_advisor(self, advisor: AdvisorRow) -> None:
        """Store an advisor's identity; a known one is left as it is."""
        self._link.run(ADD_ADVISOR[0 if self._link.sqlite else 1], spelled(self._account, advisor))

    def advisors(self) -> tuple[AdvisorRow, ...]:
        """List all, oldest first."""
        return read_all(AdvisorRow, self._link.run(ADVISORS, {"key_account": self._account}).all())

    def set_rung(self, rung: RungRow) -> None:
        """Append to the history of rungs."""
        self._link.run(ADD_RUNG, spelled(self._account, rung))

    def rung(self, advisor: str, group: str) -> RungRow | None:
        """Give the rung an advisor stands on in a symbol group; None before the first."""
        values = {"key_account": self._account, "key_advisor": advisor, "key_group": group}
        row = self._link.run(RUNG, values).first()
        return None if row is None else read(RungRow, row)

    def rungs(self, advisor: str) -> tuple[RungRow, ...]:
        """List the history, oldest first."""
        values = {"key_account": self._account, "key_advisor": advisor}
        return read_all(RungRow, self._link.run(RUNGS, values).all())

    def add_predictions(self, predictions: Sequence[PredictionRow]) -> None:
        """Store predictions; a known one is left as it is."""
        rows = [spelled(self._account, each) for each in predictions]
        self._link.run_many(ADD_PREDICTION[0 if self._link.sqlite else 1], rows)

    def predictions(self, advisor: str, since: datetime) -> tuple[PredictionRow, ...]:
        """List predictions of one advisor from a moment on, oldest first."""
        values = {"key_account": self._account, "key_advisor": advisor, "since": since}
        return read_all(PredictionRow, self._link.run(PREDICTIONS, values).all())

    def forget_predictions(self, before: datetime) -> int:
        """Drop predictions older than their 90 days; gives how many went."""
        return self._link.run(FORGET, {"key_account": self._account, "before": before}).rowcount

    def add_idea(self, idea: IdeaRow) -> None:
        """Store an idea or an abstention."""
        self._link.run(ADD_IDEA, spelled(self._account, idea))

    def idea(self, idea: str) -> IdeaRow | None:
        """Find by id."""
        row = self._link.run(IDEA, {"key_account": self._account, "key_id": idea}).first()
        return None if row is None else read(IdeaRow, row)

    def ideas(self, since: datetime | None = None, advisor: str | None = None) -> tuple[IdeaRow, ...]:
        """List ideas, oldest first."""
        rows = self._link.run(IDEAS, {"key_account": self._account, "since": since or BEGINNING}).all()
        return tuple(one for one in read_all(IdeaRow, rows) if advisor is None or one.advisor == advisor)

    def move_idea(self, idea: str, fate: str, proposal: str | None = None) -> None:
        """Say what became of an idea and which proposal it was."""
        values = {"key_account": self._account, "key_id": idea, "fate": fate}
        self._link.run(MOVE_IDEA, values if proposal is None else {**values, "proposal": proposal})

    def latest_ideas(self, advisor: str, limit: int) -> tuple[IdeaRow, ...]:
        """List the last ideas and abstentions of an advisor, newest first."""
        values = {"key_account": self._account, "key_advisor": advisor, "most": limit}
        return read_all(IdeaRow, self._link.run(LATEST, values).all())

    def unresolved(self, limit: int = 500) -> tuple[IdeaRow, ...]:
        """List ideas that have no outcome yet and are no abstentions, oldest first."""
        return read_all(IdeaRow, self._link.run(UNRESOLVED, {"key_account": self._account, "most": limit}).all())

    def add_scale(self, scale: ScaleRow) -> None:
        """Append to the history of an advisor's share of its granted risk."""
        self._link.run(ADD_SCALE, spelled(self._account, scale))

    def scales(self, advisor: str, symbol: Symbol) -> tuple[ScaleRow, ...]:
        """List that history in a symbol, oldest first."""
        values = {"key_account": self._account, "key_advisor": advisor, "key_symbol": symbol}
        return read_all(ScaleRow, self._link.run(SCALES, values).all())

    def add_outcome(self, outcome: OutcomeRow) -> None:
        """Store the outcome of an idea, once."""
        self._link.run(ADD_OUTCOME, spelled(self._account, outcome))

    def outcomes(
        self, advisor: str | None = None, since: datetime | None = None
    ) -> tuple[tuple[IdeaRow, OutcomeRow], ...]:
        """List openings with their outcomes, in the order they were resolved."""
        return self._ended(advisor, since, lambda one: one.kind == OPENS)

    def exits(self, advisor: str | None = None) -> tuple[tuple[IdeaRow, OutcomeRow], ...]:
        """List ideas about open trades with what following them was worth."""
        return self._ended(advisor, None, lambda one: one.kind != OPENS)

    def _ended(
        self, advisor: str | None, since: datetime | None, wanted: Callable[[IdeaRow], bool]
    ) -> tuple[tuple[IdeaRow, OutcomeRow], ...]:
        values = {"key_account": self._account, "since": since or BEGINNING}
        known = {one.id: one for one in read_all(IdeaRow, self._link.run(ENDED, values).all())
                 if (advisor is None or one.advisor == advisor) and wanted(one)}
        rows = read_all(OutcomeRow, self._link.run(OUTCOMES, values).all())
        return tuple((known[row.idea], row) for row in rows if row.idea in known)

    def of_proposal(self, proposal: str) -> tuple[IdeaRow, OutcomeRow | None] | None:
        """Find the idea behind a proposal and what came of it."""
        row = self._link.run(BEHIND, {"key_account": self._account, "key_proposal": proposal}).first()
        if row is None:
            return None
        idea = read(IdeaRow, row)
        ended = self._link.run(OUTCOME, {"key_account": self._account, "key_idea": idea.id}).first()
        return idea, None if ended is None else read(OutcomeRow, ended)

    def save_evidence(self, evidence: EvidenceRow) -> None:
        """Store where the evidence of a key stands."""
        row = spelled(self._account, evidence)
        keys = {f"key_{name}": row.pop(name) for name in ("account", "advisor", "group")}
        if self._link.run(MOVE_EVIDENCE, {**keys, **row}).rowcount == 0:
            self._link.run(ADD_EVIDENCE, spelled(self._account, evidence))

    def evidence(self, advisor: str, group: str) -> EvidenceRow | None:
        """Give where the evidence of a key stands."""
        values = {"key_account": self._account, "key_advisor": advisor, "key_group": group}
        row = self._link.run(EVIDENCE, values).first()
        return None if row is None else read(EvidenceRow, row)
