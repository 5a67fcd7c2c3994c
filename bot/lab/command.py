"""Answer `wiredesk lab …`: read its words, run one step, print what came of it in sentences."""
from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bot.adapters.advisors.bar import minutes_of
from bot.adapters.advisors.labels import SIDES, parse_recipe
from bot.adapters.advisors.resolver import Costs
from bot.domain.ids import Symbol
from bot.lab.canary import sing
from bot.lab.dataset import build
from bot.lab.fetch import PRICES, fetch, fetch_interest, store_funding
from bot.lab.fetch_trades import DAYS_MOST, fetch_trades
from bot.lab.fit import KINDS
from bot.lab.folds import TooShort, split
from bot.lab.history import NoHistory, history
from bot.lab.import_file import BATCH, NotImported, import_file, series_of
from bot.lab.progress import Progress
from bot.lab.registry import NotRegistered, Origin, count_trial, find, register, store, verify
from bot.lab.report import report
from bot.lab.report_png import picture
from bot.lab.skew import skew
from bot.lab.train import KERNEL, Order, train
from bot.lab.train_gbt import NotInstalled, need_trainer
from bot.ports.clock import Clock
from bot.ports.lab_rows import Series, VersionRow
from bot.ports.ledger import Ledger
from bot.ports.ledger_rows import LedgerRefused
from bot.ports.market import Market, MarketSilent

REFUSALS = (NoHistory, NotImported, NotRegistered, NotInstalled, TooShort, MarketSilent, LedgerRefused, ValueError)
BYTES_A_ROW = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What the lab works with: the ledger, the clock, where files go, where words go, and the exchange on demand."""

    ledger: Ledger
    clock: Clock
    folder: Path
    out: TextIO
    origin: Origin
    market: Callable[[], AbstractAsyncContextManager[Market]]

    def say(self, words: str) -> None:
        """Print a line."""
        print(words, file=self.out, flush=True)

    def bar(self, words: str, total: int, unit: str = "rows") -> Progress:
        """Start a progress bar."""
        return Progress(words, total, self.clock.monotonic, self.out, unit)


def parser() -> argparse.ArgumentParser:
    """Build the parser of the lab's steps; each has defaults for all but its file or model."""
    top = argparse.ArgumentParser(prog="wiredesk lab", description="Train, test and register models.")
    steps = top.add_subparsers(dest="step", required=True, metavar="STEP")

    def step(name: str, words: str) -> argparse.ArgumentParser:
        return steps.add_parser(name, help=words, description=words)

    fetching = step("fetch", "read history from the exchange into the ledger")
    fetching.add_argument("--symbols", default="BTCUSDT,ETHUSDT")
    fetching.add_argument("--tf", default="15m")
    fetching.add_argument("--days", type=int, default=900)
    fetching.add_argument("--prices", default="last,mark,index", help="which of last, mark, index")
    fetching.add_argument("--fills", type=int, default=0, metavar="DAYS",
                          help=f"public trades of the last days too, at most {DAYS_MOST} (default: none; a busy "
                               "contract has a million a day)")
    importing = step("import", "read candles from a CSV file, plain or gzipped")
    importing.add_argument("file", type=Path)
    importing.add_argument("--symbol")
    importing.add_argument("--tf")
    for name, words in (("train", "train and judge a model"), ("canary", "show that leaks would be seen")):
        made = step(name, words)
        made.add_argument("--kind", choices=KINDS, default="logit")
        made.add_argument("--symbols", default="BTCUSDT")
        made.add_argument("--tf", default="15m")
        made.add_argument("--label", default="tb:2/1/48")
        made.add_argument("--side", choices=("long", "short", "both"), default="both")
        made.add_argument("--seed", type=int, default=7)
        made.add_argument("--days", type=int, help="only the last days (default: all that is stored)")
        made.add_argument("--fee", type=float, default=Costs().fee, help="a side, as a fraction")
        made.add_argument("--half-spread", type=float, default=Costs().half_spread, help="a side, as a fraction")
        made.add_argument("--warmup", type=int, help="bars (default: 1500, less for short histories)")
    for name, words in (("report", "write the report of a model as HTML and PNG"),
                        ("register", "let a model with a passing report start in SHADOW"),
                        ("verify", "compare a stored model with what was trained")):
        step(name, words).add_argument("model", nargs="?", help="its id, such as M-7F3A (default: the newest)")
    step("skew", "replay candles and compare with what live models saw").add_argument("--days", type=int, default=1)
    step("list", "list models and how they stand")
    return top


async def run(words: Sequence[str], bench: Bench) -> int:
    """Run one step; gives 0 when it was done as said, 1 with a sentence on the error output when not."""
    given = parser().parse_args(list(words))
    try:
        return await STEPS[given.step](given, bench)
    except REFUSALS as fault:
        print(fault, file=sys.stderr)
        return 1


async def _import(given: argparse.Namespace, bench: Bench) -> int:
    if not given.file.is_file():
        raise NotImported(f"There is no file {given.file}.")
    series, size = series_of(given.file, given.symbol, given.tf), given.file.stat().st_size
    progress = bench.bar(f"import {series.symbol} {series.timeframe}", max(BATCH, size // BYTES_A_ROW))
    found = await import_file(bench.ledger, given.file, series, bench.clock.now(), progress)
    progress.end()
    bench.say(f"{series.symbol} {series.timeframe}: {found.read:,} candles from {found.first:%Y-%m-%d %H:%M} to "
              f"{found.last:%Y-%m-%d %H:%M}, {found.written:,} new, {found.missing:,} missing between them.")
    return 0


async def _fetch(given: argparse.Namespace, bench: Bench) -> int:
    minutes_of(given.tf)
    now = bench.clock.now()
    async with bench.market() as market:
        for symbol in map(Symbol, _symbols(given)):
            for price in given.prices.split(","):
                if price not in PRICES:
                    raise ValueError(f"A price is one of {', '.join(PRICES)}, not {price!r}.")
                series = Series(symbol=symbol, timeframe=given.tf, price=PRICES[price])
                found = await fetch(bench.ledger, market, series, days=given.days, now=now,
                                    bar=lambda total, name=f"fetch {symbol} {given.tf} {price}":  # type: ignore[misc]
                                    bench.bar(name, total))
                bench.say(f"{symbol} {given.tf} {price}: {found.written:,} new, {found.count:,} stored, "
                          f"{found.missing:,} missing between them.")
            funding = await market.funding_history(symbol)
            bench.say(f"{symbol}: {await store_funding(bench.ledger, symbol, list(funding), now):,} new funding rates.")
            bench.say(await fetch_interest(bench.ledger, market, symbol, now))
            if given.fills:
                await _fetch_trades(given, bench, market, symbol)
    return 0


async def _fetch_trades(given: argparse.Namespace, bench: Bench, market: Market, symbol: Symbol) -> None:
    found = await fetch_trades(
        bench.ledger, market, Series(symbol=symbol, timeframe=given.tf), days=given.fills, now=bench.clock.now(),
        bar=lambda total: bench.bar(f"fetch {symbol} public trades", total, "minutes"))
    bench.say(f"{symbol} public trades: {found.written:,} new, {found.minutes_missing:,} minutes missing, "
              f"{found.candles_without:,} {given.tf} candles with volume but no trade.")


def _symbols(given: argparse.Namespace) -> tuple[str, ...]:
    """Read the contracts that are named, in either case, with or without blanks."""
    return tuple(word.strip().upper() for word in given.symbols.split(",") if word.strip())


def _order(given: argparse.Namespace) -> Order:
    parse_recipe(given.label)
    return Order(kind=given.kind, symbols=_symbols(given), timeframe=given.tf, label=given.label,
                 sides=tuple(SIDES) if given.side == "both" else (given.side.upper(),), seed=given.seed,
                 costs=Costs(fee=given.fee, half_spread=given.half_spread), warmup=given.warmup)


async def _train(given: argparse.Namespace, bench: Bench) -> int:
    order = _order(given)
    if order.kind == "gbt":
        # Before the trial is counted: nothing is tried without it.
        need_trainer()
    histories = [await history(bench.ledger, symbol, order.timeframe, days=given.days) for symbol in order.symbols]
    for each in histories:
        bench.say(f"{each.symbol} {order.timeframe}: {len(each.bars):,} bars (from stored {each.source}), "
                  f"{each.missing:,} missing.")
    trial, trials, tried = await count_trial(bench.ledger, order, bench.clock.now())
    folds = 5 * len(order.sides) * (1 if order.kind == "logit" else 2)
    progress = bench.bar(f"train {order.kind}, trial {trials}", folds + 3, "steps")
    found = train(order, histories, trials=trials, tried=tried, step=lambda _: progress.add())
    progress.end()
    version = await store(bench.ledger, order, found, trial, bench.origin, bench.clock.now())
    shown = found.metrics
    bench.say(f"{version.id}: {found.kind}, AUC {shown['auc']:.3f}, Brier skill {shown['brier_skill']:+.4f}, "
              f"{shown['trades']['count']} trades of {shown['trades']['mean_r']:+.3f}R out of fold; "
              f"trial {trials} of its family. Next: wiredesk lab report {version.id}")
    return 0


async def _canary(given: argparse.Namespace, bench: Bench) -> int:
    order = _order(given)
    histories = [await history(bench.ledger, symbol, order.timeframe, days=given.days) for symbol in order.symbols]
    data = build({each.symbol: each.bars for each in histories}, kernel=KERNEL, timeframe=order.timeframe,
                 recipe=parse_recipe(order.label), costs=order.costs, sides=order.sides[:1], warmup=order.warmup)
    found = next(iter(data.values()))
    canaries = sing(found, split(found.examples, found.horizon_ms), order.seed, order.kind)
    bench.say(f"A feature from the future: AUC {canaries.future_auc:.3f} (must be above 0.9). Shuffled labels: AUC "
              f"{canaries.noise_auc:.3f} (must be 0.5 ± 0.03). {'Both are' if canaries.passed else 'NOT both are'} so.")
    return 0 if canaries.passed else 1


async def _chosen(given: argparse.Namespace, bench: Bench) -> VersionRow:
    version = await find(bench.ledger, given.model)
    if given.model is None:
        made = f"{version.created_at:%Y-%m-%d %H:%M}"
        bench.say(f"The newest model is {version.id}, {version.state.value.lower()}, made {made}.")
    return version


async def _report(given: argparse.Namespace, bench: Bench) -> int:
    version = await _chosen(given, bench)
    made = await report(bench.ledger, version, bench.clock.now())
    bench.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    page = bench.folder / f"{version.id}.html"
    page.write_text(made.html, encoding="utf-8")
    image = bench.folder / f"{version.id}.png"
    image.write_bytes(picture(version.id, made.metrics, made.gates, made.verdict))
    bench.say(f"{version.id}: {made.verdict}")
    for gate in made.gates:
        bench.say(f"  {'passed' if gate.passed else 'NOT':<7}{gate.name:<26} {gate.found} (asked {gate.asked}; "
                  f"opens {gate.opens})")
    bench.say(f"Written: {page} and {image}")
    return 0


async def _register(given: argparse.Namespace, bench: Bench) -> int:
    bench.say(await register(bench.ledger, await _chosen(given, bench), bench.clock.now()))
    return 0


async def _verify(given: argparse.Namespace, bench: Bench) -> int:
    version = await _chosen(given, bench)
    found = verify(version)
    words = f"{version.id}: SHA-256 {found.sha256[:16]}… and {found.golden} golden vectors are as trained."
    if found.rows:
        words += f" {found.identical:,} of {found.rows:,} rows identical to LightGBM, at most {found.largest} apart."
    elif version.kind == "gbt":
        words += " LightGBM is not installed here, so the trees were not compared with it."
    bench.say(words)
    return 0 if found.identical in (None, found.rows) else 1


async def _skew(given: argparse.Namespace, bench: Bench) -> int:
    found = await skew(bench.ledger, bench.clock.now(), given.days)
    for each in found:
        fell = " It fell to SHADOW." if each.fell else ""
        bench.say(f"{each.advisor}: {each.compared:,} rows compared, {len(each.differ)} differ, {each.absent} without "
                  f"a stored candle.{fell}")
    if not found:
        bench.say("No model is registered; there is nothing to compare.")
    return 1 if any(each.differ for each in found) else 0


async def _list(given: argparse.Namespace, bench: Bench) -> int:
    versions = await bench.ledger.read(lambda tx: tx.lab_models.versions())
    for one in versions:
        metrics = json.loads(one.metrics)
        bench.say(f"{one.id:<10} {one.state.value:<10} {one.kind:<6} {','.join(metrics['symbols'])} "
                  f"{metrics['timeframe']} {one.label}  skill {metrics['brier_skill']:+.4f}  "
                  f"{metrics['trades']['mean_r']:+.3f}R  {one.created_at:%Y-%m-%d %H:%M}")
    if not versions:
        bench.say("There are no models yet. Run: wiredesk lab import FILE, then wiredesk lab train")
    return 0


Step = Callable[[argparse.Namespace, Bench], Awaitable[int]]
STEPS: dict[str, Step] = {
    "fetch": _fetch, "import": _import, "train": _train, "report": _report, "register": _register,
    "verify": _verify, "skew": _skew, "canary": _canary, "list": _list,
}
