"""Ask a question from reservation to settlement: the one way to a paid model (advisor section 8).

Look for a stored answer, ask the circuit, reserve the worst price in the ledger, ask once, read, settle. Whatever goes
wrong is a Failure: no order, one row where anything may have been paid, never an exception.
"""
from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import TypeVar

from bot.adapters.advisors.llm.budget import Beyond, CostLimits, day_of, month_of, over, real_cost, worst_cost
from bot.adapters.advisors.llm.circuit import Circuit
from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.line import Got, Line
from bot.adapters.advisors.llm.prompt import Prompt, repair
from bot.adapters.advisors.llm.provider import Provider
from bot.adapters.advisors.llm.wires import Said, body_of, said
from bot.ports.clock import Clock, Ids
from bot.ports.ledger import Ledger, Tx
from bot.ports.ledger_rows import LedgerRefused
from bot.ports.llm_calls import OK, LlmCallRow

log = logging.getLogger(__name__)
T = TypeVar("T")
ID_LENGTH = 12
# What a second try may mend: the answer came whole and is not what was asked for.
REPAIRED = frozenset({"not_json", "shape", "symbol", "geometry"})
# Of a body that is no answer only the beginning is kept; no text holds the byte PostgreSQL cannot.
KEPT = 16_384


class Mode(Enum):
    """LIVE asks unless the same question has a stored answer, RECORD always asks, REPLAY never does."""

    LIVE = "live"
    RECORD = "record"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A voice fell silent: which advisor, why, and after how many failures in a row; none of them: it answers again."""

    advisor: str
    reason: str
    failures: int


Told = Callable[[Trouble], Awaitable[None]]


async def nobody(trouble: Trouble) -> None:
    """Tell nobody."""


@dataclass(slots=True, kw_only=True)
class Client:
    """One provider as one advisor's voice; `flying` names subjects being asked.

    `told` hears of an opened circuit, of a day or month whose budget is gone (once a day), and of the first answer
    after either; `sounds` is True while that is the last thing it heard. With `repairs` an answer that came whole and
    cannot be read is asked for once more, reserved and paid like any question (advisor section 8).
    """

    advisor: str
    provider: Provider
    limits: CostLimits
    mode: Mode
    ledger: Ledger
    clock: Clock
    ids: Ids
    line: Line
    circuit: Circuit
    told: Told = nobody
    flying: set[str] = field(default_factory=set)
    repairs: bool = False
    sounds: bool = False
    broke: datetime | None = None

    async def ask(
        self, purpose: str, subject: str, context: str, prompt: Prompt, reads: Callable[[str], T | Failure],
        *, fresh: bool = False,
    ) -> T | Failure:
        """Ask one question about a subject, whose context has this digest; `reads` turns the text into the answer.

        A `fresh` answer is never a stored one, and in replay there is none.
        """
        key = f"{purpose}:{subject}"
        if key in self.flying:
            return Failure(code="busy", words=f"a question about {subject} is under way", billed=False)
        self.flying.add(key)
        try:
            answer = await self._ask(purpose, context, prompt, reads, fresh)
            if self.repairs and isinstance(answer, Failure) and answer.code in REPAIRED:
                return await self._ask(purpose, context, repair(prompt, answer.code), reads, fresh)
            return answer
        except LedgerRefused as refused:
            return Failure(code="ledger", words=f"the question could not be written down: {refused}", billed=False)
        except Exception as defect:
            log.exception("A question to %s ended in a defect of ours.", self.advisor)
            self.circuit.gave_up()
            return Failure(code="defect", words=f"a defect of ours ({type(defect).__name__})", billed=False)
        finally:
            self.flying.discard(key)

    def digest_of(self, prompt: Prompt) -> str:
        """Give the digest of a question: the same advisor and the same bytes are the same question."""
        return hashlib.sha256(self.advisor.encode() + b"\n" + body_of(self.provider, prompt)).hexdigest()

    async def _ask(
        self, purpose: str, context: str, prompt: Prompt, reads: Callable[[str], T | Failure], fresh: bool
    ) -> T | Failure:
        body, digest = body_of(self.provider, prompt), self.digest_of(prompt)
        if fresh and self.mode is Mode.REPLAY:
            return Failure(code="replay_miss", words="nobody is asked anew in replay", billed=False)
        if self.mode is not Mode.RECORD and not fresh:
            stored = await self.ledger.read(lambda tx: tx.llm_calls.answered(digest))
            if stored is not None and stored.response is not None:
                return self._read(stored.response.encode(), reads)[0]
            if self.mode is Mode.REPLAY:
                return Failure(code="replay_miss", words="no answer to this question is stored", billed=False)
        call = LlmCallRow(
            id=self.ids.new_token(ID_LENGTH), advisor=self.advisor, purpose=purpose, model=self.provider.model,
            context=context, digest=digest, request=body.decode(), reserved=worst_cost(self.provider, body),
            at=self.clock.now(),
        )
        refused = await self._reserved(call)
        return await self._asked(call, body, reads) if refused is None else refused

    async def _reserved(self, call: LlmCallRow) -> Failure | None:
        """Let the circuit and the limits speak, and store the question where both let it through."""
        closed = self.circuit.refuses(self.clock.monotonic())
        if closed is not None:
            return Failure(code="circuit_open", words=closed, billed=False)
        try:
            beyond = await self.ledger.transact(lambda tx: self._reserve(tx, call))
        except BaseException:
            self.circuit.gave_up()
            raise
        if beyond is None:
            return None
        self.circuit.gave_up()
        if beyond.limit != "idea" and self.broke != day_of(call.at):
            self.broke, self.sounds = day_of(call.at), False
            await self.told(Trouble(advisor=self.advisor, reason=f"budget: {beyond.words}", failures=1))
        return Failure(code="budget", words=beyond.words, billed=False)

    def _reserve(self, tx: Tx, call: LlmCallRow) -> Beyond | None:
        month = month_of(call.at)
        beyond = over(
            self.limits, call.reserved, day=tx.llm_calls.spent(day_of(call.at)), month=tx.llm_calls.spent(month),
            idea=tx.llm_calls.spent(month, call.context),
        )
        if beyond is None:
            tx.llm_calls.reserve(call)
        return beyond

    async def _asked(self, call: LlmCallRow, body: bytes, reads: Callable[[str], T | Failure]) -> T | Failure:
        began = self.clock.monotonic()
        try:
            got = await self.line.ask(body)
        except BaseException:
            # Given up from outside: the row stays reserved, since nobody knows what the provider charges.
            self.circuit.gave_up()
            raise
        took = self.clock.monotonic() - began
        answer: T | Failure
        if isinstance(got, Got):
            answer, heard = self._read(got.body, reads)
        else:
            answer, heard = got, None
        failed = isinstance(answer, Failure)
        tokens = (heard.input_tokens, heard.output_tokens) if heard is not None else (None, None)
        billed = not (isinstance(got, Failure) and not got.billed)
        settled = replace(
            call,
            result=answer.code if isinstance(answer, Failure) else OK,
            response=_kept(got, whole=not failed),
            input_tokens=tokens[0], output_tokens=tokens[1],
            cost=real_cost(self.provider, call.reserved, *tokens) if billed else call.reserved * 0,
            latency_ms=round(took * 1000),
            settled_at=self.clock.now(),
        )
        opens = self.circuit.ended(self.clock.monotonic(), took, failed)
        await self.ledger.transact(lambda tx: tx.llm_calls.settle(settled))
        if opens:
            self.sounds = False
            reason = answer.sentence if isinstance(answer, Failure) else "its answers come too late"
            await self.told(Trouble(advisor=self.advisor, reason=reason, failures=max(1, self.circuit.failures)))
        elif not failed and not self.sounds and self.circuit.opened_at is None:
            self.sounds = True
            await self.told(Trouble(advisor=self.advisor, reason="", failures=0))
        return answer

    def _read(self, body: bytes, reads: Callable[[str], T | Failure]) -> tuple[T | Failure, Said | None]:
        heard = said(self.provider, body)
        if isinstance(heard, Failure):
            return heard, None
        return reads(heard.text), heard


def _kept(got: Got | Failure, *, whole: bool) -> str | None:
    if isinstance(got, Failure):
        return None
    return (got.body if whole else got.body[:KEPT]).decode(errors="backslashreplace").replace("\x00", "\\x00")
