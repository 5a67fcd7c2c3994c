"""Text and entities back to Telegram's HTML, for whoever reads a chat over the control surface."""
from __future__ import annotations

from html import escape

from bot.sandbox.telegram.html import Entity, order

_PLAIN = {
    "bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "spoiler": "tg-spoiler", "code": "code",
    "blockquote": "blockquote",
}


def to_html(text: str, entities: list[Entity]) -> str:
    """Return HTML that parses back to the same text and entities; detected entities stay plain text."""
    kept = [(e, tags) for e in sorted(entities, key=order) if (tags := _tags(e))]
    raw = text.encode("utf-16-le")
    edges = sorted({0, len(raw) // 2} | {p for e, _ in kept for p in (e["offset"], e["offset"] + e["length"])})
    out: list[str] = []
    opened: list[tuple[Entity, tuple[str, str]]] = []
    for here, there in zip(edges, [*edges[1:], None], strict=True):
        again: list[tuple[Entity, tuple[str, str]]] = []
        while any(e["offset"] + e["length"] <= here for e, _ in opened):
            entity, tags = opened.pop()
            out.append(tags[1])
            if entity["offset"] + entity["length"] > here:
                again.append((entity, tags))
        for entity, tags in [*reversed(again), *(k for k in kept if k[0]["offset"] == here)]:
            out.append(tags[0])
            opened.append((entity, tags))
        if there is not None:
            out.append(escape(raw[here * 2:there * 2].decode("utf-16-le"), quote=False))
    return "".join(out)


def _tags(e: Entity) -> tuple[str, str] | None:
    kind = e["type"]
    if kind in _PLAIN:
        return f"<{_PLAIN[kind]}>", f"</{_PLAIN[kind]}>"
    match kind:
        case "expandable_blockquote":
            return "<blockquote expandable>", "</blockquote>"
        case "pre" if e.get("language"):
            return f'<pre><code class="language-{escape(str(e["language"]))}">', "</code></pre>"
        case "pre":
            return "<pre>", "</pre>"
        case "text_link":
            return f'<a href="{escape(str(e["url"]))}">', "</a>"
        case "text_mention":
            return f'<a href="tg://user?id={e["user_id"]}">', "</a>"
        case "custom_emoji":
            return f'<tg-emoji emoji-id="{e["custom_emoji_id"]}">', "</tg-emoji>"
        case "date_time":
            shape = f' format="{e["date_time_format"]}"' if e.get("date_time_format") else ""
            return f'<tg-time unix="{e["unix_time"]}"{shape}>', "</tg-time>"
    return None
