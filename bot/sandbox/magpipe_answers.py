"""The forms of Magpipe's answers: as documented, and as its published server code sends them."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC
from http import HTTPStatus
from typing import Any, Literal, TypeVar

from bot.sandbox.magpipe_records import CAPABILITIES, Number

ProvisionShape = Literal["documented", "code"]
ErrorStyle = Literal["published", "text", "object", "object_and_data"]
"""
text             {"error": "Unauthorized"}
object           {"error": {"code": "unauthorized", "message": "Unauthorized"}}
object_and_data  the same beside "data": null
published        text for search and provision, object for all others
"""

_PAGE = 50  # assumed

T = TypeVar("T")


class Refused(Exception):
    """A refusal, before it is known in which style it goes out.

    `more` goes beside `error` in the text style; a `message` there is the object style's message.
    """

    def __init__(self, status: HTTPStatus, error: str, code: str = "", **more: object) -> None:
        super().__init__(error)
        self.status = status
        self._code = code or status.name.lower()
        self._text_body = {"error": error, **more}

    def body(self, style: ErrorStyle) -> dict[str, Any]:
        if style == "text":
            return self._text_body
        message = self._text_body.get("message", self._text_body["error"])
        body: dict[str, Any] = {"error": {"code": self._code, "message": message}}
        return body | {"data": None} if style == "object_and_data" else body


def number_as_listed(number: Number) -> dict[str, Any]:
    return {
        "id": number.number_id,
        "phone_number": number.phone_number,
        "friendly_name": number.friendly_name,
        "agent_id": number.agent_id,
        "capabilities": CAPABILITIES,
        "is_active": number.is_active,
        "provider": "signalwire",
        "created_at": number.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def provisioned_as_code(number: Number, us_number: str | None) -> dict[str, Any]:
    hooks = "https://magpipe.example/functions/v1"
    return {
        "success": True,
        "phoneNumber": number.phone_number,
        "phoneSid": secrets.token_hex(16),
        "campaignRegistered": True,
        "usNumberProvisioned": us_number,
        "message": "Phone number provisioned successfully",
        "webhooks": {"voice": f"{hooks}/webhook-inbound-call", "sms": f"{hooks}/webhook-sms"},
    }


def page_of(asked: Mapping[str, Any], rows: Sequence[T]) -> Sequence[T]:
    """Cut out the page that `limit` and `offset` ask for; nonsense counts as not given."""
    limit, offset = asked.get("limit"), asked.get("offset")
    start = offset if isinstance(offset, int) and offset >= 0 else 0
    length = limit if isinstance(limit, int) and limit >= 0 else _PAGE
    return rows[start : start + length]
