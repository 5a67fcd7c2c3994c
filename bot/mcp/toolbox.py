"""List the tools of advisor section 12: what each is for, what it takes, and its hints. None of them can trade."""
from __future__ import annotations

from dataclasses import dataclass

import mcp_types as types

from bot.mcp import shapes


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool; `proposes` tells that it puts something before people."""

    takes: type[shapes.Closed]
    title: str
    does: str
    proposes: bool

    def told(self, name: str) -> types.Tool:
        """Describe it to a client, with its hints (they are hints, not protection)."""
        hints = types.ToolAnnotations(
            title=self.title, read_only_hint=not self.proposes, destructive_hint=False, idempotent_hint=True,
            open_world_hint=False,
        )
        return types.Tool(
            name=name, title=self.title, description=self.does, input_schema=self.takes.model_json_schema(),
            annotations=hints,
        )


# Name, what it takes, title, what it does.
Row = tuple[str, type[shapes.Closed], str, str]
LOOKS: tuple[Row, ...] = (
    ("get_capabilities", shapes.Nothing, "What I may do",
     "Say whose money this is, what is left of your quotas, and what is switched off and why."),
    ("get_account", shapes.Nothing, "The wallets", "Say how the wallets stand, in shares of equity, with ages."),
    ("get_positions", shapes.Nothing, "Open positions",
     "List open positions with entry, mark, stop and distance to liquidation; no sizes."),
    ("get_open_orders", shapes.Nothing, "Open orders", "List live orders; no sizes."),
    ("get_market", shapes.OfSymbol, "A market", "Give prices, spread, funding and their age."),
    ("get_candles", shapes.Candles, "Candles", "Give closed candles, oldest first, at most 200."),
    ("get_features", shapes.Features, "Features", "Give the features of the last closed candle."),
    ("get_track_record", shapes.Record, "Track record",
     "Say how an advisor's ideas ended, in R after costs, whatever happened to them; yours by default."),
    ("get_proposal", shapes.OfProposal, "A proposal", "Say how one of your proposals stands."),
    ("list_my_proposals", shapes.Nothing, "My proposals", "List your proposals of the last week, newest first."),
    ("check_idea", shapes.Checked, "Check an idea",
     "Say what an idea's card would say: risk, reward, leverage, liquidation, or why not. Changes nothing."),
)
PROPOSES: tuple[Row, ...] = (
    ("propose_trade", shapes.Proposed, "Propose a trade",
     "Put an idea before people. Returns pending and an id at once; people decide on their phones. A new agent is "
     "watched first: its ideas are noted and scored, and shown once an owner says so."),
    ("propose_close", shapes.Close, "Propose to close", "Propose to reduce or close a position. People decide."),
    ("propose_tighten", shapes.Tighten, "Propose a tighter stop",
     "Propose a stop nearer to the price than the one that stands. People decide."),
    ("withdraw_proposal", shapes.Withdrawn, "Withdraw a proposal", "Take back your own proposal while it waits."),
)
TOOLS: dict[str, Tool] = {
    name: Tool(takes, title, does, proposes)
    for rows, proposes in ((LOOKS, False), (PROPOSES, True)) for name, takes, title, does in rows
}
