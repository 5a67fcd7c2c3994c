"""Prove the MCP server: its contract in process, one real process, and what it cannot reach."""
