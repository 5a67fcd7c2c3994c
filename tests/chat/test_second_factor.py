"""Authenticator apps set up in the chat: shown once, sealed at rest, each code once (security section 3, T5)."""
from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyotp

from bot.charts import qr
from bot.sandbox.telegram.files import picture_size
from tests.support import virtual_loop
from tests.support.talking import PIN, Talk


async def enrolled(talk: Talk) -> str:
    """Set up the owner's app; gives the secret as the app knows it."""
    ask = await talk.owner.ask("/totp", "Type your PIN")
    assert "authenticator app" in ask["text"]
    shown = await talk.owner.ask(PIN, "Scan this with your app")
    found = re.search(r"[A-Z2-7]{32}", shown["text"])
    assert found is not None
    photo = talk.telegram.chats[talk.owner.id].messages[shown["message_id"]].photo
    assert photo and picture_size(qr.draw("otpauth://totp/x")) is not None
    await talk.owner.ask("123456", "Not the app's code")
    await talk.owner.ask(code(talk, found[0]), "Authenticator is set up")
    await talk.clock.sleep(2)
    assert talk.telegram.chats[talk.owner.id].messages[shown["message_id"]].deleted, "the picture is taken away"
    return found[0]


def code(talk: Talk, secret: str, later_s: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(talk.clock.now().timestamp()) + later_s)


def test_an_app_is_set_up_and_each_of_its_codes_counts_once(tmp_path: Path) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 6)
        await talk.begin()
        secret = await enrolled(talk)
        first = code(talk, secret)
        await talk.owner.ask("/halt", "halted")
        await talk.owner.ask("/resume", "Type your PIN or code")
        await talk.owner.ask(first, "Wrong PIN or code")
        await talk.clock.sleep(31)
        await talk.owner.ask(code(talk, secret), "Trading resumed")
        used = code(talk, secret)
        await talk.owner.ask("/halt", "halted")
        await talk.owner.ask("/resume", "Type your PIN or code")
        await talk.owner.ask(used, "Wrong PIN or code")
        await talk.owner.ask(PIN, "Trading resumed")
        typed = [one for one in talk.telegram.chats[talk.owner.id].messages.values() if one.text in (first, used, PIN)]
        assert typed and all(one.deleted for one in typed)
        await talk.end()

    virtual_loop.run(main, 6)


def test_the_secret_is_nowhere_in_the_database_and_survives_a_restart(tmp_path: Path) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 6)
        await talk.begin()
        secret = await enrolled(talk)
        await talk.stop()
        kept = _all(tmp_path)
        assert b"authenticator" in kept, "this is the database"
        assert secret.encode() not in kept and secret.lower().encode() not in kept and b"otpauth" not in kept
        await talk.start()
        await talk.owner.ask("/halt", "halted")
        await talk.owner.ask("/resume", "Type your PIN or code")
        await talk.clock.sleep(31)
        await talk.owner.ask(code(talk, secret), "Trading resumed")
        await talk.end()

    virtual_loop.run(main, 6)


def _all(directory: Path) -> bytes:
    return b"".join(one.read_bytes() for one in directory.iterdir() if one.is_file())


def test_five_wrong_codes_lock_raising_and_never_stopping(tmp_path: Path) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 6)
        await talk.begin()
        await talk.owner.ask("/halt", "halted")
        await talk.owner.ask("/resume", "Type your PIN")
        for _ in range(4):
            await talk.owner.ask("999999", "Type it again")
        await talk.owner.ask("999999", "Locked for 15 minutes")
        await talk.owner.ask("/resume", "Type your PIN")
        await talk.owner.ask(PIN, "Locked for 15 minutes")
        assert await talk.owner.ask("/flat", "Close everything?")
        await talk.clock.sleep(901)
        await talk.owner.ask("/resume", "Type your PIN")
        await talk.owner.ask(PIN, "Trading resumed")
        await talk.end()

    virtual_loop.run(main, 6)


def test_an_app_is_set_up_in_private_only(tmp_path: Path) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 6)
        await talk.begin()
        group: Any = talk.telegram.add_group("Desk", {talk.owner.id})
        talk.owner.say("/start", chat_id=group.id)
        await talk.clock.sleep(2)
        talk.owner.say("/totp", chat_id=group.id)
        await talk.clock.sleep(5)
        assert not [one for one in group.messages.values() if one.photo or "Scan" in one.text]
        await talk.end()

    virtual_loop.run(main, 6)
