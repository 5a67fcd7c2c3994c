"""Write the report as one page that needs nothing else (advisor section 7, points 1 to 14)."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from bot.domain.record import moment_of
from bot.lab.gates import Gate
from bot.lab.report_svg import equity_svg, histogram_svg, reliability_svg
from bot.ports.lab_rows import VersionRow

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#222;max-width:1000px;margin:2em auto;padding:0 1em}
h1{font-size:1.4em;margin-bottom:.2em}h2{font-size:1.05em;margin:1.8em 0 .4em;border-bottom:1px solid #ddd}
.verdict{padding:.8em 1em;background:#f4f1e8;border-left:4px solid #b08a2e;font-weight:600}
table{border-collapse:collapse;font-size:13px;margin:.4em 0}td,th{padding:.2em .7em;border-bottom:1px solid #eee;
text-align:right;font-variant-numeric:tabular-nums}td:first-child,th:first-child{text-align:left}
.no{color:#a33}.yes{color:#2a7a3a}figure{display:inline-block;width:460px;margin:.5em .5em 0 0;vertical-align:top}
figcaption{font-size:12px;color:#555}code{font-size:12px;background:#f6f6f6;padding:.1em .3em;word-break:break-all}
p.note{font-size:13px;color:#555}
"""
Cell = Any


def page(version: VersionRow, metrics: Mapping[str, Any], found: Sequence[Gate], said: str) -> str:
    """Give the whole page; every word in it is escaped."""
    parts = [
        f"<h1>{escape(version.id)} · {escape(metrics['kind'])} · {escape(', '.join(metrics['symbols']))} "
        f"{escape(metrics['timeframe'])} · {escape(metrics['label'])}</h1>",
        f'<p class="verdict">{escape(said)}</p>',
        _section("Gates", _gates(found)),
        _section("Data", _data(version, metrics)),
        _section("Folds", _folds(metrics)),
        _section("Calibration and results", reliability_svg(metrics["reliability"]) + equity_svg(metrics["equity"])
                 + histogram_svg(metrics["histogram"]) + _coverage(metrics)),
        _section("Where it was earned", _slices(metrics)),
        _section("Luck", _luck(metrics)),
        _section("Features", _features(metrics)),
        _section("Against simpler things", _against(metrics)),
        _section("Costs", _costs(metrics)),
        _section("Untouched tail", _tail(metrics)),
        _section("Make it again", _again(version, metrics)),
    ]
    return (f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>{escape(version.id)}</title><style>{STYLE}</style><body>{''.join(parts)}</body></html>\n")


def _section(title: str, inner: str) -> str:
    return f"<h2>{escape(title)}</h2>{inner}"


def _table(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    top = "".join(f"<th>{escape(each)}</th>" for each in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"


def _note(words: str) -> str:
    return f'<p class="note">{escape(words)}</p>'


def _day(stamp: int) -> str:
    return moment_of(stamp).strftime("%Y-%m-%d %H:%M")


def _gates(found: Sequence[Gate]) -> str:
    rows = "".join(
        f'<tr><td>{escape(gate.name)}</td><td>{escape(gate.asked)}</td><td>{escape(gate.found)}</td>'
        f'<td>{escape(gate.opens)}</td><td class="{"yes" if gate.passed else "no"}">'
        f'{"passed" if gate.passed else "not passed"}</td></tr>' for gate in found)
    return (f"<table><tr><th>gate</th><th>asked</th><th>found</th><th>opens</th><th></th></tr>{rows}</table>"
            + _note("Offline results never grant autonomy. They decide where a model may start."))


def _data(version: VersionRow, metrics: Mapping[str, Any]) -> str:
    rows = [(each["symbol"], f"{each['bars']:,}", _day(each["from"]), _day(each["to"]), each["missing"], each["source"],
             each["funding"]) for each in metrics["data"]]
    short = metrics["warmup"] < 1500
    return (_table(("symbol", "bars", "from", "to", "missing", "built from", "funding rates"), rows)
            + _note(f"Data SHA-256 {version.data_sha256[:16]}…, {version.rows:,} training rows, warm-up "
                    f"{metrics['warmup']:,} bars"
                    + (", less than the 1,500 of live predictions: the history is short." if short else ".")))


def _folds(metrics: Mapping[str, Any]) -> str:
    rows = [(f"{fold['side']} {fold['number']}", f"{_day(fold['train_from'])} – {_day(fold['train_to'])}",
             f"{_day(fold['test_from'])} – {_day(fold['test_to'])}", fold["train_rows"], fold["test_rows"],
             f"{fold['auc']:.3f}", f"{fold['brier_skill']:+.4f}", fold["trades"], f"{fold['mean_r']:+.3f}",
             f"{fold['drawdown']:.1f}") for fold in metrics["folds"]]
    return _table(("fold", "trained on", "tested on", "rows", "tests", "AUC", "Brier skill", "trades", "mean R",
                   "worst drawdown R"), rows)


def _coverage(metrics: Mapping[str, Any]) -> str:
    found = metrics["coverage"]
    if found["share"] is None:
        return _note("No fold held enough outcomes to test the ranges.")
    return _note(f"Ranges meant to hold 80 % of outcomes held {found['share']:.1%} of {found['count']:,} later ones.")


def _slices(metrics: Mapping[str, Any]) -> str:
    return "".join(_table((name, "trades", "mean R"), [(label, count, f"{mean:+.3f}") for label, count, mean in rows])
                   for name, rows in metrics["slices"].items() if rows) or _note("No trade was taken.")


def _luck(metrics: Mapping[str, Any]) -> str:
    pbo = metrics["overfitting"]
    canary = metrics["canaries"]
    rows = [
        ("Sharpe ratio per trade", f"{metrics['sharpe']:+.3f}"),
        ("chance that it is above 0 (PSR), trials ignored", f"{metrics['probabilistic_sharpe']:.3f}"),
        (f"deflated by {metrics['trials']} trials (DSR)", f"{metrics['deflated_sharpe']:.3f}"),
        ("labels shuffled in blocks fit as well (permutation p)", f"{metrics['permutation_p']:.3f}"),
        ("probability of backtest overfitting (PBO)", "–" if pbo is None else f"{pbo:.2f}"),
        ("canary: a feature from the future, AUC", f"{canary['future_auc']:.3f}"),
        ("canary: shuffled labels, AUC", f"{canary['noise_auc']:.3f}"),
    ]
    return (_table(("measure", "value"), rows)
            + _note("PBO between settings that move together lets noise pass four times in ten: read it only."))


def _features(metrics: Mapping[str, Any]) -> str:
    top = metrics["features"]["top"]
    folds = len(top[0][1]) if top else 0
    rows = [(name, *(f"{weight:.1%}" for weight in weights)) for name, weights in top]
    return (_table(("feature", *(f"fold {number}" for number in range(1, folds + 1))), rows)
            + _note(f"Folds rank features alike by {metrics['features']['rank_stability']:+.2f} (1 equal, 0 chance)."))


def _against(metrics: Mapping[str, Any]) -> str:
    trades = metrics["trades"]
    rows = [("this model", trades["count"], f"{trades['mean_r']:+.3f}"),
            *((name, count, f"{mean:+.3f}") for name, (count, mean) in metrics["baselines"].items())]
    held = ", ".join(f"{symbol} {value:+.1%}" for symbol, value in metrics["buy_and_hold"].items())
    contest = metrics["contest"]
    words = f"Buy and hold over the test folds: {held}."
    if contest:
        words += (f" Trees gained {contest['gain']:+.4f} AUC over the logistic baseline (standard error "
                  f"{contest['standard_error']:.4f}); chosen is {contest['chosen']}.")
    return _table(("", "trades", "mean R"), rows) + _note(words)


def _costs(metrics: Mapping[str, Any]) -> str:
    trades = metrics["trades"]
    share = "–" if trades["cost_share"] is None else f"{trades['cost_share']:.0%}"
    even = "–" if trades["break_even_costs"] is None else f"{trades['break_even_costs']:.2f}x"
    return (_table(("costs", "mean R"), [(f"{times}x", f"{mean:+.3f}") for times, mean in metrics["costs"].items()])
            + _note(f"Fee {metrics['fee']:.4%} and half spread {metrics['half_spread']:.4%} a side; they took {share} "
                    f"of gross R; it breaks even at {even} of them. Profit factor {trades['profit_factor']:.2f}, "
                    f"{trades['won']} of {trades['count']} won (printed, no gate)."))


def _tail(metrics: Mapping[str, Any]) -> str:
    tail = metrics.get("tail")
    if not tail:
        return _note("Not opened yet.")
    begin = _day(min(metrics["tail_from"].values()))
    return _note(f"From {begin}: {tail['examples']:,} examples, AUC {tail['auc']:.3f}, Brier skill "
                 f"{tail['brier_skill']:+.4f}, {tail['count']} trades, mean {tail['mean_r']:+.3f}R, worst drawdown "
                 f"{tail['drawdown']:.1f}R. Opened {tail['opened_before']} times before by others of its family.")


def _again(version: VersionRow, metrics: Mapping[str, Any]) -> str:
    side = "both" if len(metrics["sides"]) == 2 else metrics["sides"][0].lower()
    command = (f"wiredesk lab train --kind {metrics['asked_kind']} --symbols {','.join(metrics['symbols'])} "
               f"--tf {metrics['timeframe']} --label {metrics['label']} --side {side} --seed {metrics['seed']}")
    return (f"<p><code>{escape(command)}</code></p>"
            + _note(f"Program {version.revision}, {version.versions}, artefact SHA-256 {version.sha256}."))
