"""What every Web API method gets and how it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.people import BOT_USER_ID, Channel, User
from bot.sandbox.slack.schema import Problem
from bot.sandbox.slack.state import State
from bot.sandbox.slack.workspace import Workspace


class SlackError(Exception):
    """An answer with `ok: false`; `code` is Slack's name for it, `extra` goes beside it."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra


def refused(code: str, problems: list[Problem]) -> SlackError:
    """The error of blocks or views that break the rules, each rule named."""
    said = [str(problem) for problem in problems]
    return SlackError(code, errors=said, response_metadata={"messages": said})


@dataclass(frozen=True)
class Call:
    """One request to one method."""

    state: State
    args: dict[str, Any]
    token: str

    @property
    def workspace(self) -> Workspace:
        return self.state.workspace

    def need(self, name: str) -> Any:
        """The argument, or Slack's complaint that it is missing."""
        value = self.args.get(name)
        if value is None or value == "":
            said = [f"[ERROR] missing required field: {name}"]
            raise SlackError("invalid_arguments", response_metadata={"messages": said})
        return value

    def flag(self, name: str) -> bool:
        return str(self.args.get(name, "")).lower() in {"1", "true"}

    def user(self, name: str = "user") -> User:
        user = self.workspace.users.get(str(self.need(name)))
        if user is None:
            raise SlackError("user_not_found")
        return user

    def seen_channel(self) -> Channel:
        """The channel, if the bot can know that it exists: private ones only from inside."""
        channel = self.workspace.channels.get(str(self.args.get("channel", "")))
        hidden = channel is not None and (channel.is_private or channel.is_im)
        if channel is None or (hidden and BOT_USER_ID not in channel.members):
            raise SlackError("channel_not_found")
        return channel

    def channel_to_write_in(self) -> Channel:
        """The conversation, by its id, by a user's id (their direct message) or by `#name`."""
        name = str(self.args.get("channel", ""))
        if name in self.workspace.users and name != BOT_USER_ID:
            return self.workspace.im_of(name)
        by_name = {c.name: c.id for c in self.workspace.channels.values() if not c.is_im}
        self.args["channel"] = by_name.get(name.removeprefix("#"), name)
        channel = self.seen_channel()
        if channel.is_archived:
            raise SlackError("is_archived")
        may_write = BOT_USER_ID in channel.members or self.state.may_write_in_public_channels
        if not may_write:
            raise SlackError("not_in_channel")
        return channel


Method = Callable[[Call], dict[str, Any]]
