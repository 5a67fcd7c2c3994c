"""Name every setting with its default, its bounds and its meaning; README and `.env.example` are written from here."""
from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.settings.vendor import PREFIX, VENDOR, Unusable

KEYS = ("bitget_key", "bitget_secret", "bitget_passphrase")
LLM = "llm"
CLASSIC = ("bitget_rest", "bitget_ws_public", "bitget_ws_private")

Seconds = Annotated[float, Field(gt=0, le=90 * 86_400, allow_inf_nan=False)]
Percent = Annotated[Decimal, Field(gt=0, le=100)]
Amount = Annotated[Decimal, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]
Price = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


def _is(default: Any, words: str) -> Any:
    return Field(default=default, description=words)


class Settings(BaseSettings):
    """Everything an operator may choose; frozen, validated one by one here and against each other in `load`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True,
                                      hide_input_in_errors=True, validate_default=False)

    environment: Literal["sandbox", "paper", "demo", "live"] = _is("demo", "whose money it is: `sandbox`, `demo`, "
                                                                  "`live` (`paper` is not built yet)")
    account: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,20}$")] = _is("main", "name of the account, as cards show it")
    data: Path | None = _is(None, "directory of database, socket and logs; unset: `~/.local/share/wiredesk` "
                                  "(the sandbox: `wiredesk-sandbox` beside it)")
    database_url: SecretStr | None = _is(None, "`postgresql+psycopg://…`; unset: SQLite in the data directory")
    time_scale: Annotated[float, Field(gt=0, le=1000)] = _is(1.0, "divides every time below; sandbox only")
    log_format: Literal["human", "json"] = _is("human", "log lines for people or one JSON object a line")
    log_level: Literal["DEBUG", "INFO", "WARNING"] = _is("INFO", "how much is logged")

    bitget_key: SecretStr | None = _is(None, "API key: reading and futures trading, no withdrawal, bound to your IP")
    bitget_secret: SecretStr | None = _is(None, "its secret")
    bitget_passphrase: SecretStr | None = _is(None, "its passphrase")
    bitget_rest: str | None = _is(None, "REST address; unset: the exchange's; sandbox only")
    bitget_ws_public: str | None = _is(None, "public stream of classic accounts; unset: the exchange's; sandbox only")
    bitget_ws_private: str | None = _is(None, "private stream of classic accounts; likewise")
    bitget_ws3_public: str | None = _is(None, "public stream of unified accounts; likewise")
    bitget_ws3_private: str | None = _is(None, "private stream of unified accounts; likewise")
    product_lines: Annotated[tuple[Literal["USDT", "USDC", "COIN"], ...], NoDecode] = _is(
        ("USDT", "USDC", "COIN"), "families of contracts in use, with commas")

    telegram_token: SecretStr | None = _is(None, "token of your Telegram bot; unset: no chat")
    telegram_root: str | None = _is(None, "Bot API address; unset: Telegram's; sandbox only")
    seed_people: str | None = _is(None, "people known from the start, as JSON with `name`, `id`, `roles`, `pin`; "
                                        "sandbox only")
    desk: Literal["solo", "team"] = _is("solo", "one person with a second factor, or four eyes above the limit")
    second_channel_url: SecretStr | None = _is(None, "webhook told of critical alerts that nobody has acknowledged")
    heartbeat_url: SecretStr | None = _is(None, "address called every minute, so that somebody else notices silence")
    signals_listen: str | None = _is(None, "`host:port` on which alerts from outside are taken; unset: off")
    signals_secret: SecretStr | None = _is(None, "what such alerts must carry, at least 16 characters")
    signals_risk: Percent = _is(Decimal("0.5"), "loss at the stop of what such an alert proposes, percent of equity")

    mcp_token: SecretStr | None = _is(None, "the token with which `wiredesk mcp` speaks for an agent over stdio")

    model_url: str | None = _is(None, "base address of a model (OpenAI-compatible or Anthropic); unset: none")
    model_wire: Literal["openai", "anthropic"] = _is("openai", "which of the two it speaks")
    model_name: str | None = _is(None, "the model to ask for")
    model_key: SecretStr | None = _is(None, "its key; a model on this machine needs none")
    model_form: Literal["schema", "object"] = _is("schema", "`schema` where it keeps to a JSON schema, else `object`")
    model_price_in: Price | None = _is(None, "price of a million tokens asked; needed unless it is on this machine")
    model_price_out: Price | None = _is(None, "price of a million tokens answered; likewise")
    model_max_output: Annotated[int, Field(ge=100, le=32_000)] = _is(1_500, "longest answer, in tokens")
    model_temperature: Annotated[Decimal, Field(ge=0, le=2)] | None = _is(None, "sent where set; not all take it")
    model_deadline_s: Annotated[float, Field(ge=0.1, le=120, allow_inf_nan=False)] = _is(
        20.0, "a whole answer must be there within this, or there is none")
    model_cost_day: Amount = _is(Decimal(1), "paid for answers in a UTC day at most, in the currency of the prices")
    model_cost_month: Amount = _is(Decimal(20), "likewise in a month")
    model_cost_idea: Amount = _is(Decimal("0.25"), "likewise for one idea")
    model_mode: Literal["live", "record", "replay"] = _is(
        "live", "`record` asks again what was answered before, `replay` answers from what is stored and never asks")
    model_asks: Literal["candidate", "candle"] = _is(
        "candidate", "asked when `rules` see something, or on every closed candle, which costs")
    models_file: Path | None = _is(
        None, "TOML file with further models, a `[[model]]` each: name, wire, url, model, key_file, form, price_in, "
              "price_out, max_output, temperature, deadline_s, cutoff, note; WIREDESK_ADVISORS names them")
    model_repair: bool = _is(False, "an answer that cannot be read is asked for once more, at its own price")
    model_critic: bool = _is(False, "it gives a second opinion on other advisors' ideas: half the risk, or a veto")
    model_probe: bool = _is(False, "asks it five fixed questions a day, to notice when it changes under its name")
    rung: Literal["OFF", "SHADOW", "PROPOSE", "SEMI", "AUTO"] | None = _is(
        None, "how far models go at the start; unset: PROPOSE in sandbox and demo, OFF in live; to act alone they need "
              "an owner's /auto besides")
    mandate_notional_per_trade: Amount | None = _is(None, "the most one trade a model makes alone may be; unset: 1000")
    mandate_notional_per_day: Amount | None = _is(None, "the most of all its trades in a day; unset: 5000")
    mandate_trades_per_day: Count | None = _is(None, "how many it may make in a day, at most; unset: 10")
    mandate_risk_per_trade: Amount | None = _is(None, "the most one of its trades may lose at the stop; unset: 50")
    mandate_risk_budget: Amount | None = _is(
        None, "the most all its trades may put at risk until its permission ends; unset: 250")
    mandate_loss_per_day: Amount | None = _is(None, "after so much lost in a day it asks again; unset: 100")
    mandate_hours: Annotated[int, Field(gt=0, le=72)] | None = _is(
        None, "for how many hours it may act alone, at most; unset: 24")

    advisors: Annotated[tuple[str, ...], NoDecode] = _is(
        ("rules", "local"), "who looks at the market, with commas: `rules`, `local` (every registered model) or the id "
                            "of one, `llm` (the language model); the first answers `/propose`; empty: nobody")
    advisor_symbols: Annotated[tuple[str, ...], NoDecode] = _is(
        ("BTCUSDT", "ETHUSDT"), "contracts the `rules` advisor looks at, with commas; empty: none")
    advisor_timeframe: Literal["5m", "15m", "30m", "1h", "4h"] = _is("15m", "length of the candles it looks at")
    advisor_risk: Percent = _is(Decimal("0.5"), "loss at the stop of one idea of an advisor, percent of equity")
    advisor_day_move: Percent = _is(
        Decimal(4), "a day that moved more, in percent, shrinks what a model may risk: at twice as much to half")
    veto_window_s: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] = _is(
        0.0, "what a model does alone waits this long for somebody's no; 0: it does not wait")
    advisor_cool_down_s: Seconds = _is(1800.0, "it rests this long after an idea, per symbol")

    default_stop: Percent = _is(Decimal(2), "distance of the stop attached where none is named, in percent")
    naked_policy: Literal["CLOSE", "ALARM"] = _is("CLOSE", "what happens to a position that cannot be protected")
    ceiling_order_notional: Amount = _is(Decimal(10_000), "one order, at most; no chat can raise a ceiling")
    ceiling_symbol_notional: Amount = _is(Decimal(20_000), "one symbol, at most")
    ceiling_account_notional: Amount = _is(Decimal(50_000), "everything together, at most")
    ceiling_leverage: Annotated[Decimal, Field(ge=1, le=150)] = _is(Decimal(20), "leverage, at most")
    ceiling_order_risk: Percent = _is(Decimal(2), "loss at the stop of one order, percent of equity, at most")
    ceiling_open_risk: Percent = _is(Decimal(6), "loss at all stops together, percent of equity, at most")
    ceiling_positions: Count = _is(20, "open positions, at most")
    ceiling_orders: Count = _is(100, "open orders, at most")
    ceiling_orders_per_minute: Count = _is(60, "orders a minute, at most")
    ceiling_price_collar: Percent = _is(Decimal(5), "distance of a limit price from the mark, percent, at most")
    ceiling_daily_loss: Percent = _is(Decimal(10), "loss of a day, percent of equity, at most; then nothing opens")

    send_delay_max_s: Seconds = _is(2.0, "a signed order not sent within this is given up")
    validity_s: Seconds = _is(30.0, "how long the exchange accepts a signature")
    skew_s: Seconds = _is(2.0, "difference of clocks allowed for; above it nothing opens")
    absent_lag_s: Seconds = _is(10.0, "how late the exchange's lists may be")
    absent_answers: Count = _is(3, "how many times it must say that an order does not exist")
    ask_steps_s: Annotated[tuple[Seconds, ...], NoDecode] = _is(
        (0.3, 0.7, 1.5, 3.0, 5.0), "pauses between questions about an order in doubt; the last repeats")
    unknown_alarm_s: Seconds = _is(120.0, "an order in doubt for longer raises an alarm")
    orders_period_s: Seconds = _is(10.0, "open orders are compared this often")
    orders_period_degraded_s: Seconds = _is(5.0, "likewise while a stream is down")
    positions_period_s: Seconds = _is(10.0, "positions and account are compared this often")
    positions_period_urgent_s: Seconds = _is(2.0, "likewise while anything is in doubt or unprotected")
    fills_period_s: Seconds = _is(60.0, "fills are fetched this often")
    fills_overlap_s: Seconds = _is(900.0, "how far each fetch reaches back over the last")
    bills_period_s: Seconds = _is(300.0, "fees and funding are fetched this often")
    protection_period_s: Seconds = _is(5.0, "stops are checked from memory this often")
    protection_readback_s: Seconds = _is(30.0, "stops are read back from the exchange this often")
    modes_period_s: Seconds = _is(600.0, "modes, key rights and contract rules are read this often")
    clock_period_s: Seconds = _is(60.0, "the exchange's clock is asked this often")
    stop_verify_s: Seconds = _is(3.0, "a stop must be seen at the exchange within this")
    naked_max_s: Seconds = _is(20.0, "an unprotected position is dealt with by policy after this")
    ticket_life_s: Seconds = _is(30.0, "a confirm card lives this long")
    yes_life_s: Seconds = _is(60.0, "an approved opening that could not leave within this is not sent")
    proposal_life_s: Seconds = _is(900.0, "a proposal without a timeframe lives this long")
    waiver_life_s: Seconds = _is(86_400.0, "permission to go without a stop lives this long")
    price_age_max_s: Seconds = _is(10.0, "an older price decides nothing")
    command_age_max_s: Seconds = _is(20.0, "an older command that adds risk is not obeyed")
    silence_max_s: Seconds = _is(40.0, "a stream silent for longer is given up")
    lease_life_s: Seconds = _is(15.0, "a desk whose process is silent for longer may be taken over")
    lease_beat_s: Seconds = _is(5.0, "the process says that it lives this often")
    lease_margin_s: Seconds = _is(5.0, "nothing is sent when less of the lease is left")
    drain_s: Seconds = _is(5.0, "waiting messages get this long when stopping")
    ledger_slow_s: Seconds = _is(1.0, "a commit that takes longer stops opening")
    disk_free_min_mb: Count = _is(200, "less free disk (megabytes) stops opening")

    @field_validator("product_lines", "ask_steps_s", "advisors", "advisor_symbols", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @property
    def data_dir(self) -> Path:
        """The one directory of this installation (C3); the sandbox has its own."""
        name = "wiredesk-sandbox" if self.environment == "sandbox" else "wiredesk"
        return self.data.expanduser() if self.data else Path.home() / ".local" / "share" / name

    @property
    def database(self) -> SecretStr:
        """The database address; SQLite in the data directory unless set."""
        return self.database_url or SecretStr(f"sqlite:///{self.data_dir / 'wiredesk.db'}")

    @property
    def asks_model(self) -> bool:
        """Tell whether anybody asks the language model."""
        return LLM in self.advisors or self.model_critic

    @property
    def first_rung(self) -> str:
        """How far models may go at the start (architecture section 21, `rules`)."""
        return self.rung or ("OFF" if self.environment == "live" else "PROPOSE")

    def address(self, name: str) -> str:
        """Give one of ADDRESSES: what was set, else the vendor's for this environment; never with a slash at the end.

        Raises Unusable in the sandbox when it is not set: there is no vendor to fall back on.
        """
        if given := getattr(self, name):
            return str(given).rstrip("/")
        if self.environment == "sandbox":
            raise Unusable(f"{PREFIX}{name.upper()} is not set. Start `wiredesk sandbox` and copy the variables it "
                           "prints, or take `env` from its ready file.")
        return VENDOR[self.environment][name]

    def seconds(self, name: str) -> float:
        """Give one time in seconds, divided by the time scale (C2)."""
        return float(getattr(self, name)) / self.time_scale

    def times(self) -> dict[str, Any]:
        """Give every `_s` setting by name, undivided: `Rules(**times).scaled(time_scale)` fits."""
        return {name: getattr(self, name) for name in type(self).model_fields if name.endswith("_s")}

    def ceilings(self) -> dict[str, Decimal | int]:
        """Give the ceilings under the names of `domain.limits.Limits`."""
        names = [name for name in type(self).model_fields if name.startswith("ceiling_")]
        return {name.removeprefix("ceiling_"): getattr(self, name) for name in names}

    def secrets(self) -> tuple[SecretStr, ...]:
        """Give every secret that is set, for the log's redaction filter."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return tuple(value for value in values if isinstance(value, SecretStr))

    def need_venue(self) -> None:
        """Raise Unusable unless the exchange can be reached and signed for."""
        missing = [PREFIX + name.upper() for name in KEYS if getattr(self, name) is None]
        if missing:
            raise Unusable(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set. Create an API key at "
                           "Bitget (read and futures trading, no withdrawal, bound to your IP) and put all three parts "
                           "into .env; or try everything without one: `wiredesk sandbox`.")
        for name in CLASSIC:
            self.address(name)

    def need_chat(self) -> None:
        """Raise Unusable unless there is a Telegram bot to be."""
        if self.telegram_token is None:
            raise Unusable(f"{PREFIX}TELEGRAM_TOKEN is not set. Ask @BotFather for a bot and put its token into .env.")
        self.address("telegram_root")
