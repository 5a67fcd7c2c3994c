"""Parameters as five real clients send them."""

from __future__ import annotations

import json

import aiohttp
import pytest

from bot.sandbox.telegram.carriers import read
from bot.sandbox.telegram.errors import Refusal
from bot.sandbox.telegram.server import Served
from tests.sandbox.telegram.conftest import png


def part(disposition: str, content: bytes, extra: str = "") -> bytes:
    return f"--B0\r\n{disposition}\r\n{extra}\r\n".encode() + content + b"\r\n"


@pytest.mark.parametrize(
    ("disposition", "name", "filename"),
    [
        ('Content-Disposition: form-data; name="photo"; filename="eq.png"', "photo", "eq.png"),
        ('Content-Disposition: form-data; name="photo"; filename=photo', "photo", "photo"),
        ('content-disposition:form-data;name="x";filename=e q.png', "x", "e q.png"),
        ('Content-Disposition: form-data; name="document"; filename="trades é.csv"', "document", "trades é.csv"),
        ("Content-Disposition: form-data; name=\"d\"; filename*=utf-8''trades%20%C3%A9.csv", "d", "trades é.csv"),
    ],
)
def test_multipart_is_read_liberally(disposition: str, name: str, filename: str) -> None:
    content = b"\x89PNG\r\n\x1a\n--B\r\n\r\nraw"
    body = part('Content-Disposition: form-data; name="chat_id"', b"7001") + part(disposition, content) + b"--B0--\r\n"
    p = read("", "multipart/form-data; boundary=B0", body)
    assert p.values == {"chat_id": "7001"}
    assert (p.files[name].name, p.files[name].content) == (filename, content)


def test_carriers_merge() -> None:
    p = read("chat_id=1&text=a%20b", "application/x-www-form-urlencoded", b"text=c&x=")
    assert p.values == {"chat_id": "1", "text": "c", "x": ""}
    p = read(
        "",
        "application/json; charset=utf-8",
        b'{"chat_id":7001,"text":"a","flag":true,"list":[1,"\\ud83d\\udc4d"],"n":null}',
    )
    assert p.values == {"chat_id": "7001", "text": "a", "flag": "true", "list": '[1, "👍"]'}
    assert read("", "", b"").values == {}


def test_surrogate_pairs_join() -> None:
    p = read("", "application/x-www-form-urlencoded", b"media=%5B%22%5Cud83d%5Cudc4d%22%5D")
    assert p.array("media") == ["👍"]


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("application/json", b"[1]", 400),
        ("application/json", b"{", 400),
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=" + "b" * 71, b"x", 400),
        ("application/x-www-form-urlencoded", b"text=" + b"x" * (1 << 20), 413),
    ],
)
def test_broken_bodies(kind: str, body: bytes, code: int) -> None:
    with pytest.raises(Refusal) as refused:
        read("", kind, body)
    assert refused.value.code == code


async def test_chunked_upload_query_get_and_method_as_parameter(served: Served) -> None:
    token = served.emulator.world.bot.token
    async with aiohttp.ClientSession() as session:
        form = aiohttp.FormData()
        form.add_field("photo", png(3, 3), filename="application.octet-stream", content_type="application/octet-stream")
        async with session.post(
            f"{served.root}/bot{token}/sendPhoto", params={"chat_id": 7001}, data=form, chunked=True
        ) as r:
            photo = (await r.json())["result"]["photo"]
        async with session.get(f"{served.root}/bot{token}/getFile", params={"file_id": photo[-1]["file_id"]}) as r:
            path = (await r.json())["result"]["file_path"]
        assert path.startswith("photos/") and path.endswith(".png")
        async with session.get(f"{served.root}/file/bot{token}/{path}") as r:
            assert await r.read() == png(3, 3)
        async with session.post(
            f"{served.root}/bot{token}",
            data=json.dumps({"method": "getme"}),
            headers={"Content-Type": "application/json"},
        ) as r:
            assert (await r.json())["result"]["is_bot"] is True
        async with session.get(f"{served.root}/bot{token}/test/getMe") as r:
            assert r.status == 200
