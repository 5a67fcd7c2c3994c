from __future__ import annotations

from decimal import Decimal

from bot.adapters.store.link import Link
from bot.adapters.store.tx import StoreTx
from bot.domain.instrument import ProductLine
from bot.ports.ledger_rows import EquityMark
from tests.adapters.store.refusals import impossible
from tests.adapters.store.values import account, bill, later


def mark(seconds: int, equity: str = "100") -> EquityMark:
    return EquityMark(line=ProductLine.USDT, margin_coin="USDT", equity=Decimal(equity), at=later(seconds))


def test_a_wallet_keeps_its_latest_report(tx: StoreTx) -> None:
    assert tx.accounts.get(ProductLine.USDT, "USDT") is None
    assert tx.accounts.save(account(as_of=later(5)))
    assert not tx.accounts.save(account(as_of=later(4), equity=Decimal("1")))
    assert tx.accounts.get(ProductLine.USDT, "USDT") == account(as_of=later(5))
    newest = account(as_of=later(6), equity=Decimal("2"), margin_ratio=None)
    assert tx.accounts.save(newest)
    tx.accounts.save(account(line=ProductLine.COIN, margin_coin="BTC"))
    assert tx.accounts.all() == (account(line=ProductLine.COIN, margin_coin="BTC"), newest)


def test_a_bill_is_stored_once(tx: StoreTx) -> None:
    assert tx.bills.latest_at(ProductLine.USDT) is None
    assert tx.bills.insert(bill(2))
    assert tx.bills.insert(bill(1, symbol=None, balance=None))
    assert not tx.bills.insert(bill(2, amount=Decimal("5")))
    assert tx.bills.since(later(1)) == (bill(1, symbol=None, balance=None), bill(2))
    assert tx.bills.latest_at(ProductLine.USDT) == later(2)
    assert tx.bills.latest_at(ProductLine.COIN) is None


def test_a_bill_is_never_changed(tx: StoreTx, link: Link) -> None:
    tx.bills.insert(bill())
    with impossible("A row of bills is written once"):
        link.plainly("UPDATE bills SET amount = '1'")


def test_marks_tell_what_the_wallet_was_worth(tx: StoreTx) -> None:
    for seconds in (3, 1, 2):
        tx.equity_marks.add(mark(seconds))
    tx.equity_marks.add(mark(2, "999"))
    assert tx.equity_marks.since(later(2)) == (mark(2), mark(3))
    assert tx.equity_marks.last_before(ProductLine.USDT, "USDT", later(3)) == mark(2)
    assert tx.equity_marks.last_before(ProductLine.USDT, "USDT", later(1)) is None


def test_the_first_mark_of_a_window_is_found(tx: StoreTx) -> None:
    for seconds in (3, 1, 2):
        tx.equity_marks.add(mark(seconds))
    assert tx.equity_marks.first_since(ProductLine.USDT, "USDT", later(2)) == mark(2)
    assert tx.equity_marks.first_since(ProductLine.USDT, "USDT", later(4)) is None
    assert tx.equity_marks.first_since(ProductLine.USDC, "USDC", later(1)) is None


def test_transfers_are_told_from_fees(tx: StoreTx) -> None:
    moved = [bill(1, kind="trans_from_exchange"), bill(2, kind="trans_to_exchange")]
    for each in (*moved, bill(3), bill(4, kind="trans_from_exchange", coin="BTC"), bill(0, kind="trans_to_exchange")):
        tx.bills.insert(each)
    assert tx.bills.transfers_since(ProductLine.USDT, "USDT", later(1)) == tuple(moved)
