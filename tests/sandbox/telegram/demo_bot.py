"""A small bot that shows every kind of card, to look at the page with: `python -m tests.sandbox.telegram.demo_bot`.

It trades nothing; the exchange part of the panel answers from a pretended price list.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from contextlib import suppress
from typing import Any

import aiohttp
from aiohttp import web

from bot.sandbox.telegram.launch import Running, launch
from tests.sandbox.telegram.conftest import png

PRICES = {"BTCUSDT": "60548.2", "ETHUSDT": "3012.10", "SOLUSDT": "151.360"}

WELCOME = """<b>Desk is ready</b> · 🧪 SANDBOX
Equity <b>10,000.00 USDT</b> on the built-in exchange

Try one of these:
/dash – live dashboard
/long BTC 0.01 – your first practice trade
/help – everything, by topic

<i>Nothing here touches real money until an owner switches to LIVE.</i>"""

DASH = """<b>+42.65 USDT today (+0.43%)</b> · 🧪 DEMO
Equity 10,042.65 · free 5,796.69 · 3 positions

<pre>SYM  SIDE   SIZE     uPNL      %
BTC  L5x   0.050   +42.10   +1.4
ETH  S3x   1.200   -11.86   -0.3
SOL  L2x  35.000    +8.40   +0.2</pre>
Risk 31% of daily limit · model: PROPOSE
🟢 feed 0.2 s · upd <tg-time unix="{now}" format="T">08:26:40 UTC</tg-time>"""

TICKET = """<b>Buy 0.050 BTC @ 60,500 limit</b> · 🧪 DEMO
<pre>Notional      3,025.00  USDT
Margin (5x)     605.00  USDT
Fee, at most      1.82  USDT
Stop   59,800   -35.00  -0.35%
Target 63,500  +150.00  +1.50%
Reward/risk        4.3
Day risk    31% -&gt; 49%</pre>
Last 60,548.2, 0.08% above your price.
Expires <tg-time unix="{soon}" format="r">in 30 s</tg-time>"""

APPROVAL = """🤖 <b>trend-4h wants: short ETH 1.2 @ mkt</b>
<pre>Notional      3,614.52  USDT
Stop   3,090.0  -93.48  -0.93%
Target 2,890.0 +146.52  +1.46%
Slippage cap     0.10%</pre>
<blockquote expandable><b>Why</b>
4h close under the 50-bar mean, funding +0.031%, order-book skew −0.24. Last 20 such signals: 12 won, average +0.38 R. \
Counter: BTC trend is up; correlation 0.82.</blockquote>
Needs 1 of 2 approvers · expires <tg-time unix="{soon}" format="r">in 90 s</tg-time>"""

FILL = """✅ <b>Filled: bought 0.050 BTC @ 60,499.8</b>
<pre>Avg price     60,499.8
Cost          3,024.99  USDT
Fee               1.81  USDT
Slippage          -0.2  better</pre>
Stop 59,800 and target 63,500 are on the book.
<code>ord-7f31c2</code> · <tg-spoiler>balance 10,042.65</tg-spoiler>"""

ERROR = """<b>Not sent: size is below the minimum</b>
You asked for 0.00005 BTC; the smallest step is 0.0001 (about 6.05 USDT).

Tap to reuse: <code>/buy BTC 0.0001</code>
More: /help_orders · ref <code>e-19c4</code> · <a href="https://example.org/sizes">sizes</a>"""

REPORT = """<b>Fri 21 Nov: +118.40 USDT (+1.19%)</b>
<pre>Trades / won    14 / 9  64%
Average trade    +8.46
Fees            -12.31
Max drawdown    -0.62%</pre>
All times UTC · 🧪 DEMO"""


def rows(*lines: str) -> dict[str, Any]:
    """Build an inline keyboard: `label:style` separated by bars."""

    def button(words: str) -> dict[str, Any]:
        label, _, style = words.rpartition(":")
        if style not in ("primary", "success", "danger"):
            label, style = words, ""
        if label == "Copy id":
            return {"text": label, "copy_text": {"text": "ord-7f31c2"}}
        return {"text": label, "callback_data": f"x:{label}"[:64]} | ({"style": style} if style else {})

    return {"inline_keyboard": [[button(w) for w in line.split("|")] for line in lines]}


class DemoBot:
    """Polls the emulator and answers with sample cards."""

    def __init__(self, running: Running, session: aiohttp.ClientSession) -> None:
        self.base = f"{running.telegram_root}/bot{running.emulator.world.bot.token}"
        self.session = session

    async def call(self, method: str, **values: Any) -> Any:
        async with self.session.post(f"{self.base}/{method}", json=values) as response:
            return (await response.json()).get("result")

    async def send(self, chat: int, words: str, markup: Any = None, **more: Any) -> Any:
        now = int(time.time())
        filled = words.replace("{now}", str(now)).replace("{soon}", str(now + 90))
        return await self.call(
            "sendMessage",
            chat_id=chat,
            text=filled,
            parse_mode="HTML",
            reply_markup=markup or {},
            link_preview_options={"is_disabled": True},
            **more,
        )

    async def photo(self, chat: int, content: bytes, caption: str, markup: Any) -> None:
        form = aiohttp.FormData(
            {"chat_id": str(chat), "caption": caption, "parse_mode": "HTML", "reply_markup": json.dumps(markup)}
        )
        form.add_field("photo", content, filename="equity.png")
        async with self.session.post(f"{self.base}/sendPhoto", data=form) as response:
            await response.read()

    async def start(self, chat: int) -> None:
        keyboard = {"keyboard": [["Dashboard", "Positions"], ["Orders", "Help"]], "resize_keyboard": True}
        await self.call("sendMessage", chat_id=chat, text="Welcome back", reply_markup=keyboard)
        await self.send(chat, WELCOME, rows("Open dashboard:primary", "First trade|Tour"))

    async def gallery(self, chat: int) -> None:
        await self.start(chat)
        dash = await self.send(chat, DASH, rows("Refresh|Orders|Risk", "Halt all:danger"))
        await self.call("pinChatMessage", chat_id=chat, message_id=dash["message_id"])
        await self.send(chat, TICKET, rows("Place order:success|Cancel", "Edit size|Edit price"))
        await self.photo(chat, png(640, 400), REPORT, rows("CSV|Trades|vs. week"))
        await self.send(chat, ERROR, rows("Use 0.0001|Cancel"))
        await self.send(chat, FILL, rows("Position|Copy id", "Undo: close now"), disable_notification=True)
        await self.send(chat, APPROVAL, rows("Approve:success|Reject:danger", "Half size|Edit|Ask why"))

    async def run(self) -> None:
        await self.call(
            "setMyCommands",
            commands=[
                {"command": "dash", "description": "Live dashboard"},
                {"command": "long", "description": "Buy or open long"},
                {"command": "halt", "description": "Stop everything now"},
                {"command": "help", "description": "All topics"},
            ],
        )
        offset = 0
        while True:
            for update in await self.call("getUpdates", offset=offset, timeout=20) or []:
                offset = update["update_id"] + 1
                await self.answer(update)

    async def answer(self, update: dict[str, Any]) -> None:
        if query := update.get("callback_query"):
            await self.call("answerCallbackQuery", callback_query_id=query["id"], text=f"{query['data'][2:]}: done")
            message = query["message"]
            if "text" in message:
                await self.call(
                    "editMessageText",
                    chat_id=message["chat"]["id"],
                    message_id=message["message_id"],
                    text=message["text"] + f"\n\n{query['data'][2:]} by {query['from']['first_name']}",
                    entities=message.get("entities", []),
                )
            return
        message = update.get("message") or {}
        chat, words = message.get("chat", {}).get("id"), message.get("text", "")
        if words == "/start":
            await self.gallery(chat)
        elif words:
            await self.call("sendChatAction", chat_id=chat, action="typing")
            await self.send(chat, f"You said: <code>{words.replace('&', '&amp;').replace('<', '&lt;')}</code>")


def pretend(app: web.Application) -> None:
    """Answer the panel's calls to the exchange."""

    async def price(request: web.Request) -> web.Response:
        given = await request.json()
        symbol = given["symbol"]
        last = float(PRICES[symbol]) * (1 + float(given.get("move", 0)) / 100)
        PRICES[symbol] = str(given.get("price", f"{last:.4f}"))
        return web.json_response({"symbol": symbol, "price": PRICES[symbol]})

    async def done(request: web.Request) -> web.Response:
        return web.json_response({"active": [await request.json()]})

    app.router.add_post("/exchange/price", price)
    for path in ("/exchange/fault", "/exchange/speed", "/exchange/time"):
        app.router.add_post(path, done)


async def main(port: int) -> None:
    async with (
        launch(port=port, prices=lambda: PRICES, notes={"PIN": "000000"}, extend=pretend) as running,
        aiohttp.ClientSession() as session,
    ):
        print(running.chat_page, flush=True)
        await DemoBot(running, session).run()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, default=0)
    with suppress(KeyboardInterrupt):
        asyncio.run(main(arguments.parse_args().port))
