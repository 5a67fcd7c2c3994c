"""List every command of the chat: name, aliases, permission, usage, example, how its words are read (features 5)."""
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from bot.chat import arguments as words
from bot.chat.auto_words import only_revokes, read_auto
from bot.chat.trade_words import read_trade
from bot.domain.principal import Permission

# One word that may be a market: /long btc.
MARKET = re.compile(r"[A-Za-z][A-Za-z0-9/.:_\-]{1,19}")
READ, REDUCE, STOP = Permission.READ, Permission.REDUCE, Permission.STOP
TRADE, APPROVE, CONTROL = Permission.TRADE, Permission.APPROVE, Permission.CONTROL


class Topic(Enum):
    """The groups of /help."""

    TRADE = "Trade"
    POSITIONS = "Positions"
    REPORTS = "Reports"
    AI = "AI"
    CONTROL = "Control"
    ME = "Me"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    """One command.

    `setting` is the permission needed when at least `setting_from` words follow the name, unless `stops` tells that
    these words only stop something; `wizard` tells that the bare name starts a guided flow; `menu` puts it into the
    menu of the phone.
    """

    name: str
    topic: Topic
    permission: Permission
    does: str
    usage: str = ""
    example: str = ""
    aliases: tuple[str, ...] = ()
    parse: Callable[[str], object] = words.nothing
    setting: Permission | None = None
    setting_from: int = 1
    stops: Callable[[object], bool] | None = None
    wizard: bool = False
    menu: bool = False


def _trade(name: str) -> Callable[[str], object]:
    return lambda said: read_trade(f"{name} {said}")


def _opening(name: str) -> Callable[[str], object]:
    def read(said: str) -> object:
        market = MARKET.fullmatch(said.strip())
        return words.Bare(symbol=market[0]) if market is not None else read_trade(f"{name} {said}")

    return read


def _spec(topic: Topic, name: str, permission: Permission, does: str, usage: str = "", example: str = "",
          aliases: str = "", **more: object) -> CommandSpec:
    return CommandSpec(
        name=name, topic=topic, permission=permission, does=does, usage=usage, example=example,
        aliases=tuple(aliases.split()), **more,  # type: ignore[arg-type]
    )


T, P, R, A, C, M = Topic.TRADE, Topic.POSITIONS, Topic.REPORTS, Topic.AI, Topic.CONTROL, Topic.ME
OPENS = "symbol size [@price] [sl] [tp] [5x]"

TRADING = (
    _spec(T, "long", TRADE, "Buy or open long", OPENS, "/long btc $100 5x sl 2% tp 4%", "buy b l forcelong",
          parse=_opening("long"), wizard=True, menu=True),
    _spec(T, "short", TRADE, "Sell or open short", OPENS, "/short eth 0.5 @3100 sl 2%", "sell s forceshort",
          parse=_opening("short"), wizard=True, menu=True),
    _spec(T, "close", REDUCE, "Close a position", "symbol|all|longs|shorts|winners|losers [25%]", "/close btc 50%",
          "exit fx forceexit forcesell", parse=_trade("close"), wizard=True, menu=True),
    _spec(T, "add", TRADE, "Add to a position", "symbol size", "/add btc 0.01", parse=words.listed),
    _spec(T, "reduce", REDUCE, "Take a part off a position", "symbol size|25%", "/reduce btc 25%",
          parse=_trade("reduce")),
    _spec(T, "reverse", TRADE, "Close and open the other way", "symbol", "/reverse btc", parse=_trade("reverse")),
    _spec(T, "sl", TRADE, "Move or set a stop", "symbol price|1.5%|be|off", "/sl btc 59800", parse=_trade("sl")),
    _spec(T, "tp", TRADE, "Set one or several targets", "symbol price[:share] …", "/tp btc 62000:50 63500:50",
          parse=_trade("tp")),
    _spec(T, "be", REDUCE, "Stop to break-even, fees included", "symbol", "/be btc", parse=_trade("be")),
    _spec(T, "trail", TRADE, "Trailing stop", "symbol percent [activation]", "/trail btc 1%", parse=_trade("trail")),
    _spec(T, "orders", READ, "Open orders", "[symbol]", "/orders btc", "oo", parse=words.symbol, menu=True),
    _spec(T, "cancel", REDUCE, "Cancel orders", "id|symbol|all", "/cancel btc", "coo", parse=_trade("cancel"),
          wizard=True),
    _spec(T, "amend", TRADE, "Change price or size of an order", "id [@price] [size]", "/amend ID @61000",
          parse=_trade("amend")),
    _spec(T, "ladder", TRADE, "Several limit orders between two prices", "symbol side size from to steps",
          "/ladder btc long $500 60000 58000 5", parse=_trade("ladder")),
    _spec(T, "twap", TRADE, "Spread a market order over time", "symbol side size minutes [slices]",
          "/twap btc long $500 30", parse=_trade("twap")),
    _spec(T, "lev", READ, "Leverage of a symbol", "symbol [leverage]", "/lev btc 5", "leverage",
          parse=words.listed, setting=TRADE, setting_from=2),
    _spec(T, "margin", TRADE, "Margin mode of a symbol", "symbol cross|iso", "/margin btc iso",
          parse=_trade("margin")),
    _spec(T, "signal", TRADE, "Read a pasted signal", "text", "/signal BTC long 60500 sl 59800 tp 63500",
          parse=words.pasted),
    _spec(T, "preset", TRADE, "My usual size, leverage and stop", "[set size=$100 lev=5 sl=2% | del name]",
          "/preset set size=$100 lev=5 sl=2%", "presets", parse=words.text),
)
POSITIONS = (
    _spec(P, "positions", READ, "Open positions", "[symbol]", "/positions btc", "pos p status", parse=words.symbol,
          menu=True),
    _spec(P, "dash", READ, "Live dashboard", aliases="dashboard", menu=True),
    _spec(P, "risk", READ, "Exposure and worst case"),
    _spec(P, "price", READ, "Price, spread, funding", "symbol", "/price btc", "q", parse=words.needed_symbol),
    _spec(P, "chart", READ, "Chart with my levels", "symbol [interval]", "/chart btc 15m", parse=words.listed),
    _spec(P, "funding", READ, "Funding rates", "[symbol]", "/funding btc", parse=words.symbol),
    _spec(P, "book", READ, "Depth and impact", "symbol [size]", "/book btc 1", parse=words.listed),
    _spec(P, "alert", READ, "Set an alert", "symbol condition", "/alert btc > 65000", parse=words.text),
    _spec(P, "alerts", READ, "My alerts", menu=True),
    _spec(P, "watch", READ, "Watchlist", "[symbol …]", "/watch btc eth", parse=words.listed),
)
REPORTS = (
    _spec(R, "balance", READ, "Equity, free, used margin", aliases="bal pf portfolio"),
    _spec(R, "pnl", READ, "Profit and loss", "[today|7d|30d]", "/pnl 7d", "profit", parse=words.span, menu=True),
    _spec(R, "daily", READ, "Days in a table", "[days]", "/daily 7", parse=words.count),
    _spec(R, "weekly", READ, "Weeks in a table", "[weeks]", "/weekly 4", parse=words.count),
    _spec(R, "monthly", READ, "Months in a table", "[months]", "/monthly 3", parse=words.count),
    _spec(R, "performance", READ, "Ranking by symbol or source", "[symbol|source]", "/performance", "perf",
          parse=words.listed),
    _spec(R, "stats", READ, "Win rate, holding, slippage", "[days]", "/stats 30", parse=words.count),
    _spec(R, "trades", READ, "Closed trades", "[count]", "/trades 10", "th trades_history", parse=words.count),
    _spec(R, "fees", READ, "Fees and funding", "[days]", "/fees 7", parse=words.count),
    _spec(R, "equity", READ, "Equity curve", "[days]", "/equity 30", parse=words.count),
    _spec(R, "export", TRADE, "Trades or orders as CSV, audit for owners", "trades|orders|audit [7d]",
          "/export trades 30d", parse=words.listed),
    _spec(R, "digest", READ, "Daily summary", "[now|on 08:00|off]", "/digest now", parse=words.listed),
)
ADVICE = (
    _spec(A, "inbox", READ, "Proposals waiting for you", aliases="proposals", menu=True),
    _spec(A, "approve", APPROVE, "Say yes to a proposal", "id", "/approve K7Q2M4X9TB", parse=words.listed),
    _spec(A, "reject", APPROVE, "Say no to a proposal", "id [reason]", "/reject K7Q2M4X9TB too late",
          parse=words.text),
    _spec(A, "ask", READ, "What the models say of a symbol", "symbol", "/ask btc", parse=words.text),
    _spec(A, "propose", TRADE, "Ask a model for a view now", "symbol", "/propose btc", parse=words.needed_symbol),
    _spec(A, "auto", READ, "How far models may go", "[model] [off|shadow|propose|semi|auto|revoke] [bounds]",
          "/auto rules semi trade=500 day=2000 trades=5 hours=12 risk=20 btc", parse=read_auto, setting=CONTROL,
          stops=only_revokes),
    _spec(A, "why", READ, "The story behind an id", "id", "/why K7Q2M4X9TB", parse=words.text),
    _spec(A, "score", READ, "How models did", "[model]", "/score", parse=words.text),
    _spec(A, "models", READ, "Which models are asked; agents from outside",
          "[use|retire model | allow model symbol | agents [revoke name]]", "/models", parse=words.listed,
          setting=CONTROL),
)
CONTROLS = (
    _spec(C, "pause", STOP, "Exits and cancels only", "[reason]", "/pause lunch", "stopentry stopbuy",
          parse=words.text),
    _spec(C, "halt", STOP, "Stop everything now", "[reason]", "/halt", parse=words.text, menu=True),
    _spec(C, "resume", CONTROL, "Trade again; asks for the second factor"),
    _spec(C, "flat", STOP, "Halt, cancel all, close all", aliases="closeall panic"),
    _spec(C, "stop", STOP, "Choose what to stop"),
    _spec(C, "mode", READ, "Whose money this is"),
    _spec(C, "accounts", READ, "Accounts and modes"),
    _spec(C, "use", READ, "Choose my account", "name", "/use main", parse=words.listed),
    _spec(C, "limits", READ, "Limits and how much is used", "[set name=number]", "/limits set leverage=5",
          parse=words.settings, setting=CONTROL),
    _spec(C, "locks", READ, "Cooldowns and locked symbols"),
    _spec(C, "unlock", TRADE, "Lift a cooldown", "symbol", "/unlock btc", parse=words.needed_symbol),
    _spec(C, "allow", READ, "Symbols that may be traded", "[symbol …]", "/allow btc eth", "whitelist",
          parse=words.listed, setting=CONTROL),
    _spec(C, "deny", READ, "Symbols that may not", "[symbol …]", "/deny doge", "blacklist", parse=words.listed,
          setting=CONTROL),
    _spec(C, "reconcile", REDUCE, "Compare with the exchange now"),
    _spec(C, "health", READ, "Every part with its age"),
    _spec(C, "preflight", CONTROL, "Check the account", aliases="doctor"),
    _spec(C, "logs", CONTROL, "Last journal lines", "[count]", "/logs 20", parse=words.count),
    _spec(C, "audit", CONTROL, "Who did what; verify the chain", "[id|verify|line hash]", "/audit verify",
          parse=words.text),
    _spec(C, "users", CONTROL, "People and their roles"),
    _spec(C, "invite", CONTROL, "A link for one person", "viewer|trader|approver|owner", "/invite trader",
          parse=words.role),
    _spec(C, "role", CONTROL, "Change a role", "number role", "/role 123456 trader", parse=words.person_and_role),
    _spec(C, "revoke", CONTROL, "Take somebody's access", "number", "/revoke 123456", parse=words.person),
    _spec(C, "pin", TRADE, "Set or change my PIN, in private"),
    _spec(C, "totp", TRADE, "Set up an authenticator app, in private", aliases="2fa"),
    _spec(C, "backup", CONTROL, "Snapshot of the database"),
    _spec(C, "drill", CONTROL, "Rehearse an emergency", "name", "/drill flat", parse=words.listed),
    _spec(C, "version", READ, "Which version runs"),
    _spec(C, "config", CONTROL, "Running configuration, redacted"),
)
OWN = (
    _spec(M, "start", READ, "Welcome", parse=words.text),
    _spec(M, "menu", READ, "What I can do, as buttons"),
    _spec(M, "help", READ, "All topics", "[command]", "/help sl", "h", parse=words.text, menu=True),
    _spec(M, "me", READ, "My role and settings"),
    _spec(M, "tz", READ, "My time zone", "zone", "/tz Europe/Berlin", parse=words.text),
    _spec(M, "notify", READ, "What I am told, and how loudly", "[event on|silent|off]", "/notify fill silent",
          parse=words.listed),
    _spec(M, "quiet", READ, "Quiet hours", "[22:00-07:00|off]", "/quiet 22:00-07:00", parse=words.listed),
    _spec(M, "mute", READ, "Mute what is not critical", "[minutes|off]", "/mute 30", parse=words.minutes),
    _spec(M, "settings", READ, "My settings as buttons", "[plain on|off | amounts hide|show]",
          "/settings amounts hide", parse=words.listed, menu=True),
    _spec(M, "lang", READ, "Language", "[code]", "/lang en", parse=words.listed),
)
SPECS = (*TRADING, *POSITIONS, *REPORTS, *ADVICE, *CONTROLS, *OWN)
MENU = ("dash", "positions", "orders", "long", "short", "close", "halt", "pnl", "alerts", "inbox", "settings", "help")
