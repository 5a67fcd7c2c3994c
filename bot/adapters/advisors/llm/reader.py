"""Turn untrusted text into enumerations: the only place a stranger's words meet a model, which can do nothing else."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from bot.adapters.advisors.llm.answers import ReaderAnswer, read
from bot.adapters.advisors.llm.client import Client
from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.prompt import READ_PURPOSE, Mention, reading
from bot.domain.ids import Symbol

MOST = 200
OLDEST_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one text is about: a topic, -2 to 2, and those of our symbols it concerns."""

    topic: str
    sentiment: int
    symbols: tuple[Symbol, ...]
    at: datetime


async def read_text(client: Client, text: str, symbols: Sequence[Symbol], at: datetime) -> Reading | Failure:
    """Read one text of a moment, once: the same text is answered from the ledger afterwards."""
    digest = sha256(text.encode(errors="surrogatepass")).hexdigest()
    return await client.ask(
        READ_PURPOSE, digest[:16], digest, reading(text, [str(one) for one in symbols]),
        lambda words: reading_of(words, symbols, at),
    )


def reading_of(words: str, symbols: Sequence[Symbol], at: datetime) -> Reading | Failure:
    """Take a reading out of a model's words; names that are not ours are dropped, whatever it says."""
    answer = read(ReaderAnswer, words)
    if isinstance(answer, Failure):
        return answer
    ours = tuple(one for one in symbols if str(one) in answer.symbols)
    return Reading(topic=answer.topic, sentiment=answer.sentiment, symbols=ours, at=at)


def mentions(readings: Sequence[Reading], symbol: Symbol, now: datetime) -> tuple[Mention, ...]:
    """Give what was read about a symbol within a day, newest first."""
    found = []
    for one in sorted(readings, key=lambda reading: reading.at, reverse=True)[:MOST]:
        age = int((now - one.at).total_seconds() // 60)
        if symbol in one.symbols and 0 <= age <= OLDEST_MINUTES:
            found.append(Mention(topic=one.topic, sentiment=one.sentiment, age_minutes=age))
    return tuple(found)
