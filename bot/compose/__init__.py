"""Know everybody: build the parts, wire them, run them, answer the operator's commands (architecture section 10)."""
