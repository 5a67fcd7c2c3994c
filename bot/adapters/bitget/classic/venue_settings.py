"""Read and set how the account trades: leverage, margin, margin mode, position mode; and probe it."""
from __future__ import annotations

from decimal import Decimal

from bot.adapters.bitget.classic import endpoints
from bot.adapters.bitget.classic.link import PROBED, Link, known
from bot.adapters.bitget.classic.map_account import key_rights, position_mode
from bot.adapters.bitget.classic.map_account import settings as settings_of
from bot.adapters.bitget.classic.outcomes import changed
from bot.adapters.bitget.classic.rows import all_of, one
from bot.adapters.bitget.classic.wire_account import AccountRow, KeyData
from bot.adapters.bitget.classic.wire_value import Unreadable, text
from bot.adapters.bitget.classic.words import (
    HOLD_WORDS,
    LINE_WORDS,
    MARGIN_MODE_WORDS,
    POSITION_MODE_WORDS,
    line_of,
)
from bot.adapters.bitget.http import Call, Endpoint, ReadFailed
from bot.adapters.bitget.probe import Questions, probe
from bot.adapters.bitget.throttle import Lane
from bot.domain.account import PositionMode, World
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction, MarginMode
from bot.domain.numbers import plain
from bot.domain.reports import KeyRights, Profile
from bot.ports.venue import Changed, ChangeOutcome, NeverLeft, SymbolSettings, VenueSilent

SINGLE = "single"


async def settings(link: Link, symbol: Symbol) -> SymbolSettings:
    """Read margin mode and leverage of one symbol; the position mode that comes along is kept."""
    with known(f"settings of {symbol}"):
        row = await link.account(symbol)
        link.note_mode(line_of(symbol), position_mode(row))
        return settings_of(row, symbol)


async def _set(link: Link, endpoint: Endpoint, body: dict[str, str], lane: Lane = Lane.OPEN) -> ChangeOutcome:
    return changed(await link.http.write(Call(endpoint=endpoint, lane=lane, body=body)))


def leverage_words(
    leverage: Decimal, direction: Direction | None, margin: MarginMode, mode: PositionMode
) -> dict[str, str]:
    """Write what to send for a leverage in each pair of modes (semantics section 4)."""
    value = plain(leverage)
    if margin is MarginMode.CROSSED or mode is PositionMode.ONE_WAY:
        return {"leverage": value}
    if direction is None:
        return {"longLeverage": value, "shortLeverage": value}
    return {"leverage": value, "holdSide": HOLD_WORDS[direction]}


async def set_leverage(link: Link, symbol: Symbol, leverage: Decimal, direction: Direction | None) -> ChangeOutcome:
    """Set the leverage of a symbol; its modes are read first, because the request depends on them."""
    try:
        now = await settings(link, symbol)
        mode = await link.mode(line_of(symbol))
    except (VenueSilent, ReadFailed, Unreadable) as error:
        return NeverLeft(why=f"The modes of {symbol} could not be read, and the request depends on them: {error}")
    body = link.place(symbol) | leverage_words(leverage, direction, now.margin_mode, mode)
    return await _set(link, endpoints.SET_LEVERAGE, body)


async def set_margin_mode(link: Link, symbol: Symbol, mode: MarginMode) -> ChangeOutcome:
    """Set the margin mode of a symbol."""
    return await _set(link, endpoints.SET_MARGIN_MODE, link.place(symbol) | {"marginMode": MARGIN_MODE_WORDS[mode]})


async def set_position_mode(link: Link, line: ProductLine, mode: PositionMode) -> ChangeOutcome:
    """Set the position mode of a product line: a person's wish alone, refused while anything is open (FF-47)."""
    body = {"productType": LINE_WORDS[line], "posMode": POSITION_MODE_WORDS[mode]}
    link.forget_modes(line)
    outcome = await _set(link, endpoints.SET_POSITION_MODE, body)
    if isinstance(outcome, Changed):
        link.note_mode(line, mode)
    return outcome


async def add_margin(link: Link, symbol: Symbol, direction: Direction, amount: Decimal) -> ChangeOutcome:
    """Move margin into or out of an isolated position (rest.md 3.15)."""
    body = link.place(symbol) | {"amount": plain(amount), "holdSide": HOLD_WORDS[direction]}
    return await _set(link, endpoints.SET_MARGIN, body, Lane.REDUCE)


async def set_auto_margin(link: Link, symbol: Symbol, direction: Direction, on: bool) -> ChangeOutcome:
    """Switch topping up of an isolated position from the wallet; this call knows no product type (rest.md 3.16)."""
    body = {
        "symbol": str(symbol),
        "marginCoin": link.margin_coin(symbol),
        "autoMargin": "on" if on else "off",
        "holdSide": HOLD_WORDS[direction],
    }
    return await _set(link, endpoints.SET_AUTO_MARGIN, body, Lane.REDUCE)


async def profile(link: Link) -> Profile:
    """Probe the account; modes found are kept, and a lead trader's budget is lowered."""

    async def asset_mode() -> str:
        query = {"productType": LINE_WORDS[ProductLine.USDT]}
        rows = all_of(await link.ask(endpoints.ACCOUNTS, query), AccountRow, "accounts")
        return next((word for row in rows if (word := text(row.assetMode)) is not None), SINGLE)

    async def rights() -> KeyRights:
        return key_rights(one(await link.ask(endpoints.KEY, {}), KeyData, "key"))

    async def mode(line: ProductLine) -> PositionMode:
        return position_mode(await link.account(PROBED[line]))

    questions = Questions(world=World.CLASSIC, asset_mode=asset_mode, rights=rights, position_mode=mode)
    with known("the account"):
        found = await probe(link.http, questions)
    for line, position in found.position_modes.items():
        link.note_mode(line, position)
    if found.rights is not None and found.rights.lead_trader:
        for endpoint in endpoints.LEAD_TRADER_LIMITED:
            link.http.throttle.limit(endpoint.path, 1)
    return found
