"""The same process on PostgreSQL: trade, die, come back under a new lease, refuse a second machine."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.compose import commands
from bot.compose.halting import halt
from tests.journeys.test_life import agree
from tests.support import postgres
from tests.support.processes import Exchange, Installation, await_until, installed


@pytest.fixture
def database() -> Iterator[str]:
    """Make a database; its address as a setting."""
    if postgres.server() is None:
        pytest.skip("there is no PostgreSQL to start")
    address = postgres.fresh()
    yield address.url.render_as_string(hide_password=False)
    postgres.drop(address)


@pytest.fixture
def desk(tmp_path: Path, venue: Exchange, account: str, database: str) -> Iterator[Installation]:
    """Set up an installation on PostgreSQL; the lease is free soon after its holder died."""
    key = venue.open_account(account)
    with installed(tmp_path, venue, **key, WIREDESK_DATABASE_URL=database) as made:
        yield made


def test_a_life_on_postgresql(venue: Exchange, desk: Installation, account: str, tmp_path: Path) -> None:
    desk.run()
    assert "filled" in desk.tell("order", words="long btc $500 5x sl 2%")
    elsewhere = Installation(folder=tmp_path / "other", settings=desk.settings | {
        "WIREDESK_DATA": str(tmp_path / "other" / "data")})
    refused = elsewhere.here(lambda settings: commands.tell(settings, "resume"))
    assert refused.code == 1
    assert "acts for this account until" in refused.err
    halted = elsewhere.here(halt)
    assert (halted.code, desk.status()["trading_state"]) == (0, "HALTED")
    desk.tell("resume")
    desk.kill()
    # Its lease of 1.5 s and the 3 s for which the exchange takes its signatures must be over (both divided by ten).
    await_until(lambda: comes_up(desk), 40, "the new life")
    await_until(lambda: desk.status()["unprotected"] == 0, 10, "the verified stop")
    assert "Flat" in desk.tell("flat", 60.0)
    agree(venue, desk, account)
    assert desk.stop() == 0


def comes_up(desk: Installation) -> bool:
    """Start the desk again, as a platform does, until it is let in."""
    if desk.lives[-1].poll() is not None:
        desk.start()
    return desk.status()["readiness"] == "READY"
