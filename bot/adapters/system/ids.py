"""Draw new identifiers from the machine's secure chance: the one module that uses it (reliability section 7.1)."""
from __future__ import annotations

import secrets

from bot.domain.ids import ALPHABET, ProposalId

PROPOSAL_LETTERS = 10
TOKEN_LENGTH_MAX = 256


class SystemIds:
    """`ports.clock.Ids` over the operating system's generator."""

    def new_proposal_id(self) -> ProposalId:
        """Make ten letters, 50 bits: short enough for a button, too many to guess while a card lives."""
        return ProposalId(_letters(PROPOSAL_LETTERS))

    def new_token(self, length: int) -> str:
        """Make an unguessable word of base-32 letters, five bits each. Raises ValueError for a length that is none."""
        if not 1 <= length <= TOKEN_LENGTH_MAX:
            raise ValueError(f"A token has 1 to {TOKEN_LENGTH_MAX} letters, not {length}.")
        return _letters(length)


def chance() -> float:
    """Draw a number from 0 up to, not including, 1: for jitter, where a simulation passes a seeded draw instead."""
    return secrets.randbits(53) / (1 << 53)


def _letters(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
