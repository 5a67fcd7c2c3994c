"""Turn untrusted text into enumerations: the only place a stranger's words meet a model, which can do nothing else."""
from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from bot.adapters.advisors.llm.answers import ReaderAnswer, read
from bot.adapters.advisors.llm.client import Client
from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.prompt import READ_PURPOSE, Mention, reading
from bot.adapters.advisors.llm.wires import Said, said
from bot.domain.ids import Symbol
from bot.ports.llm_calls import OK
from bot.ports.reader import Reading, Unread

MOST = 200
OLDEST = timedelta(days=1)


class Newsroom:
    """The reader behind its port, with what it read within a day; its words are gone, topics and numbers stay."""

    def __init__(self, client: Client, symbols: Sequence[Symbol]) -> None:
        """Know whose texts concern us; nothing is read yet."""
        self._client = client
        self._symbols = tuple(symbols)
        self._readings: deque[Reading] = deque(maxlen=MOST)

    async def restore(self) -> None:
        """Read anew what the ledger keeps of the last day's answers; nobody is asked."""
        since = self._client.clock.now() - OLDEST
        rows = await self._client.ledger.read(lambda tx: tx.llm_calls.since(since))
        for row in rows:
            if row.advisor != self._client.advisor or row.result != OK or row.response is None:
                continue
            heard = said(self._client.provider, row.response.encode())
            found = reading_of(heard.text, self._symbols, row.at) if isinstance(heard, Said) else heard
            if isinstance(found, Reading):
                self._readings.append(found)

    async def read(self, text: str) -> Reading | Unread:
        """Sort one text; the same text is answered from the ledger afterwards."""
        at = self._client.clock.now()
        digest = sha256(text.encode(errors="surrogatepass")).hexdigest()
        found = await self._client.ask(
            READ_PURPOSE, digest[:16], digest, reading(text, [str(one) for one in self._symbols]),
            lambda words: reading_of(words, self._symbols, at),
        )
        if isinstance(found, Failure):
            return Unread(reason=found.sentence)
        self._readings.append(found)
        return found

    def heard(self, symbol: Symbol) -> tuple[Mention, ...]:
        """Give what was read about a symbol within a day, for a question about it."""
        return mentions(self._readings, symbol, self._client.clock.now())


def reading_of(words: str, symbols: Sequence[Symbol], at: datetime) -> Reading | Failure:
    """Take a reading out of a model's words; names that are not ours are dropped, whatever it says."""
    answer = read(ReaderAnswer, words)
    if isinstance(answer, Failure):
        return answer
    ours = tuple(one for one in symbols if str(one) in answer.symbols)
    return Reading(topic=answer.topic, sentiment=answer.sentiment, symbols=ours, at=at)


def mentions(readings: Sequence[Reading], symbol: Symbol, now: datetime) -> tuple[Mention, ...]:
    """Give what was read about a symbol within a day, newest first."""
    return tuple(
        Mention(topic=one.topic, sentiment=one.sentiment, age_minutes=int((now - one.at).total_seconds() // 60))
        for one in sorted(readings, key=lambda reading: reading.at, reverse=True)
        if symbol in one.symbols and timedelta(0) <= now - one.at <= OLDEST
    )
