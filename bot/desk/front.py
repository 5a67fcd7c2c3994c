"""Hand the desk to whoever drives it: one frozen bundle of use cases with their ports already bound."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.desk import advise, control, council, explain, flat, plan, propose, reconcile, revise, views
from bot.desk import answer as answering
from bot.desk.advise import Advice
from bot.desk.agent import FIRST, PREFIX, agents
from bot.desk.answer import Answered
from bot.desk.control import StateSet
from bot.desk.council import USUAL, Member, View
from bot.desk.decide import Answer
from bot.desk.explain import Story
from bot.desk.facts import Facts, find_instrument, gather
from bot.desk.flat import FlatReport
from bot.desk.grant import Bounds, Candidate, Ranked
from bot.desk.planned import Plan
from bot.desk.propose import Raised
from bot.desk.reconcile import Reconciled
from bot.desk.revise import Change
from bot.desk.seat import Seat
from bot.desk.views import AccountView, HoldingView, ProfitView, StatusView
from bot.desk.wish import Wish
from bot.domain.decision import Manner
from bot.domain.ids import ClientOrderId, PersonId, ProposalId, RequestKey, Symbol
from bot.domain.instrument import Instrument
from bot.domain.limits import Limits
from bot.domain.order import Order
from bot.domain.proposal import Origin
from bot.domain.refusal import Refusal
from bot.ports.advisor import Abstained
from bot.ports.assessor import Assessor


@dataclass(frozen=True, slots=True)
class Desk:
    """The use cases of one account. `seat` gives chat its clock, ids, market and the ledger for its own rows.

    `advices` say how each advisor is asked; the first is asked where nobody names one. `assessor`
    judges them, `most` is what a mandate may give at most.
    """

    seat: Seat
    advices: Sequence[Advice] = ()
    assessor: Assessor | None = None
    most: Bounds = USUAL

    async def propose(
        self,
        origin: Origin,
        key: RequestKey,
        wish: Wish,
        *,
        thesis: str | None = None,
        confidence: Decimal | None = None,
        life: timedelta | None = None,
        yes: Manner | None = None,
    ) -> Raised | Refusal:
        """Raise a proposal for a wish; what only reduces is carried out at once."""
        return await propose.propose(
            self.seat, origin, key, wish, thesis=thesis, confidence=confidence, life=life, yes=yes
        )

    async def preview(self, origin: Origin, wish: Wish) -> Plan | Refusal:
        """Plan a wish without saving anything."""
        return await plan.plan(self.seat, origin, wish)

    async def answer(self, proposal_id: ProposalId, given: Answer) -> Answered | Refusal:
        """Decide once and carry out."""
        return await answering.answer(self.seat, proposal_id, given)

    async def revise(
        self, proposal_id: ProposalId, change: Change, *, by: PersonId | None, name: str, digest: str
    ) -> Raised | Refusal:
        """Change a waiting proposal: half of it, another size, price, stop or target."""
        return await revise.revise(self.seat, proposal_id, change, by=by, name=name, digest=digest)

    async def idea(self, symbol: Symbol, advisor: str | None = None) -> Raised | Refusal | Abstained:
        """Ask an advisor about a symbol now, whatever candle it is and however long it should rest."""
        asked = next((one for one in self.advices if advisor in (None, one.advisor.name)), None)
        if asked is None:
            return Abstained(reason="no advisor is set up" if advisor is None else f"there is no advisor {advisor}")
        return await advise.ask(self.seat, asked, symbol, asked=True)

    def advice(self, name: str) -> Advice | None:
        """Find how an advisor is asked, by its name in either case."""
        return next((one for one in self.advices if one.advisor.name.lower() == name.lower()), None)

    async def ranked(self, name: str | None) -> Ranked | None:
        """Find who stands on the ladder under a name: an advisor, the first without one, or an agent from outside."""
        known = await self.everybody()
        if name is None:
            return self.advices[0] if self.advices else None
        wanted = (name.lower(), f"{PREFIX}{name.lower()}")
        return next((one for one in known if one.origin.name.lower() in wanted), None)

    async def everybody(self) -> tuple[Ranked, ...]:
        """List everybody on the ladder: the advisors that are asked, then the agents from outside."""
        outside = await self.seat.ledger.read(agents)
        return (*self.advices, *(Candidate(origin=one.origin, rung=FIRST) for one in outside))

    async def members(self) -> tuple[Member, ...]:
        """Read every advisor: rung, mandate, record."""
        return await council.members(self.seat, self.advices)

    async def views(self, symbol: Symbol) -> tuple[View, ...] | Refusal:
        """Ask every advisor for its view of a symbol; nothing is raised."""
        return await council.views(self.seat, self.advices, symbol)

    async def halt(self, *, by: PersonId | None, why: str, actor: str) -> StateSet:
        """Halt: one stored row, no network."""
        return await control.halt(self.seat, by=by, why=why, actor=actor)

    async def pause(self, *, by: PersonId | None, why: str, actor: str) -> StateSet:
        """Let nothing open."""
        return await control.pause(self.seat, by=by, why=why, actor=actor)

    async def resume(self, *, by: PersonId | None, why: str, actor: str) -> StateSet:
        """Let everything go on."""
        return await control.resume(self.seat, by=by, why=why, actor=actor)

    async def flat(self, origin: Origin, key: RequestKey, actor: str, why: str = "flat") -> FlatReport:
        """Halt, cancel, close, read again, until it is proven."""
        return await flat.flat(self.seat, origin, key, actor, why=why)

    async def reconcile(self, why: str) -> Reconciled:
        """Bring books and venue together; raises VenueSilent."""
        return await reconcile.reconcile(self.seat, why)

    async def set_limits(self, scope: str, limits: Limits, *, by: PersonId | None, actor: str) -> None:
        """Store the limits of a scope."""
        await control.set_limits(self.seat, scope, limits, by=by, actor=actor)

    async def settle_foreign(self, name: ClientOrderId, choice: str, *, actor: str) -> Order | Refusal:
        """Answer what to do with a foreign order."""
        return await control.settle_foreign(self.seat, name, choice, actor=actor)

    async def account(self) -> AccountView:
        """Read the wallets."""
        return await views.account_view(self.seat)

    async def holdings(self) -> tuple[HoldingView, ...]:
        """Read the open positions."""
        return await views.holdings(self.seat)

    async def orders(self) -> tuple[Order, ...]:
        """Read the live orders, guards included."""
        return await views.open_orders(self.seat)

    async def profits(self, since: datetime, until: datetime | None = None) -> tuple[ProfitView, ...]:
        """Add up a period."""
        return await views.profits(self.seat, since, until)

    async def status(self) -> StatusView:
        """Read what may need a person."""
        return await views.status_view(self.seat)

    async def explain(self, subject: str) -> Story | None:
        """Tell the story behind an id."""
        return await explain.explain(self.seat, subject)

    def instrument(self, words: str) -> Instrument | Refusal:
        """Find the contract a person means."""
        return find_instrument(self.seat, words)

    async def facts(self, instrument: Instrument) -> Facts | Refusal:
        """Read prices and settings of a contract."""
        return await gather(self.seat, instrument)
