"""Every line of chat is a command or a hint; one table for words, taps, help and menus (architecture section 12)."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.buttons import Press, read_press
from bot.chat.card import press
from bot.chat.commands.table import BUILT, COMMANDS, UNBUILT
from bot.chat.commands_table import MENU, SPECS
from bot.chat.grammar import BY_NAME, Misunderstood, Spoken, Unclear, distance, nearest, permission_of, read
from bot.chat.menus import menu_for
from bot.chat.permissions import press_permission
from bot.chat.trade_words import read_trade
from bot.domain.principal import PERMISSIONS, Permission, Role
from bot.domain.refusal import Refusal


@given(st.text(max_size=80), st.booleans())
def test_every_text_is_read(text: str, command: bool) -> None:
    assert isinstance(read(text, command=command), Spoken | Unclear | Misunderstood)


@given(st.sampled_from(SPECS), st.text(max_size=40))
def test_every_command_reads_any_words(spec: object, words: str) -> None:
    name = spec.name  # type: ignore[attr-defined]
    assert isinstance(read(f"/{name} {words}"), Spoken | Unclear)


@pytest.mark.parametrize("spec", [one for one in SPECS if one.example], ids=lambda one: one.name)
def test_every_example_is_understood(spec: object) -> None:
    understood = read(spec.example)  # type: ignore[attr-defined]
    assert isinstance(understood, Spoken) and understood.spec is spec


def test_names_and_aliases_are_unique_and_every_command_is_served() -> None:
    names = [name for spec in SPECS for name in (spec.name, *spec.aliases)]
    assert len(names) == len(set(names))
    assert set(COMMANDS) == {spec.name for spec in SPECS}
    assert set(UNBUILT) <= {"ask", "auto", "score", "models", "digest", "propose"}
    assert len(BUILT) > 80


@pytest.mark.parametrize(("typed", "meant"), [
    ("lnog", "long"), ("psitions", "positions"), ("halr", "halt"), ("closse", "close"), ("blance", "balance"),
])
def test_the_nearest_command_is_offered(typed: str, meant: str) -> None:
    found = nearest(typed)
    assert found is not None and found.name == meant


def test_far_words_are_near_nothing() -> None:
    assert nearest("kubernetes") is None and nearest("xy") is None


@given(st.text(max_size=12), st.text(max_size=12))
def test_distance_is_one_for_both_ways(one: str, two: str) -> None:
    assert distance(one, two) == distance(two, one) and (distance(one, two) == 0) == (one == two)


@pytest.mark.parametrize(("text", "name"), [
    ("/p", "positions"), ("/LONG btc $100", "long"), ("/status@wiredesk_bot", "positions"), ("/help_sl", "help"),
    ("/fx all", "close"), ("/closeall", "flat"), ("/buy\nbtc $100", "long"),
])
def test_aliases_cases_and_addressed_commands(text: str, name: str) -> None:
    understood = read(text)
    assert isinstance(understood, Spoken) and understood.spec.name == name


def test_without_a_slash_only_keys_reading_and_tickets_are_understood() -> None:
    assert isinstance(read("Positions", command=False), Spoken)
    assert isinstance(read("long btc $100", command=False), Spoken)
    for text in ("halt", "close all", "flat", "resume", "hello there"):
        assert isinstance(read(text, command=False), Misunderstood), text


@pytest.mark.parametrize(("text", "needed"), [
    ("/limits", Permission.READ), ("/limits set leverage=5", Permission.CONTROL), ("/lev btc", Permission.READ),
    ("/lev btc 5", Permission.TRADE), ("/halt", Permission.STOP), ("/close btc", Permission.REDUCE),
    ("/resume", Permission.CONTROL), ("/approve x", Permission.APPROVE), ("/allow", Permission.READ),
    ("/allow btc", Permission.CONTROL),
])
def test_setting_needs_more_than_showing(text: str, needed: Permission) -> None:
    understood = read(text)
    assert isinstance(understood, Spoken) and permission_of(understood) is needed


def test_menus_hold_what_the_role_may() -> None:
    viewer = {spec.name for spec in menu_for(PERMISSIONS[Role.VIEWER])}
    assert "long" not in viewer and "halt" not in viewer and "positions" in viewer
    assert [spec.name for spec in menu_for(PERMISSIONS[Role.OWNER])] == list(MENU)


@given(st.text(max_size=70))
def test_any_data_is_a_press_or_nothing(data: str) -> None:
    found = read_press(data)
    assert found is None or isinstance(found, Press)


def test_what_cards_write_is_read_back() -> None:
    assert read_press(press("p", "K7Q2M4X9TB", "y", "a1b2c3d4")) == Press(
        kind="p", id="K7Q2M4X9TB", verb="y", digest="a1b2c3d4"
    )
    assert read_press(press("c", "dash", "")) == Press(kind="c", id="dash", verb="")
    assert read_press(press("h", "BTCUSDT.L", "100")) == Press(kind="h", id="BTCUSDT.L", verb="100")


@pytest.mark.parametrize(("data", "needed"), [
    ("h:BTCUSDT.L:100", Permission.REDUCE), ("o:wd-x:x", Permission.REDUCE), ("c:halt:now", Permission.STOP),
    ("c:flat:go", Permission.STOP), ("c:long:", Permission.TRADE), ("c:resume:now", Permission.CONTROL),
    ("c:cancel:no", Permission.READ), ("w:abc:u50", Permission.TRADE), ("h:BTCUSDT.L:sl", Permission.TRADE),
    ("c:lev:btc", Permission.READ), ("c:lev:btc.5", Permission.TRADE),
    ("c:auto:", Permission.READ), ("c:auto:rules.semi", Permission.CONTROL), ("c:auto:revoke.rules", Permission.STOP),
    ("c:limits:ok-abc", Permission.CONTROL), ("c:limits:set.leverage", Permission.CONTROL),
    ("c:models:use.M-1", Permission.CONTROL), ("c:models:", Permission.READ),
])
def test_a_tap_needs_what_the_typed_word_needs(data: str, needed: Permission) -> None:
    found = read_press(data)
    assert found is not None and press_permission(found) is needed


@pytest.mark.parametrize("text", [
    "/boo\u212a btc", "/\uff48\uff41\uff4c\uff54", "/ha\u0406t", "/\u202ehalt", "/flat\u200b",
])
def test_a_name_in_other_letters_is_no_command(text: str) -> None:
    """T16."""
    assert isinstance(read(text), Misunderstood)


@pytest.mark.parametrize("amount", [
    "$10\u00b2", "$1\u2460", "$10\u2075", "0.0\u2488", "$\u00bd", "$1\u0663", "1e9", "$1e3", "1,5", "$-5",
    "\u00b9btc",
])
def test_what_only_looks_like_a_number_is_none(amount: str) -> None:
    """T16: a raised two after ten is not a hundred and two."""
    assert isinstance(read_trade(f"long btc {amount} sl 2%"), Refusal)


@pytest.mark.parametrize("price", ["0,005", "00,500", "60,50", "1,5", "60.500,0", "1e4", "\u0666\u0660", "60 500"])
def test_no_style_of_another_land_is_guessed_in_a_price(price: str) -> None:
    """T16: 0,005 is not five."""
    for words in (f"long xrp $100 @{price} sl 2%", f"long xrp $100 sl {price}", f"sl xrp {price}", f"tp xrp {price}"):
        assert isinstance(read_trade(words), Refusal), words


@pytest.mark.parametrize("words", [
    "close btc 0%", "close btc 101%", "close btc 50% 25%", "close btc 60 500", "sl btc 60 500", "sl btc be 60000",
    "sl btc off please", "tp btc off 60000", "reverse btc later", "trail btc 1% 61 000", "trail btc 1% soon",
    "lev btc 5 0", "amend wd-1 60 500", "amend wd-1 @60 @500", "long btc $100 5x 50x", "long btc $100 @60000 @61000",
    "long btc $100 sl 2% sl 20%", "long btc $100 sl 2% stop off", "long btc $100 cross iso", "long btc $100 ioc gtc",
    "long btc $100 market @60000", "long btc $100 trigger 60000 when 61000", "long btc $100 x5 lev 6",
])
def test_nothing_that_was_typed_is_dropped_silently(words: str) -> None:
    """T16: a word too many, or twice, is asked about; the last of two prices is nobody's wish."""
    assert isinstance(read_trade(words), Refusal)


def test_widths_and_blanks_are_evened_out() -> None:
    assert read_trade("long\u00a0btc\u3000\uff04\uff11\uff10\uff10 sl 2%") == read_trade("long btc $100 sl 2%")


def test_commands_nobody_knows_cannot_be_pressed() -> None:
    found = read_press("c:sudo:now")
    assert found is not None and press_permission(found) is None
    assert "sudo" not in BY_NAME


@pytest.mark.parametrize(("typed", "meant"), [("lng btc 5", "long"), ("clos btc", "close"), ("cancle all", "cancel")])
def test_a_misspelt_trade_is_answered_with_the_nearest_word(typed: str, meant: str) -> None:
    found = read_trade(typed)
    assert isinstance(found, Refusal)
    assert f"Did you mean {meant}?" in str(found)
