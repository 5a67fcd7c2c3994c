"""What an advisor's own trades brought on a day: open ones at their mark, others' trades and earlier ones apart."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from bot.desk.advise import ask
from bot.desk.brought import brought, day_result
from bot.desk.propose import Raised
from bot.domain.proposal import Origin, OriginKind
from tests.desk.leased import granted
from tests.desk.table import BTC, Scripted, advice, at_the_table
from tests.desk.test_advise import idea
from tests.support.simulated import Life, World


def test_an_open_trade_counts_at_its_mark_and_only_for_whose_it_is(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan, began = advice(Scripted(idea)), life.seat.clock.now()
        await granted(life, plan)
        raised = await ask(life.seat, plan, BTC)
        assert isinstance(raised, Raised)
        await world.clock.sleep(5)
        instruments = life.seat.shelf.instruments
        day = began.replace(hour=0, minute=0, second=0, microsecond=0)
        proposal = await life.seat.ledger.read(lambda tx: tx.proposals.get(raised.proposal.id))
        assert proposal is not None
        done = await life.seat.ledger.read(lambda tx: brought(tx, proposal, instruments[BTC], None))
        assert done is not None
        assert done.closed == 0
        # Nobody knows the price: only the fees are gone.
        assert -3 < done.result < 0

        async def result(origin: Origin, mark: Decimal, since: timedelta = timedelta()) -> Decimal:
            return await life.seat.ledger.read(lambda tx: day_result(
                tx, origin, instruments, {BTC: mark}, day=day, since=began + since))

        assert proposal.reference_price is not None
        up, down = (proposal.reference_price * Decimal(share) for share in ("1.01", "0.99"))
        assert await result(plan.origin, down) < done.result < 0 < await result(plan.origin, up)
        assert await result(plan.origin, down, timedelta(hours=1)) == 0
        other = Origin(kind=OriginKind.ADVISOR, name="somebody else")
        assert await result(other, down) == 0

    at_the_table(tmp_path, 1, play)
