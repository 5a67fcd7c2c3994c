"""Ask language models: one question, one deadline, one price known before, one typed answer or none (advisor 8)."""
