"""What Slack hands out and takes back within limits: trigger ids (3 s, once) and response URLs."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.slack import people

TRIGGER_LIFE = timedelta(seconds=3)
RESPONSE_URL_LIFE = timedelta(minutes=30)
RESPONSE_URL_POSTS = 5


@dataclass
class Trigger:
    """Lets an app open one modal for `user` within three seconds of what they did."""

    user: str
    issued_at: datetime
    view_id: str | None = None
    """The modal in which it arose, if any: a new one goes on top of it."""
    channel: str | None = None
    """The conversation that the user was looking at."""
    used: bool = False


@dataclass
class ResponseUrl:
    """Lets an app answer one command or click: five posts within thirty minutes."""

    user: str
    channel: str
    issued_at: datetime
    message_ts: str | None = None
    """The message whose button was pressed; None for a command."""
    posts: int = 0


class Tickets:
    """Issues both kinds and remembers them. `now` gives aware UTC instants."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._triggers: dict[str, Trigger] = {}
        self._response_urls: dict[str, ResponseUrl] = {}
        self.base_url = ""

    def issue_trigger(
        self, user: str, view_id: str | None = None, channel: str | None = None
    ) -> str:
        issued_at = self._now()
        millis = int(issued_at.timestamp() * 1000)
        trigger_id = f"{millis}.{people.TEAM_ID[2:]}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = Trigger(user, issued_at, view_id, channel)
        return trigger_id

    def use_trigger(self, trigger_id: object) -> Trigger | str:
        """Return the trigger, now used up, or the name of Slack's error."""
        trigger = self._triggers.get(str(trigger_id))
        if trigger is None:
            return "invalid_trigger_id"
        if trigger.used:
            return "exchanged_trigger_id"
        if self._now() - trigger.issued_at > TRIGGER_LIFE:
            return "expired_trigger_id"
        trigger.used = True
        return trigger

    def issue_response_url(self, user: str, channel: str, message_ts: str | None = None) -> str:
        key = secrets.token_urlsafe(24)
        self._response_urls[key] = ResponseUrl(user, channel, self._now(), message_ts)
        return f"{self.base_url}/response_url?key={key}"

    def use_response_url(self, key: str) -> ResponseUrl | str:
        """Return the ticket with this post counted, or the name of Slack's error."""
        ticket = self._response_urls.get(key)
        if ticket is None:
            return "invalid_url"
        if self._now() - ticket.issued_at > RESPONSE_URL_LIFE:
            return "expired_url"
        if ticket.posts >= RESPONSE_URL_POSTS:
            return "used_url"
        ticket.posts += 1
        return ticket
