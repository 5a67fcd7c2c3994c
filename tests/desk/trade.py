"""Say typed trades to a desk and look at what came of them."""
from __future__ import annotations

from bot.chat.trade_words import read_trade
from bot.desk.propose import Raised, propose
from bot.domain.decision import Manner
from bot.domain.events import Entry
from bot.domain.ids import ClientOrderId, PersonId, RequestKey
from bot.domain.order import Order
from bot.domain.proposal import Origin, OriginKind
from bot.domain.refusal import Refusal
from tests.support.scripted import Bench

LOCAL = Origin(kind=OriginKind.LOCAL, name="test")
ANA = Origin(kind=OriginKind.PERSON, name="Ana", person=PersonId(7))


async def say(
    bench: Bench, words: str, key: str, *, origin: Origin = LOCAL, yes: Manner | None = Manner.LOCAL
) -> Raised | Refusal:
    """Propose a typed trade; decided at once unless `yes` is None."""
    wish = read_trade(words)
    assert not isinstance(wish, Refusal), str(wish)
    return await propose(bench.seat, origin, RequestKey(key), wish, yes=yes)


async def sent(bench: Bench, words: str, key: str = "k") -> Order:
    """Propose, decide, send; gives the one order that left, as the ledger has it."""
    raised = await say(bench, words, key)
    assert isinstance(raised, Raised), str(raised)
    assert raised.done is not None and raised.done.orders, raised.done
    return raised.done.orders[0]


async def stored(bench: Bench, name: ClientOrderId) -> Order:
    """Read an order."""
    order = await bench.seat.ledger.read(lambda tx: tx.orders.get(name))
    assert order is not None
    return order


async def journal(bench: Bench) -> list[Entry]:
    """Read the journal, oldest first."""
    return list(await bench.seat.ledger.read(lambda tx: tx.journal.after(0)))


async def kinds(bench: Bench) -> list[str]:
    """Name the journal's lines, oldest first."""
    return [entry.kind for entry in await journal(bench)]
