"""Watch the exchange itself twice a second: how long positions are naked (I8) and whether limits are kept (I10)."""
from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bot.domain.trading import Readiness
from tests.walks.evidence import LIVE, ZERO, Breach, Leg, naked
from tests.walks.stage import Stage

LOOK_S = 0.5
NAKED_MAX_S = 20.0
# Seeing a position opened elsewhere takes a push or a reading, and a stop one more look.
SLACK_S = 3.0
NAKED_LIMIT_S = 75.0
AFTER_S = 12.0
# Weather in which the desk cannot read or ask at its usual pace; the deadline counts from its end.
BLOCKING = (
    "slow", "rate_limited", "maintenance", "silent_socket", "lists_lag", "accept_then_silence", "http_5xx",
    "html_body", "truncated_body", "reject_next", "stale_ticker", "clock_skew", "drop_socket", "arrive_late",
)
ACTIONS = ("place-tpsl-order", "place-pos-tpsl", "modify-tpsl-order", "place-order", "close-positions")


@dataclass
class Watchman:
    """Breaches seen so far, and since when each position is naked."""

    stage: Stage
    breaches: list[Breach] = field(default_factory=list)
    since: dict[Leg, float] = field(default_factory=dict)
    told: set[tuple[Leg, float]] = field(default_factory=set)
    worst: float = 0.0
    intervals: int = 0

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.look()

    def look(self) -> None:
        """Look once."""
        life = self.stage.life
        if life is None or life.gate.now is not Readiness.READY:
            self.stage.ready_at = self.stage.now
        if any(fault.name in BLOCKING for fault in self.stage.world.venue.faults.active()):
            self.stage.blocked_until = self.stage.now + AFTER_S
        truth = _holdings(self.stage)
        bare = naked(truth)
        now = self.stage.now
        for leg in [leg for leg in self.since if leg not in bare]:
            del self.since[leg]
        for leg in bare:
            if leg not in self.since:
                self.since[leg] = now
                self.intervals += 1
            self._deadline(leg, bare[leg], now)
        if self.stage.setting.limits is not None:
            self._limits(truth)

    def _deadline(self, leg: Leg, size: Decimal, now: float) -> None:
        """I8: naked for 20 s of a desk that is up and an exchange that is itself, and nothing done about it."""
        stage = self.stage
        start = max(self.since[leg], stage.ready_at, stage.blocked_until)
        able = max(start, stage.disturbed_until)
        if now - start > NAKED_MAX_S + SLACK_S and (leg, start) not in self.told:
            if leg in _waived(stage):
                self.since[leg] = now
                return
            acted = _acted(stage, start)
            if not acted or now - able > NAKED_LIMIT_S:
                self.told.add((leg, start))
                self.breaches.append(
                    Breach(
                        invariant="I8",
                        words=f"{leg} naked by {size} for {now - start:.1f} s, acted: {acted}, "
                        f"{now - able:.1f} s since the weather cleared",
                        exchange=str([p for p in stage.truth()["positions"] if p["symbol"] == leg[0]]),
                        books=str([p for p in stage.books()["protections"] if p["symbol"] == leg[0]]),
                    )
                )
        self.worst = max(self.worst, now - able)

    def _limits(self, truth: dict[str, Any]) -> None:
        """I10: what lives at the exchange stays within the limits; prices may move values by a fifth."""
        limits = self.stage.setting.limits
        assert limits is not None and limits.symbol_notional is not None and limits.account_notional is not None
        assert limits.positions is not None and limits.orders is not None and limits.symbol_orders is not None
        values: dict[str, Decimal] = {}
        legs = {(row["symbol"], row["holdSide"].upper()) for row in truth["positions"]}
        for row in truth["positions"]:
            values[row["symbol"]] = values.get(row["symbol"], ZERO) + row["value"]
        for row in truth["waiting"]:
            values[row["symbol"]] = values.get(row["symbol"], ZERO) + row["value"]
            legs.add((row["symbol"], row["direction"]))
        loose = Decimal("1.12")
        broken = [f"{name} {value:.0f}" for name, value in values.items() if value > limits.symbol_notional * loose]
        if sum(values.values(), ZERO) > limits.account_notional * loose:
            broken.append(f"account {sum(values.values(), ZERO):.0f}")
        if len(legs) > limits.positions:
            broken.append(f"{len(legs)} positions")
        if truth["resting"] > limits.orders:
            broken.append(f"{truth['resting']} orders")
        if broken and not any(one.invariant == "I10" for one in self.breaches):
            self.breaches.append(
                Breach(invariant="I10", words=", ".join(broken), exchange=str(truth), books=str(limits))
            )


def _holdings(stage: Stage) -> dict[str, Any]:
    """Read positions, guards and waiting openings of the account, without the cost of the whole ledger."""
    account = stage.world.venue.engine.accounts["main"]
    positions = [
        {
            "symbol": p.spec.symbol, "holdSide": p.hold_side, "total": p.size,
            "value": p.size * min(p.entry, stage.price(p.spec.symbol)),
        }
        for p in account.positions.values()
        if p.size > ZERO
    ]
    plans = [
        {
            "planStatus": plan.status, "planType": plan.kind, "symbol": plan.spec.symbol, "size": plan.size,
            "posSide": plan.hold_side, "side": plan.side,
        }
        for plan in account.live_plans.values()
    ]
    resting = list(account.open_orders.values())
    waiting = [
        {
            "symbol": o.spec.symbol, "direction": "LONG" if o.buys else "SHORT",
            "value": o.left * min(o.price or stage.price(o.spec.symbol), stage.price(o.spec.symbol)),
        }
        for o in resting
        if not o.closing and not o.reduce_only and o.status in LIVE
    ]
    triggers = sum(1 for plan in account.live_plans.values() if plan.kind in ("normal_plan", "track_plan"))
    return {"positions": positions, "plans": plans, "waiting": waiting, "resting": len(resting) + triggers}


def _waived(stage: Stage) -> set[Leg]:
    return {
        (row["symbol"], row["direction"]) for row in stage.books()["protections"] if row["state"] == "WAIVED"
    }


def _acted(stage: Stage, since: float) -> bool:
    """Tell whether the desk asked for anything that guards or closes since then."""
    epoch = stage.world.venue.clock.started_ms
    return any(
        row["method"] == "POST" and row["path"].endswith(ACTIONS) and row["when"] - epoch >= (since - 2) * 1000
        for row in stage.truth()["requests"][-400:]
    )
