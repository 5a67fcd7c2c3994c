"""HTML to entities and back, detection, cleaning: against TDLib's own answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.telegram import html, text
from bot.sandbox.telegram.detect import detect, units
from bot.sandbox.telegram.errors import Refusal
from bot.sandbox.telegram.markup import to_html
from bot.sandbox.telegram.params import Params

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "telegram" / "html_vectors.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS["html"], ids=lambda v: v["html"][:40])
def test_html_parses_as_tdlib_does(vector: dict[str, Any]) -> None:
    got: dict[str, Any]
    try:
        words, entities = html.parse(vector["html"])
        shown = [{k: v for k, v in e.items() if not k.startswith("_")} for e in entities]
        got = {"html": vector["html"], "text": words, "entities": shown}
    except Refusal as refusal:
        got = {"html": vector["html"], "error_code": refusal.code, "description": refusal.description}
    assert got == vector


@pytest.mark.parametrize("vector", VECTORS["detect"], ids=lambda v: v["text"][:40])
def test_entities_are_found_as_tdlib_finds_them(vector: dict[str, Any]) -> None:
    assert detect(vector["text"]) == vector["entities"]


def sent(source: str, **more: str) -> tuple[str, list[dict[str, Any]]]:
    return text.message_text(Params(values={"text": source, "parse_mode": "HTML", **more}))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("  lead\n", "lead"),
        ("a\tb", "a b"),
        ("a\r\nb", "a\nb"),
        ("a\u2028b\u202ec", "abc"),
        ("a\x00b", "a b"),
        ("<pre>  x</pre>", "  x"),
        ("\n\n<b> y</b> \n ", " y"),
    ],
)
def test_text_is_cleaned_and_trimmed_up_to_the_first_entity(source: str, expected: str) -> None:
    assert sent(source)[0] == expected


def test_offsets_follow_removed_characters() -> None:
    words, entities = sent("a\r\u2028🟢<b>x</b>")
    assert (words, entities) == ("a🟢x", [{"offset": 3, "length": 1, "type": "bold"}])


def test_code_holds_nothing_and_splits_what_surrounds_it() -> None:
    assert sent("<b>a<code>x</code>b</b>")[1] == [
        {"offset": 0, "length": 1, "type": "bold"},
        {"offset": 1, "length": 1, "type": "code"},
        {"offset": 2, "length": 1, "type": "bold"},
    ]
    assert sent("<code>order.id $BTC /dash</code>")[1] == [{"offset": 0, "length": 19, "type": "code"}]


def test_a_quote_holds_code_and_bold() -> None:
    kinds = [e["type"] for e in sent("<blockquote expandable><b>Why</b>\n<code>x</code></blockquote>")[1]]
    assert kinds == ["expandable_blockquote", "bold", "code"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "é" * 20_000}, "text is too long"),
        ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"text": "🟢" * 2049}, "message is too long"),
    ],
)
def test_refused_texts(values: dict[str, str], sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        text.message_text(Params(values=values))
    assert refused.value.description == f"Bad Request: {sentence}"


def test_at_most_a_hundred_entities_count() -> None:
    assert len(sent("<b>x</b> <i>y</i> " * 80)[1]) == 100


def test_explicit_entities_are_kept() -> None:
    given_entities = json.dumps([{"type": "bold", "offset": 2, "length": 4}])
    p = Params(values={"text": "🟢bold", "entities": given_entities})
    assert text.message_text(p)[1] == [{"offset": 2, "length": 4, "type": "bold"}]


@pytest.mark.parametrize("vector", [v for v in VECTORS["html"] if "text" in v], ids=lambda v: v["html"][:40])
def test_html_written_back_means_the_same(vector: dict[str, Any]) -> None:
    first = text.settle(*html.parse(vector["html"]))
    assert text.settle(*html.parse(to_html(*first))) == first


PIECES = st.lists(
    st.sampled_from(
        [
            "<b>",
            "</b>",
            "<i>",
            "</i>",
            "<pre>",
            "</pre>",
            "<code>",
            "</code>",
            "<blockquote>",
            "</blockquote>",
            "<tg-spoiler>",
            "</tg-spoiler>",
            "<u>",
            "</u>",
            "x",
            "🟢",
            "é",
            "\n",
            " ",
            "&lt;",
            "&amp;",
            "<",
            "&",
            "$BTC",
            "/dash",
            "a.com",
            "\t",
        ]
    ),
    max_size=24,
).map("".join)


@given(PIECES)
def test_whatever_comes_entities_stay_inside_the_text_and_apart(source: str) -> None:
    try:
        words, entities = text.settle(*html.parse(source))
    except Refusal as refusal:
        assert refusal.description.startswith("Bad Request: can't parse entities: ")
        return
    assert words == words.strip("\n ") or entities
    for entity in entities:
        assert 0 <= entity["offset"] < entity["offset"] + entity["length"] <= units(words)
    again, same = text.settle(*html.parse(to_html(words, entities)))
    assert again == words
    assert [e for e in same if e["type"] in ("pre", "code")] == [e for e in entities if e["type"] in ("pre", "code")]
