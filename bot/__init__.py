"""Wiredesk: a trading desk for Bitget futures that lives in a Telegram chat."""

__version__ = "0.1.0"
