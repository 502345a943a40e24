"""What people and channels are owed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What an owed message is; its words are made when it is sent."""

    REPLY = "reply"  # to one person, privately: body = {"name", "fields"} of a Reason
    ANSWER = "answer"  # to one person, privately: body = {"command", "ask", …}, computed when sent
    REPORT = "report"  # how a purchase ended: to its channel, else to the requester directly
    ALERT = "alert"  # to the alert's channel: posted, later drawn anew; body = {"alert_id"}
    RECOVERED = "recovered"  # in that alert's thread: back to normal; the same body
    THREAD = "thread"  # under a purchase's cards: body = {"name", "fields"} of a Reason; dropped
    # when the purchase has left the status body["status"]
    COPIES = "copies"  # no message: copies of a card for those it pings who are not where it is
    NEWS = "news"  # to a channel: body = {"name", "fields"} of a Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message owed to a person or a channel. Sent by `response_url` while it lives, else
    ephemerally in the channel, else directly to the user."""

    id: str
    kind: Kind
    user_id: str
    channel_id: str | None = None
    response_url: str | None = field(default=None, repr=False)
    purchase_id: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)  # JSON
    created_at: datetime
    trigger_id: str | None = None  # unique where given: a redelivered command is answered once


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One copy of a purchase's card. `ts` is None until Slack has it."""

    id: str
    purchase_id: str
    channel_id: str
    ts: str | None = None
    drawn_version: int = 0  # the purchase's version that Slack shows
