"""Let models look at the market: data in, an idea or an abstention out; no ledger, no venue, no chat in here."""
