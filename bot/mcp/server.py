"""Speak MCP: check each call against its tool's shape, carry it to the desk, hand its answer back as data."""
from __future__ import annotations

import json
from typing import Any

import mcp_types as types
from mcp.server import Server, ServerRequestContext
from pydantic import ValidationError

from bot.mcp.bearer import bearer_of
from bot.mcp.library import RESOURCES, page
from bot.mcp.line import Answer, Line, refused
from bot.mcp.toolbox import TOOLS

NAME = "wiredesk"
INSTRUCTIONS = (
    "Wiredesk is a trading desk. You can look and propose; people decide on their phones, and the desk chooses size, "
    "leverage and order type. Nothing here places, approves or cancels anything. Say your view as direction, stop and "
    "target; check it with check_idea; propose it with an idempotency key, and send the same key again when an answer "
    "is lost. Refusals say which rule, what was found, what is allowed and what would pass."
)
Context = ServerRequestContext[Any]


def server_of(line: Line) -> Server[Any]:
    """Build the server over a line to the desk."""

    async def list_tools(ctx: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[tool.told(name) for name, tool in TOOLS.items()])

    async def call_tool(ctx: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        return told(await _called(line, ctx, params.name, params.arguments or {}))

    async def list_resources(ctx: Context, params: types.PaginatedRequestParams | None) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=[
            types.Resource(uri=uri, name=name, description=words, mime_type="text/markdown")
            for uri, (name, words) in RESOURCES.items()
        ])

    async def read_resource(ctx: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        uri = str(params.uri)
        now = await line.call("get_capabilities", token_of(line, ctx), {}) if uri.endswith("/limits") else {}
        text = types.TextResourceContents(uri=uri, mime_type="text/markdown", text=page(uri, now))
        return types.ReadResourceResult(contents=[text])

    return Server(
        NAME, instructions=INSTRUCTIONS, on_list_tools=list_tools, on_call_tool=call_tool,
        on_list_resources=list_resources, on_read_resource=read_resource,
    )


async def _called(line: Line, ctx: Context, name: str, arguments: dict[str, Any]) -> Answer:
    tool = TOOLS.get(name)
    if tool is None:
        return refused("tool", f"There is no tool {name[:40]!r}.", f"There are {', '.join(TOOLS)}.", value=name[:40])
    try:
        # JSON mode: what arrives is JSON, and strict about it: no text for a number, no number for a text.
        taken = tool.takes.model_validate_json(json.dumps(arguments, allow_nan=False))
    except (ValidationError, ValueError) as fault:
        return _unfit(fault)
    return await line.call(name, token_of(line, ctx), taken.model_dump(exclude_none=True))


def _unfit(fault: ValidationError | ValueError) -> Answer:
    if not isinstance(fault, ValidationError):
        return refused("argument", "The arguments are no JSON.", "See the tool's schema.")
    reasons = []
    for one in fault.errors(include_input=False, include_url=False)[:5]:
        place = ".".join(str(part) for part in one["loc"])[:60] or "arguments"
        unknown = one["type"] == "extra_forbidden"
        words = f"{place} is not known here." if unknown else f"{place}: {one['msg']}."
        reasons += refused("unknown_argument" if unknown else "argument", words, "See the tool's schema.",
                           value=place)["refused"]
    return {"refused": reasons}


def token_of(line: Line, ctx: Context) -> str:
    """Give the token a call is made with: that of its own request over HTTP, else that of the process."""
    if ctx.request is not None:
        return bearer_of(ctx.request.headers.get("authorization")) or ""
    return line.token or ""


def told(answer: Answer) -> types.CallToolResult:
    """Hand over an answer as data and as text; a refusal is an error a model can read."""
    text = json.dumps(answer, ensure_ascii=False, indent=1)
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)], structured_content=answer, is_error="refused" in answer
    )
