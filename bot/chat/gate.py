"""Decide whether a heard person is let in and how far: one gate for typed words and presses, deny by default.

Checks 5 to 8 of security section 2 in order; nothing here acts. Names are display only, the numeric id decides.
"""
from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from bot.chat.call import ChatRules
from bot.chat.heard import Heard, Said
from bot.chat.people import Known
from bot.domain.ids import PersonId
from bot.domain.principal import Permission, Principal, may, principal_of
from bot.domain.refusal import Refusal, refuse

# What may run at any age and is never counted: it makes things safer or changes nothing.
SAFE = frozenset({Permission.READ, Permission.REDUCE, Permission.STOP})
UNCOUNTED = frozenset({Permission.REDUCE, Permission.STOP})
MEMBERS_S = 1.0
MINUTE_S = 60.0
ROLE_WORDS = {
    Permission.READ: "viewer",
    Permission.REDUCE: "trader",
    Permission.STOP: "trader",
    Permission.TRADE: "trader",
    Permission.APPROVE: "approver",
    Permission.CONTROL: "owner",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """Nobody here; `answer` tells whether they get their one line of the hour, and are written down."""

    person: PersonId
    answer: bool


@dataclass(slots=True)
class Counts:
    """Who said how much lately; in memory, for it only protects this process."""

    commands: dict[PersonId, deque[float]] = field(default_factory=dict)
    answered: dict[PersonId, float] = field(default_factory=dict)
    denials: deque[float] = field(default_factory=deque)
    strangers: deque[float] = field(default_factory=deque)
    codes: deque[float] = field(default_factory=deque)
    members: frozenset[PersonId] = frozenset()
    members_at: float | None = None

    def fresh(self, now: float) -> bool:
        """Tell whether the members held in memory were read within the last second."""
        return self.members_at is not None and now - self.members_at < MEMBERS_S

    def hold(self, members: frozenset[PersonId], now: float) -> None:
        """Keep who belongs to the desk for a moment: a burst of strangers costs one reading, not one each."""
        self.members, self.members_at = members, now

    def forget(self) -> None:
        """Read the members anew next time: somebody was let in."""
        self.members_at = None

    def command(self, person: PersonId, now: float, most: int) -> bool:
        """Count a command; False when there were too many within a minute."""
        return _count(self.commands.setdefault(person, deque()), now, most)

    def heeded(self, person: PersonId, now: float, rules: ChatRules, *, code: bool) -> bool:
        """Count a stranger's update; False when it may be forgotten at once.

        So is whoever was answered within the hour, and everything beyond a minute's budget; codes have their own, so
        that noise cannot keep an invited person out.
        """
        last = self.answered.get(person)
        if not code and last is not None and now - last < rules.stranger_pause_s:
            return False
        return _count(self.codes if code else self.strangers, now, rules.denials_per_minute)

    def stranger(self, person: PersonId, now: float, rules: ChatRules) -> bool:
        """Count a stranger; gives whether to answer and write it down."""
        last = self.answered.get(person)
        if last is not None and now - last < rules.stranger_pause_s:
            return False
        if not _count(self.denials, now, rules.denials_per_minute):
            return False
        if len(self.answered) > 10_000:
            self.answered.clear()
        self.answered[person] = now
        return True


def _count(stamps: deque[float], now: float, most: int) -> bool:
    while stamps and now - stamps[0] > MINUTE_S:
        stamps.popleft()
    if len(stamps) >= most:
        return False
    stamps.append(now)
    return True


def enter(
    heard: Heard, known: Known, counts: Counts, rules: ChatRules, monotonic: float
) -> Principal | Stranger | Refusal | None:
    """Resolve who speaks and where.

    Gives the principal, a Stranger, a Refusal for a known person in the wrong place, or None to stay silent: in
    groups that no owner has opened nothing is ever answered (FF-103).
    """
    if not heard.private and heard.chat not in known.groups:
        opener = isinstance(heard, Said) and known.person is not None and known.person.active
        return principal_of(known.person, heard.chat) if opener and known.person is not None else None
    if known.person is None or not known.person.active or not known.person.roles:
        if not heard.private:
            return None
        return Stranger(person=heard.person, answer=counts.stranger(heard.person, monotonic, rules))
    return principal_of(known.person, heard.chat)


def permitted(principal: Principal, permission: Permission, *, private: bool) -> Refusal | None:
    """Say whether this person may do what needs `permission` in this kind of chat; None for yes."""
    if not may(principal, permission):
        needed = ROLE_WORDS[permission]
        return refuse(
            "not_permitted", f"This needs the role {needed}.", "An owner can give it to you: /users.",
            value=", ".join(sorted(role.value.lower() for role in principal.roles)) or "no role", limit=needed,
        )
    if not private and permission is not Permission.READ:
        return refuse("group_reads_only", "Groups only read.", "Write to me in private.", value="group")
    return None


def fresh(permission: Permission, sent: datetime, now: datetime, rules: ChatRules) -> Refusal | None:
    """Say whether a command is young enough; what reduces, stops or reads is never too old (FF-93)."""
    age = (now - sent).total_seconds()
    if permission in SAFE or age <= rules.command_age_s:
        return None
    return refuse(
        "command_old", f"You sent this {int(age)} s ago.", "Send it again if you still mean it.",
        value=f"{int(age)} s", limit=f"{rules.command_age_s:g} s",
    )


def counted(
    principal: Principal, permission: Permission, counts: Counts, rules: ChatRules, monotonic: float
) -> Refusal | None:
    """Count a typed command against the person's rate; stopping and reducing are not counted."""
    if permission in UNCOUNTED or counts.command(principal.person, monotonic, rules.commands_per_minute):
        return None
    return refuse(
        "too_many", f"More than {rules.commands_per_minute} commands within a minute.",
        "Wait a moment; stopping and closing work always.", limit=str(rules.commands_per_minute),
    )
