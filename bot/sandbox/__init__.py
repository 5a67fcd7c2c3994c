"""Strangers for newcomers, demos and tests: they import nothing of ours (architecture section 14)."""
