"""Keep the pages an agent may read: limits, glossary, the shape of an idea, what cards look like."""
from __future__ import annotations

import json

from bot.mcp.line import Answer
from bot.mcp.shapes import Idea

RESOURCES = {
    "wiredesk://limits": ("limits", "what is left of your quotas now, and the rules every idea has to pass"),
    "wiredesk://glossary": ("glossary", "the words of this desk"),
    "wiredesk://idea-schema": ("idea schema", "the shape of an idea as JSON Schema"),
    "wiredesk://card-examples": ("card examples", "what people see of an idea"),
}
RULES = """# Limits

- At most 3 proposals of yours wait at once, 20 are taken within 24 hours, 60 calls within a minute.
- Stop and target lie on their own sides of the price; the target within three times the risk; at least 1.3 to gain for
  1 at risk after costs; liquidation at least two stop distances away.
- The desk sizes by a fixed share of equity at risk, lowers leverage and size to its limits, and never raises them.
- A proposal waits a quarter of its timeframe, 60 s to 20 min, then it expires. It is quoted anew once when the price
  left it.

Now:
"""
GLOSSARY = """# Glossary

- idea: your view of one symbol: direction, stop, target. It has no size.
- proposal: an idea, sized by the desk, before people. pending, ordered, rejected, expired, refused, withdrawn.
- R: the money between entry and stop. Results are told in R after costs.
- mark: the price by which the exchange liquidates. last: the last trade.
- protection: a stop that was read back from the exchange.
- lease, mandate: what a model may do alone. Agents from outside have none.
"""
CARDS = """# What people see

    📨 or 🤖, who wants it, direction, size, symbol
    from agent research-bot via MCP
    notional, margin, fees, stop, target, loss if stopped in money and in percent of equity, liquidation, exposure
    your thesis as a quotation below these numbers, what speaks against it, what would make it wrong
    how many approvers it needs, when it expires, its id
    Approve · Reject · Half size · Edit · Ask why

Texts are quoted and cut to 300 letters; markup and links in them do nothing.
"""


def page(uri: str, now: Answer) -> str:
    """Give a page as Markdown; raises ValueError for an unknown one."""
    if uri == "wiredesk://limits":
        return f"{RULES}\n```json\n{json.dumps(now, indent=1)}\n```\n"
    if uri == "wiredesk://idea-schema":
        return f"```json\n{json.dumps(Idea.model_json_schema(), indent=1)}\n```\n"
    pages = {"wiredesk://glossary": GLOSSARY, "wiredesk://card-examples": CARDS}
    if uri not in pages:
        raise ValueError(f"There is no page {uri[:60]}; there are {', '.join(RESOURCES)}.")
    return pages[uri]
