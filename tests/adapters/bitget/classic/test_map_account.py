"""Recorded wallets, positions, settings, bills and keys become values; authority is never guessed."""
from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.adapters.bitget.classic.map_account import account, bill, key_rights, position, position_mode, settings
from bot.adapters.bitget.classic.rows import one
from bot.adapters.bitget.classic.wire_account import AccountRow, BillRow, KeyData, PositionRow
from bot.adapters.bitget.classic.wire_value import Notes, Unreadable
from bot.domain.account import PositionMode
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction, MarginMode
from tests.adapters.bitget.lab import NOON, data_of

BTC = Symbol("BTCUSDT")


def wallet_row(**changes: Any) -> AccountRow:
    return one(data_of("account.accounts.sample")[0] | changes, AccountRow, "account")


def position_row(**changes: Any) -> PositionRow:
    return one(data_of("position.all-position.sample")[0] | changes, PositionRow, "position")


def settings_row(**changes: Any) -> AccountRow:
    return one(data_of("account.account.sample") | changes, AccountRow, "account")


def test_recorded_wallet() -> None:
    notes = Notes()
    wallet = account(wallet_row(), ProductLine.USDT, NOON, notes)
    assert not notes.odd and not notes.doubt
    assert (wallet.margin_coin, wallet.line) == ("USDT", ProductLine.USDT)
    assert wallet.equity == Decimal("10582.90265771")
    assert wallet.available == Decimal("10580.56434289")
    assert wallet.in_use == Decimal("0.31876482") + Decimal("34.34") + Decimal("23.43")
    assert wallet.unrealised == Decimal(23)
    assert wallet.margin_ratio == 0


@pytest.mark.parametrize("field", ["marginCoin", "accountEquity"])
@pytest.mark.parametrize("odd", [None, "", [], {}, True])
def test_wallet_without_coin_or_equity_is_named(field: str, odd: object) -> None:
    with pytest.raises(Unreadable, match=field):
        account(wallet_row(**{field: odd}), ProductLine.USDT, NOON, Notes())


def test_recorded_position() -> None:
    report = position(position_row(), NOON, Notes())
    assert report is not None
    assert (report.symbol, report.direction, report.size) == (BTC, Direction.LONG, Decimal("0.002"))
    assert (report.entry, report.mark) == (Decimal("37355.5"), Decimal(37359))
    assert (report.margin_mode, report.leverage) == (MarginMode.CROSSED, Decimal(20))
    assert (report.margin, report.unrealised, report.realised) == (Decimal("3.73555"), Decimal("0.007"), 0)
    assert report.funding is None
    assert report.liquidation == Decimal("31724.970702417")
    assert report.margin_coin == "USDT"
    assert report.as_of.timestamp() == 1700807507.275


@pytest.mark.parametrize("total", ["0", "0.000", 0, "0E-8"])
def test_position_of_nothing_is_flat(total: object) -> None:
    assert position(position_row(total=total), NOON, Notes()) is None


@pytest.mark.parametrize("value", ["0", "-5025939.48", "", None])
def test_no_liquidation_price(value: object) -> None:
    report = position(position_row(liquidationPrice=value), NOON, Notes())
    assert report is not None and report.liquidation is None


def test_funding_is_read_from_the_misnamed_field() -> None:
    report = position(position_row(totalFee="-0.5"), NOON, Notes())
    assert report is not None and report.funding == Decimal("-0.5")


@pytest.mark.parametrize("field", ["symbol", "holdSide", "openPriceAvg", "leverage"])
def test_ff29_position_without_what_it_needs_is_named(field: str) -> None:
    with pytest.raises(Unreadable, match=field):
        position(position_row(**{field: None}), NOON, Notes())


def test_total_follows_from_its_parts() -> None:
    report = position(position_row(total=None, available="0.5", locked="0.25"), NOON, Notes())
    assert report is not None and report.size == Decimal("0.75")
    with pytest.raises(Unreadable, match="total"):
        position(position_row(total=None, available=None), NOON, Notes())


def test_recorded_settings_of_a_crossed_symbol() -> None:
    found = settings(settings_row(crossedMarginLeverage=25), BTC)
    assert (found.margin_mode, found.leverage_long, found.leverage_short) == (MarginMode.CROSSED, 25, 25)
    assert position_mode(settings_row()) is PositionMode.HEDGE


def test_isolated_symbol_has_two_leverages() -> None:
    found = settings(settings_row(marginMode="isolated", isolatedLongLever="10", isolatedShortLever=5), BTC)
    assert (found.leverage(Direction.LONG), found.leverage(Direction.SHORT)) == (10, 5)


@pytest.mark.parametrize("word", [None, "", "both", 1])
def test_ff48_modes_are_never_guessed(word: object) -> None:
    with pytest.raises(Unreadable):
        settings(settings_row(marginMode=word), BTC)
    with pytest.raises(Unreadable):
        position_mode(settings_row(posMode=word))


def test_recorded_bills() -> None:
    rows = [one(row, BillRow, "bill") for row in data_of("account.bill.sample")["bills"]]
    funding, fee = (bill(row, ProductLine.USDT, NOON, Notes()) for row in rows)
    assert (funding.kind, funding.amount, funding.fee) == ("contract_settle_fee", Decimal("-0.004992"), 0)
    assert (fee.kind, fee.amount, fee.fee, fee.symbol) == ("open_long", 0, Decimal("-0.222012"), "ETHUSDT")
    assert funding.balance == Decimal("232.21")


def test_transfer_has_no_symbol() -> None:
    row = one(data_of("account.bill.sample")["bills"][0] | {"symbol": ""}, BillRow, "bill")
    assert bill(row, ProductLine.USDT, NOON, Notes()).symbol is None


def rights(**changes: Any) -> Any:
    data = data_of("spot.account.info.sample")
    return key_rights(one(data | changes, KeyData, "key"))


def test_recorded_key_reads_but_cannot_trade_without_the_position_right() -> None:
    found = rights()
    assert (found.user_id, found.read, found.trade) == ("1234567890", True, False)
    assert (found.withdraw, found.transfer, found.ip_bound, found.lead_trader) == (False, False, True, False)
    assert found.unknown == ()


KEYS = [
    (["coow", "cpow"], {"read": True, "trade": True}),
    (["trade"], {"trade": True}),
    (["readonly"], {"read": True, "trade": False}),
    (["coow", "cpow", "wwow"], {"withdraw": True}),
    (["coow", "cpow", "wtow"], {"transfer": True}),
    (["chow"], {"transfer": True}),
    (["coow", "cpow", "zzow", "nftw"], {"unknown": ("zzow", "nftw")}),
    ("coow,cpow", {"trade": True}),
    (None, {"read": False, "trade": False}),
    ([["coow"], 5], {"trade": False}),
]


@pytest.mark.parametrize(("authorities", "expected"), KEYS)
def test_security_7_every_authority_is_named_or_flagged(authorities: object, expected: dict[str, object]) -> None:
    found = rights(authorities=authorities)
    assert {name: getattr(found, name) for name in expected} == expected


def test_key_without_addresses_is_not_bound() -> None:
    assert not rights(ips="").ip_bound
    assert not rights(ips=None).ip_bound
    assert rights(traderType="trader").lead_trader
