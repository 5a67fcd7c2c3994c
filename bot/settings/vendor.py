"""Know the vendors' own addresses, and say no in sentences."""
from __future__ import annotations

PREFIX = "WIREDESK_"
REST, SOCKETS, DEMO_SOCKETS = "https://api.bitget.com", "wss://ws.bitget.com", "wss://wspap.bitget.com"
TELEGRAM = "https://api.telegram.org"
PATHS = {"bitget_ws_public": "/v2/ws/public", "bitget_ws_private": "/v2/ws/private",
         "bitget_ws3_public": "/v3/ws/public", "bitget_ws3_private": "/v3/ws/private"}
ADDRESSES = ("bitget_rest", *PATHS, "telegram_root")
VENDOR = {environment: {"bitget_rest": REST, "telegram_root": TELEGRAM,
                        **{name: sockets + path for name, path in PATHS.items()}}
          for environment, sockets in (("demo", DEMO_SOCKETS), ("live", SOCKETS))}


class Unusable(Exception):
    """The settings cannot be used; `sentences` say what was expected, what was found and what to do."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences
