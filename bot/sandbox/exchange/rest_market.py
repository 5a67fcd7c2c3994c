"""The 25 public market endpoints (rest.md 2)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from bot.sandbox.exchange.bars import DAY, HOUR, MINUTE
from bot.sandbox.exchange.candles import GRANULARITIES
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.market import FAR, Level, Listing, Market, Row
from bot.sandbox.exchange.params import Params

Answer = Callable[[Market, Params], Any]

_M = "/api/v2/mix/market/"
_DEPTHS = {"1": 1, "5": 5, "15": 15, "50": 50, "max": 400}
_PERIOD_MS = {"5m": 5 * MINUTE, "15m": 15 * MINUTE, "30m": 30 * MINUTE, "1h": HOUR, "2h": 2 * HOUR, "4h": 4 * HOUR,
              "6h": 6 * HOUR, "12h": 12 * HOUR, "1d": DAY, "1Dutc": DAY}
_WEEK = 7 * DAY


def _one(market: Market, p: Params) -> Listing:
    return market.listing(p["symbol"], p["productType"])


def _some(market: Market, p: Params) -> list[Listing]:
    return [_one(market, p)] if "symbol" in p else market.of_product(p["productType"])


def _window(p: Params) -> tuple[int | None, int | None]:
    start, end = p.get("startTime"), p.get("endTime")
    return (int(start) if start else None), (int(end) if end else None)


def vip_fee_rate(market: Market, p: Params) -> list[Row]:
    """Return the fee ladder."""
    rows = ((0, 0, 0, "0.0006", "0.0002"), (1, 100_000, 50_000, "0.00054", "0.00018"),
            (2, 20_000_000, 150_000, "0.0005", "0.00016"), (3, 60_000_000, 400_000, "0.00042", "0.00014"))
    return [{"level": str(level), "dealAmount": str(deal), "assetAmount": str(asset), "takerFeeRate": taker,
             "makerFeeRate": maker, "btcWithdrawAmount": str(300 * (level + 1)),
             "usdtWithdrawAmount": str(5_000_000 * (level + 1))} for level, deal, asset, taker, maker in rows]


def union_interest_rate_history(market: Market, p: Params) -> Row:
    """Return thirty daily rates of a coin."""
    today = market.tape.now_ms // DAY * DAY
    rows = [{"ts": str(today - i * DAY), "annualInterestRate": "0.02555", "dailyInterestRate": "0.00007"}
            for i in range(30)]
    return {"coin": p["coin"], "historyInterestRateList": rows}


def exchange_rate(market: Market, p: Params) -> list[Row]:
    """Return collateral conversion tiers; the key is misspelled as on the wire."""
    tiers = [{"tier": "1", "minAmount": "0", "maxAmount": "1000", "exchangeRate": "0.99"},
             {"tier": "2", "minAmount": "1000", "maxAmount": "-1", "exchangeRate": "0.98"}]
    return [{"coin": coin, "excahngeRateList": tiers} for coin in ("BTC", "ETH", "USDC")]


def discount_rate(market: Market, p: Params) -> list[Row]:
    """Return collateral haircuts."""
    tiers = [{"tier": "1", "minAmount": "0", "maxAmount": "10000", "discountRate": "0.99"},
             {"tier": "2", "minAmount": "10000", "maxAmount": "-1", "discountRate": "0.95"}]
    return [{"coin": coin, "userLimit": "100", "totalLimit": "1500", "discountRateList": tiers}
            for coin in ("BTC", "ETH", "USDC")]


def merge_depth(market: Market, p: Params) -> Row:
    """Return the book, grouped by price step; levels are JSON numbers."""
    listing = _one(market, p)
    scale = int(p.get("precision", "scale0")[-1])
    step = listing.tick.scaleb(scale)
    count = _DEPTHS[p["limit"]] if "limit" in p else 100
    bids, asks = market.depth(listing.symbol, 400)
    return {
        "asks": _grouped(asks, step, count, ROUND_CEILING), "bids": _grouped(bids, step, count, ROUND_FLOOR),
        "ts": str(market.stamp()), "scale": f"{step:f}", "precision": f"scale{scale}",
        "isMaxPrecision": "YES" if scale == 3 else "NO",
    }


def _grouped(levels: list[Level], step: Decimal, count: int, rounding: str) -> list[list[float]]:
    sums: dict[Decimal, Decimal] = {}
    for price, size in levels:
        level = (Decimal(price) / step).to_integral_value(rounding) * step
        sums[level] = sums.get(level, Decimal(0)) + Decimal(size)
        if len(sums) > count:
            del sums[level]
            break
    return [[float(price), float(size)] for price, size in sums.items()]


def _ticker_row(market: Market, listing: Listing) -> Row:
    row = market.shown_ticker(listing.symbol)
    last, utc = float(row["lastPr"]), float(row["openUtc"])
    return {
        "symbol": listing.symbol, "lastPr": row["lastPr"], "askPr": row["askPr"], "bidPr": row["bidPr"],
        "bidSz": row["bidSz"], "askSz": row["askSz"], "high24h": row["high24h"], "low24h": row["low24h"],
        "ts": row["ts"], "change24h": row["change24h"], "baseVolume": row["baseVolume"],
        "quoteVolume": row["quoteVolume"], "usdtVolume": row["quoteVolume"], "openUtc": row["openUtc"],
        "changeUtc24h": f"{last / utc - 1:.5f}", "indexPrice": row["indexPrice"], "fundingRate": row["fundingRate"],
        "holdingAmount": row["holdingAmount"], "deliveryStartTime": None, "deliveryTime": None, "deliveryStatus": "",
        "open24h": row["open24h"], "markPrice": row["markPrice"],
    }


def ticker(market: Market, p: Params) -> list[Row]:
    """Return one symbol's ticker in a list."""
    return [_ticker_row(market, _one(market, p))]


def tickers(market: Market, p: Params) -> list[Row]:
    """Return the tickers of a product type."""
    return [_ticker_row(market, listing) for listing in market.of_product(p["productType"])]


def fills(market: Market, p: Params) -> list[Row]:
    """Return recent trades, newest first."""
    count = min(int(p.get("limit", "100")), 100)
    return market.trades(_one(market, p), count, before_id=None, start_ms=0, end_ms=FAR)


def fills_history(market: Market, p: Params) -> list[Row]:
    """Return trades of at most seven days, up to ninety days back, newest first. Raises Refused 40707, 00001, 40704."""
    start, end = _window(p)
    now = market.tape.now_ms
    if start is not None and end is not None:
        if start > end:
            raise Refused("40707")
        if end - start > _WEEK:
            raise Refused("00001", "startTime and endTime interval cannot be greater than 7 days")
    if start is not None and start < now - 90 * DAY:
        raise Refused("40704")
    if end is None:
        end = start + _WEEK if start is not None else FAR - 1
    start = max(start if start is not None else min(end, now) - _WEEK, now - 90 * DAY)
    before = int(p["idLessThan"]) if "idLessThan" in p else None
    if before is not None and "startTime" not in p:
        start = max(min(start, (before >> 20) - _WEEK), now - 90 * DAY)
    rows = market.trades(_one(market, p), int(p.get("limit", "500")), before_id=before, start_ms=start,
                         end_ms=end + 1)
    # Capitalised in the documented samples of this endpoint alone (rest.md 2.9).
    return [{**row, "side": row["side"].capitalize()} for row in rows]


def candles(market: Market, p: Params) -> list[list[str]]:
    """Return recent candles, ascending, the open one last."""
    listing = _one(market, p)
    start, end = _window(p)
    bars = market.candles.recent(listing.coin, GRANULARITIES[p["granularity"]], start_ms=start, end_ms=end,
                                 limit=int(p.get("limit", "100")))
    return market.rest_candles(listing, bars, p.get("kLineType", "MARKET"))


def _history(kind: str) -> Answer:
    def answer(market: Market, p: Params) -> list[list[str]]:
        listing = _one(market, p)
        start, end = _window(p)
        bars = market.candles.history(listing.coin, GRANULARITIES[p["granularity"]], start_ms=start, end_ms=end,
                                      limit=int(p.get("limit", "100")))
        return market.rest_candles(listing, bars, kind)
    return answer


def open_interest(market: Market, p: Params) -> Row:
    """Return the open interest of one contract."""
    listing = _one(market, p)
    return {"openInterestList": [{"symbol": listing.symbol, "size": market.open_interest(listing)}],
            "ts": str(listing.ts)}


def funding_time(market: Market, p: Params) -> list[Row]:
    """Return the next settlement."""
    listing = _one(market, p)
    return [{"symbol": listing.symbol, "nextFundingTime": str(market.next_funding(listing.symbol)),
             "ratePeriod": str(listing.spec.fund_hours)}]


def symbol_price(market: Market, p: Params) -> list[Row]:
    """Return last, index and mark price."""
    listing = _one(market, p)
    return [{"symbol": listing.symbol, "price": str(listing.last), "indexPrice": str(listing.index),
             "markPrice": str(listing.mark), "ts": str(listing.ts)}]


def history_fund_rate(market: Market, p: Params) -> list[Row]:
    """Return settled rates, newest first, page-numbered."""
    listing = _one(market, p)
    size, page = int(p.get("pageSize", "20")), max(1, int(p.get("pageNo", "1")))
    return [{"symbol": listing.symbol, "fundingRate": rate, "fundingTime": str(ms)}
            for ms, rate in market.past_funding(listing, (page - 1) * size, size)]


def current_fund_rate(market: Market, p: Params) -> list[Row]:
    """Return the rate that settles next."""
    return [{"symbol": listing.symbol, "fundingRate": market.funding_rate(listing.symbol),
             "fundingRateInterval": str(listing.spec.fund_hours),
             "nextUpdate": str(market.next_funding(listing.symbol)), "minFundingRate": "-0.003",
             "maxFundingRate": "0.003"} for listing in _some(market, p)]


def oi_limit(market: Market, p: Params) -> list[Row]:
    """Return position-notional limits."""
    return [market.notional_limit(listing) for listing in _some(market, p)]


def contracts(market: Market, p: Params) -> list[Row]:
    """Return the contract rows."""
    return [market.contract(listing) for listing in _some(market, p)]


def query_position_lever(market: Market, p: Params) -> list[Row]:
    """Return the maintenance tiers."""
    return market.tiers(_one(market, p))


def _ratio(names: tuple[str, ...], *, volumes: bool = False) -> Answer:
    def answer(market: Market, p: Params) -> list[Row]:
        listing = market.listings.get(p["symbol"])
        if listing is None:
            raise Refused("40034", f"Parameter {p['symbol']} does not exist")
        step = _PERIOD_MS[p.get("period", "5m")]
        last = market.tape.now_ms // step * step
        bars = market.tape.hours(listing.coin, last - 29 * max(step, HOUR), last + HOUR)
        rows = []
        for i, bar in enumerate(bars[-30:]):
            share = min(max(0.5 + 8 * (bar.close / bar.open - 1), 0.1), 0.9)
            values = ((f"{bar.volume * share:.4f}", f"{bar.volume * (1 - share):.4f}") if volumes else
                      (f"{share:.4f}", f"{1 - share:.4f}", f"{share / (1 - share):.4f}"))
            ms = last - (min(len(bars), 30) - 1 - i) * step
            rows.append({**dict(zip(names, values, strict=True)), "ts": str(ms)})
        return rows
    return answer


ROUTES: dict[tuple[str, str], Answer] = {
    ("GET", _M + path): answer for path, answer in (
        ("vip-fee-rate", vip_fee_rate), ("union-interest-rate-history", union_interest_rate_history),
        ("exchange-rate", exchange_rate), ("discount-rate", discount_rate), ("merge-depth", merge_depth),
        ("ticker", ticker), ("tickers", tickers), ("fills", fills), ("fills-history", fills_history),
        ("candles", candles), ("history-candles", _history("MARKET")), ("history-index-candles", _history("INDEX")),
        ("history-mark-candles", _history("MARK")), ("open-interest", open_interest), ("funding-time", funding_time),
        ("symbol-price", symbol_price), ("history-fund-rate", history_fund_rate),
        ("current-fund-rate", current_fund_rate), ("oi-limit", oi_limit), ("contracts", contracts),
        ("query-position-lever", query_position_lever),
        ("long-short", _ratio(("longRatio", "shortRatio", "longShortRatio"))),
        ("taker-buy-sell", _ratio(("buyVolume", "sellVolume"), volumes=True)),
        ("position-long-short", _ratio(("longPositionRatio", "shortPositionRatio", "longShortPositionRatio"))),
        ("account-long-short", _ratio(("longAccountRatio", "shortAccountRatio", "longShortAccountRatio"))),
    )
}


def server_time(market: Market, p: Params) -> Row:
    """Return the server's clock."""
    return {"serverTime": str(market.stamp())}


ROUTES["GET", "/api/v2/public/time"] = server_time
