"""Keep every paid question to a language model; money is added up here, never by the database."""
from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import bindparam, insert, or_, update

from bot.adapters.store.lab_statements import read, read_all, spelled
from bot.adapters.store.link import Link
from bot.adapters.store.statements import mine, pick
from bot.adapters.store.tables_lab import llm_calls
from bot.domain.ids import AccountId
from bot.domain.numbers import ZERO
from bot.ports.ledger_rows import ImpossibleChange
from bot.ports.llm_calls import OK, LlmCallRow

ADD = insert(llm_calls)
SETTLE = update(llm_calls).where(mine(llm_calls, "id"), llm_calls.c.settled_at.is_(None))
MOMENT = bindparam("moment", type_=llm_calls.c.at.type)
SINCE = pick(llm_calls).where(llm_calls.c.at >= MOMENT).order_by(llm_calls.c.at, llm_calls.c.id)
SPENT = (pick(llm_calls).with_only_columns(llm_calls.c.context, llm_calls.c.reserved, llm_calls.c.cost)
         .where(llm_calls.c.at >= MOMENT))
ANSWERED = (pick(llm_calls, "digest", "result").where(llm_calls.c.response.is_not(None))
            .order_by(llm_calls.c.at.desc(), llm_calls.c.id.desc()).limit(1))
FIRST = (pick(llm_calls, "digest", "result").where(llm_calls.c.response.is_not(None))
         .order_by(llm_calls.c.at, llm_calls.c.id).limit(1))
FORGET = (update(llm_calls).where(mine(llm_calls), llm_calls.c.at < MOMENT)
          .where(or_(llm_calls.c.request.is_not(None), llm_calls.c.response.is_not(None)))
          .values(request=None, response=None))
SETTLED = ("result", "response", "input_tokens", "output_tokens", "cost", "latency_ms", "settled_at")


class StoredLlmCalls:
    """The repository behind `ports.llm_calls.LlmCalls`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def reserve(self, call: LlmCallRow) -> None:
        """Store a question that is about to be asked."""
        self._link.run(ADD, spelled(self._account, call))

    def settle(self, call: LlmCallRow) -> None:
        """Store what came of a reserved question, once."""
        if call.settled_at is None or call.cost is None:
            raise ValueError("A settled question has its cost and its moment.")
        values = {name: getattr(call, name) for name in SETTLED}
        if self._link.run(SETTLE, {"key_account": self._account, "key_id": call.id, **values}).rowcount == 0:
            raise ImpossibleChange(f"There is no unsettled question {call.id}.")

    def spent(self, since: datetime, context: str | None = None) -> Decimal:
        """Add up what was paid since a moment; a question not settled counts as reserved."""
        rows = self._link.run(SPENT, {"key_account": self._account, "moment": since}).all()
        found = (row for row in rows if context is None or row.context == context)
        return sum((row.reserved if row.cost is None else row.cost for row in found), ZERO)

    def answered(self, digest: str) -> LlmCallRow | None:
        """Find the latest good answer to a question."""
        values = {"key_account": self._account, "key_digest": digest, "key_result": OK}
        row = self._link.run(ANSWERED, values).first()
        return None if row is None else read(LlmCallRow, row)

    def first_answered(self, digest: str) -> LlmCallRow | None:
        """Find the earliest good answer to a question."""
        row = self._link.run(FIRST, {"key_account": self._account, "key_digest": digest, "key_result": OK}).first()
        return None if row is None else read(LlmCallRow, row)

    def since(self, moment: datetime) -> tuple[LlmCallRow, ...]:
        """List questions from a moment on, oldest first."""
        return read_all(LlmCallRow, self._link.run(SINCE, {"key_account": self._account, "moment": moment}).all())

    def forget_texts(self, before: datetime) -> int:
        """Drop the texts of older questions."""
        return self._link.run(FORGET, {"key_account": self._account, "moment": before}).rowcount
