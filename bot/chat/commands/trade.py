"""Serve the trading commands: everything typed becomes a wish, everything with a bare name a guided flow."""
from __future__ import annotations

import re

from bot.chat import wizard
from bot.chat.arguments import Bare
from bot.chat.call import Call, Counter, Handler, Reply
from bot.chat.card import press
from bot.chat.commands.raise_wish import bulk, many, no, propose
from bot.chat.held import held_press, seen
from bot.chat.render import orders, replies
from bot.chat.render.figures import base_of, side, size
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


async def trade(counter: Counter, call: Call) -> Reply:
    """Serve a typed wish."""
    wish: Wish = call.args  # type: ignore[assignment]
    data = many(wish)
    if data is not None and isinstance(wish, CloseWish | CancelWish):
        return await bulk(counter, call, wish, data)
    return await propose(counter, call, wish, call.key)


async def enter(counter: Counter, call: Call) -> Reply:
    """Serve /long and /short: a line of words, or the guided order."""
    if isinstance(call.args, Bare):
        return await _usual(counter, call, call.args.symbol)
    if call.args is not None:
        return await trade(counter, call)
    return await wizard.begin(counter, call, Direction(call.spec.name.upper()))


async def _usual(counter: Counter, call: Call, symbol: str) -> Reply:
    """Serve `/long btc`: my usual size, leverage, stop and target, or the rest of the guided order."""
    found = counter.desk.instrument(symbol)
    if isinstance(found, Refusal):
        return no(counter, call, found)
    stored = await counter.desk.seat.ledger.read(lambda tx: tx.desk.preset(call.principal.person) or {})
    mine: dict[str, str] = dict(stored.get("trade") or {})
    if "size" not in mine:
        return await wizard.begin(counter, call, Direction(call.spec.name.upper()), found.symbol)
    rest = "".join(f" {name}={mine[name]}" for name in ("lev", "sl", "tp") if name in mine)
    wish = read_trade(f"{call.spec.name} {found.symbol.lower()} {mine['size']}{rest}")
    return no(counter, call, wish) if isinstance(wish, Refusal) else await propose(counter, call, wish, call.key)


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
            held_press(
                one.position.symbol, one.position.direction, "100", seen(one.position.entry, one.position.size)
            ),
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

    said = [f"{name} {value}" for name, value in mine.items()] or ["None are left."]
    return Reply(cards=(replies.said(counter.chip, "Presets kept", *said),), work=work)


HANDLERS: dict[str, Handler] = {
    "long": enter,
    "short": enter,
    "close": close,
    "add": add,
    "cancel": cancel,
    "lev": leverage,
    "preset": preset,
    **dict.fromkeys(("reduce", "reverse", "sl", "tp", "be", "trail", "amend", "ladder", "twap", "margin"), trade),
}
