"""Who looks at the market is what the settings name: the rules, registered models, nobody else."""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.compose.advice import advices_of
from bot.desk.advise import Advice
from bot.domain.mandate import Rung
from bot.ports.lab_rows import VersionRow, VersionState
from bot.ports.ledger import Tx
from bot.settings import Settings, Unusable
from tests.adapters.advisors.models import written
from tests.adapters.store.test_lab import version
from tests.support.ledgers import inline, sqlite

CONTENT, DIGEST = written("logit", timeframe="15m")


def stored(name: str, state: VersionState = VersionState.REGISTERED, sha256: str = DIGEST) -> VersionRow:
    return replace(version(name), artefact=CONTENT, sha256=sha256, state=state)


async def asked(directory: Path, advisors: str, *versions: VersionRow) -> tuple[Advice, ...]:
    settings = Settings(environment="sandbox", advisors=advisors, _env_file=None)  # type: ignore[call-arg,arg-type]

    def work(tx: Tx) -> None:
        for one in versions:
            tx.lab_models.add_version(one)

    async with inline(sqlite(directory)) as ledger:
        await ledger.transact(work)
        return await advices_of(ledger, settings)


async def test_the_rules_come_first_and_every_registered_model_beside_them_in_shadow(tmp_path: Path) -> None:
    found = await asked(tmp_path, "rules,local", stored("M-1"), stored("M-2", VersionState.CANDIDATE), stored("M-3"))
    assert [(one.advisor.name, one.rung) for one in found] == [
        ("rules", Rung.PROPOSE), ("M-1", Rung.SHADOW), ("M-3", Rung.SHADOW)]
    assert found[1].symbols == ("BTCUSDT",)
    assert found[1].length.total_seconds() == 900


async def test_a_model_can_be_named_alone_and_one_that_is_not_what_was_trained_is_not_served(tmp_path: Path) -> None:
    found = await asked(tmp_path, "M-3", stored("M-1"), stored("M-3"))
    assert [one.advisor.name for one in found] == ["M-3"]
    assert await asked(tmp_path / "other", "local", stored("M-1", sha256="00" * 32)) == ()


async def test_a_name_of_nobody_is_said_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"names M-9, which is nobody\. Known are: rules, local, llm, M-1"):
        await asked(tmp_path, "M-9", stored("M-1"), stored("M-2", VersionState.CANDIDATE))
