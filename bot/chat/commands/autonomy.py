"""Serve /auto, /score, /models and /ask: how far models go, what they earned, who they are, what they say."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.chat.auto_words import AutoWish, read_auto
from bot.chat.call import Call, Counter, Handler, Reply
from bot.chat.card import Card
from bot.chat.commands import agents
from bot.chat.commands.raise_wish import no
from bot.chat.commands.second_factor import demand
from bot.chat.render import autonomy
from bot.desk import council
from bot.desk.agent import agent_name
from bot.desk.ai_cost import ai_cost
from bot.desk.grant import Bounds, Grant, Ranked, Weighed, grant, lower, renewed, since_last, spoken, weigh
from bot.desk.ladder import ORDER, stands_on
from bot.desk.scale import allow
from bot.desk.tally import tallies
from bot.domain.ids import Symbol
from bot.domain.intent import Direction
from bot.domain.mandate import ALONE, Mandate, Rung
from bot.domain.record import from_plain, to_plain
from bot.domain.refusal import Refusal, refuse
from bot.domain.trading import Environment
from bot.ports.assessor import Assessor
from bot.ports.ledger_rows import Plain

NO_JUDGE = refuse("no_assessor", "This desk does not score its models.", "Start it with wiredesk run.")


async def auto(counter: Counter, call: Call) -> Reply:
    """Serve /auto: show, step down at once, or step up after the second factor."""
    wish = call.args if isinstance(call.args, AutoWish) else read_auto(call.words)
    if isinstance(wish, Refusal):
        return no(counter, call, wish)
    if wish.rung is None and not wish.renew:
        return Reply(cards=(await _standing(counter),))
    advice = await _named(counter, wish.advisor)
    if isinstance(advice, Refusal):
        return no(counter, call, advice)
    if wish.renew:
        return await _renew(counter, call, advice)
    assert wish.rung is not None, "Without a rung the advisors were shown."
    was = await _rung(counter, advice)
    if wish.revoke and was not in ALONE:
        return no(counter, call, refuse("no_mandate", f"{advice.origin.name} does not act alone.", "See /auto."))
    alone = wish.rung in ALONE
    if alone and agent_name(advice.origin) is not None:
        return no(counter, call, refuse(
            "agent_alone", f"{advice.origin.name} comes from outside: it may ask, never act alone.",
            "Put it on PROPOSE at most.", value=wish.rung.value, limit=Rung.PROPOSE.value))
    if ORDER.index(wish.rung) < ORDER.index(was) or (wish.rung is was and not alone):
        return await _lower(counter, call, advice, wish.rung)
    wanted = await _wanted(counter, advice, wish)
    return no(counter, call, wanted) if isinstance(wanted, Refusal) else await _raise(counter, call, wanted)


async def _standing(counter: Counter) -> Card:
    members = await counter.desk.members()
    return autonomy.standing(members, counter.chip, counter.books(), counter.now())


async def _named(counter: Counter, name: str | None) -> Ranked | Refusal:
    """Find the advisor that is meant; the first where nobody is named."""
    found = await counter.desk.ranked(name)
    if found is not None:
        return found
    known = ", ".join(one.origin.name for one in await counter.desk.everybody()) or "none"
    return refuse("no_advisor", f"There is no advisor {name or ''}".rstrip() + ".", f"Known are: {known}.",
                  value=name or "none", limit=known)


async def _rung(counter: Counter, advice: Ranked) -> Rung:
    return await counter.desk.seat.ledger.read(lambda tx: stands_on(tx, advice.origin.name, advice.rung))


async def _lower(counter: Counter, call: Call, advice: Ranked, to: Rung) -> Reply:
    was = await lower(counter.desk.seat, advice.origin, advice.rung, to, call.principal.person, "lowered in chat")
    card = autonomy.lowered(advice.origin.name, was, to, counter.chip)
    return Reply(cards=(card,), toast=f"{advice.origin.name}: {to.value}")


async def _wanted(counter: Counter, advice: Ranked, wish: AutoWish) -> Grant | Refusal:
    symbols: list[Symbol] = []
    for word in wish.symbols:
        found = counter.desk.instrument(word)
        if isinstance(found, Refusal):
            return found
        symbols.append(found.symbol)
    most = counter.desk.most
    bounds = Bounds(
        notional_per_trade=wish.amount("trade", most.notional_per_trade),
        notional_per_day=wish.amount("day", most.notional_per_day),
        trades_per_day=int(wish.amount("trades", Decimal(most.trades_per_day))),
        hours=int(wish.amount("hours", Decimal(most.hours))),
        risk_per_trade=wish.amount("risk", most.risk_per_trade),
        risk_budget=wish.amount("budget", most.risk_budget),
        loss_per_day=wish.amount("loss", most.loss_per_day),
    )
    assert wish.rung is not None, "Only a rung is granted."
    return Grant(
        origin=advice.origin, first=advice.rung, rung=wish.rung, symbols=tuple(symbols) or advice.symbols,
        bounds=bounds, directions=wish.directions, override=wish.because,
    )


async def _renew(counter: Counter, call: Call, advice: Ranked) -> Reply:
    """Ask for the mandate an advisor had last, below the settings as they are now; evidence is asked for anew."""
    name = advice.origin.name
    mandates = await counter.desk.seat.ledger.read(lambda tx: tx.desk.mandates())
    last: Mandate | None = next((one for one in mandates if one.advisor == name and one.rung in ALONE), None)
    if last is None:
        return no(counter, call, refuse("no_mandate", f"{name} never acted alone.", "Say /auto with its bounds."))
    rows = await counter.desk.seat.ledger.read(lambda tx: tx.lab_record.rungs(name))
    reason = next((one.reason for one in reversed(rows) if one.rung in ALONE), "")
    skipped = reason.partition("overridden: ")[2] or None
    report = await counter.desk.seat.ledger.read(lambda tx: since_last(tx, last))
    return await _raise(counter, call, report=report, wanted=Grant(
        origin=advice.origin, first=advice.rung, rung=last.rung, symbols=tuple(sorted(last.symbols)),
        bounds=renewed(last, counter.desk.most), directions=last.directions, cool_down_s=last.cool_down_s,
        override=skipped,
    ))


async def _raise(counter: Counter, call: Call, wanted: Grant, report: str | None = None) -> Reply:
    """Show what it would come to, with every unmet condition, and ask for the second factor."""
    judge = counter.desk.assessor
    if judge is None:
        return no(counter, call, NO_JUDGE)
    seat, name = counter.desk.seat, wanted.origin.name
    found: Weighed = await seat.ledger.read(lambda tx: weigh(tx, seat, judge, wanted, counter.desk.most))
    if found.unmet and wanted.override is None:
        real = seat.environment is Environment.LIVE
        return Reply(cards=(autonomy.unmet(name, wanted.rung, found.unmet, counter.chip, real=real),),
                     toast="Not yet: see what is missing.", loud=True)
    shown = autonomy.preview(name, found.was, wanted.rung, found.bounds, wanted.symbols, wanted.directions, found.unmet,
                             wanted.override, counter.chip, counter.books())
    asked = await demand(
        counter, call, "auto", f"{name} may go to {wanted.rung.value}"
        + (f": {spoken(found.bounds)}." if wanted.rung in ALONE else "."),
        advisor=name, rung=wanted.rung.value, symbols=[str(one) for one in wanted.symbols],
        bounds=to_plain(wanted.bounds), directions=sorted(one.value for one in wanted.directions),
        rest=wanted.cool_down_s, because=wanted.override,
    )
    told = () if report is None else (autonomy.report(name, report, counter.chip),)
    return replace(asked, cards=(*told, shown, *asked.cards))


async def auto_set(counter: Counter, call: Call, data: Plain) -> Reply:
    """Grant after the second factor exactly what was shown; what is unmet by now is asked for again."""
    advice, judge = await counter.desk.ranked(str(data["advisor"])), counter.desk.assessor
    if advice is None or judge is None:
        return no(counter, call, NO_JUDGE)
    wanted = Grant(
        origin=advice.origin, first=advice.rung, rung=Rung(data["rung"]),
        symbols=tuple(Symbol(one) for one in data["symbols"]), cool_down_s=int(data["rest"]), override=data["because"],
        bounds=from_plain(Bounds, data["bounds"]), directions=frozenset(Direction(one) for one in data["directions"]),
    )
    done = await grant(counter.desk.seat, judge, wanted, counter.desk.most, call.principal.person, call.actor)
    if isinstance(done, Refusal):
        return no(counter, call, done)
    return Reply(cards=(autonomy.granted(advice.origin.name, wanted.rung, done.bounds, counter.chip),))


async def score(counter: Counter, call: Call) -> Reply:
    """Serve /score: all scorecards, or that of one model."""
    judge: Assessor | None = counter.desk.assessor
    if judge is None:
        return no(counter, call, NO_JUDGE)
    name = str(call.args or call.words or "").strip()
    advices = await counter.desk.everybody()
    if name:
        advice = await _named(counter, name)
        if isinstance(advice, Refusal):
            return no(counter, call, advice)
        advices = (advice,)
    found = await tallies(counter.desk.seat, judge, advices)
    if name:
        return Reply(cards=tuple(autonomy.scorecard(one, counter.chip) for one in found.advisors))
    people = await counter.desk.seat.ledger.read(lambda tx: tx.people.all())
    return Reply(cards=autonomy.scores(found, {int(one.person): one.name for one in people}, counter.chip))


async def models(counter: Counter, call: Call) -> Reply:
    """Serve /models: show them, put one in the place of the others, or retire one."""
    words: tuple[str, ...] = call.args or ()  # type: ignore[assignment]
    if not words:
        versions = await counter.desk.seat.ledger.read(lambda tx: tx.lab_models.versions())
        members = await counter.desk.members()
        cost = await counter.desk.seat.ledger.read(lambda tx: ai_cost(tx, counter.now()))
        return Reply(cards=(autonomy.models(versions, members, cost, counter.chip, counter.now()),))
    if words[0] == "agents":
        return await agents.served(counter, call, words[1:])
    if words[0] == "allow" and len(words) == 3:
        return await _allow(counter, call, words[1], words[2])
    if len(words) != 2 or words[0] not in ("use", "retire"):
        return no(counter, call, refuse("word_unread", f"I cannot read {' '.join(words)[:40]!r}.",
                                        "Write /models, /models use M-12AB, /models retire M-12AB or /models allow "
                                        "rules btc."))
    advice = await _named(counter, words[1])
    if isinstance(advice, Refusal):
        return no(counter, call, advice)
    name = advice.origin.name
    if words[0] == "use":
        return await _raise(counter, call, Grant(
            origin=advice.origin, first=advice.rung, rung=Rung.PROPOSE, symbols=advice.symbols,
            bounds=counter.desk.most,
        ))
    done = await council.retire(counter.desk.seat, name, call.principal.person)
    if isinstance(done, Refusal):
        return no(counter, call, done)
    return Reply(cards=(autonomy.lowered(name, advice.rung, Rung.OFF, counter.chip),), toast=f"{name} is retired.")


async def _allow(counter: Counter, call: Call, name: str, word: str) -> Reply:
    """Give a model a step more of the risk it asks for."""
    advice, book = await _named(counter, name), counter.desk.instrument(word)
    if isinstance(advice, Refusal) or isinstance(book, Refusal):
        return no(counter, call, advice if isinstance(advice, Refusal) else book)  # type: ignore[arg-type]
    done = await allow(counter.desk.seat, advice.origin.name, book.symbol, call.principal.person, call.actor)
    if isinstance(done, Refusal):
        return no(counter, call, done)
    return Reply(cards=(autonomy.scaled(done, counter.chip, counter.books()),))


async def ask(counter: Counter, call: Call) -> Reply:
    """Serve /ask: what every model says of the first symbol in the question; nothing is proposed by asking."""
    for word in str(call.args or "").split():
        found = counter.desk.instrument(word.strip("?.,!").lower())
        if isinstance(found, Refusal):
            continue
        said = await counter.desk.views(found.symbol)
        if isinstance(said, Refusal):
            return no(counter, call, said)
        return Reply(cards=(autonomy.views(found.symbol, said, found, counter.chip, counter.books()),))
    return no(counter, call, refuse("no_symbol", "I found no symbol in it.", "Write /ask btc, or /ask what of eth?"))


HANDLERS: dict[str, Handler] = {"auto": auto, "score": score, "models": models, "ask": ask}
