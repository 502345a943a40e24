"""Slack, as the use cases need it."""

from typing import Any, Protocol

from bot.domain.alerts import Alert
from bot.domain.errors import Reason
from bot.domain.people import Person
from bot.domain.purchase import Purchase
from bot.ports.owed import Message


class TryLater(Exception):
    """Slack could not take it now (throttled, down, connection lost). Seconds to wait if said."""

    def __init__(self, why: str, retry_after: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after = retry_after


class Undeliverable(Exception):
    """Slack will not take it this way, however often it is asked; `error` is Slack's code."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class CardGone(Undeliverable):
    """The message that was to be updated is not there any more."""


class Directory(Protocol):
    """Who people are and which groups they are in; cached for 60 s.

    All raise TryLater when Slack cannot say, Undeliverable when it says that there is no such
    user, group or channel, or that it will not tell (no permission, free plan)."""

    async def person(self, user_id: str) -> Person: ...
    async def members(self, group_id: str) -> frozenset[str]: ...
    async def in_channel(self, channel_id: str) -> frozenset[str]:
        """Who is in a channel; of a very large one, some of them."""


class Messenger(Protocol):
    """Slack's way out. Raises TryLater or Undeliverable."""

    async def post_card(self, channel_id: str, purchase: Purchase) -> str:
        """Post a card; its `ts`."""

    async def update_card(self, channel_id: str, ts: str, purchase: Purchase) -> None:
        """Draw a card anew in place. Raises CardGone when it was deleted."""

    async def direct(self, user_id: str) -> str:
        """The direct message with somebody, by its channel id."""

    async def report(self, channel_id: str, purchase: Purchase) -> None:
        """Say in a channel (or to a user id, directly) how the purchase ended."""

    async def post_alert(self, alert: Alert) -> str:
        """Post an alert to its channel; its `ts`."""

    async def update_alert(self, alert: Alert) -> None:
        """Draw it anew in place: snoozed, or over. Raises CardGone when it was deleted."""

    async def recovered(self, alert: Alert) -> None:
        """Say in the alert's thread that all is normal again."""

    async def say(self, channel_id: str, reason: Reason) -> None:
        """Say something in a channel."""

    async def thread(self, channel_id: str, ts: str, reason: Reason) -> None:
        """Say something under a message."""

    async def publish_home(self, user_id: str, content: Any) -> None:
        """Show somebody their App Home: what `use_cases.home` computed."""

    async def reply(self, message: Message, content: Any) -> None:
        """Say something privately to message.user_id. `content` is a domain value: a Reason, or
        what `use_cases.answers` computed."""
