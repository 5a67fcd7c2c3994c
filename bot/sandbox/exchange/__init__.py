"""A simulated Bitget futures exchange speaking the v2 protocol on loopback.

What it does not imitate, so that nobody takes a green run for more than it is:

- Other traders. Depth is made up around the tape's price and renewed with it; orders here never move the tape. What
  rests is ahead of invented depth at the same price; a resting order fills whole when the price trades through it, and
  as far as one invented level goes when the price only touches it.
- Price bands, opening cost, crossed liquidation price, liquidation steps, insurance and deleveraging follow the models
  proposed in the documents, not published rules; bands are 2 % around mark, liquidation takes a step every 200 ms.
- Funding rates are drawn from the seed and do not follow the basis; marks and indices follow the tape.
- Limits depending on risk control, regional rules, copy trading, coupons, grants, delivery contracts, maintenance of
  single symbols, the position share of open interest, close orders beyond the bankruptcy price (40820, 40821).
- Multi-asset (union) margin can be switched on but counts USDT only and lends nothing. COIN-FUTURES take their base
  coin as the only margin coin. There are no sub-accounts and no spot wallet behind transfers.
- Of doubtful points it takes the strict reading: an order's marginMode must agree with the symbol while anything is
  open there; client ids are never free again; unknown parameters are refused.
- Nothing is forgotten: unfilled cancelled orders stay visible, retention ends only at 90 days.
- RSA keys and the unified account (v3).
"""
