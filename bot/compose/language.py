"""Build the voices of the language model that the settings ask for: proposer, critic, reader."""
from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
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
from bot.desk.silence import model_changed, model_silent
from bot.desk.wish import symbol_words
from bot.ports.lab_rows import AdvisorRow
from bot.settings import LLM, Settings

CRITIC, READER = "critic", "reader"
VERSION_LETTERS = 6
LOOK_S = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """Who speaks for the model; None where nobody asked for it."""

    proposer: Client | None = None
    critic: Client | None = None
    newsroom: Newsroom | None = None


def provider_of(settings: Settings) -> Provider:
    """Describe the model of the settings, which must name one (`asks_model`, checked when they are loaded)."""
    assert settings.model_url and settings.model_name, "Settings that ask a model name it."
    return Provider(
        name=LLM,
        wire=Wire(settings.model_wire),
        base_url=settings.model_url,
        model=settings.model_name,
        form=Form(settings.model_form),
        price_in=settings.model_price_in or Decimal(0),
        price_out=settings.model_price_out or Decimal(0),
        max_output=settings.model_max_output,
        deadline_s=settings.seconds("model_deadline_s"),
        temperature=settings.model_temperature,
    )


def line_of(settings: Settings) -> Line:
    """Prepare the connection with the key; nothing is connected yet."""
    key = settings.model_key.get_secret_value() if settings.model_key is not None else None
    return Line(provider_of(settings), key)


@asynccontextmanager
async def voices(seat: Seat, settings: Settings) -> AsyncIterator[Voices]:
    """Give the voices and close their line afterwards; each version that speaks is stored once."""
    if not settings.asks_model:
        yield Voices()
        return
    provider, line = provider_of(settings), line_of(settings)

    async def told(trouble: Trouble) -> None:
        await model_silent(seat, trouble.advisor, trouble.reason, trouble.failures)

    async def voice(word: str, purpose: str) -> Client:
        digest = version_of(provider, instructions_of(purpose))
        name = f"{word}-{digest[:VERSION_LETTERS]}"
        row = AdvisorRow(id=name, kind=word, name=provider.model, digest=digest, at=seat.clock.now())
        await seat.ledger.transact(lambda tx: tx.lab_record.save_advisor(row))
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
        )

    try:
        newsroom = None
        if LLM in settings.advisors:
            symbols = [symbol_words(word) for word in settings.advisor_symbols]
            newsroom = Newsroom(await voice(READER, READ_PURPOSE), symbols)
            await newsroom.restore()
        yield Voices(
            proposer=await voice(LLM, PROPOSE_PURPOSE) if LLM in settings.advisors else None,
            critic=await voice(CRITIC, CRITICISE_PURPOSE) if settings.model_critic else None,
            newsroom=newsroom,
        )
    finally:
        await line.close()


async def probe_daily(seat: Seat, client: Client) -> None:
    """Ask the fixed questions once a day for ever, and tell when the answers are no longer those of the first day."""
    while True:
        found = await probe(client) if await due(client) else None
        if isinstance(found, Probed) and found.drifted:
            await model_changed(seat, client.advisor, found.sentence)
        await seat.clock.sleep(LOOK_S)
