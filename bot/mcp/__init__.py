"""Proposing from outside: a process of its own that speaks MCP and holds no key, only a line to the desk."""
