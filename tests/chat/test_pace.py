"""Never faster than the service allows, and never earlier than it said (bot_api.md section 9)."""
from __future__ import annotations

from bot.chat.pace import Pace


def sent(pace: Pace, chat: int, until: float) -> list[float]:
    now, found = 0.0, []
    while now < until:
        wait = pace.wait(chat, now)
        if wait > 0:
            now += wait
            continue
        pace.spend(chat, now)
        found.append(now)
    return found


def test_a_chat_gets_a_burst_of_three_and_then_one_a_second() -> None:
    found = sent(Pace(), 7001, 10)
    assert found[:3] == [0.0, 0.0, 0.0] and len(found) == 12


def test_a_group_gets_twenty_a_minute() -> None:
    assert len(sent(Pace(), -100, 60)) <= 25 and len(sent(Pace(), -100, 600)) <= 205


def test_all_chats_together_stay_below_the_whole() -> None:
    pace, count, now = Pace(), 0, 0.0
    while now < 2:
        for chat in range(1, 200):
            if pace.wait(chat, now) <= 0:
                pace.spend(chat, now)
                count += 1
        now += 0.01
    assert count <= 25 + 2 * 25 + 1


def test_a_flood_wait_freezes_its_chat_and_two_of_them_all() -> None:
    pace = Pace()
    pace.freeze(1, 7, 100.0)
    assert pace.wait(1, 100.0) == 7 and pace.wait(2, 100.0) == 0 and pace.wait(1, 107.0) == 0
    pace.freeze(1, 7, 200.0)
    pace.freeze(2, 3, 200.0)
    assert pace.wait(3, 200.0) == 7
