"""Make the report of a candidate: open its untouched tail once, judge the gates, store what was found."""
from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.adapters.advisors.artefact import sha_of
from bot.adapters.advisors.labels import parse_recipe
from bot.adapters.advisors.resolver import Costs
from bot.lab.bars import bars_hash
from bot.lab.dataset import build
from bot.lab.gates import Gate, gates, verdict
from bot.lab.history import History, history
from bot.lab.measure import tail_metrics
from bot.lab.registry import BY, NotRegistered, serve
from bot.lab.report_html import page
from bot.lab.trades import Choice
from bot.lab.train import spell
from bot.ports.lab_rows import TrialRow, VersionRow
from bot.ports.ledger import Ledger, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a report says: one line, the gates, all numbers, and the page."""

    verdict: str
    gates: tuple[Gate, ...]
    metrics: dict[str, Any]
    html: str


async def report(ledger: Ledger, version: VersionRow, at: datetime) -> Report:
    """Make or make again the report; the tail is opened the first time only and its opening is recorded.

    Raises NotRegistered where the data changed since the training: the tail could not be the same one.
    """
    metrics = json.loads(version.metrics)
    if "tail" not in metrics:
        metrics["tail"] = await _open_tail(ledger, version, metrics, at)
    found = gates(metrics)
    said = verdict(found)
    metrics["may_propose"] = all(each.passed for each in found if each.opens in ("report", "SHADOW", "PROPOSE"))
    html = page(version, metrics, found, said)
    await ledger.transact(lambda tx: tx.lab_models.move_version(
        version.id, version.state, report=html, metrics=spell(metrics)))
    return Report(verdict=said, gates=found, metrics=metrics, html=html)


async def _open_tail(ledger: Ledger, version: VersionRow, metrics: dict[str, Any], at: datetime) -> dict[str, Any]:
    artefact = serve(version)
    histories = [await _as_trained(ledger, symbol, version, metrics) for symbol in metrics["symbols"]]
    if sha_of("".join(bars_hash(each.bars) for each in histories)) != version.data_sha256:
        raise NotRegistered(f"The candles {version.id} was trained on are not those stored now; train again.")
    recipe = parse_recipe(version.label)
    data = build({each.symbol: each.bars for each in histories}, kernel=version.kernel, timeframe=metrics["timeframe"],
                 recipe=recipe, costs=Costs(fee=metrics["fee"], half_spread=metrics["half_spread"]),
                 sides=metrics["sides"], funding={each.symbol: each.funding for each in histories},
                 warmup=metrics["warmup"])
    choices = []
    for head in artefact.heads:
        for example in data[head.side].examples:
            if example.at >= metrics["tail_from"][head.side]:
                raw = head.model.predict(example.row)
                chance = head.calibration.chance(raw) if head.calibration else metrics["bases"][head.side]
                choices.append(Choice(example, head.side, raw, chance))
    found = tail_metrics(choices, recipe, metrics["bases"])
    begin = min(metrics["tail_from"].values())
    found["opened_before"] = await ledger.transact(lambda tx: _note(tx, version, metrics["family"], begin, at))
    return found


def _note(tx: Tx, version: VersionRow, family: str, begin: int, at: datetime) -> int:
    """Record the opening; give how often other models opened a tail that reaches into this one.

    Whoever looked at this stretch of time and trained again has seen it: its tail is untouched no more.
    """
    before = [one for one in tx.lab_models.trials(family) if one.kind == "tail"
              and json.loads(one.settings)["version"] != version.id
              and json.loads(one.settings)["data_to"] > begin]
    number = len(tx.lab_models.trials()) + 1
    settings = {"version": version.id, "from": begin, "data_to": round(version.data_to.timestamp() * 1000)}
    tx.lab_models.add_trial(TrialRow(id=f"T-{number:06d}-tail", family=family, kind="tail",
                                     settings=json.dumps(settings, sort_keys=True), seed=version.seed, by=BY, at=at))
    return len(before)


async def _as_trained(ledger: Ledger, symbol: str, version: VersionRow, metrics: dict[str, Any]) -> History:
    """Read the bars of the training again: what came later is cut off."""
    span = next(each for each in metrics["data"] if each["symbol"] == symbol)
    found = await history(ledger, symbol, metrics["timeframe"], until=version.data_to + timedelta(days=2))
    return replace(found, bars=[bar for bar in found.bars if span["from"] <= bar.at <= span["to"]])


