from __future__ import annotations

import json
import random
import zlib
from decimal import Decimal as D
from typing import Any

import msgspec
import pytest

from bot.adapters.bitget.classic import book as book_module
from bot.adapters.bitget.classic.book import APPLIED, IGNORED, Book, Broken, checksum
from bot.adapters.bitget.classic.wire_push import BOOKS, BookRow, QuotedBookRow
from tests.adapters.bitget.classic.pushes import SPOILS, VECTORS

ENCODER = msgspec.json.Encoder(decimal_format="number")
CHECKS: dict[str, Any] = json.loads((VECTORS / "book_checksums.json").read_text())
BIDS = [[f"{D('27000.0') - D('0.5') * i:.1f}", f"{D('0.1') * (i + 1):.3f}"] for i in range(30)]
ASKS = [[f"{D('27000.5') + D('0.5') * i:.1f}", f"{D('0.2') * (i + 1):.3f}"] for i in range(30)]


def row_of(**fields: object) -> BookRow | QuotedBookRow:
    """Read a row as it comes off the wire: strictly where it is written as usual."""
    return BOOKS.read(ENCODER.encode({"data": [fields]}))[0][0]


def loaded(seq: object = 10, **changes: object) -> Book:
    book = Book(incremental=True)
    assert book.apply("snapshot", row_of(bids=BIDS, asks=ASKS, seq=seq, **changes)) is APPLIED
    return book


def update(book: Book, bids: object = (), asks: object = (), **changes: object) -> object:
    row = row_of(bids=list(bids) if bids == () else bids, asks=list(asks) if asks == () else asks, **changes)
    return book.apply("update", row)


@pytest.mark.parametrize("check", CHECKS["checks"])
def test_checksums_of_the_vectors(check: dict[str, Any]) -> None:
    assert checksum(*([":".join(level) for level in check[side]] for side in ("bids", "asks"))) == (
        check["checksum"] & 0xFFFFFFFF)
    book = Book(incremental=True)
    assert book.apply("snapshot", row_of(**check, seq=1)) is APPLIED
    assert isinstance(book.apply("snapshot", row_of(**check | {"checksum": 935839043}, seq=1)), Broken)


def test_thirty_levels_count_twenty_five() -> None:
    book = loaded(checksum=CHECKS["thirty_levels"]["snapshot"])
    change = {"bids": [["27000.0", "5.000"]], "asks": [["27000.5", "0"]]}
    assert update(book, **change, seq=11, checksum=CHECKS["thirty_levels"]["update"]) is APPLIED
    bids, asks = book.depth(2)
    assert bids == ((D(27000), D(5)), (D("26999.5"), D("0.2")))
    assert asks == ((D(27001), D("0.4")), (D("27001.5"), D("0.6")))


@pytest.mark.parametrize("spelling", [2240013487, "-2054953809", -2054953809, D("-2054953809")])
def test_a_checksum_in_any_spelling(spelling: object) -> None:
    change = {"bids": [["27000.0", "5.000"]], "asks": [["27000.5", "0"]]}
    assert update(loaded(), **change, seq=11, checksum=spelling) is APPLIED


@pytest.mark.parametrize("absent", [0, "0", "", None, "x"])
def test_no_checksum_is_no_complaint(absent: object) -> None:
    assert update(loaded(), [["1", "1"]], seq=11, checksum=absent) is APPLIED


def test_a_mismatch_drops_the_book_until_a_snapshot() -> None:
    book = loaded()
    outcome = update(book, [["27000.0", "5"]], seq=11, checksum=1)
    assert isinstance(outcome, Broken)
    assert "checksum" in outcome.why
    assert not book.ready
    assert book.depth(5) == ((), ())
    assert update(book, [["27000.0", "5"]], seq=12) is IGNORED
    assert book.apply("snapshot", row_of(bids=BIDS, asks=ASKS, seq=3)) is APPLIED
    assert book.ready


def test_a_snapshot_replaces_everything() -> None:
    book = loaded()
    book.apply("snapshot", row_of(bids=[["1", "2"]], asks=[], seq=1))
    assert book.depth(99) == (((D(1), D(2)),), ())


def test_updates_before_the_snapshot_are_ignored() -> None:
    book = Book(incremental=True)
    assert update(book, BIDS, ASKS, seq=5) is IGNORED
    assert not book.ready


def test_a_price_spelled_another_way_is_the_same_price() -> None:
    book = loaded()
    update(book, [["27000", "7"], ["26999.50", "0"], ["2.6999E4", "9"]], seq=11)
    assert book.depth(3)[0] == ((D(27000), D(7)), (D(26999), D(9)), (D("26998.5"), D("0.4")))


def test_deleting_an_unknown_price_is_nothing() -> None:
    book = loaded()
    assert update(book, [["1", "0"]], [["99999.5", "0.000"]], seq=11) is APPLIED
    assert book.depth(1)[0] == ((D("27000.0"), D("0.100")),)


@pytest.mark.parametrize(
    ("first", "second"),
    [({"seq": 11}, {"seq": 11}), ({"seq": 12}, {"seq": 11}), ({"seq": 11}, {"seq": 15, "pseq": 12}),
     ({"seq": 11}, {"seq": 12, "pseq": 0}), ({"seq": "11"}, {"seq": "9"})],
)
def test_a_sequence_that_breaks(first: dict[str, object], second: dict[str, object]) -> None:
    book = loaded()
    assert update(book, **first) is APPLIED
    outcome = update(book, **second)
    assert isinstance(outcome, Broken)
    assert "sequence" in outcome.why


def test_a_sequence_with_gaps_grows_and_a_chain_holds() -> None:
    book = loaded()
    assert update(book, seq=10, pseq=9) is APPLIED
    assert update(book, seq=17) is APPLIED
    assert update(book, seq=20, pseq=17) is APPLIED
    assert update(book, seq=None) is APPLIED


def test_the_first_update_after_a_snapshot() -> None:
    assert update(loaded(), seq=9) is IGNORED
    assert update(loaded(), seq=12, pseq=8) is APPLIED
    assert isinstance(update(loaded(), seq=12, pseq=11), Broken)


@pytest.mark.parametrize(
    "levels",
    [None, "", {}, "27000:1", [None], ["27000"], [[]], [["27000.0"]], [{"p": 1}], [["x", "1"]], [["27000.0", "x"]],
     [["27000.0", ""]], [["27000.0", "-1"]], [["-1", "1"]], [["0", "1"]], [["NaN", "1"]], [[None, "1"]],
     [["27000.0", None]], [["27000.0", "."]], [["", "1"]], [["27000.0", "NaN"]], [["nan", "0"]], ["ab"]],
)
def test_a_level_that_cannot_be_read_breaks_the_book(levels: object) -> None:
    outcome = update(loaded(), levels, seq=11)
    assert isinstance(outcome, Broken)
    assert outcome.why.startswith("expected")


@pytest.mark.parametrize("zero", ["0", "0.0", "00", "0.00000000", "0.", ".0", "0E-8", "0e5", 0, D("0.00")])
def test_zero_in_any_spelling_deletes(zero: object) -> None:
    book = loaded()
    assert update(book, [["27000.00", zero]], seq=11) is APPLIED
    assert book.depth(1)[0] == ((D("26999.5"), D("0.2")),)


def test_a_price_in_another_spelling_is_the_same_level() -> None:
    book = loaded()
    assert update(book, [["27000", "7"], ["2.70005e4", "8"]], seq=11) is APPLIED
    assert book.depth(2)[0] == ((D("27000.5"), D(8)), (D(27000), D(7)))


@pytest.mark.parametrize("size", ["1.2.3", "1:2"])
def test_a_size_that_only_looks_like_one_gives_no_depth(size: str) -> None:
    book = loaded()
    update(book, [["27000.0", size]], seq=11)
    assert book.depth(1) == ((), ())
    assert not book.ready


def test_a_bad_size_below_what_the_checksum_covers_is_told_with_the_next_push() -> None:
    book = loaded()
    bids, asks = ([":".join(level) for level in side[:25]] for side in (BIDS, ASKS))
    change = [[BIDS[28][0], "x"]]
    assert update(book, change, seq=11, checksum=checksum(bids, asks)) is APPLIED
    assert len(book.depth(25)[0]) == 25
    assert book.depth(30) == ((), ())
    outcome = update(book, seq=12)
    assert isinstance(outcome, Broken)
    assert outcome.why == f"expected price and size, found '{BIDS[28][0]}:x'"
    assert update(book, seq=13) is IGNORED


@pytest.mark.parametrize("size", ["x", "-1", "NaN"])
def test_a_bad_level_is_named_before_the_checksum_it_spoils(size: str) -> None:
    outcome = update(loaded(), [["27000.0", size]], seq=11, checksum=1)
    assert isinstance(outcome, Broken)
    assert outcome.why.startswith("expected price and size")


def test_a_zero_with_an_exponent_deletes_under_a_checksum_too() -> None:
    change = {"bids": [["27000.0", "5.000"]], "asks": [["27000.5", "0E-8"]]}
    assert update(loaded(), **change, seq=11, checksum=CHECKS["thirty_levels"]["update"]) is APPLIED


def test_any_value_anywhere_is_an_outcome() -> None:
    for spoil in SPOILS:
        for name in ("bids", "asks", "seq", "pseq", "checksum", "ts"):
            row = {"bids": [["1", "1"]], "asks": [["90000", "1"]], "seq": 11} | {name: spoil}
            assert loaded().apply("update", row_of(**row)) is not None
        assert loaded().apply(spoil, row_of(bids=[], asks=[], seq=11)) is not None
        assert update(loaded(), [["27000.0", spoil]], seq=11) is not None
        assert update(loaded(), [[spoil, "1"]], seq=11) is not None


def test_levels_sent_as_numbers_keep_their_digits() -> None:
    book = loaded()
    assert update(book, [[D("27000.0"), D("5.000")]], [[D("27000.5"), 0]], seq=11,
                  checksum=CHECKS["thirty_levels"]["update"]) is APPLIED


def test_an_unknown_action_breaks_an_incremental_book() -> None:
    assert isinstance(loaded().apply("patch", row_of(bids=[], asks=[], seq=11)), Broken)


def test_snapshot_channels_replace_each_time_and_check_nothing() -> None:
    book = Book(incremental=False)
    for price in ("1", "2"):
        assert book.apply("update", row_of(bids=[[price, "1"]], asks=[["9", "1"]], checksum=7, seq=1)) is APPLIED
        assert book.depth(5)[0] == ((D(price), D(1)),)


def test_a_venue_that_never_deletes_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_module, "LEVELS_MAX", 40)
    book = loaded()
    update(book, [[f"{100 + i}", "1"] for i in range(50)], [[f"{30000 + i}", "1"] for i in range(50)], seq=11)
    bids, asks = book.depth(1000)
    assert (len(bids), len(asks)) == (40, 40)
    assert (bids[0][0], asks[0][0]) == (D(27000), D("27000.5"))
    assert (bids[-1][0], asks[-1][0]) == (D(140), D(30009))


@pytest.mark.parametrize("seed", range(5))
def test_any_history_ends_as_a_plain_dictionary_would(seed: int) -> None:
    draw = random.Random(seed)
    book, model = loaded(seq=0), ({D(p): (p, s) for p, s in BIDS}, {D(p): (p, s) for p, s in ASKS})
    for seq in range(1, 300):
        changes: tuple[list[list[str]], list[list[str]]] = ([], [])
        for side, top in ((0, 27000), (1, 27040)):
            for _ in range(draw.randrange(6)):
                price, size = f"{top - draw.randrange(80) / 2:.1f}", draw.choice(["0", "0.000", f"{draw.random():.3f}"])
                changes[side].append([price, size])
                model[side].pop(D(price), None)
                if D(size):
                    model[side][D(price)] = (price, size)
        best = [[f"{p}:{s}" for _, (p, s) in sorted(side.items(), reverse=side is model[0])][:25] for side in model]
        woven = [part for i in range(25) for side in best for part in side[i:i + 1]]
        crc = zlib.crc32(":".join(woven).encode())
        assert update(book, *changes, seq=seq, checksum=crc - (1 << 32) if crc >> 31 else crc) is APPLIED
