"""Keep the ledger in SQLite or PostgreSQL (architecture section 8)."""
