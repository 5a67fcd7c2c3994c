from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.store.address import Address, in_directory
from bot.adapters.store.export import LISTS, export
from bot.adapters.store.ledger import StoreLedger
from bot.adapters.store.link import Link
from bot.domain.events import SettingChanged
from bot.domain.ids import PersonId
from bot.domain.trading import TradingState
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Incoming, NotStored
from tests.adapters.store.values import (
    ACCOUNT,
    T0,
    account,
    bill,
    decision,
    fill,
    mandate,
    order,
    position,
    proposal,
    protection,
)
from tests.support.ledgers import threaded

MS = 1772366400123


def fill_all(tx: Tx) -> None:
    tx.orders.insert(order())
    tx.fills.insert(fill())
    tx.positions.save(position())
    tx.protections.save(None, protection())
    tx.proposals.insert_or_find(proposal())
    tx.decisions.insert(decision())
    tx.inbox.store(Incoming(update_id=1, chat=1, person=PersonId(1), body={"text": "hi"}, received_at=T0))
    tx.messages.queue(1, {"html": "x"}, T0)
    tx.desk.set_limits("account", {"orders": 3}, None, T0)
    tx.desk.save_mandate(None, mandate())
    tx.desk.set_trading_state(TradingState.HALTED, T0)
    tx.desk.set_value("person:1:pin", {"hash": "canary-secret"}, T0)
    tx.desk.set_preset(PersonId(1), {"stop": "canary-preset"}, T0)
    tx.accounts.save(account())
    tx.bills.insert(bill())
    tx.lease.take("a", T0, timedelta(seconds=15), dead=lambda _: False, validity=timedelta(seconds=30))
    fact = SettingChanged(name="x", was=None, now="y", by=PersonId(17))
    tx.journal.append(fact, at=T0, actor="local", subject="desk")


async def exported(ledger: StoreLedger, address: Address) -> dict[str, Any]:
    await ledger.transact(fill_all)
    found: dict[str, Any] = json.loads(json.dumps(export(address)))
    return found


async def test_every_list_of_the_contract_is_there(ledger: StoreLedger, address: Address) -> None:
    found = await exported(ledger, address)
    wanted = ("proposals", "decisions", "orders", "fills", "positions", "protections", "inbox", "messages", "limits",
              "journal", "mandates")
    for name in wanted:
        assert len(found[name]) == 1, name
        assert found[name][0]["account"] == ACCOUNT
    assert found["lease"] == {"account": "main", "holder": "a", "epoch": 1, "beaten_at": MS, "expires_at": MS + 15000}
    assert set(found) == {name for name, _, _ in LISTS} | {"lease", "trading_states"}


async def test_fields_are_those_of_the_contract(ledger: StoreLedger, address: Address) -> None:
    found = await exported(ledger, address)
    one = found["orders"][0]
    assert one["client_order_id"] == order().client_order_id
    assert (one["venue_order_id"], one["state"], one["filled_size"], one["size"]) == (
        "v1", "SUBMITTING", "0.0005", "0.0015",
    )
    assert one["signed_at"] == MS + 2000
    assert one["intent"]["trigger"] == {"price": "66500", "by": "LAST", "callback": "1.5"}
    assert one["intent"]["symbol"] == one["symbol"] == "BTCUSDT"
    assert found["fills"][0]["trade_id"] == "t1"
    assert found["fills"][0]["fee"] == "-0.001"
    assert found["proposals"][0]["origin"] == {"kind": "PERSON", "name": "Ana", "person": 17}
    assert found["proposals"][0]["terms"]["legs"][0]["child"] == "entry"
    assert found["journal"][0]["body"] == {"name": "x", "was": None, "now": "y", "by": 17}
    assert found["limits"][0]["values"] == {"orders": 3}
    assert found["inbox"][0]["body"] == {"text": "hi"}
    assert found["trading_states"][0]["state"] == "HALTED"


async def test_named_values_and_presets_stay_inside(ledger: StoreLedger, address: Address) -> None:
    assert "canary" not in json.dumps(await exported(ledger, address))


async def test_it_reads_one_moment_while_the_bot_writes(address: Address) -> None:
    writer = Link(address)
    writer.begin({ACCOUNT})
    writer.plainly("INSERT INTO bookmarks (account, name, seq) VALUES ('main', 'a', 1)")
    assert export(address)["orders"] == []
    writer.close()
    async with threaded(address) as ledger:
        assert len((await exported(ledger, address))["orders"]) == 1


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(NotStored):
        export(in_directory(tmp_path))
    assert list(tmp_path.iterdir()) == []
