"""The control surface of C10 over HTTP: people, say, tap, chat with cursor and long poll, faults."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox.telegram.control import health, mount_rest
from bot.sandbox.telegram.launch import Running, launch
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.server import start_loopback


class Surface:
    def __init__(self, running: Running, session: aiohttp.ClientSession) -> None:
        self.running, self.session = running, session

    async def post(self, path: str, status: int = 200, **body: Any) -> Any:
        async with self.session.post(self.running.control + path, json=body) as response:
            answer = await response.json()
            assert response.status == status, answer
            return answer

    async def get(self, path: str, status: int = 200) -> Any:
        async with self.session.get(self.running.control + path) as response:
            answer = await response.json()
            assert response.status == status, answer
            return answer

    async def bot(self, method: str, **values: Any) -> Any:
        given = {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
        emulator = self.running.emulator
        return json.loads((await emulator.call(emulator.world.bot.token, method, Params(values=given))).body)["result"]


@pytest.fixture
async def surface() -> AsyncIterator[Surface]:
    async with _surface() as one:
        yield one


@asynccontextmanager
async def _surface() -> AsyncIterator[Surface]:
    async with launch(notes={"PIN": "000000"}) as running, aiohttp.ClientSession() as session:
        yield Surface(running, session)


async def test_people_are_added_and_speak(surface: Surface) -> None:
    everybody = (await surface.get("/people"))["people"]
    assert [(p["id"], p["name"]) for p in everybody] == [(7001, "owner"), (7002, "trader"), (7003, "stranger")]
    guest = (await surface.post("/people", name="Žofie", username="zofie"))["id"]
    said = await surface.post(f"/people/{guest}/say", text="/start")
    assert set(said) == {"message_id", "update_id"}
    edited = await surface.post(f"/people/{guest}/say", text="/start now", edit_of=said["message_id"])
    stale = await surface.post(f"/people/{guest}/say", text="/buy", date=1_700_000_000, forwarded=True)
    updates = await surface.bot("getUpdates")
    assert [u["update_id"] for u in updates] == [said["update_id"], edited["update_id"], stale["update_id"]]
    assert [list(u)[1] for u in updates] == ["message", "edited_message", "message"]
    assert updates[2]["message"]["date"] == 1_700_000_000
    assert updates[2]["message"]["forward_origin"]["type"] == "hidden_user"


async def test_a_chat_is_read_from_a_cursor(surface: Surface) -> None:
    m = await surface.bot(
        "sendMessage",
        chat_id=7001,
        text="<b>Filled</b> &lt;1",
        parse_mode="HTML",
        disable_notification=True,
        reply_markup={"inline_keyboard": [[{"text": "Go", "callback_data": "g"}, {"text": "W", "url": "example.org"}]]},
    )
    seen = await surface.get("/people/7001/chat")
    [one] = seen["messages"]
    assert {
        k: one[k]
        for k in (
            "message_id",
            "from",
            "text",
            "html",
            "buttons",
            "edited",
            "deleted",
            "pinned",
            "silent",
        )
    } == {
        "message_id": m["message_id"],
        "from": 4242424242,
        "text": "Filled <1",
        "html": "<b>Filled</b> &lt;1",
        "buttons": [[{"text": "Go", "data": "g"}, {"text": "W", "url": "http://example.org/"}]],
        "edited": False,
        "deleted": False,
        "pinned": False,
        "silent": True,
    }
    assert (await surface.get(f"/people/7001/chat?after={seen['cursor']}&wait=0"))["messages"] == []
    waiting = asyncio.create_task(surface.get(f"/people/7001/chat?after={seen['cursor']}&wait=5"))
    await asyncio.sleep(0.02)
    await surface.bot("editMessageText", chat_id=7001, message_id=m["message_id"], text="Closed")
    changed = await waiting
    assert [(x["text"], x["edited"], x["buttons"]) for x in changed["messages"]] == [("Closed", True, [])]
    await surface.bot("deleteMessage", chat_id=7001, message_id=m["message_id"])
    [gone] = (await surface.get(f"/people/7001/chat?after={changed['cursor']}"))["messages"]
    assert gone["deleted"] is True and gone["text"] == ""
    assert (await surface.get("/people/7002/chat"))["messages"] == []


async def test_fifty_parallel_taps_are_all_delivered_and_answered(surface: Surface) -> None:
    m = await surface.bot(
        "sendMessage",
        chat_id=7001,
        text="Card",
        reply_markup={"inline_keyboard": [[{"text": "✅ Approve", "callback_data": "ap"}]]},
    )
    taps = [
        asyncio.create_task(surface.post("/people/7001/tap", message_id=m["message_id"], label="approve"))
        for _ in range(50)
    ]
    answered: set[str] = set()
    offset = 0
    while len(answered) < 50:
        for update in await surface.bot("getUpdates", offset=offset, timeout=1):
            offset = update["update_id"] + 1
            query = update["callback_query"]["id"]
            assert (
                await surface.bot("answerCallbackQuery", callback_query_id=query, text="Seen", show_alert=True) is True
            )
            answered.add(query)
    assert await asyncio.gather(*taps) == [{"answered": True, "text": "Seen", "alert": True}] * 50


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/people", {"name": "x", "age": 3}, 400, "Unknown field 'age'"),
        ("/people", {}, 400, "'name' is missing"),
        ("/people/7001/say", {"text": 3}, 400, "must be str"),
        ("/people/7001/say", {"text": "x", "date": True}, 400, "must be int"),
        ("/people/99/say", {"text": "x"}, 404, "no person 99"),
        ("/people/7001/say", {"text": "x", "chat": -5}, 404, "in no chat -5"),
        ("/people/7001/say", {"text": "x", "reply_to": 5}, 404, "no message 5"),
        ("/people/7001/tap", {"message_id": 5, "label": "x"}, 404, "no message 5"),
        ("/people/7001/tap", {"message_id": 5}, 400, "either 'label' or 'data'"),
        ("/telegram/fault", {"name": "telegram_nothing"}, 400, "no fault named"),
        ("/telegram/people/7001/mood", {"mood": "sad"}, 400, "found 'sad'"),
    ],
)
async def test_wrong_requests_are_answered_with_a_sentence(
    surface: Surface,
    path: str,
    body: dict[str, Any],
    status: int,
    words: str,
) -> None:
    assert words in (await surface.post(path, status, **body))["error"]


async def test_a_label_must_mean_one_button(surface: Surface) -> None:
    m = await surface.bot(
        "sendMessage",
        chat_id=7001,
        text="x",
        reply_markup={
            "inline_keyboard": [
                [
                    {"text": "Close 25%", "callback_data": "1"},
                    {"text": "Close 50%", "callback_data": "2"},
                    {"text": "Copy", "copy_text": {"text": "id-1"}},
                ]
            ]
        },
    )
    both = await surface.post("/people/7001/tap", 400, message_id=m["message_id"], label="close")
    assert "several buttons" in both["error"]
    copied = await surface.post("/people/7001/tap", message_id=m["message_id"], label="Copy")
    assert copied == {"answered": True, "copied": "id-1"}


async def test_faults_are_set_listed_and_cleared(surface: Surface) -> None:
    active = await surface.post("/telegram/fault", name="telegram_flood", s=30)
    assert active["active"][0]["name"] == "telegram_flood" and active["active"][0]["s"] == 30
    assert health(surface.running.emulator)["faults"] == active["active"]
    assert await surface.post("/telegram/fault", name="clear") == {"active": []}


async def test_what_other_parts_answer_is_behind_the_same_door() -> None:
    async def rest(request: web.Request) -> web.Response:
        return web.json_response({"path": request.path})

    async with launch(extend=lambda app: mount_rest(app, rest)) as running, aiohttp.ClientSession() as session:
        one = Surface(running, session)
        assert await one.post("/exchange/price", symbol="BTCUSDT") == {"path": "/exchange/price"}
        assert (await one.get("/people"))["people"][0]["name"] == "owner"
        async with session.post(running.control + "/x", headers={"Origin": "http://evil.example"}) as response:
            assert response.status == 403


async def test_the_feed_pushes_what_changes(surface: Surface) -> None:
    async with surface.session.get(surface.running.control + "/telegram/feed?person=7001") as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")

        async def event() -> Any:
            async for line in response.content:
                if line.startswith(b"data: "):
                    return json.loads(line[6:])
            return None

        first = await event()
        assert first["messages"] == [] and first["notes"] == {"PIN": "000000"}
        await surface.bot("sendMessage", chat_id=7001, text="live")
        assert [m["text"] for m in (await event())["messages"]] == ["live"]


async def test_other_sites_are_kept_out_and_other_addresses_refused(surface: Surface) -> None:
    async with surface.session.post(
        surface.running.control + "/people", json={"name": "x"}, headers={"Origin": "https://evil.example"}
    ) as response:
        assert response.status == 403
    rebound = surface.running.control + "/people"
    async with surface.session.get(rebound, headers={"Host": "evil.example"}) as response:
        assert response.status == 403
    with pytest.raises(ValueError, match="loopback only"):
        await start_loopback(aiohttp.web.Application(), host="0.0.0.0")


async def test_uploaded_html_is_never_shown_as_a_page(surface: Surface) -> None:
    form = aiohttp.FormData({"chat_id": "7001"})
    form.add_field("document", b"<script>alert(1)</script>", filename="x.html")
    token = surface.running.emulator.world.bot.token
    async with surface.session.post(f"{surface.running.telegram_root}/bot{token}/sendDocument", data=form) as response:
        assert response.status == 200
    [m] = (await surface.get("/people/7001/chat"))["messages"]
    async with surface.session.get(f"{surface.running.control}/{m['document']['url']}") as response:
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Security-Policy"] == "sandbox"
