"""Be freqtrade, as far as `/status` goes: its own Telegram handler over its own database in memory, one trade open.

Run by an interpreter that has freqtrade, with the Bot API's root, a token and the chat; imports nothing of ours. The
price is a constant and costs it nothing. Its text is sent as HTML: the emulator reads no Markdown.
"""
from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace


def main(root: str, token: str, chat: str) -> None:
    """Answer until killed; says `ready` once it polls."""
    from freqtrade.enums import State  # type: ignore[import-not-found]
    from freqtrade.persistence import Order, Trade, init_db  # type: ignore[import-not-found]
    from freqtrade.rpc.rpc import RPC  # type: ignore[import-not-found]
    from freqtrade.rpc.telegram import Telegram  # type: ignore[import-not-found]
    from telegram.ext import Application

    class Here(Telegram):  # type: ignore[misc]
        def _init_telegram_app(self) -> object:
            return Application.builder().token(token).base_url(f"{root}/bot").build()

        async def _send_msg(self, msg: str, parse_mode: str = "HTML", **more: object) -> None:
            await super()._send_msg(msg, parse_mode="HTML", **more)

    init_db("sqlite://")
    opened = datetime.now(UTC) - timedelta(hours=3)
    trade = Trade(
        pair="BTC/USDT:USDT", stake_amount=60.0, amount=0.001, amount_requested=0.001, open_rate=60_000.0, is_open=True,
        fee_open=0.0006, fee_close=0.0006, open_date=opened, exchange="bitget", leverage=1.0, stop_loss=58_000.0,
        initial_stop_loss=58_000.0, precision_mode=4, precision_mode_price=4, price_precision=0.1,
        amount_precision=0.0001, base_currency="BTC", stake_currency="USDT", strategy="none", timeframe=5,
    )
    trade.orders.append(Order(
        ft_order_side="buy", ft_pair=trade.pair, ft_is_open=False, ft_amount=0.001, ft_price=60_000.0, order_id="1",
        status="closed", symbol=trade.pair, order_type="limit", side="buy", price=60_000.0, average=60_000.0,
        amount=0.001, filled=0.001, remaining=0.0, cost=60.0, order_date=opened, order_filled_date=opened,
    ))
    Trade.session.add(trade)
    Trade.commit()
    config = {
        "telegram": {"enabled": True, "token": token, "chat_id": chat, "notification_settings": {}}, "dry_run": True,
        "stake_currency": "USDT", "fiat_display_currency": "", "max_open_trades": 3, "exchange": {"name": "bitget"},
    }
    exchange = SimpleNamespace(get_rate=lambda *pair, **more: 61_000.0, name="bitget")
    bot = SimpleNamespace(config=config, exchange=exchange, state=State.RUNNING, strategy=SimpleNamespace())
    rpc = RPC(bot)
    rpc._fiat_converter = None
    Here(rpc, config)
    print("ready", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:4])
