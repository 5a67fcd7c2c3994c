"""Rows in REST field names (rest.md 3 to 6)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot.sandbox.exchange import adl, margin
from bot.sandbox.exchange.lifecycle import is_tpsl
from bot.sandbox.exchange.pushes import break_even_text, usdt_price
from bot.sandbox.exchange.state import ZERO, Account, Bill, Fill, Order, Plan, Position, Wallet, text

if TYPE_CHECKING:
    from bot.sandbox.exchange.engine import Engine

Row = dict[str, Any]


def order_row(order: Order) -> Row:
    """Return what order detail and lists share; the status is added by whoever knows its name there."""
    return {
        "symbol": order.spec.symbol, "size": text(order.size), "orderId": str(order.id), "clientOid": order.oid,
        "baseVolume": text(order.filled), "fee": text(order.fee),
        "price": text(order.price) if order.order_type == "limit" else "",
        "priceAvg": text(order.average) if order.filled else "", "side": order.side, "force": order.force,
        "totalProfits": text(order.profit), "posSide": order.pos_side, "marginCoin": order.spec.coin,
        "quoteVolume": text(order.quote), "leverage": str(order.leverage), "marginMode": order.margin_mode,
        "enterPointSource": order.point, "tradeSide": order.trade_side, "posMode": order.pos_mode,
        "orderType": order.order_type, "orderSource": order.source, "presetStopSurplusPrice": order.take_profit,
        "presetStopSurplusType": "fill_price" if order.take_profit else "",
        "presetStopSurplusExecutePrice": order.take_profit_price, "presetStopLossPrice": order.stop_loss,
        "presetStopLossType": "fill_price" if order.stop_loss else "",
        "presetStopLossExecutePrice": order.stop_loss_price, "reduceOnly": "YES" if order.reduce_only else "NO",
        "cTime": str(order.created), "uTime": str(order.updated),
    }


def detail_row(order: Order) -> Row:
    """Return order detail: the status is called ``state`` here (README 7.2)."""
    return order_row(order) | {"state": order.status, "cancelReason": order.cancel_reason}


def pending_row(order: Order) -> Row:
    """Return a row of open orders."""
    return order_row(order) | {"status": order.status}


def finished_row(order: Order) -> Row:
    """Return a row of finished orders."""
    return order_row(order) | {"status": order.status, "posAvg": order.pos_avg, "liqPrice": order.liq_price}


def fill_row(fill: Fill) -> Row:
    """Return a row of fills; there is no clientOid in it."""
    order = fill.order
    return {
        "tradeId": str(fill.id), "symbol": order.spec.symbol, "orderId": str(order.id), "price": text(fill.price),
        "baseVolume": text(fill.size),
        "feeDetail": [{"deduction": "no", "feeCoin": order.spec.coin, "totalDeductionFee": None,
                       "totalFee": text(fill.fee)}],
        "side": order.side, "quoteVolume": text(fill.price * fill.size), "profit": text(fill.profit),
        "enterPointSource": order.point.lower(), "tradeSide": fill.trade_side, "posMode": order.pos_mode,
        "tradeScope": "taker" if fill.taker else "maker", "cTime": str(fill.ms),
    }


def plan_row(plan: Plan) -> Row:
    """Return a row of live plans."""
    tpsl, limit = is_tpsl(plan), plan.order_type == "limit"
    execute = text(plan.price) if limit else "0"
    row: Row = {
        "planType": plan.kind, "symbol": plan.spec.symbol, "size": text(plan.size), "orderId": str(plan.id),
        "clientOid": plan.oid, "price": text(plan.trigger) if tpsl else execute, "executePrice": execute,
        "callbackRatio": text(plan.callback) if plan.callback else "", "triggerPrice": text(plan.trigger),
        "triggerType": plan.trigger_type, "planStatus": plan.status, "side": plan.side, "posSide": plan.pos_side,
        "marginCoin": plan.spec.coin, "marginMode": "" if tpsl else plan.margin_mode,
        "enterPointSource": plan.point, "tradeSide": plan.trade_side, "posMode": plan.pos_mode,
        "orderType": plan.order_type, "orderSource": "normal", "stopSurplusTriggerPrice": plan.take_profit or None,
        "stopSurplusExecutePrice": plan.take_profit_price or None,
        "stopSurplusTriggerType": plan.take_profit_type or None, "stopLossTriggerPrice": plan.stop_loss or None,
        "stopLossExecutePrice": plan.stop_loss_price or None, "stopLossTriggerType": plan.stop_loss_type or None,
        "cTime": str(plan.created), "uTime": str(plan.updated),
    }
    leg = {"profit_plan": "stopSurplus", "pos_profit": "stopSurplus", "loss_plan": "stopLoss",
           "pos_loss": "stopLoss"}.get(plan.kind)
    if leg:
        row |= {f"{leg}TriggerPrice": text(plan.trigger), f"{leg}ExecutePrice": execute if limit else None,
                f"{leg}TriggerType": plan.trigger_type}
    return row


def plan_history_row(plan: Plan) -> Row:
    """Return a row of finished plans with what their order did."""
    order = plan.order
    return plan_row(plan) | {
        "executeOrderId": str(order.id) if order else "",
        "priceAvg": text(order.average) if order and order.filled else "",
        "baseVolume": text(order.filled) if order else "",
    }


def position_row(engine: Engine, account: Account, p: Position) -> Row:
    """Return a row of open positions; ``totalFee`` is funding, ``deductedFee`` trading fees (README 7.8)."""
    mark = engine.mark(p.spec)
    opening = sum((o.left for o in account.open_orders.values() if o.spec is p.spec and not o.closing
                   and not o.reduce_only and o.buys == p.long), ZERO)
    gain, loss = _position_plan(account, p, "pos_profit"), _position_plan(account, p, "pos_loss")
    return {
        "marginCoin": p.spec.coin, "symbol": p.spec.symbol, "holdSide": p.hold_side,
        "openDelegateSize": text(opening), "marginSize": text(margin.margin_of(p)),
        "available": text(max(p.available, ZERO)), "locked": text(min(p.locked, p.size)), "total": text(p.size),
        "leverage": str(p.leverage), "achievedProfits": text(p.realised), "openPriceAvg": text(p.entry),
        "marginMode": p.margin_mode, "posMode": p.pos_mode, "unrealizedPL": text(margin.profit_of(p, mark)),
        "liquidationPrice": text(round(margin.liquidation_price(engine, account, p), 13)),
        "keepMarginRate": text(margin.rate_of(p, mark)), "markPrice": text(mark),
        "marginRatio": text(round(margin.ratio(engine, account, p), 16)), "breakEvenPrice": break_even_text(p),
        "totalFee": text(p.funding) if p.funded else "", "deductedFee": text(p.open_fee + p.close_fee),
        "takeProfit": text(gain.trigger) if gain else "", "stopLoss": text(loss.trigger) if loss else "",
        "takeProfitId": str(gain.id) if gain else "", "stopLossId": str(loss.id) if loss else "",
        "assetMode": account.asset_mode, "autoMargin": "on" if p.auto_margin else "off", "grant": "",
        "cTime": str(p.created), "uTime": str(p.updated),
    }


def _position_plan(account: Account, p: Position, kind: str) -> Plan | None:
    for plan in account.live_plans.values():
        if plan.kind == kind and plan.spec is p.spec and plan.hold_side == p.hold_side:
            return plan
    return None


def closed_row(p: Position) -> Row:
    """Return a row of closed positions: times in lower case, fees negative when paid."""
    return {
        "positionId": str(p.id), "symbol": p.spec.symbol, "marginCoin": p.spec.coin, "holdSide": p.hold_side,
        "posMode": p.pos_mode, "openAvgPrice": text(p.open_quote / p.opened),
        "closeAvgPrice": text(p.close_quote / p.closed), "marginMode": p.margin_mode, "openTotalPos": text(p.opened),
        "closeTotalPos": text(p.closed), "pnl": text(p.realised),
        "netProfit": text(p.realised + p.funding - p.open_fee - p.close_fee), "totalFunding": text(p.funding),
        "openFee": text(-p.open_fee), "closeFee": text(-p.close_fee), "ctime": str(p.created),
        "utime": str(p.updated),
    }


def rank_row(engine: Engine, p: Position) -> Row:
    """Return a row of the deleveraging queue."""
    rank = adl.adl_rank(engine, p)
    return {"symbol": p.spec.symbol, "marginCoin": p.spec.coin, "adlRank": text(Decimal(1) - rank),
            "rank": text(rank), "holdSide": p.hold_side}


def bill_row(bill: Bill) -> Row:
    """Return a row of the ledger."""
    return {
        "billId": str(bill.id), "symbol": bill.symbol, "amount": text(bill.amount), "fee": text(bill.fee),
        "feeByCoupon": "", "businessType": bill.kind, "coin": bill.coin, "balance": text(bill.balance),
        "cTime": str(bill.ms),
    }


def wallet_row(engine: Engine, account: Account, wallet: Wallet) -> Row:
    """Return what account and account list share about a wallet."""
    f = margin.figures(engine, account, wallet)
    usdt = f.equity * usdt_price(engine, wallet.coin)
    return {
        "marginCoin": wallet.coin, "locked": text(f.locked), "available": text(f.balance - f.isolated_margin),
        "crossedMaxAvailable": text(f.cross_free), "isolatedMaxAvailable": text(f.isolated_free),
        "maxTransferOut": text(f.isolated_free), "accountEquity": text(f.equity),
        "usdtEquity": text(round(usdt, 12)), "btcEquity": text(round(usdt / usdt_price(engine, "BTC"), 12)),
        "crossedRiskRate": text(round(f.risk, 12)), "unrealizedPL": text(f.cross_profit + f.isolated_profit),
        "coupon": "0", "crossedUnrealizedPL": text(f.cross_profit), "isolatedUnrealizedPL": text(f.isolated_profit),
        "grant": "0", "isolatedMargin": text(f.isolated_margin), "crossedMargin": text(f.cross_margin),
        "assetMode": account.asset_mode,
    }
