"""Speak Bitget classic, the v2 futures interface."""
