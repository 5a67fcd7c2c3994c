"""Say results of commands in plain words for a terminal. Pure."""
from __future__ import annotations

from decimal import Decimal

from bot.chat.render.figures import KIND_WORDS
from bot.desk.flat import FlatReport
from bot.desk.planned import Plan, Preview
from bot.desk.propose import Raised
from bot.desk.reconcile import Reconciled
from bot.domain.numbers import plain
from bot.domain.order import Order, OrderState

CENT, SMALL = Decimal("0.01"), Decimal("0.00000001")
OUTCOMES = {
    OrderState.NEW: "planned",
    OrderState.SUBMITTING: "being sent",
    OrderState.IN_DOUBT: "sent, not confirmed: it is being asked about, do not repeat it",
    OrderState.OPEN: "accepted, waiting",
    OrderState.PARTLY_FILLED: "partly filled",
    OrderState.FILLED: "filled",
    OrderState.CANCELED: "over without the rest",
    OrderState.REJECTED: "rejected by the exchange",
    OrderState.NOT_PLACED: "not sent",
}


def order_words(order: Order) -> str:
    """Say one order's state: only what is proven."""
    intent = order.intent
    size = "all" if intent.size is None else plain(intent.size)
    filled = f", {plain(order.filled)} at {plain(order.average_price)}" if order.average_price is not None else ""
    why = f" ({order.reason})" if order.reason else ""
    what = f"{intent.effect.value.lower()} {intent.direction.value.lower()} {size} {intent.symbol}"
    return f"{order.client_order_id}: {what} {KIND_WORDS[intent.kind]}: {OUTCOMES[order.state]}{filled}{why}"


def plan_words(planned: Plan) -> str:
    """Say what a typed trade would do and what it risks."""
    lines = [planned.summary, *planned.rows]
    if planned.preview is not None:
        lines += risk_words(planned.preview)
    return "\n".join(lines)


def risk_words(preview: Preview) -> list[str]:
    """Say size, loss at the stop, liquidation and what else changes, a sentence each."""
    coin = preview.coin
    said = [f"About {plain(preview.notional.quantize(CENT))} at {plain(preview.price)}, "
            f"margin {_amount(preview.margin)} {coin}, fees {_amount(preview.fees)} {coin}."]
    if preview.stop is not None:
        named = " (the default stop)" if preview.default_stop else ""
        share = f" ({_amount(preview.loss_percent)} % of equity)" if preview.loss_percent is not None else ""
        said.append(f"At the stop {plain(preview.stop)}{named} it loses about {_amount(preview.loss)} {coin}{share}, "
                    "fees included.")
    else:
        said.append("No stop: the loss has no bound but liquidation.")
    if preview.targets:
        said.append(f"Targets: {', '.join(plain(one) for one in preview.targets)}.")
    if preview.liquidation is not None:
        said.append(f"Liquidation is near {_amount(preview.liquidation)} ({_amount(preview.distance)} % away).")
    if preview.leverage_was is not None and preview.leverage is not None:
        said.append(f"Leverage is changed first, from {plain(preview.leverage_was)}x to {plain(preview.leverage)}x.")
    return [*said, *preview.notes]


def _amount(value: Decimal | None) -> str:
    return "unknown" if value is None else plain(value.quantize(CENT if abs(value) >= 1 else SMALL).normalize())


def raised_words(raised: Raised) -> str:
    """Say what a typed trade came to."""
    done = raised.done
    lines = [raised.plan.summary]
    if done is not None:
        lines += [order_words(order) for order in done.orders]
        lines += [f"Not sent: {refusal}" for refusal in done.refusals]
        if done.waiting:
            lines.append(_waiting_words(raised.plan, done.waiting))
    return "\n".join(lines)


def _waiting_words(plan: Plan, waiting: int) -> str:
    guards = sum(1 for leg in plan.terms.legs if leg.intent.kind.is_guard)
    if waiting <= guards:
        return f"{waiting} {'stop or target follows' if waiting == 1 else 'stops and targets follow'} its fill."
    return f"{waiting} more to follow when they are due."


def reconciled_words(done: Reconciled) -> str:
    """Say what a reconciliation did."""
    if not done.corrections and not done.open_questions:
        return "Books and exchange agree; nothing was corrected."
    parts = f"{done.corrections} corrections, {done.fills} fills found, {done.drifts} drifts"
    return f"{parts}; {done.open_questions} questions still open."


def flat_words(report: FlatReport) -> str:
    """Say how flat it is, naming every residual."""
    if report.flat:
        return f"Flat, read back: {report.canceled} orders cancelled, {report.closed} positions closed."
    return f"Not flat after {report.rounds} rounds. Left: {'; '.join(report.residuals)}."
