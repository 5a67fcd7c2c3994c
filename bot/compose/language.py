"""Build the voices of the language models that the settings ask for: proposer, critic, reader."""
from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from bot.adapters.advisors.llm.budget import CostLimits
from bot.adapters.advisors.llm.circuit import Circuit
from bot.adapters.advisors.llm.client import Client, Mode, Trouble
from bot.adapters.advisors.llm.line import Line
from bot.adapters.advisors.llm.probe import Probed, due, probe
from bot.adapters.advisors.llm.prompt import CRITICISE_PURPOSE, PROPOSE_PURPOSE, READ_PURPOSE, instructions_of
from bot.adapters.advisors.llm.provider import Form, Provider, Wire, version_of
from bot.adapters.advisors.llm.reader import Newsroom
from bot.desk.seat import Seat
from bot.desk.silence import model_answers, model_changed, model_silent
from bot.desk.wish import symbol_words
from bot.ports.lab_rows import AdvisorRow
from bot.settings import LLM, ModelRow, Settings, models_in

CRITIC, READER = "critic", "reader"
VERSION_LETTERS = 6
LOOK_S = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """Who speaks for the models: a proposer by the name the settings ask it by; None where nobody asked for it."""

    proposers: Mapping[str, Client] = field(default_factory=dict)
    critic: Client | None = None
    newsroom: Newsroom | None = None

    @property
    def proposer(self) -> Client | None:
        """Give the voice of the settings' own model."""
        return self.proposers.get(LLM)


def main_model(settings: Settings) -> ModelRow:
    """Describe the model of the settings, which must name one (`asks_model`, checked when they are loaded)."""
    assert settings.model_url and settings.model_name, "Settings that ask a model name it."
    return ModelRow.model_construct(
        name=LLM, wire=settings.model_wire, url=settings.model_url, model=settings.model_name, key_file=None,
        form=settings.model_form, price_in=settings.model_price_in, price_out=settings.model_price_out,
        max_output=settings.model_max_output, temperature=settings.model_temperature,
        deadline_s=settings.model_deadline_s, cutoff=None, note="",
    )


def provider_of(row: ModelRow, settings: Settings) -> Provider:
    """Describe a model as the client wants it; its deadline is divided by the time scale like every time."""
    return Provider(
        name=row.name, wire=Wire(row.wire), base_url=row.url, model=row.model, form=Form(row.form),
        price_in=row.price_in or Decimal(0), price_out=row.price_out or Decimal(0), max_output=row.max_output,
        deadline_s=row.deadline_s / settings.time_scale, temperature=row.temperature,
    )


def line_of(row: ModelRow, settings: Settings) -> Line:
    """Prepare the connection with the key; nothing is connected yet."""
    if row.key_file is not None:
        key: str | None = row.key_file.expanduser().read_text(encoding="utf-8").strip()
    else:
        key = settings.model_key.get_secret_value() if row.name == LLM and settings.model_key is not None else None
    return Line(provider_of(row, settings), key)


@asynccontextmanager
async def voices(seat: Seat, settings: Settings) -> AsyncIterator[Voices]:
    """Give the voices and close their lines afterwards; each version that speaks is stored once."""
    main = [main_model(settings)] if settings.asks_model else []
    named = [one for one in models_in(settings.models_file) if one.name in settings.advisors]
    lines: list[Line] = []

    async def told(trouble: Trouble) -> None:
        if trouble.failures:
            await model_silent(seat, trouble.advisor, trouble.reason, trouble.failures)
        else:
            await model_answers(seat, trouble.advisor)

    async def voice(row: ModelRow, line: Line, word: str, purpose: str) -> Client:
        provider = provider_of(row, settings)
        digest = version_of(provider, instructions_of(purpose))
        name = f"{word}-{digest[:VERSION_LETTERS]}"
        stored = AdvisorRow(id=name, kind=word, name=provider.model, digest=digest, at=seat.clock.now())
        await seat.ledger.transact(lambda tx: tx.lab_record.save_advisor(stored))
        return Client(
            advisor=name,
            provider=provider,
            limits=CostLimits(
                day=settings.model_cost_day, month=settings.model_cost_month, idea=settings.model_cost_idea
            ),
            mode=Mode(settings.model_mode),
            ledger=seat.ledger,
            clock=seat.clock,
            ids=seat.ids,
            line=line,
            # Each voice has its own: strangers' texts that break the reader must not silence proposer and critic.
            circuit=Circuit(deadline_s=provider.deadline_s),
            told=told,
            repairs=settings.model_repair and purpose != READ_PURPOSE,
        )

    try:
        lines += [line_of(row, settings) for row in (*main, *named)]
        own = lines[0] if main else None
        proposers = {
            row.name: await voice(row, line, row.name, PROPOSE_PURPOSE)
            for row, line in zip((*main, *named), lines, strict=True) if row.name in settings.advisors
        }
        newsroom = critic = None
        if own is not None and LLM in settings.advisors:
            symbols = [symbol_words(word) for word in settings.advisor_symbols]
            newsroom = Newsroom(await voice(main[0], own, READER, READ_PURPOSE), symbols)
            await newsroom.restore()
        if own is not None and settings.model_critic:
            critic = await voice(main[0], own, CRITIC, CRITICISE_PURPOSE)
        yield Voices(proposers=proposers, critic=critic, newsroom=newsroom)
    finally:
        for line in lines:
            await line.close()


async def probe_daily(seat: Seat, clients: Sequence[Client]) -> None:
    """Ask each model the fixed questions once a day for ever; tell when its answers are not those of the first day."""
    while True:
        for client in clients:
            found = await probe(client) if await due(client) else None
            if isinstance(found, Probed) and found.drifted:
                await model_changed(seat, client.advisor, found.sentence)
        await seat.clock.sleep(LOOK_S)
