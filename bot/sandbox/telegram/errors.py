"""The Bot API's refusals, word for word (bot_api.md section 6)."""
from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """One `ok: false` answer: status, description and, rarely, parameters."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


class Dropped(Exception):
    """The connection ends without an answer, as when Telegram cannot be reached."""


TOKEN_UNKNOWN = "Unauthorized"
TOKEN_MALFORMED = "Unauthorized: invalid token specified"
METHOD_NOT_FOUND = "Not Found: method not found"
LOGGED_OUT = "Logged out"

CHAT_EMPTY = "chat_id is empty"
CHAT_NOT_FOUND = "chat not found"
THREAD_NOT_FOUND = "message thread not found"
UPGRADED = "group chat was upgraded to a supergroup chat"
NO_RIGHTS = "not enough rights to send text messages to the chat"

BLOCKED = "bot was blocked by the user"
NEVER_STARTED = "bot can't initiate conversation with a user"
DEACTIVATED = "user is deactivated"

TEXT_EMPTY = "message text is empty"
TEXT_BLANK = "text must be non-empty"
TEXT_TOO_LONG = "message is too long"
SOURCE_TOO_LONG = "text is too long"
CAPTION_TOO_LONG = "message caption is too long"
PARSE_MODE = "unsupported parse_mode"

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
EDIT_NOT_FOUND = "message to edit not found"
EDIT_REFUSED = "message can't be edited"
NO_TEXT_TO_EDIT = "there is no text in the message to edit"
NO_CAPTION_TO_EDIT = "there is no caption in the message to edit"
NO_MEDIA_TO_EDIT = "there is no media in the message to edit"
NO_IDENTIFIER = "message identifier is not specified"
REPLY_NOT_FOUND = "message to be replied not found"
DELETE_NOT_FOUND = "message to delete not found"
DELETE_REFUSED = "message can't be deleted for everyone"
PIN_NOT_FOUND = "message to pin not found"
UNPIN_NOT_FOUND = "message to unpin not found"
REACT_NOT_FOUND = "message to react not found"
FORWARD_NOT_FOUND = "message to forward not found"
COPY_NOT_FOUND = "message to copy not found"

QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"

POLL_TERMINATED = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
POLL_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
POLL_SET_WEBHOOK = "Conflict: terminated by setWebhook request"


def bad(sentence: str, parameters: dict[str, Any] | None = None) -> Refusal:
    """Build a 400; the first letter is lowered unless the word is a constant such as MESSAGE_ID_INVALID."""
    if len(sentence) > 1 and not (sentence[1].isupper() or sentence[1] == "_"):
        sentence = sentence[0].lower() + sentence[1:]
    return Refusal(400, f"Bad Request: {sentence}", parameters)


def forbidden(sentence: str) -> Refusal:
    """Build a 403."""
    return Refusal(403, f"Forbidden: {sentence}")


def flood(seconds: int) -> Refusal:
    """Build a 429 that names the seconds to wait, as `parameters.retry_after`."""
    return Refusal(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
