"""Settings: read once, refused with one clear sentence each, silent about secrets."""
from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from bot.settings import Settings, Unusable, load

LOOP = "http://127.0.0.1:9000"
SANDBOX = {
    "ENVIRONMENT": "sandbox", "BITGET_REST": LOOP, "BITGET_WS_PUBLIC": "ws://127.0.0.1:9001/v2/ws/public",
    "BITGET_WS_PRIVATE": "ws://127.0.0.1:9001/v2/ws/private", "BITGET_WS3_PUBLIC": "ws://127.0.0.1:9001/v3/ws/public",
    "BITGET_WS3_PRIVATE": "ws://127.0.0.1:9001/v3/ws/private", "TELEGRAM_ROOT": "http://localhost:9002",
    "BITGET_KEY": "k-canary-1", "BITGET_SECRET": "s-canary-2", "BITGET_PASSPHRASE": "p-canary-3",
}
LIVE = {"ENVIRONMENT": "live", "BITGET_KEY": "k", "BITGET_SECRET": "s", "BITGET_PASSPHRASE": "p"}


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("WIREDESK_")]:
        monkeypatch.delenv(name)


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv("WIREDESK_" + name, value)
    return load(None)


def refused(monkeypatch: pytest.MonkeyPatch, **values: str) -> str:
    with pytest.raises(Unusable) as caught:
        given(monkeypatch, **values)
    assert len(caught.value.sentences) == 1, caught.value.sentences
    return caught.value.sentences[0]


def test_nothing_set_is_demo_and_reads_well() -> None:
    settings = load(None)
    assert settings.environment == "demo"
    assert settings.address("bitget_ws_private") == "wss://wspap.bitget.com/v2/ws/private"
    assert settings.address("telegram_root") == "https://api.telegram.org"
    assert settings.data_dir == Path.home() / ".local/share/wiredesk"
    assert settings.database.get_secret_value().endswith("/.local/share/wiredesk/wiredesk.db")
    assert settings.first_rung == "PROPOSE"


def test_a_sandbox_block_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = given(monkeypatch, **SANDBOX, TIME_SCALE="10", PRODUCT_LINES="USDT, COIN", ASK_STEPS_S="0.1,2")
    assert settings.address("bitget_rest") == LOOP
    assert settings.data_dir.name == "wiredesk-sandbox"
    assert settings.product_lines == ("USDT", "COIN")
    assert settings.ask_steps_s == (0.1, 2.0)
    assert settings.seconds("validity_s") == 3.0
    assert settings.times()["validity_s"] == 30.0
    settings.need_venue()


def test_live_uses_the_vendors_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = given(monkeypatch, **LIVE)
    assert settings.address("bitget_rest") == "https://api.bitget.com"
    assert settings.address("bitget_ws3_private") == "wss://ws.bitget.com/v3/ws/private"
    assert settings.first_rung == "OFF"
    assert given(monkeypatch, BITGET_REST="https://api.bitget.com/").address("bitget_rest") == "https://api.bitget.com"


@pytest.mark.parametrize(("values", "words"), [
    ({**LIVE, "BITGET_REST": LOOP}, "real keys are never sent to a simulator"),
    ({**LIVE, "BITGET_WS_PUBLIC": "ws://[::1]:9/v2/ws/public"}, "real keys are never sent to a simulator"),
    ({**LIVE, "BITGET_REST": "http://api.bitget.com"}, "must be https://api.bitget.com or unset"),
    ({**LIVE, "BITGET_REST": "https://api.bitget.com.evil.example"}, "must be https://api.bitget.com"),  # FF-115
    ({**LIVE, "BITGET_REST": "https://api.bitget.com@evil.example"}, "must be https://api.bitget.com"),
    ({**LIVE, "BITGET_REST": "ftp://api.bitget.com"}, "must begin with https://"),
    ({**LIVE, "BITGET_WS_PRIVATE": "wss://wspap.bitget.com/v2/ws/private"}, "must be wss://ws.bitget.com/v2/ws/private"),
    ({"ENVIRONMENT": "demo", "TELEGRAM_ROOT": "https://telegram.example"}, "must be https://api.telegram.org"),
    ({**SANDBOX, "BITGET_REST": "https://api.bitget.com"}, "in the sandbox everything is on loopback"),
    ({**SANDBOX, "BITGET_REST": "http://127.0.0.1.evil.example"}, "in the sandbox everything is on loopback"),
    ({"ENVIRONMENT": "paper"}, "paper, which is not built yet"),
    ({**LIVE, "TIME_SCALE": "2"}, "only the sandbox's time can be scaled"),
    ({**LIVE, "RUNG": "AUTO"}, "a model acts alone only inside bounds"),
    ({**LIVE, "RUNG": "SEMI", "MANDATE_HOURS": "24"}, "MANDATE_TRADES_PER_DAY"),
    ({"BITGET_KEY": "k", "BITGET_SECRET": "s"}, "WIREDESK_BITGET_PASSPHRASE is missing"),
    ({"MODEL_URL": "http://models.example/v1"}, "must be an https address, or http to loopback"),
    ({"ADVISORS": "rules,llm"}, "wants a language model, and WIREDESK_MODEL_URL, WIREDESK_MODEL_NAME is missing"),
    ({"MODEL_CRITIC": "true", "MODEL_URL": "http://127.0.0.1:1"}, "MODEL_CRITIC wants a language model"),
    ({"ADVISORS": "llm", "MODEL_URL": "https://models.example/v1", "MODEL_NAME": "m"}, "MODEL_PRICE_IN, WIREDESK_MO"),
    ({"MODEL_PRICE_IN": "-1"}, "WIREDESK_MODEL_PRICE_IN"),
    ({"SIGNALS_LISTEN": "127.0.0.1:8787"}, "needs WIREDESK_SIGNALS_SECRET"),
    ({"SIGNALS_LISTEN": "8787", "SIGNALS_SECRET": "x" * 16}, "must look like 127.0.0.1:8787"),
    ({"LEASE_LIFE_S": "9"}, "must be longer than LEASE_BEAT_S"),
    ({"PRODUCT_LINES": ","}, "name at least one of USDT"),
    ({"ENVIROMENT": "live"}, "WIREDESK_ENVIROMENT is not a setting; did you mean WIREDESK_ENVIRONMENT?"),
    ({"ENVIRONMENT": "prod"}, "WIREDESK_ENVIRONMENT: Input should be 'sandbox'"),
    ({"VALIDITY_S": "nan"}, "WIREDESK_VALIDITY_S"),
    ({"VALIDITY_S": "-1"}, "WIREDESK_VALIDITY_S"),
    ({"DEFAULT_STOP": "0"}, "WIREDESK_DEFAULT_STOP"),
    ({"CEILING_LEVERAGE": "ten"}, "WIREDESK_CEILING_LEVERAGE"),
    ({"ASK_STEPS_S": "1,x"}, "WIREDESK_ASK_STEPS_S"),
])
def test_a_contradiction_is_one_clear_sentence(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], words: str
) -> None:
    sentence = refused(monkeypatch, **values)
    assert words in sentence
    assert sentence.endswith((".", "?"))


def test_a_model_may_be_anywhere_by_https_or_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **LIVE, MODEL_URL="http://localhost:11434/v1")
    given(monkeypatch, MODEL_URL="https://models.example/v1")


def test_auto_with_bounds_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = given(monkeypatch, **LIVE, RUNG="AUTO", MANDATE_NOTIONAL_PER_TRADE="100", MANDATE_NOTIONAL_PER_DAY="500",
                     MANDATE_TRADES_PER_DAY="5", MANDATE_HOURS="24", MANDATE_RISK_PER_TRADE="10",
                     MANDATE_RISK_BUDGET="40", MANDATE_LOSS_PER_DAY="20")
    assert settings.mandate_notional_per_trade == Decimal(100)


def test_all_sentences_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unusable) as caught:
        given(monkeypatch, **{**LIVE, "BITGET_REST": LOOP, "TIME_SCALE": "3", "RUNG": "AUTO", "TYPO": "1"})
    assert len(caught.value.sentences) == 4


def test_a_missing_key_says_where_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unusable, match="WIREDESK_BITGET_KEY, WIREDESK_BITGET_SECRET") as caught:
        load(None).need_venue()
    assert "wiredesk sandbox" in str(caught.value)
    with pytest.raises(Unusable, match="@BotFather"):
        load(None).need_chat()


def test_a_sandbox_without_addresses_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = given(monkeypatch, ENVIRONMENT="sandbox", BITGET_KEY="k", BITGET_SECRET="s", BITGET_PASSPHRASE="p")
    with pytest.raises(Unusable, match="ready file"):
        settings.need_venue()


def test_a_named_env_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="is not there"):
        load(tmp_path / "slip.env")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_readable_env_file_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / ".env"
    file.write_text("WIREDESK_BITGET_KEY=k\nWIREDESK_BITGET_SECRET=s\nWIREDESK_BITGET_PASSPHRASE=p\n")
    file.chmod(mode)
    with pytest.raises(Unusable, match="chmod 600"):
        load(file)
    file.chmod(0o600)
    assert load(file).bitget_key is not None


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("WIREDESK_ACCOUNT=file\nWIREDESK_LOG_FORMAT=json\nOTHER=1\n# WIREDESK_NOTHING=1\n")
    file.chmod(0o600)
    monkeypatch.setenv("WIREDESK_ACCOUNT", "env")
    settings = load(file)
    assert (settings.account, settings.log_format) == ("env", "json")


def test_a_typo_in_the_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("WIREDESK_ACOUNT=x\n")
    file.chmod(0o600)
    with pytest.raises(Unusable, match="did you mean WIREDESK_ACCOUNT"):
        load(file)


def test_secrets_show_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = given(monkeypatch, **SANDBOX, TELEGRAM_TOKEN="12:t-canary-4", SIGNALS_SECRET="x-canary-5-canary")
    printed = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert "canary" not in printed
    assert len(settings.secrets()) == 5
    with pytest.raises(Unusable) as caught:
        given(monkeypatch, BITGET_KEY="k-canary-1", TIME_SCALE="s-canary-2", ACCOUNT="UPPER-canary-6")
    assert "canary" not in str(caught.value)


def test_settings_are_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(None).environment = "live"  # type: ignore[misc]


def test_ceilings_carry_the_names_of_limits() -> None:
    assert load(None).ceilings()["leverage"] == Decimal(20)
