"""Serve control: stopping is cheap and at once, starting again takes an owner and the second factor."""
from __future__ import annotations

from dataclasses import replace

from bot.chat.call import Call, Counter, Handler, Reply
from bot.chat.card import Card
from bot.chat.commands.limits import ACCOUNT, limits_of
from bot.chat.commands.raise_wish import no
from bot.chat.commands.second_factor import demand
from bot.chat.render import control, replies
from bot.chat.render.figures import counted
from bot.chat.render.text import clean, code, rich
from bot.chat.witness import read_head, whole
from bot.desk.enter import write
from bot.desk.flat import FlatReport
from bot.domain.events_control import SettingChanged
from bot.domain.ids import RequestKey, Symbol
from bot.domain.limits import Limits
from bot.domain.refusal import Refusal, refuse
from bot.domain.trading import TradingState
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Plain
from bot.ports.market import MarketSilent
from bot.ports.venue import VenueSilent

LOG_LINES = 20


async def halt(counter: Counter, call: Call) -> Reply:
    """Serve /halt: one row, at once, whatever else is going on; never too old."""
    done = await counter.desk.halt(by=call.principal.person, why=_why(call, "halted in chat"), actor=call.actor)
    card = control.state(done, call.principal.name, counter.chip, counter.books())
    return Reply(cards=(card,), toast="Halted." if done.changed else "It was halted already.")


async def pause(counter: Counter, call: Call) -> Reply:
    """Serve /pause: exits and cancels only."""
    done = await counter.desk.pause(by=call.principal.person, why=_why(call, "paused in chat"), actor=call.actor)
    card = control.state(done, call.principal.name, counter.chip, counter.books())
    return Reply(cards=(card,), toast="Paused: nothing opens.")


def _why(call: Call, usual: str) -> str:
    return clean(call.words, 120) or usual if call.press is None else usual


async def resume(counter: Counter, call: Call) -> Reply:
    """Serve /resume: say what would start again and ask for the second factor."""
    view = await counter.desk.status()
    if view.trading is TradingState.ACTIVE:
        return Reply(cards=(control.acknowledged("Trading is active already.", counter.chip),))
    words = (f"Openings will be possible again: {counted(view.positions, 'position')} and "
             f"{counted(view.orders, 'order')} stand, {view.unprotected or 'none'} without a stop.")
    return await demand(counter, call, "resume", words)


async def resumed(counter: Counter, call: Call, _: Plain) -> Reply:
    """Resume after the second factor."""
    done = await counter.desk.resume(by=call.principal.person, why="resumed in chat", actor=call.actor)
    return Reply(cards=(control.state(done, call.principal.name, counter.chip, counter.books()),))


async def flat(counter: Counter, call: Call) -> Reply:
    """Serve /flat: halt at once, then the second step that lists what would be closed."""
    await counter.desk.halt(by=call.principal.person, why="flat asked in chat", actor=call.actor)
    view = await counter.desk.status()

    def work(tx: Tx) -> None:
        # The typed word is the other way to say the second step.
        tx.desk.set_value(
            f"asked:{call.principal.person}",
            {"what": "flat", "until": counter.now().timestamp() + counter.rules.question_s}, counter.now(),
        )

    card = control.flat_question(view.positions, view.orders, counter.chip)
    return Reply(cards=(card,), work=work, toast="Halted.")


async def flatten(counter: Counter, call: Call) -> Reply:
    """Do the second step: cancel, close, read back; a second press joins the first and does nothing more."""

    async def go() -> Reply:
        report = await _flat_once(counter, call)
        if report is None:
            return Reply(cards=(control.acknowledged("Somebody is closing everything already.", counter.chip),))
        return Reply(cards=(control.flat(report, call.principal.name, counter.chip),))

    return Reply(toast="Closing everything now.", then=go)


async def _flat_once(counter: Counter, call: Call) -> FlatReport | None:
    seat = counter.desk.seat
    if counter.flattening.locked():
        return None
    async with counter.flattening:
        key = RequestKey(f"{call.key}:{seat.ids.new_token(6)}")
        return await counter.desk.flat(call.origin, key, call.actor, why=f"flat by {clean(call.principal.name, 40)}")


async def flat_typed(counter: Counter, call: Call) -> Reply:
    """Take the typed word for the second step of /flat."""
    if call.words.strip().lower() != "flat":
        card = control.acknowledged("Still halted; nothing was closed. Send /flat again if you want.", counter.chip)
        return Reply(cards=(card,), work=lambda tx: tx.desk.set_value(
            f"asked:{call.principal.person}", {}, counter.now()
        ))
    return await flatten(counter, call)


async def stop(counter: Counter, call: Call) -> Reply:
    """Serve /stop: a chooser; it never acts by itself."""
    return Reply(cards=(control.stop_chooser(counter.chip),))


async def mode(counter: Counter, call: Call) -> Reply:
    """Serve /mode: whose money this is, as proven at start."""
    seat, profile = counter.desk.seat, counter.desk.seat.shelf.profile
    facts = [("Account", str(seat.account)), ("Proven", "by a call" if profile is not None else "not yet")]
    return Reply(cards=(control.mode(seat.environment, facts, counter.chip),))


async def accounts(counter: Counter, call: Call) -> Reply:
    """Serve /accounts and /use: this desk keeps one account."""
    seat = counter.desk.seat
    if call.words and call.words.strip() != str(seat.account):
        return no(counter, call, refuse(
            "one_account", f"This desk keeps one account: {seat.account}.", "Another account is another desk."
        ))
    modes = []
    for line in seat.lines:
        found = seat.shelf.position_mode(line)
        modes.append(f"{line.value}: {found.value.lower().replace('_', ' ') if found else 'not read yet'}")
    return Reply(cards=(replies.said(counter.chip, f"Account {seat.account}", *modes),))


async def symbols(counter: Counter, call: Call) -> Reply:
    """Serve /allow and /deny: show the lists, or set one with the second factor."""
    words: tuple[str, ...] = call.args or ()  # type: ignore[assignment]
    name = call.spec.name
    mine = (await limits_of(counter)).get(ACCOUNT, Limits())
    if not words:
        return Reply(cards=(_lists(counter, mine),))
    found: list[str] = []
    if words != ("all",) and words != ("none",):
        for word in words:
            instrument = counter.desk.instrument(word)
            if isinstance(instrument, Refusal):
                return no(counter, call, instrument)
            found.append(str(instrument.symbol))
    return await demand(counter, call, "symbols", f"{name}: {', '.join(found) or words[0]}.", name=name, symbols=found)


async def symbols_set(counter: Counter, call: Call, data: Plain) -> Reply:
    """Store a list after the second factor."""
    before = (await limits_of(counter)).get(ACCOUNT, Limits())
    chosen = frozenset(Symbol(one) for one in data["symbols"])
    after = replace(before, allow=chosen or None) if data["name"] == "allow" else replace(before, deny=chosen)
    await counter.desk.set_limits(ACCOUNT, after, by=call.principal.person, actor=call.actor)
    return Reply(cards=(_lists(counter, after),))


def _lists(counter: Counter, kept: Limits) -> Card:
    allowed = ", ".join(sorted(kept.allow)) if kept.allow is not None else "every symbol"
    denied = ", ".join(sorted(kept.deny)) or "none"
    return replies.said(counter.chip, "Symbols", f"Allowed: {allowed}.", f"Denied: {denied}.")


async def locks(counter: Counter, call: Call) -> Reply:
    """Serve /locks and /unlock: what keeps something from opening."""
    view, stored = await counter.desk.status(), await counter.desk.seat.ledger.read(lambda tx: tx.desk.values("lock:"))
    if call.spec.name == "unlock":
        found = counter.desk.instrument(str(call.args))
        if isinstance(found, Refusal):
            return no(counter, call, found)
        place = f"lock:{found.symbol}"
        if not stored.get(place):
            return Reply(cards=(control.acknowledged(f"{found.symbol} is not locked.", counter.chip),))

        def work(tx: Tx) -> None:
            tx.desk.set_value(place, {}, counter.now())
            fact = SettingChanged(name=place, was="locked", now="unlocked", by=call.principal.person)
            write(tx, fact, counter.now(), call.actor)

        return Reply(cards=(control.acknowledged(f"{found.symbol} is unlocked.", counter.chip),), work=work)
    lines = [f"{name.removeprefix('lock:')}: {value.get('why', 'locked')}" for name, value in stored.items() if value]
    state = f"Trading is {view.trading.value.lower().replace('_', ' ')}."
    return Reply(cards=(replies.said(counter.chip, "Locks", state, *(lines or ["No symbol is locked."])),))


async def reconcile(counter: Counter, call: Call) -> Reply:
    """Serve /reconcile: compare with the exchange and say what was found."""
    try:
        done = await counter.desk.reconcile(f"asked by {call.principal.person}")
    except (VenueSilent, MarketSilent) as silent:
        return no(counter, call, refuse("venue_silent", f"Nothing was corrected: {silent}", "Try again in a moment."))
    return Reply(cards=(control.reconciled(done, counter.chip),))


async def health(counter: Counter, call: Call) -> Reply:
    """Serve /health: every part with its figure."""
    said = counter.health()
    view = await counter.desk.status()
    waiting = await counter.desk.seat.ledger.read(lambda tx: len(tx.messages.unfinished()))
    rows = [
        ("Readiness", str(said.get("readiness", "?")).lower(), ""),
        ("Trading", view.trading.value.lower(), ""),
        ("Unresolved", str(view.unresolved), "orders"),
        ("Unprotected", str(view.unprotected), ""),
        *((str(name), f"{age:.1f}" if age is not None else "down", "s" if age is not None else "")
          for name, age in dict(said.get("streams", {})).items()),
        ("Outbox", str(waiting), "waiting"),
    ]
    reasons = [f"{name}: {why}" for name, why in dict(said.get("reasons", {})).items()]
    good = said.get("readiness") == "READY" and not view.unresolved and not view.unprotected
    return Reply(cards=(control.health(rows, counter.chip, good=good, rules=reasons),))


async def logs(counter: Counter, call: Call) -> Reply:
    """Serve /logs: the last lines of the journal; they hold no secrets."""
    count = int(call.args or LOG_LINES)  # type: ignore[call-overload]
    entries = await counter.desk.seat.ledger.read(lambda tx: tx.journal.latest(min(count, 100)))
    lines = [f"{one.at:%H:%M:%S} {type(one.fact).__name__} {one.subject} {one.actor}" for one in reversed(entries)]
    return Reply(cards=control.log_lines(lines, counter.chip))


async def audit(counter: Counter, call: Call) -> Reply:
    """Serve /audit: verify the chain, against a head that was told once too, or who did what about an id."""
    subject = str(call.args or "").strip()
    ledger = counter.desk.seat.ledger
    told = read_head(subject)
    if subject in ("", "verify") or told is not None:
        head = await ledger.read(lambda tx: tx.journal.head())
        broken = await whole(ledger, told)
        return Reply(cards=(control.verified(broken, head.seq, counter.chip),))
    entries = await ledger.read(lambda tx: tx.journal.about(subject, 50))
    if not entries:
        return Reply(cards=(control.no_story(subject, counter.chip),))
    lines = [f"{one.seq} {one.at:%d %b %H:%M:%S} {type(one.fact).__name__} {one.actor}" for one in entries]
    return Reply(cards=control.log_lines(lines, counter.chip))


async def preflight(counter: Counter, call: Call) -> Reply:
    """Serve /preflight: what was read of the account and the key."""
    profile, seat = counter.desk.seat.shelf.profile, counter.desk.seat
    if profile is None:
        return no(counter, call, refuse("not_read", "The account has not been read yet.", "Try again in a moment."))
    modes = [f"{line.value}: {mode.value.lower().replace('_', ' ')}" for line, mode in profile.position_modes.items()]
    return Reply(cards=(replies.said(
        counter.chip, f"Account {seat.account} was read", *modes, "Deeper: wiredesk check on the machine.",
    ),))


async def version(counter: Counter, call: Call) -> Reply:
    """Serve /version."""
    return Reply(cards=(control.acknowledged(f"Wiredesk {counter.version}", counter.chip),))


async def config(counter: Counter, call: Call) -> Reply:
    """Serve /config: the running settings; secrets are not in it."""
    lines = [f"{name} = {value}" for name, value in sorted(counter.config.items())]
    return Reply(cards=control.log_lines(lines, counter.chip, head="The running settings"))


async def on_the_machine(counter: Counter, call: Call) -> Reply:
    """Serve /backup and /drill, which are done where the machine is."""
    line = "wiredesk backup FILE" if call.spec.name == "backup" else "wiredesk sandbox"
    words = rich("This is done on the machine: ", code(line))
    return Reply(cards=(replies.said(counter.chip, "Not from the chat", words),))


HANDLERS: dict[str, Handler] = {
    "halt": halt, "pause": pause, "resume": resume, "flat": flat, "stop": stop, "mode": mode, "accounts": accounts,
    "use": accounts, "allow": symbols, "deny": symbols, "locks": locks, "unlock": locks,
    "reconcile": reconcile, "health": health, "logs": logs, "audit": audit, "preflight": preflight,
    "version": version, "config": config, "backup": on_the_machine, "drill": on_the_machine,
}
