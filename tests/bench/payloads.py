"""What Slack would send, signed and ready to be written to a connection."""

import itertools
import json
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from bot.sandbox.slack import people
from bot.sandbox.slack.delivery import sign

STAFF = tuple(f"U0STAFF{number:03d}" for number in range(200))
_APPROVE = "purchase.approve"
_run = secrets.token_hex(4)
_count = itertools.count(1)
_staff = itertools.cycle(STAFF)


def _trigger() -> str:
    return f"{next(_count)}.{_run}.{secrets.token_hex(16)}"


@dataclass(frozen=True)
class Slack:
    """Where the app would reach Slack, and the secret that both know."""

    base_url: str
    signing_secret: str

    def request(
        self, body: bytes, content_type: str = "application/x-www-form-urlencoded"
    ) -> bytes:
        """A signed POST; valid for five minutes."""
        timestamp = str(int(time.time()))
        head = (
            "POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n"
            "Accept: */*\r\nAccept-Encoding: gzip,deflate\r\n"
            f"X-Slack-Request-Timestamp: {timestamp}\r\n"
            f"X-Slack-Signature: {sign(self.signing_secret, timestamp, body)}\r\n"
            f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def command(self, text: str, user: str | None = None, response_url: str = "") -> bytes:
        """`/line TEXT`, typed by that user, or by the next one of the staff."""
        user = user or next(_staff)
        url = response_url or f"{self.base_url}/response_url?key={secrets.token_hex(12)}"
        return self.request(
            (
                f"token=sandbox-verification-token&team_id={people.TEAM_ID}"
                f"&team_domain={people.TEAM_DOMAIN}&channel_id={people.PHONES}&channel_name=phones"
                f"&user_id={user}&user_name={user.lower()}&command=%2Fline"
                f"&text={quote_plus(text)}&api_app_id={people.APP_ID}&is_enterprise_install=false"
                f"&response_url={quote_plus(url)}&trigger_id={_trigger()}"
            ).encode()
        )

    def clicks(self, cards: "Iterable[Pending]", message: dict[str, Any]) -> list[bytes]:
        """Approve on each of them, by Morgan; `message` is one of the cards as Slack has it."""
        template = json.dumps(self._click(message))
        _, _, old = _button(message)["value"].rpartition(" ")
        found = []
        for card in cards:
            text = template.replace(old, card.value).replace(message["ts"], card.ts)
            text = text.replace("TRIGGER", _trigger()).replace("KEY", secrets.token_hex(12))
            found.append(self.request(f"payload={quote_plus(text)}".encode()))
        return found

    def home_opened(self, user: str) -> bytes:
        event = {"type": "app_home_opened", "user": user, "tab": "home", "channel": f"D{user[1:]}"}
        event["event_ts"] = f"{time.time():.6f}"
        body = {
            "token": "sandbox-verification-token",
            "team_id": people.TEAM_ID,
            "api_app_id": people.APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{secrets.token_hex(5).upper()}",
            "event_time": int(time.time()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": people.TEAM_ID,
                    "user_id": people.BOT_USER_ID,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
        }
        return self.request(json.dumps(body).encode(), "application/json")

    def _click(self, message: dict[str, Any]) -> dict[str, Any]:
        button = _button(message)
        return {
            "type": "block_actions",
            "team": {"id": people.TEAM_ID, "domain": people.TEAM_DOMAIN},
            "user": {
                "id": people.MORGAN,
                "username": "morgan",
                "name": "morgan",
                "team_id": people.TEAM_ID,
            },
            "api_app_id": people.APP_ID,
            "token": "sandbox-verification-token",
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": "TRIGGER",
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": people.PHONES,
                "is_ephemeral": False,
            },
            "channel": {"id": people.PHONES, "name": "phones"},
            "state": {"values": {}},
            "response_url": f"{self.base_url}/response_url?key=KEY",
            "message": message,
            "actions": [{**button, "type": "button", "action_ts": f"{time.time():.6f}"}],
        }


@dataclass(frozen=True)
class Pending:
    """A purchase with a card that can be pressed; `value` is its buttons'."""

    purchase_id: str
    value: str
    ts: str


def from_list(requests: list[bytes]) -> Callable[[], bytes | None]:
    """One after the other, then None."""
    remaining = iter(requests)
    return lambda: next(remaining, None)


def _button(message: dict[str, Any]) -> dict[str, Any]:
    for block in message["blocks"]:
        for element in block.get("elements", ()):
            if element.get("action_id") == _APPROVE:
                found: dict[str, Any] = {**element, "block_id": block["block_id"]}
                return found
    raise LookupError("no Approve on this card")
