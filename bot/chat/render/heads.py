"""Name refusals for a locked phone, where the name of the rule would say little. Pure."""
from __future__ import annotations

# By the code of the first reason; any other is "Not done:" and the words of its code.
HEADS = {
    "word_unread": "I did not understand that", "unread": "I did not understand that",
    "alert_words": "I did not understand that", "alert_rest": "I did not understand that",
    "digest_hour": "That is no hour", "quiet_hours": "Those are no hours", "odd_letters": "Odd letters in it",
    "incomplete": "Something is missing", "size_missing": "Something is missing", "alert_symbol": "Which symbol?",
    "symbol": "Which symbol?", "no_symbol": "Which symbol?", "which_side": "Which side?",
    "unknown_symbol": "No such contract", "order_unknown": "No such order", "person_unknown": "No such person",
    "proposal_unknown": "No such proposal", "no_advisor": "No such model", "sheet": "No such sheet",
    "interval": "No such interval", "zone_unknown": "No such time zone", "limit_unknown": "No such limit",
    "no_position": "No such position", "nothing_to_close": "Nothing to close",
    "nothing_to_cancel": "Nothing to cancel", "nothing_changed": "Nothing changed",
    "signal_pair": "Not done: no whole signal", "signal_side": "Not done: no whole signal",
    "too_many": "Too many commands", "command_old": "Too old to be obeyed", "not_permitted": "You may not do this",
    "trading_state": "Not sent: trading is stopped", "yes_late": "Not sent: the yes was too old",
    "price_left": "Not sent: the price moved", "price_moved": "Not sent: the price moved",
    "market_silent": "The market does not answer", "venue_silent": "The exchange does not answer",
    "not_built": "Not built yet", "one_account": "There is one account",
}
