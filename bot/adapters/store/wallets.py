"""Keep what the venue says of money: wallets, marks of their worth, lines of its ledger."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select

from bot.adapters.store.link import Link
from bot.adapters.store.statements import change, mine, pick
from bot.adapters.store.tables_trading import bills, equity_marks, wallets
from bot.domain.account import Account
from bot.domain.ids import AccountId
from bot.domain.instrument import ProductLine
from bot.domain.reports import Bill
from bot.ports.ledger_rows import EquityMark

INSERT = insert(wallets)
CHANGE = change(wallets, "line", "margin_coin")
GET = pick(wallets, "line", "margin_coin")
ALL = pick(wallets).order_by(wallets.c.line, wallets.c.margin_coin)
BILL_INSERT = insert(bills)
BILL_GET = pick(bills, "bill_id")
BILLS_SINCE = pick(bills).where(bills.c.at >= bindparam("moment")).order_by(bills.c.at, bills.c.bill_id)
TRANSFERS_SINCE = (
    pick(bills, "line", "coin")
    .where(bills.c.at >= bindparam("moment"), bills.c.kind.like("%trans%"))
    .order_by(bills.c.at, bills.c.bill_id)
)
BILL_LATEST = select(bills.c.at).where(mine(bills, "line")).order_by(bills.c.at.desc()).limit(1)
MARK_INSERT = insert(equity_marks)
MARK_GET = pick(equity_marks, "line", "margin_coin", "at")
MARKS_SINCE = pick(equity_marks).where(equity_marks.c.at >= bindparam("moment")).order_by(equity_marks.c.at)
MARK_SINCE = (
    pick(equity_marks, "line", "margin_coin")
    .where(equity_marks.c.at >= bindparam("moment"))
    .order_by(equity_marks.c.at)
    .limit(1)
)
MARK_BEFORE = (
    pick(equity_marks, "line", "margin_coin")
    .where(equity_marks.c.at < bindparam("moment"))
    .order_by(equity_marks.c.at.desc())
    .limit(1)
)


def _wallet(row: Row[Any]) -> Account:
    return Account(
        line=row.line,
        margin_coin=row.margin_coin,
        equity=row.equity,
        available=row.available,
        in_use=row.in_use,
        unrealised=row.unrealised,
        margin_ratio=row.margin_ratio,
        as_of=row.as_of,
    )


def _bill(row: Row[Any]) -> Bill:
    return Bill(
        bill_id=row.bill_id,
        line=row.line,
        coin=row.coin,
        kind=row.kind,
        symbol=row.symbol,
        amount=row.amount,
        fee=row.fee,
        balance=row.balance,
        at=row.at,
    )


def _mark(row: Row[Any]) -> EquityMark:
    return EquityMark(line=row.line, margin_coin=row.margin_coin, equity=row.equity, at=row.at)


class StoredAccounts:
    """The repository behind `ports.ledger_trading.Accounts`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def save(self, account: Account) -> bool:
        """Store the wallet; False when a newer report is stored already."""
        known = self.get(account.line, account.margin_coin)
        if known is not None and known.as_of > account.as_of:
            return False
        row = {
            "account": self._account,
            "line": account.line,
            "margin_coin": account.margin_coin,
            "equity": account.equity,
            "available": account.available,
            "in_use": account.in_use,
            "unrealised": account.unrealised,
            "margin_ratio": account.margin_ratio,
            "as_of": account.as_of,
        }
        if known is None:
            self._link.run(INSERT, row)
        else:
            self._link.run(CHANGE, {**row, **self._keys(account.line, account.margin_coin)})
        return True

    def get(self, line: ProductLine, margin_coin: str) -> Account | None:
        """Find one wallet."""
        row = self._link.run(GET, self._keys(line, margin_coin)).first()
        return None if row is None else _wallet(row)

    def all(self) -> tuple[Account, ...]:
        """List all wallets, by product line and coin."""
        return tuple(_wallet(row) for row in self._link.run(ALL, {"key_account": self._account}))

    def _keys(self, line: ProductLine, margin_coin: str) -> dict[str, Any]:
        return {"key_account": self._account, "key_line": line, "key_margin_coin": margin_coin}


class StoredBills:
    """The repository behind `ports.ledger_trading.Bills`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def insert(self, bill: Bill) -> bool:
        """Store a line; False when its id is known."""
        if self._link.run(BILL_GET, {"key_account": self._account, "key_bill_id": bill.bill_id}).first() is not None:
            return False
        row = {
            "account": self._account,
            "bill_id": bill.bill_id,
            "line": bill.line,
            "coin": bill.coin,
            "kind": bill.kind,
            "symbol": bill.symbol,
            "amount": bill.amount,
            "fee": bill.fee,
            "balance": bill.balance,
            "at": bill.at,
        }
        self._link.run(BILL_INSERT, row)
        return True

    def since(self, moment: datetime) -> tuple[Bill, ...]:
        """List lines at or after a moment, oldest first."""
        rows = self._link.run(BILLS_SINCE, {"key_account": self._account, "moment": moment})
        return tuple(_bill(row) for row in rows)

    def transfers_since(self, line: ProductLine, coin: str, moment: datetime) -> tuple[Bill, ...]:
        """List what was moved in or out of a wallet at or after a moment."""
        keys = {"key_account": self._account, "key_line": line, "key_coin": coin, "moment": moment}
        return tuple(_bill(row) for row in self._link.run(TRANSFERS_SINCE, keys))

    def latest_at(self, line: ProductLine) -> datetime | None:
        """Give the moment of the latest line of a product line."""
        found: datetime | None = self._link.run(BILL_LATEST, {"key_account": self._account, "key_line": line}).scalar()
        return found


class StoredEquityMarks:
    """The repository behind `ports.ledger_trading.EquityMarks`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def add(self, mark: EquityMark) -> None:
        """Store a mark; a second one for the same wallet and moment changes nothing."""
        keys = {
            "key_account": self._account, "key_line": mark.line, "key_margin_coin": mark.margin_coin, "key_at": mark.at,
        }
        if self._link.run(MARK_GET, keys).first() is None:
            row = {
                "account": self._account, "line": mark.line, "margin_coin": mark.margin_coin, "at": mark.at,
                "equity": mark.equity,
            }
            self._link.run(MARK_INSERT, row)

    def since(self, moment: datetime) -> tuple[EquityMark, ...]:
        """List marks at or after a moment, oldest first."""
        rows = self._link.run(MARKS_SINCE, {"key_account": self._account, "moment": moment})
        return tuple(_mark(row) for row in rows)

    def first_since(self, line: ProductLine, margin_coin: str, moment: datetime) -> EquityMark | None:
        """Give the earliest mark of a wallet at or after a moment."""
        keys = {"key_account": self._account, "key_line": line, "key_margin_coin": margin_coin, "moment": moment}
        row = self._link.run(MARK_SINCE, keys).first()
        return None if row is None else _mark(row)

    def last_before(self, line: ProductLine, margin_coin: str, moment: datetime) -> EquityMark | None:
        """Give the latest mark of a wallet before a moment."""
        keys = {"key_account": self._account, "key_line": line, "key_margin_coin": margin_coin, "moment": moment}
        row = self._link.run(MARK_BEFORE, keys).first()
        return None if row is None else _mark(row)
