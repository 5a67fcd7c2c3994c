"""List the tools of advisor section 12: what each is for, what it takes, and its hints. None of them can trade."""
from __future__ import annotations

from dataclasses import dataclass

import mcp_types as types

from bot.mcp import shapes


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool; `proposes` tells that it puts something before people."""

    takes: type[shapes.Closed]
    title: str
    does: str
    proposes: bool = False

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


T = Tool
TOOLS: dict[str, Tool] = {
    "get_capabilities": T(
        takes=shapes.Nothing, title="What I may do",
        does="Say whose money this is, what is left of your quotas, and what is switched off and why.",
    ),
    "get_account": T(
        takes=shapes.Nothing, title="The wallets", does="Say how the wallets stand, in shares of equity, with ages.",
    ),
    "get_positions": T(
        takes=shapes.Nothing, title="Open positions",
        does="List open positions with entry, mark, stop and distance to liquidation; no sizes.",
    ),
    "get_open_orders": T(takes=shapes.Nothing, title="Open orders", does="List live orders; no sizes."),
    "get_market": T(takes=shapes.OfSymbol, title="A market", does="Give prices, spread, funding and their age."),
    "get_candles": T(takes=shapes.Candles, title="Candles", does="Give closed candles, oldest first, at most 200."),
    "get_features": T(
        takes=shapes.Features, title="Features", does="Give the features of the last closed candle.",
    ),
    "get_track_record": T(
        takes=shapes.Record, title="Track record",
        does="Say how an advisor's ideas ended, in R after costs, whatever happened to them; yours by default.",
    ),
    "get_proposal": T(takes=shapes.OfProposal, title="A proposal", does="Say how one of your proposals stands."),
    "list_my_proposals": T(
        takes=shapes.Nothing, title="My proposals", does="List your proposals of the last week, newest first.",
    ),
    "check_idea": T(
        takes=shapes.Checked, title="Check an idea",
        does="Say what an idea's card would say: risk, reward, leverage, liquidation, or why not. Changes nothing.",
    ),
    "propose_trade": T(
        takes=shapes.Proposed, title="Propose a trade", proposes=True,
        does="Put an idea before people. Returns pending and an id at once; people decide on their phones.",
    ),
    "propose_close": T(
        takes=shapes.Close, title="Propose to close", proposes=True,
        does="Propose to reduce or close a position. People decide.",
    ),
    "propose_tighten": T(
        takes=shapes.Tighten, title="Propose a tighter stop", proposes=True,
        does="Propose a stop nearer to the price than the one that stands. People decide.",
    ),
    "withdraw_proposal": T(
        takes=shapes.Withdrawn, title="Withdraw a proposal", proposes=True,
        does="Take back your own proposal while it waits.",
    ),
}
