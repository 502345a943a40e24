"""People as Slack knows them, as far as it matters for who may do what."""

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """Only a MEMBER may request, approve, cancel or read."""

    MEMBER = "member"
    GUEST = "guest"  # single- or multi-channel
    STRANGER = "stranger"  # from another workspace, through Slack Connect
    DEACTIVATED = "deactivated"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Person:
    """One Slack user."""

    id: str
    standing: Standing
    tz: str | None = None  # "America/Denver"; None: not said

    @property
    def is_member(self) -> bool:
        return self.standing is Standing.MEMBER
