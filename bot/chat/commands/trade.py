"""Serve the trading commands: everything typed becomes a wish, everything with a bare name a guided flow."""
from __future__ import annotations

import re
from dataclasses import replace

from bot.chat import wizard
from bot.chat.call import Call, Counter, Handler, Reply
from bot.chat.card import press
from bot.chat.commands.raise_wish import bulk, many, no, propose
from bot.chat.render import orders, replies
from bot.chat.render.figures import base_of, letter, side, size
from bot.chat.render.text import code, rich
from bot.chat.trade_words import read_trade
from bot.desk.enter import write
from bot.desk.wish import CancelWish, CloseWish, Wish
from bot.domain.events_control import SettingChanged
from bot.domain.intent import Direction
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx

PRESETS = ("size", "lev", "sl", "tp")
FIGURE = r"\$?\d[\d,]*(?:\.\d+)?%?"
SIGNAL_SIDE = re.compile(r"\b(long|short|buy|sell)\b", re.IGNORECASE)
SIGNAL_SYMBOL = re.compile(r"[#$]?\b([A-Z0-9]{2,12}?)(?:[/\-]?USDT|[/\-]?USDC|[/\-]?USD)?\b")
SIGNAL_STOP = re.compile(rf"\b(?:sl|stop(?:[ -]?loss)?)\s*[:=@]?\s*({FIGURE})", re.IGNORECASE)
SIGNAL_TARGET = re.compile(
    rf"\b(?:tp|target|take[ -]?profit)(?:\s*\d(?=[\s:=@]))?\s*[:=@]?\s*({FIGURE})", re.IGNORECASE
)
SIGNAL_ENTRY = re.compile(rf"\b(?:entry|enter|at|@)\s*[:=@]?\s*({FIGURE})", re.IGNORECASE)
NO_SYMBOL = frozenset({"LONG", "SHORT", "BUY", "SELL", "SL", "TP", "ENTRY", "STOP", "TARGET", "AT", "LOSS", "TAKE"})


async def trade(counter: Counter, call: Call) -> Reply:
    """Serve a typed wish."""
    wish: Wish = call.args  # type: ignore[assignment]
    data = many(wish)
    if data is not None and isinstance(wish, CloseWish | CancelWish):
        return await bulk(counter, call, wish, data)
    return await propose(counter, call, wish, call.key)


async def enter(counter: Counter, call: Call) -> Reply:
    """Serve /long and /short: a line of words, or the guided order."""
    if call.args is not None:
        return await trade(counter, call)
    return await wizard.begin(counter, call, Direction(call.spec.name.upper()))


async def close(counter: Counter, call: Call) -> Reply:
    """Serve /close: words, or a list of what is open to pick from."""
    if call.args is not None:
        return await trade(counter, call)
    held = await counter.desk.holdings()
    if not held:
        return Reply(cards=(replies.said(counter.chip, "Nothing is open", "There is no position to close."),))
    books = counter.books()
    choices = [
        (
            f"{base_of(one.position.symbol, books)} {side(one.position.direction)} "
            f"{size(one.position.size, one.instrument)}",
            press("h", f"{one.position.symbol}.{letter(one.position.direction)}", "100"),
        )
        for one in held[:10]
    ]
    if len(held) > 1:
        choices.append(("Close all", press("c", "close", "all")))
    return Reply(cards=(replies.picks(counter.chip, "Close which?", choices, "One tap closes it at market."),))


async def cancel(counter: Counter, call: Call) -> Reply:
    """Serve /cancel: words, or the open orders with a button each."""
    if call.args is not None:
        return await trade(counter, call)
    return Reply(cards=(orders.listed(await counter.desk.orders(), counter.chip, counter.books()),))


async def add(counter: Counter, call: Call) -> Reply:
    """Serve /add: an opening on the side that is held."""
    words: tuple[str, ...] = call.args  # type: ignore[assignment]
    if len(words) < 2:
        return no(counter, call, refuse("size_missing", "Say symbol and size.", "Write /add btc 0.01."))
    found = counter.desk.instrument(words[0])
    if isinstance(found, Refusal):
        return no(counter, call, found)
    sides = [one.position.direction for one in await counter.desk.holdings() if one.position.symbol == found.symbol]
    if len(sides) != 1:
        sentence = f"{found.symbol} is held on both sides." if sides else f"There is no position in {found.symbol}."
        return no(counter, call, refuse("which_side", sentence, "Say /long or /short instead."))
    wish = read_trade(f"{sides[0].value.lower()} {' '.join(words)}")
    return no(counter, call, wish) if isinstance(wish, Refusal) else await propose(counter, call, wish, call.key)


async def leverage(counter: Counter, call: Call) -> Reply:
    """Serve /lev: show a symbol's leverage, or propose another."""
    words: tuple[str, ...] = call.args  # type: ignore[assignment]
    if len(words) >= 2:
        wish = read_trade(f"lev {' '.join(words)}")
        return no(counter, call, wish) if isinstance(wish, Refusal) else await propose(counter, call, wish, call.key)
    found = counter.desk.instrument(words[0]) if words else refuse("symbol", "Name a symbol.", "Write /lev btc.")
    if isinstance(found, Refusal):
        return no(counter, call, found)
    facts = await counter.desk.facts(found)
    if isinstance(facts, Refusal):
        return no(counter, call, facts)
    known = facts.settings
    said = rich("Long ", f"{known.leverage_long}x", ", short ", f"{known.leverage_short}x", ", ",
                known.margin_mode.value.lower(), ".")
    change = rich("Change it: ", code(f"/lev {found.base.lower()} 5"))
    return Reply(cards=(replies.said(counter.chip, f"{found.symbol} leverage", said, change),))


async def signal(counter: Counter, call: Call) -> Reply:
    """Serve /signal: read a pasted text, as words or as the message replied to, into a ticket."""
    text = call.words or call.quoted or ""
    line, left = read_signal(text, await preset_size(counter, call))
    wish = read_trade(line) if line else refuse(
        "signal_unread", f"I found no {left} in it.", "Write /signal BTC long entry 60500 sl 59800 tp 63500."
    )
    if isinstance(wish, Refusal):
        return no(counter, call, wish)
    reply = await propose(counter, call, wish, call.key)
    read = replies.said(counter.chip, "Read from the signal", rich("As ", code(f"/{line}")), left or None)
    return replace(reply, cards=(read, *reply.cards))


def read_signal(text: str, amount: str) -> tuple[str, str]:
    """Turn a signal into a typed trade; gives the line, empty with what is missing when it cannot be read. Pure."""
    side_found = SIGNAL_SIDE.search(text)
    if side_found is None:
        return "", "side (long or short)"
    symbols = [one for one in SIGNAL_SYMBOL.findall(text.upper()) if one not in NO_SYMBOL and not one.isdigit()]
    if not symbols:
        return "", "symbol"
    verb = "long" if side_found[1].lower() in ("long", "buy") else "short"
    words = [verb, symbols[0].lower(), amount]
    entry, stop = SIGNAL_ENTRY.search(text), SIGNAL_STOP.search(text)
    if entry is not None:
        words.append(f"@{entry[1].lstrip('$')}")
    if stop is not None:
        words += ["sl", stop[1].lstrip("$")]
    goals = [one.lstrip("$") for one in SIGNAL_TARGET.findall(text)]
    if len(goals) == 1:
        words += ["tp", goals[0]]
    elif goals:
        share = 100 // len(goals)
        parts = [share] * (len(goals) - 1) + [100 - share * (len(goals) - 1)]
        words += ["tp", *(f"{goal}:{part}" for goal, part in zip(goals, parts, strict=True))]
    missing = [name for name, found in (("entry: at market", entry), ("stop: the usual one", stop)) if found is None]
    return " ".join(words), f"Not in it: {', '.join(missing)}." if missing else ""


async def preset_size(counter: Counter, call: Call) -> str:
    """Give the person's usual size, else half a percent of equity at risk to the stop."""
    mine = await counter.desk.seat.ledger.read(lambda tx: tx.desk.preset(call.principal.person) or {})
    return str((mine.get("trade") or {}).get("size") or "r0.5%")


async def preset(counter: Counter, call: Call) -> Reply:
    """Serve /preset: show, set or delete my usual size, leverage, stop and target."""
    person, words = call.principal.person, str(call.args or "").lower().split()
    stored = await counter.desk.seat.ledger.read(lambda tx: tx.desk.preset(person) or {})
    mine: dict[str, str] = dict(stored.get("trade") or {})
    if not words or words[0] == "list":
        lines = [f"{name} {value}" for name, value in mine.items()] or ["None yet."]
        example = rich("Example: ", code("/preset set size=$100 sl=2%"))
        return Reply(cards=(replies.said(counter.chip, "My presets", *lines, example),))
    if words[0] == "del":
        mine = {name: value for name, value in mine.items() if name not in words[1:]}
    else:
        pairs = [word.split("=", 1) for word in words if "=" in word]
        figure = re.compile(rf"r?{FIGURE}x?")
        wrong = next((one for one in pairs if one[0] not in PRESETS or not figure.fullmatch(one[1])), None)
        if not pairs or wrong is not None:
            given = "=".join(wrong) if wrong else call.words
            return no(counter, call, refuse(
                "preset_unread", f"I cannot read {given!r}.", f"Presets are {', '.join(PRESETS)}: sl=2%."
            ))
        mine |= {one[0]: one[1] for one in pairs}

    def work(tx: Tx) -> None:
        now = counter.now()
        tx.desk.set_preset(person, (tx.desk.preset(person) or {}) | {"trade": mine}, now)
        write(tx, SettingChanged(name="preset", was=None, now=", ".join(f"{a}={b}" for a, b in mine.items()),
                                 by=person), now, call.actor)

    return Reply(cards=(replies.said(counter.chip, "Presets kept", *(f"{a} {b}" for a, b in mine.items())),), work=work)


HANDLERS: dict[str, Handler] = {
    "long": enter,
    "short": enter,
    "close": close,
    "add": add,
    "cancel": cancel,
    "lev": leverage,
    "signal": signal,
    "preset": preset,
    **dict.fromkeys(("reduce", "reverse", "sl", "tp", "be", "trail", "amend", "ladder", "twap", "margin"), trade),
}
