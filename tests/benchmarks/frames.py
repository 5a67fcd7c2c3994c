"""Make the pushes that the benchmarks replay: recorded shapes, five symbols, every frame different, all from a seed."""
from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[1] / "data" / "bitget"
BASES = ("BTC", "ETH", "SOL", "XRP", "DOGE")
HELD = 3
LIVE_ORDERS = 20
STAMP_MS = 1_695_716_059_516
FILL_FIELDS = (
    "feeDetail", "fillFee", "fillFeeCoin", "fillNotionalUsd", "fillPrice", "baseVolume", "fillTime", "pnl",
    "tradeScope", "tradeId",
)  # fmt: skip


def recorded(channel: str) -> dict[str, Any]:
    """Give the recorded push of a channel."""
    push: dict[str, Any] = json.loads((VECTORS / f"push_{channel}.json").read_text())
    return push


def _written(push: dict[str, Any]) -> bytes:
    return json.dumps(push, separators=(",", ":")).encode()


def ticker_frames(count: int, seed: int = 1) -> Iterator[bytes]:
    """Yield tickers of five symbols that walk in steps of a tenth."""
    draw, push = random.Random(seed), recorded("ticker")
    row, prices = push["data"][0], dict.fromkeys(BASES, 270_005)
    for place in range(count):
        base = draw.choice(BASES)
        prices[base] += draw.randint(-20, 20)
        last, symbol, stamp = prices[base], f"{base}USDT", STAMP_MS + place
        row |= {
            "instId": symbol, "symbol": symbol, "lastPr": f"{last / 10:.1f}", "bidPr": f"{(last - 1) / 10:.1f}",
            "askPr": f"{last / 10:.1f}", "markPrice": f"{(last + draw.randint(-5, 5)) / 10:.1f}",
            "indexPrice": f"{(last + draw.randint(-90, 90)) / 10:.1f}", "bidSz": f"{draw.random() * 9:.3f}",
            "askSz": f"{draw.random() * 9:.3f}", "change24h": f"{last / 270_005 - 1:.5f}",
            "holdingAmount": f"{929 + draw.random():.3f}", "baseVolume": f"{36_800 + place / 10:.3f}",
            "quoteVolume": f"{10_152_429 + place * 2_700.05:.3f}", "ts": str(stamp),
        }  # fmt: skip
        argument = push["arg"] | {"instId": symbol}
        yield _written(push | {"arg": argument, "ts": stamp + 18})


def order_frames(count: int, seed: int = 1) -> Iterator[bytes]:
    """Yield order pushes: at any time twenty live orders, a third of the pushes new ones, the others executions."""
    draw, push = random.Random(seed), recorded("orders")
    filled_row, live, made = push["data"][0], [], 0
    for place in range(count):
        stamp = str(STAMP_MS + place)
        if len(live) < LIVE_ORDERS or draw.random() < 1 / 3:
            made += 1
            row = filled_row | {
                "orderId": str(1_111_465_253_393_825_792 + made), "clientOid": f"wd-20260101-{made:06d}",
                "instId": f"{draw.choice(BASES)}USDT", "status": "live", "orderType": "limit", "size": "0.05",
                "price": f"{27_000 + draw.randint(-99, 99) / 10:.1f}", "accBaseVolume": "0", "priceAvg": "",
                "cTime": stamp, "uTime": stamp,
            }  # fmt: skip
            row["full"] = draw.randint(1, 4)
            live.append(row)
            told = {name: value for name, value in row.items() if name not in FILL_FIELDS}
        else:
            row = draw.choice(live)
            row["full"] -= 1
            row |= {
                "status": "partially_filled" if row["full"] else "filled", "uTime": stamp, "fillTime": stamp,
                "accBaseVolume": f"{0.05 - row['full'] / 100:.2f}", "fillPrice": row["price"],
                "priceAvg": row["price"], "fillFee": f"{-draw.random():.6f}",
                "tradeId": str(1_111_468_664_328_269_825 + place),
            }  # fmt: skip
            row["feeDetail"] = [{"feeCoin": "USDT", "fee": row["fillFee"]}]
            if not row["full"]:
                live.remove(row)
            told = dict(row)
        del told["full"]
        yield _written(push | {"data": [told], "ts": int(stamp) + 60})


def position_frames(count: int, seed: int = 1) -> Iterator[bytes]:
    """Yield pushes of three positions whose marks move."""
    draw, push = random.Random(seed), recorded("positions")
    for place in range(count):
        rows = []
        for base in BASES[:HELD]:
            mark = 43_845.8 + draw.randint(-900, 900) / 10
            rows.append(push["data"][0] | {
                "instId": f"{base}USDT", "markPrice": f"{mark:.1f}", "unrealizedPL": f"{(mark - 43_849) / 1000:.4f}",
                "unrealizedPLR": f"{(mark - 43_849) / 2_192.45:.11f}", "marginSize": f"{mark / 20_000:.5f}",
                "marginRate": f"{draw.random() / 100:.12f}", "uTime": str(STAMP_MS + place),
            })  # fmt: skip
        yield _written(push | {"data": rows, "ts": STAMP_MS + place + 20})


def book_frames(count: int, levels: int, seed: int = 1) -> Iterator[bytes]:
    """Yield a snapshot of 400 levels a side and updates of `levels` a side: near the top, a quarter deletions."""
    draw = random.Random(seed)
    sides: list[dict[Decimal, tuple[str, str]]] = [{}, {}]
    argument = {"instType": "USDT-FUTURES", "channel": "books", "instId": "BTCUSDT"}

    def frame(action: str, changes: list[list[list[str]]], seq: int, checksum: int) -> bytes:
        row = {"asks": changes[1], "bids": changes[0], "checksum": checksum, "seq": seq, "ts": str(STAMP_MS + seq)}
        return _written({"action": action, "arg": argument, "data": [row], "ts": STAMP_MS + seq})

    def price(side: int, steps: int) -> str:
        return f"{27000 - steps * 0.1 if side == 0 else 27000.1 + steps * 0.1:.1f}"

    whole = [[[price(side, step), f"{draw.random() * 9 + 0.1:.3f}"] for step in range(400)] for side in (0, 1)]
    for side in (0, 1):
        sides[side] = {Decimal(text): (text, size) for text, size in whole[side]}
    yield frame("snapshot", whole, 1, 0)
    for seq in range(2, count + 2):
        changes: list[list[list[str]]] = [[], []]
        for side in (0, 1):
            for steps in draw.sample(range(60), levels):
                text, size = price(side, steps), "0" if draw.random() < 0.25 else f"{draw.random() * 9 + 0.1:.3f}"
                changes[side].append([text, size])
                sides[side].pop(Decimal(text), None)
                if size != "0":
                    sides[side][Decimal(text)] = (text, size)
        best = [[":".join(sides[side][key]) for key in sorted(sides[side], reverse=side == 0)[:25]] for side in (0, 1)]
        crc = zlib.crc32(":".join(part for pair in zip(*best, strict=True) for part in pair).encode())
        yield frame("update", changes, seq, crc - (1 << 32) if crc >> 31 else crc)
