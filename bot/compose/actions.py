"""Answer the operator's commands inside the running desk: the table behind the local socket (C5, C6)."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.chat.trade_words import read_trade
from bot.compose.words import flat_words, plan_words, raised_words, reconciled_words
from bot.desk.control import halt, pause, resume
from bot.desk.flat import flat
from bot.desk.life import Opening
from bot.desk.plan import plan
from bot.desk.propose import Raised, propose
from bot.desk.reconcile import reconcile
from bot.desk.seat import Seat
from bot.desk.views import status_view
from bot.domain.decision import Manner
from bot.domain.ids import RequestKey
from bot.domain.intent import OrderKind
from bot.domain.order import OrderState
from bot.domain.proposal import Origin, OriginKind
from bot.domain.refusal import Refusal
from bot.domain.trading import TradingState
from bot.ports.ledger_rows import NotStored
from bot.ports.market import MarketSilent
from bot.ports.venue import VenueSilent
from bot.runtime.local_socket import Action, Declined
from bot.runtime.readiness import ReadinessGate
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.compose.parts import Parts

FAILED = (OrderState.REJECTED, OrderState.NOT_PLACED, OrderState.IN_DOUBT, OrderState.SUBMITTING)
SETTLE_LOOKS, SETTLE_PAUSE_S = 15, 0.1
WHY = "by the local command line"
LOCAL = Origin(kind=OriginKind.LOCAL, name="local")


def actions(parts: Parts, gate: ReadinessGate, settings: Settings, opening: Opening) -> Mapping[str, Action]:
    """Give what the local socket can ask for, by name."""
    seat = parts.seat

    async def status(_: dict[str, Any]) -> dict[str, Any]:
        return await status_of(parts, gate, settings, opening)

    async def do_halt(_: dict[str, Any]) -> str:
        return await halted(seat)

    async def do_pause(_: dict[str, Any]) -> str:
        done = await pause(seat, by=None, why=WHY, actor="local")
        return done.now.value

    async def do_resume(_: dict[str, Any]) -> str:
        return await resumed(seat)

    async def do_reconcile(_: dict[str, Any]) -> str:
        return await reconciled(seat)

    async def do_flat(_: dict[str, Any]) -> str:
        return await flattened(seat)

    async def do_preview(given: dict[str, Any]) -> str:
        return await preview(seat, str(given.get("words", "")))

    async def do_order(given: dict[str, Any]) -> str:
        return await order(seat, str(given.get("words", "")))

    return {name: told(action) for name, action in {
        "status": status,
        "halt": do_halt,
        "pause": do_pause,
        "resume": do_resume,
        "reconcile": do_reconcile,
        "flat": do_flat,
        "preview": do_preview,
        "order": do_order,
    }.items()}


def told(action: Action) -> Action:
    """Let an action say in a sentence that the ledger is closed or broken, as it is while the desk stops."""

    async def asked(given: dict[str, Any]) -> Any:
        try:
            return await action(given)
        except NotStored as no:
            raise Declined(f"The desk broke off: {no} See wiredesk status for what came of it.") from no

    return asked


async def halted(seat: Seat) -> str:
    """Store that nothing opens and say what still rests."""
    done = await halt(seat, by=None, why=WHY, actor="local")
    return f"HALTED. {len(done.resting)} opening orders still rest; wiredesk flat cancels and closes."


async def resumed(seat: Seat) -> str:
    """Store that opening is allowed again; raises Declined where a halt past the books cannot be taken away."""
    done = await resume(seat, by=None, why=WHY, actor="local")
    if done.now is not TradingState.ACTIVE:
        raise Declined("Still HALTED: a mark stands in the folder `halted` of the data directory. It was put there "
                       "just now, or cannot be taken away: look there, and resume again.")
    return "ACTIVE."


async def reconciled(seat: Seat) -> str:
    """Compare with the exchange and correct; raises Declined when it could not be read."""
    try:
        return reconciled_words(await reconcile(seat, "asked"))
    except (VenueSilent, MarketSilent) as silent:
        raise Declined(f"Nothing was corrected: {silent}") from silent


async def flattened(seat: Seat) -> str:
    """Halt, cancel, close, read back; raises Declined naming every residual unless it is read back flat."""
    key = RequestKey(f"local:{seat.ids.new_token(12)}")
    report = await flat(seat, LOCAL, key, "local", why=f"flat {WHY}")
    if not report.flat:
        raise Declined(flat_words(report))
    return flat_words(report)


async def status_of(parts: Parts, gate: ReadinessGate, settings: Settings, opening: Opening) -> dict[str, Any]:
    """Give `status --json` (C5); until the desk is open, its reasons name the step that is not finished (FF-75)."""
    view = await status_view(parts.seat)
    unfinished = {"start": "; ".join(opening.trouble)} if opening.trouble else {}
    return {
        "readiness": gate.readiness().value,
        "reasons": gate.reasons | unfinished,
        "trading_state": view.trading.value,
        "environment": settings.environment,
        "unresolved": view.unresolved,
        "unprotected": view.unprotected,
        "positions": view.positions,
        "orders": view.orders,
        "streams": stream_ages(parts),
    }


def stream_ages(parts: Parts) -> dict[str, float | None]:
    """Give the seconds since the last push of each private stream, None while it is down.

    The stream itself watches for silence (pongs and expected pushes), so a live one counts as heard just now until it
    speaks.
    """
    seat = parts.seat
    ages: dict[str, float | None] = {}
    for line in seat.lines:
        live = seat.streams.get(line) is not None
        ages[f"private {line.value}"] = min(parts.private.ages(line).values(), default=0.0) if live else None
    return ages


async def preview(seat: Seat, words: str) -> str:
    """Say what a typed trade would do and risk, changing nothing; raises Declined with the reasons of a refusal."""
    wish = read_trade(words)
    planned = await plan(seat, LOCAL, wish) if not isinstance(wish, Refusal) else wish
    if isinstance(planned, Refusal):
        raise Declined(str(planned))
    return plan_words(planned)


async def order(seat: Seat, words: str) -> str:
    """Place a typed trade through the corridor and say what became of it.

    Raises Declined with the reasons of a refusal, and when what was sent was rejected or is not confirmed.
    """
    wish = read_trade(words)
    if isinstance(wish, Refusal):
        raise Declined(str(wish))
    key = RequestKey(f"local:{seat.ids.new_token(12)}")
    raised = await propose(seat, LOCAL, key, wish, yes=Manner.LOCAL)
    if isinstance(raised, Refusal):
        raise Declined(str(raised))
    if raised.done is not None and raised.done.refusals and not raised.done.orders:
        raise Declined("\n".join(str(one) for one in raised.done.refusals))
    raised = await settled(seat, raised)
    done = raised.done
    if done is not None and (done.refusals or any(one.state in FAILED for one in done.orders)):
        raise Declined(raised_words(raised))
    return raised_words(raised)


async def settled(seat: Seat, raised: Raised) -> Raised:
    """Wait a moment for orders that end at once, so that the answer can say what became of them."""
    done = raised.done
    if done is None or not done.orders:
        return raised
    names = [order.client_order_id for order in done.orders]
    for _ in range(SETTLE_LOOKS):
        orders = await seat.ledger.read(lambda tx: tuple(one for name in names if (one := tx.orders.get(name))))
        done = replace(done, orders=orders)
        if all(order.state.settled or order.intent.kind is not OrderKind.MARKET for order in orders):
            break
        await seat.clock.sleep(SETTLE_PAUSE_S)
    return replace(raised, done=done)
