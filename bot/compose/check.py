"""Connect with the given settings, read everything once, and say in plain words what was found; nothing is sent."""
from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

from bot.adapters.bitget.classic.topic import Topic
from bot.compose import check_words as words
from bot.compose.first_pushes import Heard, listen
from bot.compose.key_rules import key_findings
from bot.compose.parts import Exchange, credentials_of, exchange, lines_of, login_of
from bot.domain.account import World
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument, ProductLine
from bot.domain.reports import Profile
from bot.ports.market import MarketSilent
from bot.ports.venue import SymbolSettings, VenueSilent
from bot.settings import Settings, Unusable

PRIVATE = ("account", "positions", "orders", "orders-algo", "fill", "adl-noti")
PUBLIC = ("ticker", "books5", "candle1m", "trade")
SHOWN = 10
Say = Callable[[str], None]


def check(settings: Settings) -> int:
    """Print the whole reading; gives 0, or 1 after what is wrong and what to do, on standard error."""
    try:
        wrong = asyncio.run(_check(settings, print))
    except (Unusable, VenueSilent, MarketSilent, ValueError) as no:
        wrong = [str(no)]
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return 1 if wrong else 0


async def _check(settings: Settings, say: Say) -> list[str]:
    say(words.where(settings.environment, settings.account, settings.address("bitget_rest")))
    async with exchange(settings) as parts:
        venue, _, http, *_ = parts
        profile = await venue.profile()
        say(words.world(profile))
        forbidden, warned = key_findings(profile, settings)
        if profile.world is not World.CLASSIC:
            return [str(one) for one in forbidden]
        say(words.key(profile, tuple(one.sentence for one in forbidden) + warned))
        wrong = [str(one) for one in forbidden]
        say(words.clock(profile))
        wrong += words.clock_trouble(profile, settings.skew_s)
        lines = [line for line in lines_of(settings) if line in profile.position_modes]
        shown = await _account(parts, profile, lines, say)
        private, public = await asyncio.gather(
            listen(settings.address("bitget_ws_private"), _topics(lines, PRIVATE), login_of(credentials_of(settings)),
                   lambda: round(http.offset.ms) if http.offset is not None else 0),
            listen(settings.address("bitget_ws_public"), _market_topics(shown),  None,
                   lambda: round(http.offset.ms) if http.offset is not None else 0),
        )
    return wrong + _streams(private, public, lines, shown, say)


async def _account(parts: Exchange, profile: Profile, lines: list[ProductLine], say: Say) -> list[Instrument]:
    """Print modes, balances, positions, orders, plans and ten contracts; give one contract of each line."""
    venue, market, *_ = parts
    contracts = {line: await market.instruments(line) for line in lines}
    shown = _pick(contracts)
    modes: dict[Symbol, SymbolSettings] = {}
    for one in shown:
        modes[one.symbol] = await venue.settings(one.symbol)
    say(words.modes(profile, lines))
    for line in lines:
        accounts, positions, orders, plans = await asyncio.gather(
            venue.accounts(line), venue.positions(line), venue.open_orders(line), venue.open_plans(line)
        )
        say(words.line(line, accounts, positions, orders, plans))
    say(words.contracts(shown, modes, sum(len(found) for found in contracts.values())))
    return [next(one for one in found if one in shown) for found in contracts.values() if found]


def _pick(contracts: dict[ProductLine, tuple[Instrument, ...]]) -> list[Instrument]:
    """Take ten contracts, from every line in turn, tradable ones first."""
    waiting = [sorted(found, key=lambda one: not one.tradable) for found in contracts.values()]
    picked: list[Instrument] = []
    while any(waiting) and len(picked) < SHOWN:
        for row in waiting:
            if row and len(picked) < SHOWN:
                picked.append(row.pop(0))
    return picked


def _topics(lines: list[ProductLine], channels: tuple[str, ...]) -> list[Topic]:
    return [Topic(line=line, channel=channel) for line in lines for channel in channels]


def _market_topics(shown: list[Instrument]) -> list[Topic]:
    return [Topic(line=one.line, channel=channel, symbol=one.symbol) for one in shown for channel in PUBLIC]


def _streams(private: Heard, public: Heard, lines: list[ProductLine], shown: list[Instrument], say: Say) -> list[str]:
    wrong: list[str] = []
    for name, heard, topics in (("Private", private, _topics(lines, PRIVATE)),
                                ("Public", public, _market_topics(shown))):
        say(words.stream(name, heard, topics))
        wrong += words.stream_trouble(name, heard)
    return wrong
