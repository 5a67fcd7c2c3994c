"""Say what a press needs: the permission of the command it stands for, from the one table of commands. Pure.

Typed words and taps meet in the same permission (architecture section 12; features section 0, number 2).
"""
from __future__ import annotations

from bot.chat.buttons import Press
from bot.chat.grammar import BY_NAME, Misunderstood, Spoken, Unclear, permission_of, read
from bot.domain.principal import Permission

# Which command a button stands for, by kind and verb; kinds not listed are decided by `command_of`.
ORDERS = {"x": "cancel", "u": "close", "ad": "reconcile", "ig": "reconcile", "v": "orders"}
SHARES = frozenset({"25", "50", "75", "100"})
HOLDINGS = {"be": "be", "sl": "sl", "tp": "tp", "tr": "trail", "ch": "chart", "v": "positions"}
PROPOSALS = {"w": "why", "v": "inbox", "x": "cancel", "ag": "long"}
CHOSEN = frozenset({"no"})


def command_of(press: Press) -> str | None:
    """Name the command a press stands for; None for what nobody may press."""
    if press.kind == "o":
        return ORDERS.get(press.verb)
    if press.kind == "h":
        return "close" if press.verb in SHARES else HOLDINGS.get(press.verb)
    if press.kind == "c":
        return press.id if press.id in BY_NAME else None
    if press.kind == "w":
        return "long"
    if press.kind == "p":
        return PROPOSALS.get(press.verb, "inbox")
    return {"a": "alerts", "d": "dash", "l": "alerts"}.get(press.kind)


def press_permission(press: Press) -> Permission | None:
    """Say what a press needs; None for a button this program does not know.

    Answering a proposal needs only to be somebody here: who may answer which one is the domain's rule, asked with
    the proposal in hand (`domain.decision.may_answer`).
    """
    name = command_of(press)
    if name is None:
        return None
    if press.kind == "c" and (press.verb in CHOSEN or name in ("long", "short")):
        return Permission.READ if press.verb in CHOSEN else Permission.TRADE
    if press.kind == "c" and name == "limits" and press.verb:
        return Permission.CONTROL
    if press.kind == "c" and isinstance(spoken := spoken_by(press), Spoken):
        return permission_of(spoken)
    return BY_NAME[name].permission


def spoken_by(press: Press) -> Spoken | Unclear | Misunderstood:
    """Read the command that a button stands for, words and all: what they set needs what typing them would need."""
    words = "" if press.verb in ("now", "ask") else press.verb.replace(".", " ").lower()
    return read(f"/{press.id} {words}")
