"""Bring a wish to the desk and answer with its card: ticket, outcome, list to confirm, or why not."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.chat.call import Call, Counter, Reply
from bot.chat.card import Card, press
from bot.chat.need import need_of
from bot.chat.render import control, orders, trade
from bot.chat.tale import tale_of
from bot.desk.propose import Raised
from bot.desk.wish import CancelWish, CloseWish, Level, OpenWish, Which, Wish, symbol_words
from bot.domain.ids import PersonId, RequestKey
from bot.domain.numbers import HUNDRED, parse, plain
from bot.domain.proposal import ProposalState
from bot.domain.refusal import Refusal
from bot.ports.ledger import Tx
from bot.ports.market import MarketSilent


async def propose(counter: Counter, call: Call, wish: Wish, key: RequestKey) -> Reply:
    """Raise a wish; what reduces one position is carried out at once, what opens gets its ticket."""
    wish = await counter.desk.seat.ledger.read(lambda tx: with_presets(tx, call.principal.person, wish))
    raised = await counter.desk.propose(call.origin, key, wish, life=await _life(counter, call, wish))
    if isinstance(raised, Refusal):
        return no(counter, call, raised)
    return Reply(cards=(await card_of(counter, raised),), toast=_toast(raised))


async def _life(counter: Counter, call: Call, wish: Wish) -> timedelta | None:
    """Give an order that somebody else has to see more time than a ticket; None for the usual life."""
    quorum = counter.rules.quorums.typed
    if quorum.solo or not isinstance(wish, OpenWish):
        return None
    planned = await counter.desk.preview(call.origin, wish)
    if isinstance(planned, Refusal) or planned.preview is None or planned.preview.loss_percent is None:
        return None
    large = abs(planned.preview.loss_percent) > quorum.two
    return timedelta(seconds=counter.rules.others_s) if large else None


def no(counter: Counter, call: Call, refused: Refusal) -> Reply:
    """Answer that it was not done and why."""
    tried = f"/{call.spec.name} {call.words}" if call.words else ""
    card = control.refusal(refused, counter.chip, topic=call.spec.name, tried=tried)
    return Reply(cards=(card,), toast=str(refused.reasons[0]), loud=True)


def _toast(raised: Raised) -> str:
    if raised.again:
        return "Already done; nothing more was sent."
    if raised.done is not None:
        return "Sent." if not raised.done.refusals else str(raised.done.refusals[0])
    return ""


async def card_of(counter: Counter, raised: Raised) -> Card:
    """Draw the one card of a proposal as it stands."""
    seat = counter.desk.seat
    proposal = raised.proposal
    current = await seat.ledger.read(lambda tx: tale_of(tx, proposal.id))
    if current is not None and current.proposal.state is not ProposalState.AWAITING:
        return orders.outcome(current, counter.chip, counter.books(), counter.now())
    last = None
    if proposal.terms.symbol is not None:
        try:
            last = (await seat.market.ticker(proposal.terms.symbol)).last
        except MarketSilent:
            # The ticket shows the price its terms were written at.
            last = None
    need = need_of(current, counter.rules.quorums) if current is not None else None
    if isinstance(need, Refusal):
        need = None
    return trade.ticket(raised, counter.chip, counter.books(), counter.now(), last=last, need=need)


async def bulk(counter: Counter, call: Call, wish: CloseWish | CancelWish, data: str) -> Reply:
    """Show what one press would touch where that is more than one; else do it at once (chat_ux section 5)."""
    planned = await counter.desk.preview(call.origin, wish)
    if isinstance(planned, Refusal):
        return no(counter, call, planned)
    if max(len(planned.terms.legs), len(planned.terms.targets)) <= 1:
        return await propose(counter, call, wish, call.key)
    label = {"c:close:all": "Close all", "c:cancel:all": "Cancel all"}.get(data, "Do it")
    return Reply(cards=(trade.bulk(planned, counter.chip, data, label=label),))


def many(wish: Wish) -> str | None:
    """Give the data of the button that carries out a wish touching several; None for one that touches one."""
    if isinstance(wish, CloseWish) and wish.which is not Which.ONE and wish.amount is None and wish.price is None:
        share = "" if wish.share == HUNDRED else f".{plain(wish.share)}"
        return press("c", "close", f"{wish.which.value.lower()}{share}")
    if isinstance(wish, CancelWish) and wish.order is None:
        return press("c", "cancel", str(symbol_words(wish.symbol)) if wish.symbol else "all")
    return None


def with_presets(tx: Tx, person: PersonId, wish: Wish) -> Wish:
    """Attach the person's own stop distance where none was said (architecture section 21)."""
    if not isinstance(wish, OpenWish) or wish.stop is not None or wish.no_stop is not None:
        return wish
    mine = ((tx.desk.preset(person) or {}).get("trade") or {}).get("sl")
    percent = parse(str(mine).rstrip("%")) if mine else None
    return wish if percent is None else replace(wish, stop=Level(percent=percent))


async def turn(counter: Counter, call: Call, name: str | None = None) -> RequestKey:
    """Name a press for the desk: presses of the same button within a few seconds are one press, later ones are new.

    The count is a row, so that it is the same for fifty presses at once and after a restart. `name` makes buttons of
    several cards one button, whoever presses them.
    """
    assert call.press is not None
    button = name or str(call.key)

    def work(tx: Tx) -> int:
        now = counter.now().timestamp()
        place = f"pressed:{button}"
        last = tx.desk.value(place)
        if last and now - last["at"] < counter.rules.repeat_s:
            return int(last["n"])
        number = int(last["n"]) + 1 if last else 1
        tx.desk.set_value(place, {"at": now, "n": number}, counter.now())
        return number

    number = await counter.desk.seat.ledger.transact(work)
    return RequestKey(f"{button}:{number}")
