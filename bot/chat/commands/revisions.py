"""Change what a model proposed, by its own desk use case: a new revision of the same proposal; ask it for a view."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.chat.call import Call, Counter, Reply
from bot.chat.commands.raise_wish import no
from bot.chat.render import replies
from bot.chat.words import AMOUNT, as_amount, level
from bot.desk.revise import Change
from bot.desk.wish import Level, TargetWish
from bot.domain.proposal import Proposal, button_digest
from bot.domain.refusal import Refusal, refuse
from bot.ports.advisor import Abstained

HINT = "Write 0.05, $300 or 2% for the size, sl 59000 or tp 63000 for a level."


async def shrink(counter: Counter, call: Call, proposal: Proposal, share: Decimal) -> Reply:
    """Keep a share of a model's size, in percent; its own card shows the new numbers."""
    return await _revised(counter, call, proposal, Change(share=share))


async def edited(counter: Counter, call: Call, proposal: Proposal, words: tuple[str, ...]) -> Reply:
    """Take a typed size, stop or target for a model's proposal."""
    wanted = read_change(words)
    if isinstance(wanted, Refusal):
        return no(counter, call, wanted)
    return await _revised(counter, call, proposal, wanted)


def read_change(words: tuple[str, ...]) -> Change | Refusal:
    """Read what is to be other: one figure is the size, `sl` and `tp` name their level. Pure."""
    unread = refuse("word_unread", f"I cannot read {' '.join(words)[:40]!r}.", HINT)
    if len(words) == 1:
        word = as_amount(words[0])
        return Change(amount=word) if AMOUNT.fullmatch(word) else unread
    at = level(words[1]) if len(words) == 2 else None
    if at is None or at == Level() or words[0] not in ("sl", "tp"):
        return unread
    return Change(stop=at) if words[0] == "sl" else Change(targets=(TargetWish(level=at),))


async def ask(counter: Counter, call: Call) -> Reply:
    """Serve /propose: show the model a symbol now; what it proposes comes as its own card."""
    found = counter.desk.instrument(str(call.args or ""))
    if isinstance(found, Refusal):
        return no(counter, call, found)
    answer = await counter.desk.idea(found.symbol)
    if isinstance(answer, Refusal):
        return no(counter, call, answer)
    if isinstance(answer, Abstained):
        card = replies.said(counter.chip, f"No idea for {found.symbol} now", f"It says: {answer.reason}.")
        return Reply(cards=(card,))
    if answer.again:
        words = "It looked at this candle already; see /inbox."
        return Reply(cards=(replies.said(counter.chip, f"{found.symbol} was proposed before", words),))
    return Reply()


async def _revised(counter: Counter, call: Call, proposal: Proposal, wanted: Change) -> Reply:
    principal = call.principal
    after = await counter.desk.revise(
        proposal.id, wanted, by=principal.person, name=principal.name, digest=button_digest(proposal)
    )
    if isinstance(after, Refusal):
        return replace(no(counter, call, after), cards=()) if call.press is not None else no(counter, call, after)
    return Reply(toast="New numbers: look again before you approve.")
