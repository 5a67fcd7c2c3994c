"""Read a call's parameters out of query, form, multipart and JSON, as liberally as the original (bot_api.md 1.3)."""
from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl, unquote

from bot.sandbox.telegram.errors import Refusal, bad
from bot.sandbox.telegram.params import Params, Upload, decoded

_PARAMETER_BYTES = 1 << 20
_DISPOSITION = re.compile(r";\s*([\w*-]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^;]*))")


def read(query: str, content_type: str, body: bytes) -> Params:
    """Merge all carriers into `Params`; raises 400 for a broken body and 413 for more than 1 MiB of parameters."""
    values = dict(parse_qsl(query, keep_blank_values=True))
    files: dict[str, Upload] = {}
    kind = content_type.partition(";")[0].strip().lower()
    if not body:
        pass
    elif kind == "application/json":
        values |= _from_json(body)
    elif kind == "multipart/form-data":
        fields, files = _from_multipart(content_type, body)
        values |= fields
    elif kind in ("application/x-www-form-urlencoded", ""):
        values |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if sum(len(k) + len(v) for k, v in values.items()) > _PARAMETER_BYTES:
        raise Refusal(413, "Request Entity Too Large")
    return Params(values=values, files=files)


def _from_json(body: bytes) -> dict[str, str]:
    try:
        given = decoded(body)
    except ValueError:
        raise bad("can't parse request: body is not JSON") from None
    if not isinstance(given, dict):
        raise bad("can't parse request: body is not a JSON object")
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in given.items() if value is not None
    }


def _from_multipart(content_type: str, body: bytes) -> tuple[dict[str, str], dict[str, Upload]]:
    found = re.search(r"boundary=(?:\"([^\"]+)\"|([^;\s]+))", content_type, re.I)
    if not found:
        raise bad("boundary not found")
    boundary = (found[1] or found[2]).encode()
    if len(boundary) > 70:
        raise bad("boundary is too long")
    values: dict[str, str] = {}
    files: dict[str, Upload] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        if part.startswith(b"--"):
            break
        head, _, content = part.partition(b"\r\n\r\n")
        fields = _disposition(head.decode("utf-8", "replace"))
        name = fields.get("name", "")
        if "filename" in fields:
            files[name] = Upload(name=fields["filename"], content=content)
        else:
            values[name] = content.decode("utf-8", "replace")
    return values, files


def _disposition(head: str) -> dict[str, str]:
    for line in head.split("\r\n"):
        name, _, rest = line.partition(":")
        if name.strip().lower() == "content-disposition":
            fields = {}
            for m in _DISPOSITION.finditer(rest):
                value = re.sub(r"\\(.)", r"\1", m[2]) if m[2] is not None else m[3].strip()
                key = m[1].lower()
                if key == "filename*":
                    key, value = "filename", unquote(value.rpartition("'")[2])
                fields[key] = value
            return fields
    return {}
