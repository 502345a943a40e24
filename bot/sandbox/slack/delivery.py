"""Delivering to the app, and what came back: signed HTTP POSTs here, Socket Mode beside it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol
from urllib.parse import urlencode

import aiohttp

Kind = Literal["command", "interaction", "event"]

TIMED_OUT = "operation_timeout"
NOT_DELIVERED = "dispatch_failed"


@dataclass(frozen=True)
class Answer:
    """What the app said to one delivery.

    `status` is None when nothing came in time (`error` says which of Slack's two names for it
    applies). `body` is parsed JSON, a string, or None when empty. `seconds` is wall-clock time.
    """

    status: int | None
    body: Any
    seconds: float
    error: str | None = None

    @property
    def ok(self) -> bool:
        return self.status == 200  # noqa: PLR2004  HTTP's OK is the only status Slack takes


@dataclass
class Delivery:
    """One payload for the app, and every answer it gave: more than one when delivered again."""

    kind: Kind
    payload: dict[str, Any]
    at: datetime
    answers: list[Answer] = field(default_factory=list)

    @property
    def type(self) -> str:
        """`/line`, `block_actions`, `view_submission`, `app_home_opened` …"""
        if self.kind == "command":
            return str(self.payload["command"])
        event = self.payload.get("event")
        return str(event["type"] if event else self.payload["type"])


@dataclass(frozen=True)
class Retry:
    """Says that an event was delivered before: `number` from 1 to 3, `reason` as Slack names it."""

    number: int
    reason: str = "http_timeout"


class Link(Protocol):
    """A way to the app. `limit` is how many seconds it has to answer."""

    async def send(self, delivery: Delivery, retry: Retry | None, limit: float) -> Answer: ...


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The v0 signature (docs.slack.dev/authentication/verifying-requests-from-slack)."""
    base = b":".join([b"v0", timestamp.encode(), body])
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def encode(delivery: Delivery) -> tuple[bytes, str]:
    """The body and its content type: commands and interactions are forms, events are JSON."""
    if delivery.kind == "event":
        return json.dumps(delivery.payload).encode(), "application/json"
    form = delivery.payload
    if delivery.kind == "interaction":
        form = {"payload": json.dumps(delivery.payload)}
    return urlencode(form).encode(), "application/x-www-form-urlencoded"


class HttpLink:
    """Signed POSTs to the app's request URL, one connection each, as from many machines."""

    def __init__(self, url: str, signing_secret: str) -> None:
        self._url = url
        self._secret = signing_secret

    async def send(self, delivery: Delivery, retry: Retry | None, limit: float) -> Answer:
        body, content_type = encode(delivery)
        # The app compares this with its own wall clock, so the simulator's clock is not asked.
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self._secret, timestamp, body),
        }
        if retry is not None:
            headers["X-Slack-Retry-Num"] = str(retry.number)
            headers["X-Slack-Retry-Reason"] = retry.reason
        started = time.monotonic()
        try:
            async with (
                asyncio.timeout(limit),
                aiohttp.ClientSession() as session,
                session.post(self._url, data=body, headers=headers) as response,
            ):
                said = _said(await response.text(), response.content_type)
                return Answer(response.status, said, time.monotonic() - started)
        except TimeoutError:
            return Answer(None, None, time.monotonic() - started, TIMED_OUT)
        except aiohttp.ClientError:
            return Answer(None, None, time.monotonic() - started, NOT_DELIVERED)


def _said(text: str, content_type: str) -> Any:
    if content_type == "application/json":
        try:
            return json.loads(text or "null")
        except ValueError:
            return text
    return text or None
