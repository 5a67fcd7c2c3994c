"""Give a client of the real stub over a loopback socket, on a real ledger, with short deadlines."""
from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.adapters.advisors.llm.budget import CostLimits
from bot.adapters.advisors.llm.circuit import Circuit
from bot.adapters.advisors.llm.client import Client, Mode, Trouble
from bot.adapters.advisors.llm.line import Line
from bot.adapters.advisors.llm.provider import Form, Provider, Wire
from bot.adapters.store.ledger import StoreLedger
from bot.adapters.system.clock import SystemClock
from bot.adapters.system.ids import SystemIds
from bot.domain.intent import Direction
from bot.ports.advisor import Context, Idea
from bot.ports.llm_calls import LlmCallRow
from bot.sandbox import model as stub
from tests.adapters.advisors.test_rules import LOUD, advance, bars, shown
from tests.support.ledgers import inline, sqlite

KEY = "sk-canary-4711"
ENOUGH = CostLimits(day=Decimal(10), month=Decimal(100), idea=Decimal(1))
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


def context(**changed: Any) -> Context:
    """Show an advance that the rules take for a breakout."""
    return replace(shown(bars(advance(), LOUD)), **changed)


def sound_idea(shown: Context, **changed: Any) -> Idea:
    """Give a long idea that fits a context."""
    fields: dict[str, Any] = {
        "symbol": shown.symbol, "direction": Direction.LONG, "stop": shown.mark * Decimal("0.99"),
        "target": shown.mark * Decimal("1.02"), "horizon": timedelta(hours=4), "thesis": "higher lows",
        "against": "late", "invalidation": "a lower low", "context_digest": shown.digest, **changed,
    }
    return Idea(**fields)


def provider(base_url: str = "http://127.0.0.1:9", **changed: Any) -> Provider:
    """Describe the stub; its prices are those of a large model."""
    fields: dict[str, Any] = {
        "name": "stub", "wire": Wire.OPENAI, "base_url": base_url, "model": "sandbox-model", "form": Form.SCHEMA,
        "price_in": Decimal(3), "price_out": Decimal(15), "max_output": 1_000, "deadline_s": 5.0, **changed,
    }
    return Provider(**fields)


@dataclass(slots=True, kw_only=True)
class Voice:
    """A client, the stub it asks, and the ledger it writes to."""

    client: Client
    model: stub.Model
    ledger: StoreLedger
    troubles: list[Trouble] = field(default_factory=list)

    async def rows(self) -> tuple[LlmCallRow, ...]:
        """List every question."""
        return await self.ledger.read(lambda tx: tx.llm_calls.since(BEGINNING))

    def mood(self, name: str, **given: Any) -> None:
        """Change how the stub behaves."""
        self.model.moods.set({"name": name, **given})


@asynccontextmanager
async def voice(
    directory: Path, *, mode: Mode = Mode.LIVE, limits: CostLimits = ENOUGH, url: str | None = None, **changed: Any
) -> AsyncIterator[Voice]:
    """Serve the stub and bind a client to it; `url` leads elsewhere."""
    clock = SystemClock()
    model = stub.Model(lambda: int(clock.now().timestamp() * 1000))
    async with stub.serve(model) as root, inline(sqlite(directory)) as ledger:
        described = provider(url or root, **changed)
        line = Line(described, KEY)
        client = Client(
            advisor="llm-test", provider=described, limits=limits, mode=mode, ledger=ledger, clock=clock,
            ids=SystemIds(), line=line, circuit=Circuit(deadline_s=described.deadline_s),
        )
        made = Voice(client=client, model=model, ledger=ledger)

        async def told(trouble: Trouble) -> None:
            made.troubles.append(trouble)

        client.told = told
        try:
            yield made
        finally:
            await line.close()
