"""Suit messages to people: sentences, and no amounts on a locked phone (chat_ux sections 1 and 11)."""
from __future__ import annotations

from pathlib import Path

import pytest

from bot.chat.prefs import Prefs
from bot.chat.suit import suited
from bot.ports.messenger import Message
from tests.support import virtual_loop
from tests.support.talking import Talk

FILLED = Message(html="✅ <b>Filled: bought 0.050 BTC @ 60,499.8</b>\n<pre>Fee  1.81</pre>",
                 plain="✅ Filled: bought 0.050 BTC @ 60,499.8\nFee: 1.81")


def test_nobody_who_did_not_ask_for_it_sees_another_message() -> None:
    assert suited(FILLED, Prefs(), pushed=True) == FILLED
    assert suited(FILLED, Prefs(hidden=True), pushed=False) == FILLED


def test_a_locked_phone_shows_no_amount_and_the_chat_all_of_it() -> None:
    shown = suited(FILLED, Prefs(hidden=True), pushed=True).html.split("\n")
    assert shown[0] == "✅ <b>Filled: bought ••• BTC @ •••</b>"
    assert shown[1:] == ["<pre>Fee  1.81</pre>", "✅ <b>Filled: bought 0.050 BTC @ 60,499.8</b>"]


@pytest.mark.parametrize(("first", "veiled"), [
    ("<b>+42.65 USDT today (+0.43%)</b>", "<b>••• USDT today (•••)</b>"),
    ("<b>−148.20 of −200.00 &#39;x&#39;</b>", "<b>••• of ••• &#39;x&#39;</b>"),
    ("<b>Trading halted by Ana</b>", "<b>Trading halted by Ana</b>"),
    ('<tg-time unix="1763800000" format="T">late</tg-time>', '<tg-time unix="1763800000" format="T">late</tg-time>'),
])
def test_markup_is_left_alone(first: str, veiled: str) -> None:
    one = Message(html=first, plain="x")
    assert suited(one, Prefs(hidden=True), pushed=True).html.split("\n")[0] == veiled


def test_sentences_instead_of_tables_are_text_that_cannot_be_markup() -> None:
    one = Message(html="<pre>a&lt;b  1</pre>", plain="a<b: 1")
    assert suited(one, Prefs(plain=True), pushed=False).html == "a&lt;b: 1"


def test_settings_are_kept_by_a_tap_and_meant(tmp_path: Path) -> None:
    async def main() -> None:
        talk = Talk(tmp_path, 1)
        await talk.begin()
        card = await talk.owner.ask("/settings", "Your settings")
        assert "No daily summary is sent" in card["text"] and "A locked phone shows amounts" in card["text"]
        await talk.owner.tap(card, "Hide amounts")
        kept = await talk.owner.sees("Amounts are hidden")
        await talk.owner.tap(kept, "Sentences")
        await talk.owner.sees("You read sentences")
        balance = await talk.owner.ask("/balance", "Equity")
        assert "Margin ratio: " in balance["text"] or "Free: " in balance["text"], balance["text"]
        talk.world.venue.outside.act("main", "order", {
            "symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginMode": "crossed", "marginCoin": "USDT",
            "size": "0.002", "side": "buy", "tradeSide": "open", "orderType": "market"})
        told = await talk.owner.sees("Not ours", balance["message_id"])
        first, *rest = told["text"].split("\n")
        assert "0.002" not in first and "•••" in first and "0.002" in rest[-1], told["text"]
        await talk.end()

    virtual_loop.run(main, 1)
