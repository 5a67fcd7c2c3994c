from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from random import Random

import pytest

from bot.domain.account import Account
from bot.domain.record import canonical_json, from_plain, to_plain
from tests.domain.builders import anything


def test_a_wallet_keeps_every_digit_and_cannot_be_changed() -> None:
    for seed in range(50):
        wallet = anything(Account, Random(seed))
        assert from_plain(Account, json.loads(canonical_json(to_plain(wallet)))) == wallet
    with pytest.raises(FrozenInstanceError):
        wallet.equity = wallet.available
