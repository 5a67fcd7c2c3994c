"""Of all kinds of updates only an original message of a person, or a press, is heard (security section 2; T1)."""
from __future__ import annotations

from typing import Any

import pytest
from telegram import Bot, Update

from bot.chat.call import ChatRules
from bot.chat.gate import Counts, Stranger, counted, enter, fresh, permitted
from bot.chat.heard import Forwarded, Pressed, Said, Unheard, hear
from bot.chat.people import Known
from bot.domain.ids import PersonId
from bot.domain.principal import Permission, Person, Principal, Role
from tests.chat.test_stepup import NOW

BOT = Bot("1:A")
ME = {"id": 7001, "is_bot": False, "first_name": "Ana"}
PRIVATE = {"id": 7001, "type": "private", "first_name": "Ana"}
GROUP = {"id": -100, "type": "supergroup", "title": "Desk"}
STAMP = int(NOW.timestamp())


def message(**more: Any) -> dict[str, Any]:
    text = more.get("text", "/flat")
    plain = {
        "message_id": 5, "date": STAMP, "chat": PRIVATE, "from": ME, "text": text,
        "entities": [{"type": "bot_command", "offset": 0, "length": len(str(text).split()[0])}],
    }
    return {name: value for name, value in (plain | more).items() if value is not None}


def update(**kinds: Any) -> Update:
    return Update.de_json({"update_id": 9, **kinds}, BOT)


def test_an_original_message_is_heard() -> None:
    heard = hear(update(message=message(text="/long btc $100")), "wiredesk_bot")
    assert isinstance(heard, Said) and heard.command and heard.private and heard.person == 7001


@pytest.mark.parametrize("kinds", [
    {"edited_message": message(edit_date=STAMP)},
    {"channel_post": message(chat={"id": -5, "type": "channel", "title": "c"}, **{"from": None})},
    {"edited_channel_post": message(chat={"id": -5, "type": "channel", "title": "c"}, **{"from": None})},
    {"business_message": message()},
    {"my_chat_member": {"chat": PRIVATE, "from": ME, "date": STAMP,
                        "old_chat_member": {"user": ME, "status": "member"},
                        "new_chat_member": {"user": ME, "status": "member"}}},
    {"inline_query": {"id": "1", "from": ME, "query": "/flat", "offset": ""}},
    {"message": message(text=None, forward_origin={"type": "hidden_user", "sender_user_name": "x", "date": STAMP},
                        entities=None)},
    {"message": message(via_bot={"id": 3, "is_bot": True, "first_name": "b"}, forward_origin={
        "type": "hidden_user", "sender_user_name": "x", "date": STAMP})},
    {"message": message(via_bot={"id": 3, "is_bot": True, "first_name": "b"})},
    {"message": message(sender_chat=GROUP, chat=GROUP, **{"from": ME | {"id": 1087968824, "is_bot": True}})},
    {"message": message(chat=GROUP, **{"from": ME | {"id": 1087968824}})},
    {"message": message(**{"from": ME | {"id": 777000}})},
    {"message": message(**{"from": ME | {"id": 136817688}})},
    {"message": message(**{"from": ME | {"is_bot": True}})},
    {"message": message(is_automatic_forward=True)},
    {"message": message(text="/flat@other_bot", chat=GROUP)},
    {"callback_query": {"id": "1", "from": ME | {"is_bot": True}, "chat_instance": "1", "data": "c:flat:go"}},
    {"unknown_kind": {"x": 1}},
], ids=lambda kinds: next(iter(kinds)))
def test_nothing_else_is_heard(kinds: dict[str, Any]) -> None:
    """FF-94, FF-103, FF-105."""
    assert isinstance(hear(update(**kinds), "wiredesk_bot"), Unheard)


@pytest.mark.parametrize(("origin", "source"), [
    ({"type": "user", "sender_user": ME | {"first_name": "Bo"}, "date": STAMP}, "Bo"),
    ({"type": "hidden_user", "sender_user_name": "Guru", "date": STAMP}, "Guru"),
    ({"type": "channel", "chat": {"id": -7, "type": "channel", "title": "VIP"}, "message_id": 1, "date": STAMP}, "VIP"),
    ({"type": "chat", "sender_chat": GROUP, "date": STAMP}, "Desk"),
])
def test_what_is_forwarded_is_never_a_command(origin: dict[str, Any], source: str) -> None:
    """FF-94: it can be read as a signal and nothing else."""
    heard = hear(update(message=message(forward_origin=origin)), "wiredesk_bot")
    assert isinstance(heard, Forwarded) and not isinstance(heard, Said)
    assert (heard.source, heard.text, heard.private) == (source, "/flat", True)


def test_the_words_below_a_forwarded_picture_are_its_text() -> None:
    origin = {"type": "hidden_user", "sender_user_name": "Guru", "date": STAMP}
    heard = hear(update(message=message(text=None, entities=None, caption="BTC long", forward_origin=origin)), "b")
    assert isinstance(heard, Forwarded) and heard.text == "BTC long"


def test_a_quoted_command_is_only_text() -> None:
    quoted = message(text="see /flat", entities=[{"type": "bot_command", "offset": 4, "length": 5}])
    heard = hear(update(message=quoted), "wiredesk_bot")
    assert isinstance(heard, Said) and not heard.command


def test_a_press_without_its_message_is_heard_without_a_chat() -> None:
    heard = hear(update(callback_query={"id": "1", "from": ME, "chat_instance": "1", "data": "c:dash:"}), "b")
    assert isinstance(heard, Pressed) and heard.chat is None and not heard.private


def person(*roles: Role, active: bool = True) -> Person:
    return Person(person=PersonId(7001), name="Ana", roles=frozenset(roles), active=active, since=NOW)


def known(who: Person | None, groups: frozenset[int] = frozenset()) -> Known:
    return Known(person=who, question=None, groups=groups, enrolled=False)


def said(**more: Any) -> Said:
    heard = hear(update(message=message(**more)), "wiredesk_bot")
    assert isinstance(heard, Said)
    return heard


@pytest.mark.parametrize("who", [None, person(Role.OWNER, active=False), person()])
def test_nobody_is_let_in_without_a_role(who: Person | None) -> None:
    """FF-104: an empty list is nobody."""
    counts, rules = Counts(), ChatRules()
    first = enter(said(), known(who), counts, rules, 0.0)
    again = enter(said(), known(who), counts, rules, 5.0)
    later = enter(said(), known(who), counts, rules, 3700.0)
    answers = [one.answer for one in (first, again, later) if isinstance(one, Stranger)]
    assert answers == [True, False, True]


def test_strangers_are_never_answered_in_groups_and_not_beyond_a_budget() -> None:
    counts, rules = Counts(), ChatRules()
    assert enter(said(chat=GROUP), known(None), counts, rules, 0.0) is None
    answered = 0
    for number in range(1000):
        sender = ME | {"id": 10_000 + number}
        heard = said(chat=PRIVATE | {"id": 10_000 + number}, **{"from": sender})
        entered = enter(heard, known(None), counts, rules, number * 0.01)
        answered += isinstance(entered, Stranger) and entered.answer
    assert answered == rules.denials_per_minute


def principal(*roles: Role) -> Principal:
    return Principal(person=PersonId(7001), roles=frozenset(roles))


def test_groups_only_read() -> None:
    owner = principal(Role.OWNER)
    assert permitted(owner, Permission.READ, private=False) is None
    assert permitted(owner, Permission.STOP, private=False) is not None
    assert permitted(principal(Role.VIEWER), Permission.TRADE, private=True) is not None


@pytest.mark.parametrize("permission", list(Permission))
def test_only_what_raises_risk_grows_old(permission: Permission) -> None:
    """FF-93."""
    sent = hear(update(message=message(date=STAMP - 21)), "b")
    assert isinstance(sent, Said)
    safe = permission in (Permission.READ, Permission.REDUCE, Permission.STOP)
    assert (fresh(permission, sent.at, NOW, ChatRules()) is None) is safe
    assert fresh(permission, NOW, NOW, ChatRules()) is None


def test_twenty_commands_a_minute_and_stopping_without_limit() -> None:
    counts, rules, who = Counts(), ChatRules(), principal(Role.OWNER)
    taken = [counted(who, Permission.TRADE, counts, rules, 1.0) is None for _ in range(25)]
    assert taken == [True] * 20 + [False] * 5
    assert counted(who, Permission.STOP, counts, rules, 1.0) is None
    assert counted(who, Permission.TRADE, counts, rules, 62.0) is None
