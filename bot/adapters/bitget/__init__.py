"""Speak Bitget: what both account worlds share."""
