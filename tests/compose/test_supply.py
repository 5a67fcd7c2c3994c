"""What is installed is what was reviewed, and nothing runs by itself; live refuses otherwise (T15, FF-115, FF-116)."""
from __future__ import annotations

import re
import sysconfig
from pathlib import Path
from types import ModuleType

import pytest

from bot.compose import run as life
from bot.compose import supply
from bot.compose.alone import carry_out
from bot.compose.supply import STARTERS, complaints, drifts, pins, ran, refusal, starters
from bot.settings import Settings
from tests.pins import LIST, PACKAGED, PROJECT

HERE = Path(supply.__file__).parents[2]


def test_this_very_environment_is_as_pinned() -> None:
    assert complaints() == []


def test_the_packaged_pins_are_those_of_the_project() -> None:
    found = LIST.search(PROJECT.read_text())
    assert found is not None
    listed = re.findall(r'^    "(.*)",$', found.group(0), re.MULTILINE)
    assert PACKAGED.read_text().splitlines() == listed and len(pins()) > 50


@pytest.mark.parametrize(("name", "version", "words"), [
    ("aiohttp", "0.0.1", "aiohttp 0.0.1 is installed"), ("ccxt-mexc-futures", "1.0", "no version of it"),
    ("AioHttp", "99", "is pinned"), ("wiredesk-helper", "1", "no version of it"), ("aiohttp", "3.14.5.post1", "pinned"),
])
def test_drift_and_strangers_are_named(name: str, version: str, words: str) -> None:
    [said] = drifts([(name, version)], pins())
    assert words in said


def test_names_are_compared_as_indexes_do_and_installers_are_let_be() -> None:
    pinned = {name: next(iter(versions)) for name, versions in pins().items()}
    found = [(name.replace("-", "_").upper(), version) for name, version in pinned.items()]
    assert drifts([*found, ("pip", "1"), ("setuptools", "2"), ("wiredesk", "0")], pins()) == []


@pytest.mark.parametrize(("name", "text", "fine"), [
    ("litellm_init.pth", "import os; os.system('x')", False),
    ("harmless.pth", "/tmp/elsewhere", False),
    ("wiredesk.pth", str(HERE) + "\n", True),
    ("wiredesk.pth", f"{HERE}\nimport evil\n", False),
    ("empty.pth", "", False),
    ("_virtualenv.pth", "import _virtualenv", True),
    ("_virtualenv.pth", "import _virtualenv; import evil", False),
    ("distutils-precedence.pth", STARTERS["distutils-precedence.pth"], True),
    ("distutils-precedence.pth", "import evil", False),
    ("sitecustomize.py", "", False),
    ("readme.txt", "import evil", True),
])
def test_files_that_run_at_every_start(tmp_path: Path, name: str, text: str, fine: bool) -> None:
    (tmp_path / name).write_text(text)
    said = starters([tmp_path, tmp_path / "not there"])
    assert (said == []) is fine
    assert fine or str(tmp_path / name) in said[0]


def test_a_hook_that_ran_from_anywhere_is_named(tmp_path: Path) -> None:
    hook = ModuleType("sitecustomize")
    hook.__file__ = str(tmp_path / "sitecustomize.py")
    assert str(tmp_path) in ran({"sitecustomize": hook})[0]
    hook.__file__ = str(Path(sysconfig.get_path("stdlib")) / "sitecustomize.py")
    assert ran({"sitecustomize": hook}) == [] == ran({})


def test_live_refuses_what_was_not_reviewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stranger's `.pth` among the packages: live does not start, with the file's name; nothing is made."""
    (tmp_path / "evil.pth").write_text("import os")
    monkeypatch.setattr(supply, "places", lambda: [tmp_path])
    data = tmp_path / "data"
    settings = Settings(environment="live", data=data, _env_file=None)  # type: ignore[call-arg]
    assert life.run(settings) == 1
    assert "evil.pth" in capsys.readouterr().err and not data.exists()
    assert carry_out(settings, "order", "long btc $10") == 1
    assert "evil.pth" in capsys.readouterr().err and not data.exists()
    assert refusal("demo") is None and refusal("sandbox") is None
