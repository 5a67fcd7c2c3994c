from __future__ import annotations

import inspect

import bot.ports.lab as lab
import bot.ports.ledger_desk as desk
import bot.ports.ledger_trading as trading
import bot.ports.llm_calls as llm_calls
from bot.adapters.store.tx import StoreTx
from bot.ports.ledger import Tx


def takes_port(tx: Tx) -> Tx:
    return tx


def test_a_transaction_offers_what_the_port_says(tx: StoreTx) -> None:
    assert takes_port(tx) is tx
    offered = [name for name, member in inspect.getmembers(Tx) if isinstance(member, property)]
    for name in offered:
        port = Tx.__dict__[name].fget.__annotations__["return"]
        assert getattr(tx, name) is not None, f"{name}: {port}"


def test_repositories_have_every_verb_of_their_ports(tx: StoreTx) -> None:
    for name, member in inspect.getmembers(Tx):
        if not isinstance(member, property) or name == "account":
            continue
        port_name = Tx.__dict__[name].fget.__annotations__["return"]
        port = next(getattr(room, port_name) for room in (desk, lab, trading, llm_calls) if hasattr(room, port_name))
        for verb in (verb for verb in vars(port) if not verb.startswith("_")):
            mine = inspect.signature(getattr(getattr(tx, name), verb))
            theirs = inspect.signature(vars(port)[verb])
            assert list(mine.parameters) == list(theirs.parameters)[1:], f"{name}.{verb}"
