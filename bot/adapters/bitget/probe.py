"""Probe the account before anything is sent: world, modes, key rights, clock. Reads only, changes nothing."""
from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.adapters.bitget.codes import Kind, kind_of, sentence
from bot.adapters.bitget.http import Http, ReadFailed
from bot.domain.account import PositionMode, World
from bot.domain.instrument import ProductLine
from bot.domain.reports import KeyRights, Profile
from bot.ports.venue import KeyRefused, VenueSilent

log = logging.getLogger(__name__)

NO_ANSWER = "Nothing usable came back: check the address and the network; in the sandbox, that it is still running."
UNIFIED_CODE = "40085"
CLASSIC_CODES = frozenset({"40084", "25245"})
KEY_KINDS, FOREIGN_ADDRESS = (Kind.AUTH, Kind.ENVIRONMENT), "40018"


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What one account world is asked; each read raises ReadFailed.

    `asset_mode` is the first signed call: its success proves key, environment and world.
    """

    world: World
    asset_mode: Callable[[], Awaitable[str]]
    rights: Callable[[], Awaitable[KeyRights]]
    position_mode: Callable[[ProductLine], Awaitable[PositionMode]]


def explain(error: ReadFailed) -> str:
    """Say what a failed read means and what to do: the venue's words, then ours."""
    advice = sentence(error.code) if error.code is not None else NO_ANSWER
    return f"{error} {advice}" if advice else str(error)


async def probe(http: Http, questions: Questions) -> Profile:
    """Read the whole profile.

    An account of the other world comes back as a profile with that world and nothing else (FF-54). Raises VenueSilent
    with a sentence for anything that leaves world, rights or modes unknown: a wrong key, a demo key in the live
    environment (40099), an address that is not allowed, no network. It is KeyRefused where the venue says that the key
    is at fault.
    """
    offset = await http.measure()
    try:
        asset_mode = await questions.asset_mode()
    except ReadFailed as error:
        if (error.code == UNIFIED_CODE) if questions.world is World.CLASSIC else (error.code in CLASSIC_CODES):
            other = World.UNIFIED if questions.world is World.CLASSIC else World.CLASSIC
            return Profile(world=other, rights=None)
        at_fault = error.code is not None and (kind_of(error.code) in KEY_KINDS or error.code == FOREIGN_ADDRESS)
        told = KeyRefused if at_fault else VenueSilent
        raise told(f"The account could not be probed: {explain(error)}") from error
    try:
        rights = await questions.rights()
    except ReadFailed as error:
        raise VenueSilent(f"The key's rights could not be read: {explain(error)}") from error
    modes: dict[ProductLine, PositionMode] = {}
    for line in ProductLine:
        try:
            modes[line] = await questions.position_mode(line)
        except ReadFailed as error:
            # A line the account does not have is left out; a line that did not answer is not known to be absent.
            if error.code is None or kind_of(error.code) not in (Kind.REQUEST, Kind.SYMBOL, Kind.ACCOUNT):
                raise VenueSilent(f"The modes of {line.value} could not be read: {explain(error)}") from error
            log.warning("%s futures are left out: %s", line.value, error)
    offset = http.offset or offset
    return Profile(
        world=questions.world,
        rights=rights,
        position_modes=modes,
        asset_mode=asset_mode,
        clock_offset_ms=round(offset.ms) if offset is not None else 0,
        clock_uncertainty_ms=round(offset.uncertainty_ms) if offset is not None else 0,
    )
