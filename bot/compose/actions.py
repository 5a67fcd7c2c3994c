"""Answer the operator's commands inside the running desk: the table behind the local socket (C5, C6)."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.chat.trade_words import read_trade
from bot.compose.words import flat_words, raised_words, reconciled_words
from bot.desk.control import halt, pause, resume
from bot.desk.flat import flat
from bot.desk.propose import Raised, propose
from bot.desk.reconcile import reconcile
from bot.desk.seat import Seat
from bot.desk.views import status_view
from bot.domain.decision import Manner
from bot.domain.ids import RequestKey
from bot.domain.intent import OrderKind
from bot.domain.proposal import Origin, OriginKind
from bot.domain.refusal import Refusal
from bot.ports.venue import VenueSilent
from bot.runtime.local_socket import Action, Declined
from bot.runtime.readiness import ReadinessGate
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.compose.parts import Parts

SETTLE_LOOKS, SETTLE_PAUSE_S = 15, 0.1
LOCAL = Origin(kind=OriginKind.LOCAL, name="local")


def actions(parts: Parts, gate: ReadinessGate, settings: Settings) -> Mapping[str, Action]:
    """Give what the local socket can ask for, by name."""
    seat = parts.seat

    async def status(_: dict[str, Any]) -> dict[str, Any]:
        return await status_of(parts, gate, settings)

    async def do_halt(_: dict[str, Any]) -> str:
        done = await halt(seat, by=None, why="by the local command line", actor="local")
        return f"HALTED. {len(done.resting)} opening orders still rest; wiredesk flat cancels and closes."

    async def do_pause(_: dict[str, Any]) -> str:
        done = await pause(seat, by=None, why="by the local command line", actor="local")
        return done.now.value

    async def do_resume(_: dict[str, Any]) -> str:
        await resume(seat, by=None, why="by the local command line", actor="local")
        return "ACTIVE."

    async def do_reconcile(_: dict[str, Any]) -> str:
        try:
            return reconciled_words(await reconcile(seat, "asked"))
        except VenueSilent as silent:
            raise Declined(f"Nothing was corrected: {silent}") from silent

    async def do_flat(_: dict[str, Any]) -> str:
        key = RequestKey(f"local:{seat.ids.new_token(12)}")
        report = await flat(seat, LOCAL, key, "local", why="flat by the local command line")
        if not report.flat:
            raise Declined(flat_words(report))
        return flat_words(report)

    async def do_order(given: dict[str, Any]) -> str:
        return await order(seat, str(given.get("words", "")))

    return {
        "status": status,
        "halt": do_halt,
        "pause": do_pause,
        "resume": do_resume,
        "reconcile": do_reconcile,
        "flat": do_flat,
        "order": do_order,
    }


async def status_of(parts: Parts, gate: ReadinessGate, settings: Settings) -> dict[str, Any]:
    """Give `status --json` (C5)."""
    view = await status_view(parts.seat)
    return {
        "readiness": gate.readiness().value,
        "reasons": gate.reasons,
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


async def order(seat: Seat, words: str) -> str:
    """Place a typed trade through the corridor; raises Declined with the reasons of a refusal."""
    wish = read_trade(words)
    if isinstance(wish, Refusal):
        raise Declined(str(wish))
    key = RequestKey(f"local:{seat.ids.new_token(12)}")
    raised = await propose(seat, LOCAL, key, wish, yes=Manner.LOCAL)
    if isinstance(raised, Refusal):
        raise Declined(str(raised))
    if raised.done is not None and raised.done.refusals and not raised.done.orders:
        raise Declined("\n".join(str(one) for one in raised.done.refusals))
    return raised_words(await settled(seat, raised))


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
