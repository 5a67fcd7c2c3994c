"""Rows in websocket field names (websocket.md 7)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot.sandbox.exchange import margin
from bot.sandbox.exchange.state import ISOLATED, ZERO, Account, Fill, Order, Plan, Position, Wallet, text

if TYPE_CHECKING:
    from bot.sandbox.exchange.engine import Engine

PLAN_CODES = {"normal_plan": "pl", "profit_plan": "tp", "loss_plan": "sl", "pos_profit": "ptp", "pos_loss": "psl",
              "track_plan": "track", "moving_plan": "mtpsl"}


def order_row(order: Order, fill: Fill | None = None) -> dict[str, Any]:
    """Return a row of ``orders``; the fill's fields only when there is one."""
    spec = order.spec
    notional = order.size * (order.price or order.average)
    row: dict[str, Any] = {
        "accBaseVolume": text(order.filled), "cTime": str(order.created), "clientOid": order.oid,
        "feeDetail": [{"feeCoin": spec.coin, "fee": text(order.fee)}], "force": order.force, "instId": spec.symbol,
        "leverage": str(order.leverage), "marginCoin": spec.coin, "marginMode": order.margin_mode,
        "notionalUsd": text(notional), "orderId": str(order.id), "orderType": order.order_type,
        "posMode": order.pos_mode, "posSide": order.pos_side,
        "price": text(order.price) if order.order_type == "limit" else "0",
        "reduceOnly": "yes" if order.reduce_only else "no", "side": order.side, "size": text(order.size),
        "enterPointSource": order.point, "status": order.status, "cancelReason": order.cancel_reason,
        "stpMode": order.stp, "totalProfits": text(order.profit), "tradeSide": order.trade_side,
        "presetStopSurplusPrice": order.take_profit,
        "presetStopSurplusType": "fill_price" if order.take_profit else "",
        "presetStopSurplusExecutePrice": order.take_profit_price, "presetStopLossPrice": order.stop_loss,
        "presetStopLossType": "fill_price" if order.stop_loss else "",
        "presetStopLossExecutePrice": order.stop_loss_price, "uTime": str(order.updated),
    }
    if fill is not None:
        row.update({
            "fillPrice": text(fill.price), "baseVolume": text(fill.size), "tradeId": str(fill.id),
            "fillTime": str(fill.ms), "fillFee": text(fill.fee), "fillFeeCoin": spec.coin,
            "tradeScope": "T" if fill.taker else "M", "fillNotionalUsd": text(fill.price * fill.size),
            "priceAvg": text(order.average), "pnl": text(fill.profit),
        })
    return row


def fill_row(fill: Fill) -> dict[str, Any]:
    """Return a row of ``fill`` with the side as REST says it and the market's as ``trueSide``."""
    order = fill.order
    return {
        "orderId": str(order.id), "clientOid": order.oid, "tradeId": str(fill.id), "symbol": order.spec.symbol,
        "orderType": order.order_type, "side": order.side, "trueSide": "buy" if order.buys else "sell",
        "price": text(fill.price), "baseVolume": text(fill.size), "quoteVolume": text(fill.price * fill.size),
        "profit": text(fill.profit), "tradeSide": fill.trade_side, "posMode": order.pos_mode,
        "tradeScope": "taker" if fill.taker else "maker",
        "feeDetail": [{"feeCoin": order.spec.coin, "deduction": "no", "totalDeductionFee": "0",
                       "totalFee": text(fill.fee)}],
        "cTime": str(fill.ms), "uTime": str(fill.ms),
    }


def plan_row(plan: Plan) -> dict[str, Any]:
    """Return a row of ``orders-algo``."""
    execute = text(plan.price) if plan.price else ""
    order = plan.order
    return {
        "instId": plan.spec.symbol, "orderId": str(plan.id), "clientOid": plan.oid,
        "triggerPrice": text(plan.trigger), "triggerType": plan.trigger_type, "triggerTime": str(plan.triggered or ""),
        "planType": PLAN_CODES[plan.kind], "price": text(plan.trigger), "executePrice": execute,
        "size": text(plan.size), "actualSize": text(order.size if order else ZERO), "orderType": plan.order_type,
        "side": plan.side, "tradeSide": plan.trade_side, "posSide": plan.pos_side, "marginCoin": plan.spec.coin,
        "status": plan.status, "posMode": plan.pos_mode, "enterPointSource": plan.point,
        "stopSurplusPrice": plan.take_profit_price, "stopSurplusTriggerPrice": plan.take_profit,
        "stopSurplusTriggerType": plan.take_profit_type, "stopLossPrice": plan.stop_loss_price,
        "stopLossTriggerPrice": plan.stop_loss, "stopLossTriggerType": plan.stop_loss_type, "stpMode": plan.stp,
        "cTime": str(plan.created), "uTime": str(plan.updated),
    }


def position_row(engine: Engine, account: Account, p: Position) -> dict[str, Any]:
    """Return a row of ``positions``; leverage is a number here."""
    mark = engine.mark(p.spec)
    profit, held = margin.profit_of(p, mark), margin.margin_of(p)
    row: dict[str, Any] = {
        "posId": str(p.id), "instId": p.spec.symbol, "marginCoin": p.spec.coin, "marginSize": text(held),
        "marginMode": p.margin_mode, "holdSide": p.hold_side, "posMode": p.pos_mode, "total": text(p.size),
        "available": text(max(p.available, ZERO)), "frozen": text(min(p.locked, p.size)),
        "openPriceAvg": text(p.entry), "leverage": p.leverage, "achievedProfits": text(p.realised),
        "unrealizedPL": text(profit), "unrealizedPLR": text(round(profit / held, 12)) if held else "0",
        "liquidationPrice": text(round(margin.liquidation_price(engine, account, p), 13)),
        "keepMarginRate": text(margin.rate_of(p, mark)),
        "marginRate": text(round(margin.ratio(engine, account, p), 16)), "breakEvenPrice": break_even_text(p),
        "totalFee": text(p.funding) if p.funded else "", "deductedFee": text(p.open_fee + p.close_fee),
        "markPrice": text(mark), "assetMode": account.asset_mode, "autoMargin": "on" if p.auto_margin else "off",
        "cTime": str(p.created), "uTime": str(p.updated),
    }
    if p.margin_mode == ISOLATED:
        row["isolatedMarginRate"] = row["marginRate"]
    return row


def break_even_text(p: Position) -> str:
    """Return the break-even price on the tick's decimals."""
    return f"{margin.break_even(p):.{p.spec.price_place}f}"


def closed_row(p: Position) -> dict[str, Any]:
    """Return a row of ``positions-history``; isolated is called fixed here."""
    return {
        "posId": str(p.id), "instId": p.spec.symbol, "marginCoin": p.spec.coin,
        "marginMode": "fixed" if p.margin_mode == ISOLATED else "crossed", "holdSide": p.hold_side,
        "posMode": p.pos_mode, "openPriceAvg": text(p.open_quote / p.opened), "closePriceAvg":
        text(round(p.close_quote / p.closed, 16)), "openSize": text(p.opened), "closeSize": text(p.closed),
        "achievedProfits": text(p.realised), "settleFee": text(p.funding), "openFee": text(-p.open_fee),
        "closeFee": text(-p.close_fee), "cTime": str(p.created), "uTime": str(p.updated),
    }


def state_rows(engine: Engine, account: Account, product: str, channel: str) -> list[dict[str, Any]]:
    """Return the current rows of positions, account or equity."""
    if channel == "positions":
        return [position_row(engine, account, p) for p in account.positions_in(product)]
    wallets = [w for w in account.wallets.values() if w.product == product]
    if channel == "account":
        return [_account_row(engine, account, w) for w in wallets]
    return [_equity_row(engine, account, wallets)]


def _account_row(engine: Engine, account: Account, wallet: Wallet) -> dict[str, Any]:
    f = margin.figures(engine, account, wallet)
    union = account.asset_mode == "union" and wallet.product == "USDT-FUTURES"
    return {
        "marginCoin": wallet.coin, "frozen": text(f.locked), "available": text(f.balance - f.isolated_margin),
        "maxOpenPosAvailable": text(f.cross_free), "maxTransferOut": text(f.isolated_free), "equity": text(f.equity),
        "usdtEquity": text(round(f.equity * usdt_price(engine, wallet.coin), 12)),
        "crossedRiskRate": text(round(f.risk, 12)), "unrealizedPL": text(f.cross_profit + f.isolated_profit),
        "unionTotalMargin": text(f.equity) if union else "", "unionAvailable": text(f.cross_free) if union else "",
        "unionMm": text(f.maintenance) if union else "", "assetsMode": account.asset_mode,
    }


def _equity_row(engine: Engine, account: Account, wallets: list[Wallet]) -> dict[str, Any]:
    total = profit = ZERO
    union: dict[str, str] = {"unionTotalMargin": "", "unionAvailable": "", "unionMm": ""}
    for wallet in wallets:
        f = margin.figures(engine, account, wallet)
        price = usdt_price(engine, wallet.coin)
        total += f.equity * price
        profit += (f.cross_profit + f.isolated_profit) * price
        if account.asset_mode == "union" and wallet.product == "USDT-FUTURES":
            union = {"unionTotalMargin": text(f.equity), "unionAvailable": text(f.cross_free),
                     "unionMm": text(f.maintenance)}
    return {"btcEquity": text(round(total / usdt_price(engine, "BTC"), 12)), "usdtEquity": text(round(total, 12)),
            "unrealizedPL": text(round(profit, 12)), **union}


def usdt_price(engine: Engine, coin: str) -> Decimal:
    """Return what one coin is worth in USDT; one for the stable ones and while nothing was traded yet."""
    quote = engine.quotes.get(f"{coin}USDT")
    return quote.index if quote else Decimal(1)
