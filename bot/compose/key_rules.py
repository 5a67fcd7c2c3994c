"""Judge the exchange key before anything is sent: what it may do, where it is bound, whose world it is (security 7)."""
from __future__ import annotations

from bot.domain.account import World
from bot.domain.refusal import Reason, Refusal
from bot.domain.reports import Profile
from bot.settings import Settings

MAKE = "Create a key that may read and trade futures and nothing else, bound to this machine's IP address."


def key_findings(profile: Profile, settings: Settings) -> tuple[tuple[Reason, ...], tuple[str, ...]]:
    """Give what forbids a start and what is only worth a warning."""
    if profile.world is World.UNIFIED:
        reason = Reason(
            code="unified_account",
            value="unified",
            limit="classic",
            remedy="Use a key of a classic account; unified accounts are not supported yet.",
            sentence="This key belongs to a unified account.",
        )
        return (reason,), ()
    rights = profile.rights
    if rights is None:
        return (_reason("rights_unknown", "unknown", "What the key may do could not be read.", "Try again."),), ()
    reasons: list[Reason] = []
    warnings: list[str] = []
    if rights.withdraw:
        words = "This key can withdraw money; Wiredesk never runs with one."
        reasons.append(_reason("withdraw", "withdraw", words, MAKE))
    if rights.transfer:
        words = "This key can move money between accounts; Wiredesk does not run with one."
        reasons.append(_reason("transfer", "transfer", words, MAKE))
    if rights.unknown:
        words = f"This key has rights nobody here knows: {', '.join(rights.unknown)}."
        reasons.append(_reason("unknown_rights", ", ".join(rights.unknown), words, MAKE))
    if not rights.read:
        reasons.append(_reason("cannot_read", "no reading", "This key cannot read futures.", MAKE))
    if not rights.trade:
        warnings.append("This key cannot trade futures: everything can be seen, nothing can be sent.")
    if not rights.ip_bound:
        words = "This key works from any address; bind it to this machine's IP."
        if settings.environment == "live":
            reasons.append(_reason("not_ip_bound", "any address", words, MAKE))
        elif settings.environment == "demo":
            warnings.append(words)
    if rights.lead_trader:
        warnings.append("This account leads copy traders: orders are limited to one a second.")
    return tuple(reasons), tuple(warnings)


def key_refusal(profile: Profile, settings: Settings) -> Refusal | None:
    """Say why the desk may not run with this key; None when it may."""
    reasons, _ = key_findings(profile, settings)
    return Refusal(reasons=reasons) if reasons else None


def _reason(code: str, value: str, sentence: str, remedy: str) -> Reason:
    return Reason(code=code, value=value, limit="reading and futures trading", remedy=remedy, sentence=sentence)
