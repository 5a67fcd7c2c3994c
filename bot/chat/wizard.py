"""Guide an order step by step: symbol, size, price, stop; the draft is a row, the end is the same ticket (card 12).

Every step can be tapped or typed; the draft is named by a token inside the buttons, so that it works after a restart.
"""
from __future__ import annotations

from typing import Any

from bot.chat import questions
from bot.chat.call import Call, Counter, Reply
from bot.chat.card import Card
from bot.chat.commands.raise_wish import no, propose
from bot.chat.people import until
from bot.chat.render import replies, trade
from bot.chat.render.figures import price
from bot.chat.trade_words import read_trade
from bot.domain.ids import RequestKey, Symbol
from bot.domain.intent import Direction
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Plain
from bot.ports.market import MarketSilent

TOKEN, LIFE_S = 8, 900.0
FAVOURITES = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "DOGEUSDT", "BTCUSDC", "BTCUSD")
STEPS = ("symbol", "size", "price", "stop")
SIZES = (("$50", "u50"), ("$100", "u100"), ("$500", "u500"), ("0.25% risk", "r0.25"), ("0.5% risk", "r0.5"),
         ("1% risk", "r1"))
PRICES = (("Market", "mkt"), ("Last", "last"))
STOPS = (("1%", "s1"), ("2%", "s2"), ("3%", "s3"))
ASKS = {
    "symbol": "Which market? Tap one or type a symbol.",
    "size": "How much? Position value, or what the stop may cost in percent of equity; or type 0.05, $300, 2%.",
    "price": "At which price? Market now, a limit at the last price, or type one.",
    "stop": "Where is the stop? A distance from the entry, or type a price.",
}


async def begin(counter: Counter, call: Call, direction: Direction, symbol: Symbol | None = None) -> Reply:
    """Start a draft and ask its first open question."""
    token = counter.desk.seat.ids.new_token(TOKEN)
    draft: Plain = {
        "person": call.principal.person, "side": direction.value.lower(), "until": until(counter.now(), LIFE_S),
    }
    if symbol is not None:
        draft["symbol"] = str(symbol)
    return await _ask(counter, call, token, draft)


async def pressed(counter: Counter, call: Call) -> Reply:
    """Serve a press on a step."""
    assert call.press is not None
    token, verb = call.press.id, call.press.verb
    draft = await _draft(counter, call, token)
    if draft is None:
        return Reply(toast="This order form is over. Send /long or /short for a new one.", loud=True)
    if verb == "no":
        over = replies.said(counter.chip, "Order form closed", "Nothing was sent.")
        return Reply(cards=(_kept(over, token),), work=lambda tx: _over(tx, counter, call, token), toast="Closed.")
    step = _step(draft)
    if verb == "back":
        return await _back(counter, call, token, draft, step)
    if verb == "type":
        ask = replies.typed(counter.chip, f"Type the {step}", ASKS[step])
        return Reply(cards=(ask,), work=lambda tx: _listen(tx, counter, call, token))
    return await _take(counter, call, token, draft, step, verb)


async def answered(counter: Counter, call: Call) -> Reply:
    """Take what was typed for the open step."""
    token = str((call.asked or {}).get("token", ""))
    draft = await _draft(counter, call, token)
    if draft is None:
        return no(counter, call, refuse("form_over", "This order form is over.", "Send /long or /short for a new one."))
    return await _take(counter, call, token, draft, _step(draft), call.words.strip().lower())


async def _take(counter: Counter, call: Call, token: str, draft: Plain, step: str, given: str) -> Reply:
    value = _value(step, given)
    if step == "symbol":
        found = counter.desk.instrument(given)
        if isinstance(found, Refusal):
            return no(counter, call, found)
        value = str(found.symbol)
    if step == "price" and value == "last":
        last = await _last(counter, Symbol(draft["symbol"]))
        value = f"@{last}" if last is not None else "market"
    draft = {**draft, step: value}
    wish = read_trade(_line(draft))
    if isinstance(wish, Refusal) and "size" in draft:
        return no(counter, call, wish)
    if "stop" not in draft:
        return await _ask(counter, call, token, draft)
    if isinstance(wish, Refusal):
        return no(counter, call, wish)
    reply = await propose(counter, call, wish, RequestKey(f"wizard:{token}"))
    done = replies.said(counter.chip, "Order form filled in", _line(draft))

    def work(tx: Tx) -> None:
        _over(tx, counter, call, token)

    return Reply(cards=(_kept(done, token), *reply.cards), toast=reply.toast, loud=reply.loud, work=work)


def _value(step: str, given: str) -> str:
    """Turn a button's word into the word of a typed trade; typed words pass as they are."""
    buttons = {verb for _, verb in (*SIZES, *STOPS)}
    if step == "size" and given in buttons:
        return f"${given[1:]}" if given[0] == "u" else f"{given}%"
    if step == "stop" and given in buttons:
        return f"{given[1:]}%"
    if step == "price":
        return {"mkt": "market", "market": "market", "last": "last"}.get(given, f"@{given.lstrip('@')}")
    return given.removeprefix("sl ").strip() if step == "stop" else given


def _line(draft: Plain) -> str:
    words = [draft["side"], draft["symbol"].lower(), draft.get("size", "")]
    if draft.get("price", "market") != "market":
        words.append(draft["price"])
    if "stop" in draft:
        words += ["sl", draft["stop"]]
    return " ".join(word for word in words if word)


def _step(draft: Plain) -> str:
    return next((step for step in STEPS if step not in draft), STEPS[-1])


async def _back(counter: Counter, call: Call, token: str, draft: Plain, step: str) -> Reply:
    place = STEPS.index(step)
    kept = {name: value for name, value in draft.items() if name not in STEPS[max(0, place - 1):]}
    return await _ask(counter, call, token, kept)


async def _ask(counter: Counter, call: Call, token: str, draft: Plain) -> Reply:
    step = _step(draft)
    last = await _last(counter, Symbol(draft["symbol"])) if "symbol" in draft else None
    so_far = _line(draft) if "symbol" in draft else str(draft["side"])
    if last is not None:
        so_far += f" · last {price(last, counter.books().get(Symbol(draft['symbol'])))}"
    books = counter.books()
    choices: Any = {
        "symbol": trade.symbol_choices([Symbol(one) for one in FAVOURITES if one in books][:6], books),
        "size": SIZES,
        "price": PRICES,
        "stop": STOPS,
    }[step]
    card = trade.step(
        counter.chip, number=STEPS.index(step) + 1, of=len(STEPS), noun=step, so_far=so_far, question=ASKS[step],
        choices=choices, token=token,
    )

    def work(tx: Tx) -> None:
        tx.desk.set_value(f"draft:{token}", draft, counter.now())
        _listen(tx, counter, call, token)

    return Reply(cards=(card,), work=work)


def _listen(tx: Tx, counter: Counter, call: Call, token: str) -> None:
    questions.put(tx, call.principal.person, "wizard", counter.now(), LIFE_S, token=token)


def _over(tx: Tx, counter: Counter, call: Call, token: str) -> None:
    tx.desk.set_value(f"draft:{token}", {}, counter.now())
    questions.drop(tx, call.principal.person, counter.now())


def _kept(card: Card, token: str) -> Card:
    return Card(html=card.html, plain=card.plain, key=f"wizard:{token}", line=card.line)


async def _draft(counter: Counter, call: Call, token: str) -> Plain | None:
    stored = await counter.desk.seat.ledger.read(lambda tx: tx.desk.value(f"draft:{token}"))
    mine = stored and stored["person"] == call.principal.person and stored["until"] > counter.now().timestamp()
    return stored if mine else None


async def _last(counter: Counter, symbol: Symbol) -> Any:
    try:
        return (await counter.desk.seat.market.ticker(symbol)).last
    except MarketSilent:
        return None
