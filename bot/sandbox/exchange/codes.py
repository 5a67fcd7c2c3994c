"""The exchange's refusals and envelopes (bitget/errors.md, rest.md 0.3)."""

from __future__ import annotations

import json
from typing import Any

SUCCESS = "00000"

# Texts worth imitating (errors.md section 4); the rest is said by whoever refuses.
TEXTS = {
    "00001": "startTime and endTime interval cannot be greater than 30 days",
    "40001": "ACCESS_KEY cannot be empty",
    "40002": "SECRET_KEY cannot be empty",
    "40003": "Signature cannot be empty",
    "40005": "Invalid ACCESS_TIMESTAMP",
    "40006": "Invalid ACCESS_KEY",
    "40007": "Invalid Content_Type",
    "40008": "Request timestamp expired",
    "40009": "sign signature error",
    "40010": "Request timed out",
    "40011": "ACCESS_PASSPHRASE cannot be empty",
    "40012": "apikey/password is incorrect",
    "40014": "Incorrect permissions, need contract_order permissions",
    "40017": "Parameter verification failed",
    "40018": "Invalid IP",
    "40037": "Apikey does not exist",
    "40084": "You are in Classic Account mode, and the Unified Account API is not supported at this time",
    "40085": "You are in Unified Account mode, and the Classic Account API is not supported at this time",
    "40099": "exchange environment is incorrect",
    "40200": "Server upgrade, please try again later",
    "40301": "Permission has not been obtained yet. If you need to use it, please contact customer service",
    "40404": "Request URL NOT FOUND",
    "40704": "Only check the data in the last three months",
    "40705": "The start and end time cannot exceed 90 days",
    "40707": "Start time is greater than end time",
    "40725": "service return an error",
    "40762": "The order amount exceeds the balance",
    "40768": "Order does not exist",
    "40786": "Duplicate clientOid",
    "400172": "Parameter verification failed",
    "45001": "Unknown error",
    "429": "Too Many Requests",
}

_STATUS = {"429": 429, "40404": 404}


class Refused(Exception):
    """Carry a documented business code, its sentence and the HTTP status it is sent with."""

    def __init__(self, code: str, msg: str = "", http: int = 0) -> None:
        self.code = code
        self.msg = msg or TEXTS.get(code, "Parameter verification failed")
        self.http = http or _STATUS.get(code, 400)
        super().__init__(f"{self.code} {self.msg}")


def success(data: Any, now_ms: int) -> bytes:
    """Return the success envelope as bytes; ``requestTime`` is a JSON number (rest.md 0.3)."""
    return json.dumps(
        {"code": SUCCESS, "msg": "success", "requestTime": now_ms, "data": data}, separators=(",", ":")
    ).encode()


def failure(code: str, msg: str, now_ms: int) -> bytes:
    """Return the failure envelope as bytes; ``data`` is null."""
    return json.dumps(
        {"code": code, "msg": msg, "requestTime": now_ms, "data": None}, separators=(",", ":")
    ).encode()
